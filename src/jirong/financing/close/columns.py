"""Rows of a query as columns: PostgreSQL's binary COPY, read where it lies.

A book of a million loans is a million rows of a few numbers. As Python objects they cost more than everything that is
computed of them; a COPY of columns of fixed width is one array to NumPy. Every column must be named in ``kinds`` in the
query's order and be of exactly that type, and never NULL.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import numpy as np
import numpy.typing as npt

from jirong.ledger.post import server_cursor

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
END = struct.pack(">h", -1)
TYPES = {"uuid": "V16", "bigint": ">i8", "integer": ">i4", "smallint": ">i2", "boolean": "?"}
"""A column of dates is asked for as ``day - '1970-01-01'``, an integer."""


def read(query: LiteralString, parameters: Sequence[Any], kinds: Mapping[str, str]) -> dict[str, npt.NDArray[Any]]:
    """Each column of ``query`` by name, as the identity sees it; uuids as 16 raw bytes (``V16``), numbers native."""
    # The query is the caller's own text; psycopg puts the parameters into it, for COPY binds none.
    with server_cursor().copy(b"COPY (" + query.encode() + b") TO STDOUT (FORMAT binary)", parameters) as copy:
        sent = b"".join(bytes(block) for block in copy)
    assert sent.startswith(SIGNATURE), "this is not a binary COPY"
    assert sent.endswith(END), "a binary COPY is whole"
    begins = len(SIGNATURE) + 8
    row = np.dtype([("fields", ">i2"), *((name, _field(kind)) for name, kind in kinds.items())])
    rows = np.frombuffer(sent, dtype=row, offset=begins, count=(len(sent) - begins - len(END)) // row.itemsize)
    assert begins + rows.nbytes + len(END) == len(sent), "a column is NULL, or of another type than said"
    return {name: _native(rows[name]["value"]) for name in kinds}


def _field(kind: str) -> np.dtype[Any]:
    value = np.dtype(TYPES[kind])
    return np.dtype([("bytes", ">i4"), ("value", value)])


def _native(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return column.astype(column.dtype.newbyteorder("=")) if column.dtype.kind in "iu" else column.copy()
