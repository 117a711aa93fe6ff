"""A second reader of receipts, tiles and checkpoints, written from the specifications alone.

It shares no code with the house: hashlib, the standard JSON reader, and Ed25519 in plain integers after RFC 8032 §5.1.
What Jirong writes, this reader must accept; what has been altered, it must refuse.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int]


def add(a: Point, b: Point) -> Point:
    """Addition on the twisted Edwards curve −x² + y² = 1 + d·x²·y² (RFC 8032 §5.1.4), affine."""
    (x1, y1), (x2, y2) = a, b
    common = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + common, P - 2, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - common, P - 2, P) % P
    return x, y


def times(factor: int, point: Point) -> Point:
    result = (0, 1)
    while factor:
        if factor % 2:
            result = add(result, point)
        point, factor = add(point, point), factor // 2
    return result


def decompress(data: bytes) -> Point:
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or y >= P:
        raise ValueError("not a point")
    return (P - x if x % 2 != sign else x), y


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """RFC 8032 §5.1.7: [S]B = R + [k]A."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % ORDER
    try:
        return times(s, BASE) == add(decompress(r), times(k, decompress(public)))
    except ValueError:
        return False


def canonical(value: Any) -> bytes:
    """RFC 8785 for what receipts hold: no floats, keys in the basic plane."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tree_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1 by its recursive definition, over whole leaves."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha(b"\x01" + tree_root(leaves[:k]) + tree_root(leaves[k:]))


def path_root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Root by recursion on the shape of the tree: which half holds the leaf, last hash of the path first."""
    if size == 1:
        if path:
            raise ValueError("path too long")
        return sha(b"\x00" + leaf)
    k = 1
    while k * 2 < size:
        k *= 2
    *rest, sibling = path
    if index < k:
        return sha(b"\x01" + path_root(leaf, index, k, rest) + sibling)
    return sha(b"\x01" + sibling + path_root(leaf, index - k, size - k, rest))


def read_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Text and (name, hash with signature) of each line (C2SP signed-note)."""
    cut = note.rindex("\n\n")
    lines = note[cut + 2 :].split("\n")
    if lines.pop() != "":
        raise ValueError("unfinished line")
    rows = []
    for line in lines:
        dash, name, value = line.split(" ")
        if dash != "—":
            raise ValueError("no dash")
        rows.append((name, base64.b64decode(value, validate=True)))
    return note[: cut + 1], rows


def read_vkey(vkey: str) -> tuple[str, bytes, int, bytes]:
    name, hash, material = vkey.split("+", 2)
    raw = base64.b64decode(material, validate=True)
    if sha(name.encode() + b"\n" + raw)[:4].hex() != hash:
        raise ValueError("hash of another key")
    return name, bytes.fromhex(hash), raw[0], raw[1:]


def signed(note: str, vkey: str) -> bool:
    """Whether the vkey's line is there and true; type 4 lines carry a time (C2SP tlog-cosignature)."""
    text, rows = read_note(note)
    name, hash, kind, public = read_vkey(vkey)
    for row_name, value in rows:
        if row_name == name and value[:4] == hash:
            body, message = value[4:], text.encode()
            if kind == 4:
                seconds = int.from_bytes(body[:8], "big")
                body, message = body[8:], b"cosignature/v1\ntime %d\n" % seconds + message
            return signature_holds(public, message, body)
    return False


def accepts(receipt: bytes, trust: dict[str, Any]) -> bool:
    """Whether a receipt holds, read independently."""
    try:
        return _accepts(json.loads(receipt), receipt, trust)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return False


def _accepts(body: dict[str, Any], raw: bytes, trust: dict[str, Any]) -> bool:
    note, entry, registration = body["checkpoint"], body["entry"], body["registration"]
    if body["format"] != "jirong-receipt/1" or canonical(body) != raw:
        return False
    text, _ = read_note(note)
    origin, size, root, *_ = text.split("\n")
    if origin != read_vkey(trust["log"])[0] or not signed(note, trust["log"]):
        return False
    if sum(signed(note, witness) for witness in trust["witnesses"]) < trust["quorum"]:
        return False
    for part in (entry, registration):
        path = [base64.b64decode(row, validate=True) for row in part["proof"]]
        found = path_root(canonical(part["leaf"]), part["index"], int(size), path)
        if base64.b64encode(found).decode() != root or set(part) - {"index", "leaf", "proof", "outcome", "statement"}:
            return False
        if "outcome" in part and sha(canonical(part["outcome"])).hex() != part["leaf"]["outcome"]:
            return False
        if "statement" in part and part["leaf"]["statement"] != {"sha256": sha(canonical(part["statement"])).hex()}:
            return False
    owner = registration.get("statement", registration["leaf"]["statement"])["actor"]
    return _signature_accepted(entry, {"party": owner} | registration["outcome"])


def _signature_accepted(entry: dict[str, Any], key: dict[str, Any]) -> bool:
    leaf = entry["leaf"]
    statement = entry.get("statement", leaf["statement"])
    public = base64.b64decode(key["public"], validate=True)
    named = sha(b"jirong-key\ned25519\n" + public).hex()[:32]
    return (
        leaf["key"] == named == key["key"]
        and key["party"] == statement["actor"]
        and key["custody"] == leaf["grade"]
        and signature_holds(public, canonical(statement), base64.b64decode(leaf["signature"], validate=True))
    )


def read_bundle(data: bytes) -> list[bytes]:
    """Leaves of a C2SP tlog-tiles entry bundle."""
    leaves = []
    while data:
        length = int.from_bytes(data[:2], "big")
        leaves.append(data[2 : 2 + length])
        data = data[2 + length :]
    return leaves
