"""Signed notes: a text that people can read with signatures that machines can check (C2SP signed-note).

A note is a text ending in a newline, an empty line, and one line a signature: an em dash, the signer's name, and
base64 of a four-byte key hash and the signature. Whoever reads it is configured with *vkeys* (name, key hash, type,
public key) and ignores every other signature; one from a known key that does not verify spoils the whole note.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.trust import keys

ED25519 = 0x01
COSIGNATURE = 0x04
"""Signature types of C2SP signed-note: plain Ed25519, and the timestamped Ed25519 cosignature of a checkpoint."""
SIGNATURES_MAX = 64

_LINE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the signer's ``name``, the four-byte ``key`` hash, and the signature's bytes."""

    name: str
    key: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {keys.to_text(self.key + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """``text`` ends in a newline; nothing in it is to be believed before its signatures are checked."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def encode(self) -> str:
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    def with_signatures(self, added: Iterable[Signature]) -> Note:
        """The same text with further signatures; one already there is not repeated."""
        kept = dict.fromkeys((*self.signatures, *added))
        return Note(self.text, tuple(kept))


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name, for one signature type; written as a vkey."""

    name: str
    public: bytes
    type: int = ED25519

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise _malformed(f"签名者名称“{self.name}”含空格或加号", f"the key name “{self.name}” has a space or plus")
        if self.type not in (ED25519, COSIGNATURE):
            raise _malformed(f"不支持签名类型 {self.type}", f"the signature type {self.type} is not supported")
        if len(self.public) != keys.PUBLIC_SIZE:
            raise _malformed(f"“{self.name}”的公钥长度有误", f"the public key of “{self.name}” has a wrong length")

    @property
    def key(self) -> bytes:
        return key_hash(self.name, self.type, self.public)

    @property
    def vkey(self) -> str:
        material = keys.to_text(bytes([self.type]) + self.public)
        return f"{self.name}+{self.key.hex()}+{material}"

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read ``name+hash+base64``; refuses a hash that is not the key's."""
        parts = vkey.split("+", 2)
        material = keys.from_text(parts[2]) if len(parts) == 3 else None
        if material is None or len(material) < 2:
            raise _malformed(f"“{vkey}”不是验证公钥", f"“{vkey}” is not a verifier key")
        verifier = cls(parts[0], material[1:], material[0])
        if parts[1] != verifier.key.hex():
            raise _malformed(f"“{vkey}”的散列与公钥不符", f"the hash in “{vkey}” is not that of its key")
        return verifier

    def made(self, signature: Signature) -> bool:
        """Whether the line claims to be this key's (name and hash; says nothing about validity)."""
        return signature.name == self.name and signature.key == self.key


def key_hash(name: str, type: int, public: bytes) -> bytes:
    """SHA-256(name, newline, type byte, public key), first four bytes: a hint which key, not a proof."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([type]) + public).digest()[:4]


def verifier_of(name: str, private: bytes, type: int = ED25519) -> Verifier:
    """The public side of a private key under ``name``."""
    return Verifier(name, keys.public_of(private), type)


def sign(text: str, name: str, private: bytes) -> Signature:
    """The plain Ed25519 signature line of ``name`` under ``text``."""
    return Signature(name, verifier_of(name, private).key, keys.sign(private, text.encode()))


def signed_by(note: Note, verifier: Verifier) -> bool:
    """Whether a plain Ed25519 key signed the note; ``False`` also when a line that claims to be its does not verify."""
    lines = [signature for signature in note.signatures if verifier.made(signature)]
    return bool(lines) and all(keys.verify(verifier.public, line.value, note.text.encode()) for line in lines)


def parse(data: str) -> Note:
    """Read a note; :class:`Invalid` names what is malformed."""
    if _CONTROL.search(data):
        raise _malformed("含有控制字符", "it holds a control character")
    text, separator, lines = data.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise _malformed("缺少签名行", "it has no signature lines")
    return Note(text + "\n", parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Signature lines alone, each ended by a newline (what a witness answers)."""
    rows = lines.split("\n")
    if rows.pop() != "" or not rows or len(rows) > SIGNATURES_MAX:
        raise _malformed(f"签名行应为 1 至 {SIGNATURES_MAX} 行", f"it has not 1 to {SIGNATURES_MAX} signature lines")
    return tuple(_signature(row, number) for number, row in enumerate(rows, 1))


def _signature(row: str, number: int) -> Signature:
    match = _LINE.fullmatch(row)
    value = keys.from_text(match[2]) if match else None
    if not match or value is None or len(value) < 5 or "+" in match[1]:
        raise _malformed(f"第 {number} 行签名无法读取", f"signature line {number} cannot be read")
    return Signature(match[1], value[:4], value[4:])


def _malformed(zh: str, en: str) -> Invalid:
    return Invalid(
        "signed_note.malformed",
        Text(f"签名文本格式有误：{zh}", f"The signed note is malformed: {en}"),
        remedy=Text("请使用原始文件，不要改动", "Use the original file, unchanged"),
    )
