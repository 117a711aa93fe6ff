"""A folder where a source drops files ``KIND-….csv`` or ``invoice-….xml`` (数电票), of each kind in the order of names.

Name files by time (``tax.filing-2026-06-30.csv``). A source writes under another name and renames when done; files
that begin with a dot or end in ``.part`` are left alone. Nothing in the folder is changed. A file that cannot be read is
set aside with its reason, and the others are taken; mended, it is dropped again under a later name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jirong.facts import einvoice, kinds, reading
from jirong.facts.connectors.base import Page, register
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text

BYTES_MAX = 64 * 2**20


class FolderConnector:
    """``folder`` is read; ``kind`` limits it to one kind of file."""

    def __init__(self, folder: Path, kind: str = "") -> None:
        self.folder = folder
        self.kind = kind

    def pages(self, cursors: Mapping[str, str]) -> Iterator[Page]:
        if not self.folder.is_dir():
            raise Invalid(
                "connector.folder",
                Text("投递文件夹不存在或不可读", "The drop folder is not there or cannot be read"),
                remedy=Text("请检查 folder 的设置", "Check the setting folder"),
                where="folder",
            )
        found = [path for path in self.folder.iterdir() if path.suffix in (".csv", ".xml")]
        for path in sorted(found, key=lambda path: path.name):
            code = path.name.partition("-")[0]
            wanted = code in kinds.KINDS and self.kind in ("", code)
            if wanted and path.name > cursors.get(code, ""):
                yield _page(code, path)


def _page(code: str, path: Path) -> Page:
    """The file's rows, or why it is set aside."""
    try:
        return Page(code, _rows(code, path), path.name, path.name)
    except Refusal as refusal:
        return Page(code, (), path.name, path.name, refusal)
    except OSError as error:
        said = Text(f"文件不可读（{error.strerror}）", f"The file cannot be read ({error.strerror})")
        return Page(code, (), path.name, path.name, Invalid("connector.file", said, where=path.name))


def _rows(code: str, path: Path) -> tuple[Mapping[str, str], ...]:
    if path.stat().st_size > BYTES_MAX:
        raise Invalid("connector.too_large", Text("文件超过64MB", "The file is over 64 MB"),
                      remedy=Text("请拆分后投递", "Split it"), where=path.name)  # fmt: skip
    data = path.read_bytes()
    if path.suffix == ".xml":
        return _invoice(code, path, data)
    (_, header), *lines = [*reading.csv_rows(data)] or [(1, [])]
    if isinstance(header, Refusal):
        raise header
    columns = reading.columns(kinds.kind_of(code), header)
    return tuple(_row(columns, cells) for _, cells in lines if isinstance(cells, Refusal) or any(map(str.strip, cells)))


def _invoice(code: str, path: Path, data: bytes) -> tuple[Mapping[str, str], ...]:
    """The row of an e-invoice's XML; one that cannot be read is refused by name and left for a person."""
    (row,) = einvoice.read(kinds.kind_of(code), data)
    if isinstance(row, reading.BadRow):
        said, remedy = row.refusal.reason, row.refusal.remedy
        raise Invalid(row.refusal.code, Text(f"第{row.line}行：{said.zh}", f"Line {row.line}: {said.en}"),
                      remedy=remedy, where=path.name)  # fmt: skip
    return ({name: str(value) for name, value in row.values.items()},)


def _row(columns: list[str], cells: list[str] | Refusal) -> dict[str, str]:
    """Cells by field; those beyond the header go under a name no kind has, so that the row is refused by line."""
    if isinstance(cells, Refusal):
        return {reading.BROKEN: ""}
    row = dict(zip(columns, cells, strict=False))
    return row | ({"+": "…"} if len(cells) > len(columns) else {})


def _make(settings: Mapping[str, Any]) -> FolderConnector:
    return FolderConnector(Path(str(settings["folder"])), str(settings.get("kind", "")))


register("folder", _make)
