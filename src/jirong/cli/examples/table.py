"""The table of how examples went: one line a figure, widths that count a Chinese character as two."""

from __future__ import annotations

import unicodedata

from jirong.cli.examples.play import Played

HEADINGS = {"zh": ("示例", "项目", "应为", "实为", "用时"), "en": ("example", "figure", "expected", "found", "time")}


def rows(played: list[Played], language: str) -> list[tuple[str, str, str, str, str]]:
    """Cells: example, figure, expected, found, time; an example that stopped short has one line that says why."""
    result = []
    for one in played:
        seconds = f"{one.seconds:.1f} s"
        if one.failure:
            result.append((f"✗ {one.example.name}", "—", "—", one.failure, seconds))
        for index, figure in enumerate(one.figures):
            mark = "✓" if figure.good else "✗"
            name = one.example.name if index == 0 else ""
            result.append(
                (
                    f"{mark} {name}".rstrip(),
                    figure.figure.name.in_language(language),
                    str(figure.figure.expected),
                    figure.found,
                    seconds if index == 0 else "",
                )
            )
    return result


def show(played: list[Played], language: str) -> str:
    """The table as text."""
    lines = [HEADINGS["zh" if language.startswith("zh") else "en"], *rows(played, language)]
    widths = [max(width(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        "  ".join([*(pad(cell, size) for cell, size in zip(line[:4], widths, strict=True)), line[4]]).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    """Columns ``text`` takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, size: int) -> str:
    return text + " " * (size - width(text))
