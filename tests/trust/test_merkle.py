"""The tree against the reference vectors of RFC 6962, and against its own recursive definition for every small size."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.trust import merkle

# The eight leaves of the Certificate Transparency reference test (github.com/google/certificate-transparency,
# cpp/merkletree/merkle_tree_test.cc) and the roots of the trees of 1 to 8 of them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

# leaf index, tree size, proof: github.com/transparency-dev/merkle, testdata/inclusion/*/happy-path.json.
INCLUSION: list[tuple[int, int, list[str]]] = [
    (0, 1, []),
    (
        0,
        8,
        [
            "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
            "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
        ],
    ),
    (
        5,
        8,
        [
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
            "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        ],
    ),
    (2, 3, ["+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="]),
    (
        1,
        5,
        [
            "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
            "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
        ],
    ),
]

# old size, new size, proof: the same, testdata/consistency/*/happy-path.json.
CONSISTENCY: list[tuple[int, int, list[str]]] = [
    (1, 1, []),
    (
        1,
        8,
        [
            "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
            "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
        ],
    ),
    (
        6,
        8,
        [
            "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=",
            "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        ],
    ),
    (2, 5, ["Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=", "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="]),
    (
        6,
        7,
        [
            "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=",
            "sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        ],
    ),
]

HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]
NODE = merkle.over(HASHES)


def many(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(i).encode()) for i in range(count)]


def decoded(proof: list[str]) -> list[bytes]:
    return [base64.b64decode(row) for row in proof]


def test_leaf_and_node_hashes_are_those_of_the_reference() -> None:
    """github.com/transparency-dev/merkle, rfc6962/rfc6962_test.go."""
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert (
        merkle.node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


def test_roots_are_those_of_the_reference() -> None:
    assert [merkle.root(NODE, size).hex() for size in range(1, 9)] == ROOTS
    assert merkle.root(NODE, 0) == merkle.EMPTY_ROOT


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference(index: int, size: int, proof: list[str]) -> None:
    assert merkle.inclusion_proof(NODE, index, size) == decoded(proof)
    assert merkle.includes(index, size, HASHES[index], decoded(proof), merkle.root(NODE, size))


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference(old: int, new: int, proof: list[str]) -> None:
    assert merkle.consistency_proof(NODE, old, new) == decoded(proof)
    assert merkle.extends(old, new, merkle.root(NODE, old), merkle.root(NODE, new), decoded(proof))


def test_every_leaf_of_every_tree_up_to_40_is_proved_at_its_place_only() -> None:
    hashes = many(40)
    node = merkle.over(hashes)
    for size in range(1, 41):
        root = merkle.root(node, size)
        for index in range(size):
            proof = merkle.inclusion_proof(node, index, size)
            held = [at for at in range(size) if merkle.includes(at, size, hashes[index], proof, root)]
            assert held == [index]
            assert not merkle.includes(index, size, hashes[index], [*proof, root], root)
            assert not proof or not merkle.includes(index, size, hashes[index], proof[:-1], root)


def test_every_tree_up_to_40_extends_every_smaller_one_and_no_other() -> None:
    node, other = merkle.over(many(40)), merkle.over(many(40)[::-1])
    for new in range(41):
        for old in range(new + 1):
            roots = merkle.root(node, old), merkle.root(node, new)
            proof = merkle.consistency_proof(node, old, new)
            assert merkle.extends(old, new, *roots, proof)
            assert not merkle.extends(old, new, *roots, [*proof, roots[1]])
            assert not proof or not merkle.extends(old, new, *roots, proof[:-1])
            if old:
                assert not merkle.extends(old, new, merkle.root(other, old), roots[1], proof)
                assert not merkle.extends(old, new, roots[0], merkle.root(other, new), proof)


def test_a_frontier_has_the_root_of_every_size() -> None:
    hashes, frontier = many(70), merkle.Frontier()
    node = merkle.over(hashes)
    for size, leaf in enumerate(hashes):
        assert (frontier.size, frontier.root()) == (size, merkle.root(node, size))
        assert frontier.after(hashes[size:]) == merkle.root(node, 70)
        frontier.add(leaf)


def test_roots_follow_the_recursive_definition(second_reader: Any) -> None:
    leaves = [str(i).encode() for i in range(70)]
    for size in (0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 70):
        assert merkle.root(merkle.over(many(70)), size) == second_reader.tree_root(leaves[:size])


@given(st.data())
def test_a_flipped_bit_in_a_proof_or_leaf_is_found(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    hashes = many(size)
    node = merkle.over(hashes)
    chain = [hashes[index], *merkle.inclusion_proof(node, index, size)]
    at, bit = data.draw(st.integers(0, len(chain) - 1)), data.draw(st.integers(0, 255))
    chain[at] = bytes(byte ^ (1 << bit % 8 if i == bit // 8 else 0) for i, byte in enumerate(chain[at]))
    assert not merkle.includes(index, size, chain[0], chain[1:], merkle.root(node, size))


@pytest.mark.parametrize("sizes", [(-1, 4), (5, 4)])
def test_sizes_that_make_no_sense_prove_nothing(sizes: tuple[int, int]) -> None:
    assert not merkle.extends(*sizes, ROOT, ROOT, [])
    assert not merkle.includes(5, 4, HASHES[0], [], ROOT)
    assert not merkle.includes(-1, 4, HASHES[0], [], ROOT)
    with pytest.raises(ValueError, match="extend"):
        merkle.consistency_proof(NODE, *sizes)


ROOT = bytes.fromhex(ROOTS[3])


def test_hashes_of_another_length_prove_nothing() -> None:
    assert not merkle.includes(0, 1, b"short", [], b"short")
    assert not merkle.extends(1, 1, b"short", b"short", [])
    with pytest.raises(ValueError, match="power of two"):
        merkle.fold(HASHES[:3])
