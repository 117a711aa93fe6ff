"""Checkpoints: the signed head of the log, and the cosignatures of its witnesses (C2SP tlog-checkpoint, -cosignature).

A checkpoint names the log (*origin*), how many leaves it has and their Merkle root. The log signs it; a witness that
has seen a consistency proof from the last head it knew cosigns it with the time. Two heads that do not extend one
another cannot both carry an honest witness's cosignature, so the operator cannot show two histories.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.trust import keys, merkle, notes

SIZE_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``size`` leaves under ``root`` (32 bytes) in the log called ``origin``; extension lines are kept, not read."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        lines = [self.origin, str(self.size), keys.to_text(self.root), *self.extensions]
        return "".join(line + "\n" for line in lines)


def parse(text: str) -> Checkpoint:
    """Read a checkpoint's note text; :class:`Invalid` names the line that is malformed."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < 3 or not all(lines):
        raise _malformed("至少应有三个非空行", "it needs three lines that are not empty")
    origin, size, root, *extensions = lines
    if not re.fullmatch(r"0|[1-9]\d{0,18}", size, re.ASCII) or int(size) > SIZE_MAX:
        raise _malformed("第 2 行不是树的大小", "line 2 is not a tree size")
    hash = keys.from_text(root)
    if hash is None or len(hash) != merkle.HASH_SIZE:
        raise _malformed("第 3 行不是根散列", "line 3 is not a root hash")
    return Checkpoint(origin, int(size), hash, tuple(extensions))


def sign(checkpoint: Checkpoint, private: bytes) -> notes.Note:
    """The checkpoint signed by the log; its key carries the origin's name."""
    return notes.Note(checkpoint.text, (notes.sign(checkpoint.text, checkpoint.origin, private),))


def cosign(text: str, name: str, private: bytes, at: int) -> notes.Signature:
    """The witness ``name``'s cosignature/v1 over a checkpoint's text, at POSIX second ``at``."""
    key = notes.verifier_of(name, private, notes.COSIGNATURE).key
    return notes.Signature(name, key, struct.pack(">Q", at) + keys.sign(private, _cosigned(text, at)))


def cosigned_at(note: notes.Note, witness: notes.Verifier) -> int | None:
    """When ``witness`` cosigned the note (POSIX seconds); ``None`` if it did not, or a line of its is false."""
    lines = [signature for signature in note.signatures if witness.made(signature)]
    times = [_time(note.text, line, witness) for line in lines]
    return times[0] if times and None not in times else None


def _time(text: str, signature: notes.Signature, witness: notes.Verifier) -> int | None:
    if witness.type != notes.COSIGNATURE or len(signature.value) != 72:
        return None
    (at,) = struct.unpack_from(">Q", signature.value)
    valid = 0 < at <= SIZE_MAX and keys.verify(witness.public, signature.value[8:], _cosigned(text, at))
    return at if valid else None


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _malformed(zh: str, en: str) -> Invalid:
    return Invalid(
        "checkpoint.malformed",
        Text(f"检查点格式有误：{zh}", f"The checkpoint is malformed: {en}"),
        remedy=Text("请使用原始检查点，不要改动", "Use the original checkpoint, unchanged"),
    )
