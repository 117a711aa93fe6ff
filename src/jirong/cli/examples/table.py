"""The table of how examples went: one line a figure, widths that count a Chinese character as two."""

from __future__ import annotations

import unicodedata

from jirong.cli.examples.client import shown
from jirong.cli.examples.play import Played

HEADINGS = {"zh": ("示例", "项目", "应为", "实为", "用时"), "en": ("example", "figure", "expected", "found", "time")}


def rows(one: Played, language: str) -> list[tuple[str, str, str, str, str]]:
    """Cells of one example: its name, figure, expected, found, time."""
    seconds = f"{one.seconds:.1f} s"
    if one.failure:
        return [(f"✗ {one.example.name}", "—", "—", "—", seconds)]
    return [
        (
            f"{'✓' if figure.good else '✗'} {one.example.name if index == 0 else ''}".rstrip(),
            figure.figure.name.in_language(language),
            shown(figure.figure.expected),
            figure.found,
            seconds if index == 0 else "",
        )
        for index, figure in enumerate(one.figures)
    ]


def show(played: list[Played], language: str) -> str:
    """The table as text; under an example that stopped short stands why."""
    headings = HEADINGS["zh" if language.startswith("zh") else "en"]
    cells = {id(one): rows(one, language) for one in played}
    every = [headings, *(line for lines in cells.values() for line in lines)]
    widths = [max(width(line[column]) for line in every) for column in range(4)]
    lines = [_line(headings, widths)]
    for one in played:
        lines += [_line(line, widths) for line in cells[id(one)]]
        lines += [f"    {one.failure}"] if one.failure else []
    return "\n".join(lines)


def _line(cells: tuple[str, str, str, str, str], widths: list[int]) -> str:
    padded = [pad(cell, size) for cell, size in zip(cells[:4], widths, strict=True)]
    return "  ".join([*padded, cells[4]]).rstrip()


def width(text: str) -> int:
    """Columns ``text`` takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, size: int) -> str:
    return text + " " * (size - width(text))
