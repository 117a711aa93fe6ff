"""Ed25519 keys and signatures as raw bytes (RFC 8032): private seed 32, public key 32, signature 64.

A key is named by its id, a hash over algorithm and public key, so a signature can say which key made it without
carrying it. Where a key is kept decides its grade, not its mathematics: ``own`` when only the party holds it,
``platform`` when Jirong keeps it for the party. In JSON and in rows, bytes stand as base64 (:func:`to_text`).
The only algorithm is ``ed25519``: the kept library under it (``cryptography``) signs no SM2.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

ED25519 = "ed25519"
ALGORITHMS = (ED25519,)
PUBLIC_SIZE, SIGNATURE_SIZE = 32, 64
OWN, PLATFORM, SYSTEM = "own", "platform", "system"
GRADES = (OWN, PLATFORM, SYSTEM)
"""Who could have signed: the party alone; the platform on its behalf (weaker); nobody (the house's own machinery)."""


def generate() -> bytes:
    """A new private key from the operating system's entropy: 32 bytes, to be kept secret."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The 32-byte public key of a 32-byte private key."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, message: bytes) -> bytes:
    """The 64-byte Ed25519 signature of ``message``; the same inputs always give the same signature."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is ``public``'s over ``message``; anything malformed is simply not."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(public: bytes, algorithm: str = ED25519) -> str:
    """32 hexadecimal digits: the first half of SHA-256 over ``jirong-key``, the algorithm and the public key."""
    check(public, algorithm)
    return hashlib.sha256(b"jirong-key\n" + algorithm.encode() + b"\n" + public).hexdigest()[:32]


def check(public: bytes, algorithm: str = ED25519) -> None:
    """Refuse a public key no signature could be verified with (wrong algorithm or wrong length)."""
    if algorithm not in ALGORITHMS:
        raise Invalid(
            "key.algorithm",
            Text(f"不支持签名算法“{algorithm}”", f"The signature algorithm “{algorithm}” is not supported"),
            remedy=Text("请登记 Ed25519 公钥", "Register an Ed25519 public key"),
        )
    if len(public) != PUBLIC_SIZE:
        raise Invalid(
            "key.malformed",
            Text(f"公钥应为 32 字节，收到 {len(public)} 字节", f"An Ed25519 key has 32 bytes, not {len(public)}"),
            remedy=Text("请提交原始公钥的 Base64", "Send the raw public key in base64"),
        )


def to_text(raw: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(raw).decode()


def from_text(text: str) -> bytes | None:
    """Strict standard base64 in its one spelling, so that no two texts mean one signature; ``None`` if it is not."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return raw if to_text(raw) == text else None
