"""Identifiers sort by time and follow from what they name."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel.ids import derived_id, uuid7


def test_the_published_vector() -> None:
    """RFC 9562 appendix A.6: 2022-02-22 19:22:22 GMT, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F."""
    random = (0xCC3 << 68 | 0x18C4DC0C0C07398F & (2**62 - 1)).to_bytes(10, "big")
    assert uuid7(0x017F22E279B0, random) == uuid.UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")


@given(st.integers(0, 2**48 - 2), st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_later_sorts_later(milliseconds: int, random: bytes, other: bytes) -> None:
    first, second = uuid7(milliseconds, random), uuid7(milliseconds + 1, other)
    assert first < second
    assert (first.version, first.variant) == (7, uuid.RFC_4122)


@pytest.mark.parametrize(("milliseconds", "size"), [(0, 9), (0, 11), (-1, 10), (2**48, 10)])
def test_impossible_parts_are_refused(milliseconds: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"ten random bytes|version 7"):
        uuid7(milliseconds, bytes(size))


def test_a_derived_id_follows_from_its_parts() -> None:
    parent = uuid.UUID(int=1)
    assert derived_id(parent, "lot", 1) == derived_id(parent, "lot", 1)
    assert (
        len({derived_id(parent, "lot", 1), derived_id(parent, "lot", 2), derived_id(uuid.UUID(int=2), "lot", 1)}) == 3
    )
