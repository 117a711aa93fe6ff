"""The Merkle tree of RFC 6962 §2.1: one root stands for every leaf and their order.

A proof of *inclusion* shows that a leaf is in the tree of a given root; a proof of *consistency* shows that a later
tree only added leaves to an earlier one. Building asks for a :data:`Node`, the root of a perfect subtree, and so
works on tiles, rows or a list alike; verifying needs nothing but the proof. Leaves and inner nodes are hashed with
different first bytes, so neither can pass for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""
PROOF_MAX = 63
"""More hashes than any proof in a tree of less than 2⁶³ leaves holds."""

Node = Callable[[int, int], bytes]
"""``node(height, index)`` is the root over the leaves ``[index · 2^height, (index + 1) · 2^height)``."""


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Root over ``hashes`` as leaves of a perfect tree; their number is a power of two."""
    row = list(hashes)
    if not row or len(row) & (len(row) - 1):
        raise ValueError(f"a perfect tree has a power of two leaves, not {len(row)}")
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def over(leaf_hashes: Sequence[bytes]) -> Node:
    """The :data:`Node` of a list of leaf hashes in memory."""
    return lambda height, index: fold(leaf_hashes[index << height : (index + 1) << height])


def root(node: Node, size: int) -> bytes:
    """Root of the tree of the first ``size`` leaves."""
    return _range_root(node, 0, size) if size else EMPTY_ROOT


class Frontier:
    """A growing tree of which only the roots of its perfect subtrees are kept: as many as ``size`` has binary ones."""

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        self.size = size
        self.roots = list(roots)

    def add(self, leaf: bytes) -> None:
        """Append one leaf hash."""
        self.roots.append(leaf)
        self.size += 1
        count = self.size
        while count % 2 == 0:
            right, left = self.roots.pop(), self.roots.pop()
            self.roots.append(node_hash(left, right))
            count //= 2

    def root(self) -> bytes:
        """Root of the tree so far."""
        if not self.roots:
            return EMPTY_ROOT
        *others, result = self.roots
        for left in reversed(others):
            result = node_hash(left, result)
        return result

    def after(self, leaves: Sequence[bytes]) -> bytes:
        """The root if ``leaves`` were appended; the frontier itself stays."""
        grown = Frontier(self.size, self.roots)
        for leaf in leaves:
            grown.add(leaf)
        return grown.root()


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """Sibling hashes from leaf ``index`` up to the root of the tree of ``size`` leaves (RFC 6962 §2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    return _path(node, index, 0, size)


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """What shows that the tree of ``new`` leaves extends that of ``old`` (RFC 6962 §2.1.2); empty from 0 or itself."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} cannot extend one of {old}")
    return _subproof(node, old, 0, new, True) if 0 < old < new else []


def inclusion_root(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root that ``proof`` leads to from the leaf hash, or ``None`` if it has not the length the place asks."""
    if not 0 <= index < size or not _sound(leaf, *proof):
        return None
    place, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            result = node_hash(sibling, result)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    return result if last == 0 else None


def includes(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows the leaf hash at ``index`` of the tree with ``size`` leaves and ``root``."""
    return inclusion_root(index, size, leaf, proof) == root


def extends(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the tree (``new``, ``new_root``) begins with the tree (``old``, ``old_root``)."""
    if not 0 <= old <= new or not _sound(old_root, new_root, *proof):
        return False
    if old == 0 and old_root != EMPTY_ROOT:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof
    hashes = list(proof) if old & (old - 1) else [old_root, *proof]
    if not hashes:
        return False
    return _climb(old - 1, new - 1, hashes) == (old_root, new_root)


def _climb(place: int, last: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots that a consistency proof leads to (RFC 9162 §2.1.4.2), or ``None`` for a wrong length."""
    while place & 1:
        place, last = place >> 1, last >> 1
    former = latter = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            former, latter = node_hash(sibling, former), node_hash(sibling, latter)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            latter = node_hash(latter, sibling)
        place, last = place >> 1, last >> 1
    return (former, latter) if last == 0 else None


def _sound(*hashes: bytes) -> bool:
    return len(hashes) <= PROOF_MAX + 2 and all(len(hash) == HASH_SIZE for hash in hashes)


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(node: Node, start: int, end: int) -> bytes:
    count = end - start
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return node(height, start >> height)
    middle = start + _split(count)
    return node_hash(_range_root(node, start, middle), _range_root(node, middle, end))


def _path(node: Node, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(node, index, start, middle), _range_root(node, middle, end)]
    return [*_path(node, index, middle, end), _range_root(node, start, middle)]


def _subproof(node: Node, old: int, start: int, end: int, whole: bool) -> list[bytes]:
    """RFC 6962's SUBPROOF; ``whole`` says the verifier already holds the root over exactly this range."""
    if old == end:
        return [] if whole else [_range_root(node, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(node, old, start, middle, whole), _range_root(node, middle, end)]
    return [*_subproof(node, old, middle, end, False), _range_root(node, start, middle)]
