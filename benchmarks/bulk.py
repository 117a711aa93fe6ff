"""Rows by the million straight into a fresh database: binary COPY from NumPy, indexes built once at the end.

Through the administrator's log-in, past triggers and row security, so only for databases a benchmark makes for itself,
which checks as a whole what was not checked row by row. Ids are made as the house makes them (versions 7 and 5).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]


class Ids(NamedTuple):
    """Raw bytes, one row an id."""

    raw: Column

    def text(self) -> Column:
        """The 36 characters of each, as bytes (n, 36)."""
        digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
        text = np.full((len(self.raw), 36), ord("-"), dtype=np.uint8)
        places = [place for place in range(36) if place not in (8, 13, 18, 23)]
        text[:, places[0::2]], text[:, places[1::2]] = digits[self.raw >> 4], digits[self.raw & 15]
        return text


def set_indexes_aside(admin: Any, tables: Sequence[str]) -> None:
    """Rows written from now on enter no index; REINDEX makes them whole and valid again."""
    admin.execute(
        "UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid = ANY(%s::regclass[]::oid[])",
        [list(tables)],
    )


def index(conninfo: str, table: str) -> None:
    """Build what was set aside, and tell the planner what there is."""
    import psycopg

    with psycopg.connect(conninfo, autocommit=True) as admin:
        admin.execute("SET maintenance_work_mem = '512MB'")
        admin.execute(f"REINDEX TABLE {table}")
        admin.execute(f"VACUUM (ANALYZE) {table}")


def first(columns: Mapping[str, Any]) -> Column:
    return next(value for value in columns.values() if isinstance(value, np.ndarray))


def copy(admin: Any, table: str, columns: Mapping[str, Any]) -> None:
    """Rows as binary COPY: a column is an array (n,) of numbers or (n, width) of bytes, the same bytes for all, or NULL."""
    size = len(first(columns))
    if not size:
        return
    fields: list[Any] = [("fields", ">i2")]
    for name, value in columns.items():
        kind = _kind(value)
        fields += [(f"{name}#", ">i4"), *([(name, kind)] if kind else [])]
    rows = np.zeros(size, dtype=np.dtype(fields))
    rows["fields"] = len(columns)
    for name, value in columns.items():
        kind = _kind(value)
        rows[f"{name}#"] = -1 if value is None else np.dtype(kind).itemsize if kind else 0
        if kind:
            rows[name] = value.view(f"V{value.shape[1]}")[:, 0] if kind.startswith("V") and value.ndim == 2 else value
    named = ", ".join(f'"{name}"' for name in columns)
    with admin.cursor().copy(f"COPY {table} ({named}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        copy.write(rows.tobytes())
        copy.write(b"\xff\xff")


def _kind(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"S{len(value)}" if value else ""
    if value.ndim == 2:
        return f"V{value.shape[1]}"
    return {"int64": ">i8", "int32": ">i4", "int16": ">i2", "bool": "?"}[str(value.dtype)]


def new_ids(random: np.random.Generator, milliseconds: Column) -> Ids:
    """Version 7 identifiers of those moments."""
    raw = random.integers(0, 256, (len(milliseconds), 16), dtype=np.uint8)
    raw[:, :6] = milliseconds.astype(">i8").view(np.uint8).reshape(-1, 8)[:, 2:]
    raw[:, 6], raw[:, 8] = raw[:, 6] & 0x0F | 0x70, raw[:, 8] & 0x3F | 0x80
    return Ids(raw)


def derived(parents: Ids | uuid.UUID, names: Column | bytes) -> Ids:
    """``kernel.ids.derived_id`` of many: ``names`` is one name, or (n, width) bytes."""
    size = len(parents.raw) if isinstance(parents, Ids) else len(names)
    ahead = parents.raw if isinstance(parents, Ids) else np.tile(raw_bytes(parents.bytes), (size, 1))
    behind = np.tile(raw_bytes(names), (size, 1)) if isinstance(names, bytes) else names
    whole = np.concatenate([ahead, behind], axis=1)
    width, flat = whole.shape[1], memoryview(whole.tobytes())
    digests = b"".join([sha1(flat[at : at + width]).digest()[:16] for at in range(0, len(flat), width)])
    raw = np.frombuffer(digests, dtype=np.uint8).reshape(-1, 16).copy()
    raw[:, 6], raw[:, 8] = raw[:, 6] & 0x0F | 0x50, raw[:, 8] & 0x3F | 0x80
    return Ids(raw)


def raw_bytes(text: bytes) -> Column:
    return np.frombuffer(text, dtype=np.uint8)


def join(*parts: Column | bytes) -> Column:
    """Bytes side by side: arrays (n, width) and texts that are the same for all."""
    size = next(len(part) for part in parts if not isinstance(part, bytes))
    return np.concatenate(
        [np.tile(raw_bytes(part), (size, 1)) if isinstance(part, bytes) else part for part in parts], axis=1
    )


def uuid_array(members: Sequence[Column | bytes]) -> Column:
    """A uuid[] in binary."""
    head = np.array([1, 0, 2950, len(members), 1], dtype=">i4").tobytes()
    return join(head, *(piece for member in members for piece in (np.array([16], dtype=">i4").tobytes(), member)))


def days(column: Column) -> Column:
    """Dates as PostgreSQL counts them."""
    found: Column = (column.astype("M8[D]") - np.datetime64("2000-01-01")).astype(np.int32)
    return found


def jsonb(value: object, width: int = 0) -> bytes:
    return b"\x01" + json.dumps(value).encode().ljust(width)


def some(columns: Mapping[str, Any], which: Column) -> dict[str, Any]:
    return {name: value[which] if isinstance(value, np.ndarray) else value for name, value in columns.items()}
