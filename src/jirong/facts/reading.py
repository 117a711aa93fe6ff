"""From a file's bytes to checked rows: good ones go on, bad ones say their line and reason.

Pure: nothing here touches the database. Files come as UTF-8 or GB 18030, with a header in Chinese or English in any
order; unknown columns are an error (a misspelt one would silently lose data), empty lines are skipped, and a line with
broken quotes is told as any other bad row.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jirong.facts.kinds import FactKind
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text
from jirong.trust import canonical

ROWS_MAX = 200_000
BROKEN = '"'
"""Stands, as a name no kind has, for a line of a file that could not be read as cells."""
CELL_LINES_MAX = 4
"""Through how many lines a cell in quotes may go; a quote that is open longer was never closed."""


@dataclass(frozen=True, slots=True)
class Row:
    """A checked row: ``values`` by field name, JSON-safe; ``line`` as an editor shows it (the header is line 1)."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    refusal: Refusal

    def as_dict(self) -> dict[str, Any]:
        return {"line": self.line, **self.refusal.as_dict()}


def read_csv(kind: FactKind, data: bytes) -> Iterator[Row | BadRow]:
    """Each row of a CSV file in turn; raises :class:`Invalid` where the file as a whole cannot be read."""
    fields: list[str] | None = None
    for line, cells in csv_rows(data):
        if isinstance(cells, Refusal):
            if fields is None:
                raise cells
            yield BadRow(line, cells)
        elif fields is None:
            fields = columns(kind, cells)
        elif any(cell.strip() for cell in cells):
            yield _row(kind, fields, cells, line)
    if fields is None:
        columns(kind, [])


def csv_rows(data: bytes) -> Iterator[tuple[int, list[str] | Refusal]]:
    """The lines of a CSV file with their cells, the header first; a line whose quotes are broken is told by itself and
    the others are read. A cell may go on in the next lines where the quote is closed there.
    """
    lines = list(io.StringIO(decode(data), newline=""))
    if len(lines) > ROWS_MAX:
        raise _unreadable(f"超过{ROWS_MAX}行", f"more than {ROWS_MAX} lines", "请拆分后导入", "Split the file")
    place, width = 0, 0
    while place < len(lines):
        for taken in range(1, CELL_LINES_MAX + 1):
            cells = _cells("".join(lines[place : place + taken]))
            if cells is not None and (taken == 1 or len(cells) == width):
                break
        else:
            cells, taken = None, 1
        width = width or len(cells or ())
        yield place + taken, _broken() if cells is None else cells
        place += taken


def _cells(line: str) -> list[str] | None:
    """The cells of one row, none of an empty line; None where its quotes do not come out."""
    try:
        rows = list(csv.reader(io.StringIO(line, newline=""), strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else [] if not rows else None


def _broken() -> Invalid:
    return Invalid("fact.broken", Text("这一行的引号不成对，不是有效的 CSV", "Its quotes do not come out: it is not CSV"),
                   remedy=Text("请检查这一行的引号与分隔符", "Check its quotes and commas"))  # fmt: skip


def read_object(kind: FactKind, item: Mapping[str, Any], line: int) -> Row | BadRow:
    """One object of an API call, by field name, values as strings."""
    if BROKEN in item:
        return BadRow(line, _broken())
    unknown = sorted(set(item) - {field.name for field in kind.fields})
    if unknown:
        return BadRow(line, _unknown_column(kind, unknown[0]))
    return checked(kind, {name: "" if value is None else str(value) for name, value in item.items()}, line)


def checked(kind: FactKind, raw: Mapping[str, str], line: int) -> Row | BadRow:
    """The row with every value read and the row's own rule (sums, signs) held."""
    values: dict[str, Any] = {}
    try:
        for field in kind.fields:
            cell = raw.get(field.name, "").strip()
            if cell:
                values[field.name] = field.read(cell, field.name)
            elif field.required:
                raise Invalid(
                    "fact.missing", Text(f"缺少“{field.title.zh}”", f"“{field.title.en}” is missing"), where=field.name
                )
        if kind.check:
            values |= kind.check(values) or {}
    except Refusal as refusal:
        return BadRow(line, refusal)
    return Row(line, values)


def digest(kind: FactKind, values: Mapping[str, Any]) -> str:
    """One hash per content, whoever says it."""
    return canonical.digest({"kind": kind.code, "values": dict(values)})


def as_json(values: Mapping[str, Any]) -> str:
    """Values as the database keeps them."""
    return json.dumps(dict(values), ensure_ascii=False)


def decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable("无法识别文件编码", "the encoding is not known", "请另存为 UTF-8 的 CSV", "Save it as UTF-8 CSV")


def columns(kind: FactKind, header: list[str]) -> list[str]:
    """Field names for a header in Chinese or English; refuses what is unknown, missing or there twice."""
    by_header = {
        name: field.name
        for field in kind.fields
        for name in (field.name, field.title.zh, field.title.en, *field.aliases)
    }
    names = [cell.strip() for cell in header]
    for name in names:
        if name not in by_header:
            raise _unknown_column(kind, name)
    found = [by_header[name] for name in names]
    for field in kind.fields:
        if field.required and field.name not in found:
            raise _unreadable(
                f"缺少列“{field.title.zh}”", f"the column “{field.title.en}” is missing",
                "请补上该列", "Add the column",
            )  # fmt: skip
    if len(set(found)) != len(found):
        raise _unreadable("有重复的列", "a column appears twice", "请删除重复的列", "Remove one of them")
    return found


def _row(kind: FactKind, fields: list[str], cells: list[str], line: int) -> Row | BadRow:
    if len(cells) != len(fields):
        return BadRow(
            line,
            Invalid(
                "fact.cells",
                Text(f"应有{len(fields)}列，实有{len(cells)}列", f"{len(cells)} cells where {len(fields)} belong"),
                remedy=Text("请检查多余或缺少的逗号", "Look for a comma too many or too few"),
            ),
        )
    return checked(kind, dict(zip(fields, cells, strict=True)), line)


def _unknown_column(kind: FactKind, name: str) -> Invalid:
    known_zh, known_en = ("、".join(f.title.zh for f in kind.fields), ", ".join(f.name for f in kind.fields))
    return Invalid(
        "fact.unknown_column",
        Text(f"{kind.title.zh}没有“{name[:40]}”这一列", f"“{name[:40]}” is not a column of {kind.title.en.lower()}"),
        remedy=Text(f"可用的列：{known_zh}", f"Columns: {known_en}"),
        where=name[:40],
    )


def _unreadable(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Invalid:
    return Invalid("fact.unreadable", Text(f"文件无法读取：{zh}", f"The file cannot be read: {en}"),
                   remedy=Text(remedy_zh, remedy_en), where="file")  # fmt: skip
