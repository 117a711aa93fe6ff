"""A folder where a source drops files ``KIND-….csv``; taken in the order of their names, each once.

Name files by time (``tax.filing-2026-06-30.csv``). A source writes under another name and renames when done; files
that begin with a dot or end in ``.part`` are left alone. Nothing in the folder is changed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jirong.facts import kinds, reading
from jirong.facts.connectors.base import Page, register
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

BYTES_MAX = 64 * 2**20


class FolderConnector:
    """``folder`` is read; ``kind`` limits it to one kind of file."""

    def __init__(self, folder: Path, kind: str = "") -> None:
        self.folder = folder
        self.kind = kind

    def pages(self, cursor: str) -> Iterator[Page]:
        if not self.folder.is_dir():
            raise Invalid(
                "connector.folder",
                Text("投递文件夹不存在或不可读", "The drop folder is not there or cannot be read"),
                remedy=Text("请检查 folder 的设置", "Check the setting folder"),
                where="folder",
            )
        for path in sorted(self.folder.glob("*.csv")):
            code = path.name.partition("-")[0]
            wanted = code in kinds.KINDS and self.kind in ("", code)
            if wanted and path.name > cursor and not path.name.startswith("."):
                yield Page(code, self._rows(code, path), path.name, path.name)

    def _rows(self, code: str, path: Path) -> tuple[Mapping[str, str], ...]:
        if path.stat().st_size > BYTES_MAX:
            raise Invalid("connector.too_large", Text("文件超过64MB", "The file is over 64 MB"),
                          remedy=Text("请拆分后投递", "Split it"), where=path.name)  # fmt: skip
        text = reading.decode(path.read_bytes())
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        columns = reading.columns(kinds.kind_of(code), next(rows, []))
        return tuple(_row(columns, cells) for cells in rows if any(cell.strip() for cell in cells))


def _row(columns: list[str], cells: list[str]) -> dict[str, str]:
    """Cells by field; those beyond the header go under a name no kind has, so that the row is refused by line."""
    row = dict(zip(columns, cells, strict=False))
    return row | ({"+": "…"} if len(cells) > len(columns) else {})


def _make(settings: Mapping[str, Any]) -> FolderConnector:
    return FolderConnector(Path(str(settings["folder"])), str(settings.get("kind", "")))


register("folder", _make)
