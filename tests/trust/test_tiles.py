"""Tiles: names, shapes and growth, against the examples of C2SP tlog-tiles and against the plain tree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.trust import merkle, tiles
from jirong.trust.tiles import ENTRIES, Place


def hashes_of(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(i).encode()) for i in range(count)]


HASHES = hashes_of(1200)


class Store:
    """Tiles kept as they are appended."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: dict[Place, bytes] = {}

    def append(self, hashes: list[bytes]) -> None:
        self.tiles.update(tiles.append(self.size, hashes, self.tiles.__getitem__))
        self.size += len(hashes)


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (Place(0, 0), "tile/0/000"),
        (Place(0, 0, 1), "tile/0/000.p/1"),
        (Place(0, 1234067), "tile/0/x001/x234/067"),
        (Place(3, 999, 255), "tile/3/999.p/255"),
        (Place(63, 1000), "tile/63/x001/000"),
        (Place(ENTRIES, 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_paths_are_spelt_as_the_format_says(place: Place, path: str) -> None:
    assert place.path == path
    assert tiles.parse_path(path) == place


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000",
        "tile/64/000",
        "tile/0/1",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/-1/000",
        "tile/0/001/x234",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/٠٠٠",
    ],
)
def test_any_other_spelling_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="tile"):
        tiles.parse_path(path)


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    """C2SP tlog-tiles, “Partial Tiles”: 273 full and one of 112; one full and one of 17; one of width 1."""
    found = list(tiles.places(70_000))
    assert [place for place in found if place.level == 0] == [*(Place(0, n) for n in range(273)), Place(0, 273, 112)]
    assert [place for place in found if place.level > 0] == [Place(1, 0), Place(1, 1, 17), Place(2, 0, 1)]
    assert list(tiles.places(256)) == [Place(0, 0), Place(1, 0, 1)]
    assert list(tiles.places(0)) == []


@given(st.lists(st.integers(0, 300), max_size=5))
def test_appending_in_any_batches_gives_the_tree_of_all(batches: list[int]) -> None:
    store = Store()
    for count in batches:
        store.append(HASHES[store.size : store.size + count])
        assert set(tiles.places(store.size)) <= set(store.tiles)
    store.size = min(store.size, len(HASHES))
    node = tiles.nodes(store.tiles.__getitem__, store.size)
    plain = merkle.over(HASHES[: store.size])
    assert merkle.root(node, store.size) == merkle.root(plain, store.size)


def test_proofs_from_tiles_are_proofs_of_the_tree() -> None:
    store = Store()
    store.append(HASHES)
    node, plain, size = tiles.nodes(store.tiles.__getitem__, store.size), merkle.over(HASHES), len(HASHES)
    for index in (0, 1, 255, 256, 257, 767, 1023, 1024, 1199):
        assert merkle.inclusion_proof(node, index, size) == merkle.inclusion_proof(plain, index, size)
    for old in (1, 3, 255, 256, 257, 512, 1000, 1199):
        assert merkle.consistency_proof(node, old, size) == merkle.consistency_proof(plain, old, size)


def test_bundles_carry_leaves_of_any_length_that_fits(second_reader: Any) -> None:
    leaves = [b"", b"a", bytes(tiles.ENTRY_MAX), "链单".encode()]
    data = tiles.encode_bundle(leaves)
    assert tiles.decode_bundle(data) == second_reader.read_bundle(data) == leaves
    with pytest.raises(ValueError, match="does not fit"):
        tiles.encode_bundle([bytes(tiles.ENTRY_MAX + 1)])
    for cut in (1, 3, len(data) - 1):
        with pytest.raises(ValueError, match="ends inside"):
            tiles.decode_bundle(data[:cut])
