"""Ed25519 keys and signatures (RFC 8032) in the form the house stores them: standard base64 of the raw bytes.

A private key is 32 bytes (the seed), a public key 32, a signature 64. A key is named by its id, a hash over algorithm
and public key, so a signature can say which key made it without carrying it. Where a key is kept decides its grade,
not its mathematics: ``own`` when only the party holds it, ``platform`` when Jirong keeps it for the party.
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


def generate() -> str:
    """A new private key from the operating system's entropy, base64; to be kept secret."""
    return to_text(Ed25519PrivateKey.generate().private_bytes_raw())


def public_of(private: str) -> str:
    """The public key of a private key, both base64."""
    return to_text(_private(private).public_key().public_bytes_raw())


def sign(private: str, message: bytes) -> str:
    """The signature of ``message``, base64; the same inputs always give the same signature."""
    return to_text(sign_raw(private, message))


def sign_raw(private: str, message: bytes) -> bytes:
    """:func:`sign` as 64 raw bytes, as signed notes carry them."""
    return _private(private).sign(message)


def verify(public: str, message: bytes, signature: str) -> bool:
    """Whether ``signature`` is ``public``'s over ``message`` (both base64); anything malformed is simply not."""
    key, value = from_text(public), from_text(signature)
    return key is not None and value is not None and verify_raw(key, message, value)


def verify_raw(public: bytes, message: bytes, signature: bytes) -> bool:
    """:func:`verify` on raw bytes, as signed notes carry them."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(public: str, algorithm: str = ED25519) -> str:
    """32 hexadecimal digits: the first half of SHA-256 over ``jirong-key``, the algorithm and the public key.

    Raises :class:`Invalid` for a key no signature could be verified with.
    """
    named = b"jirong-key\n" + algorithm.encode() + b"\n" + check(public, algorithm)
    return hashlib.sha256(named).hexdigest()[:32]


def check(public: str, algorithm: str = ED25519) -> bytes:
    """The raw public key; refuses an unknown algorithm, or what is not base64 of 32 bytes."""
    if algorithm not in ALGORITHMS:
        raise Invalid(
            "key.algorithm",
            Text(f"不支持签名算法“{algorithm}”", f"The signature algorithm “{algorithm}” is not supported"),
            remedy=Text("请登记 Ed25519 公钥", "Register an Ed25519 public key"),
        )
    raw = from_text(public)
    if raw is None or len(raw) != PUBLIC_SIZE:
        raise Invalid(
            "key.malformed",
            Text("公钥应为 32 字节 Ed25519 公钥的 Base64", "A public key is the base64 of 32 bytes (Ed25519)"),
            remedy=Text("请提交原始公钥的 Base64", "Send the raw public key in base64"),
        )
    return raw


def to_text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def from_text(text: str) -> bytes | None:
    """Strict standard base64 in its one spelling, so that no two texts mean one signature; ``None`` if it is not."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return raw if to_text(raw) == text else None


def _private(private: str) -> Ed25519PrivateKey:
    raw = from_text(private)
    if raw is None or len(raw) != PUBLIC_SIZE:
        raise ValueError("a private key is the base64 of 32 bytes")
    return Ed25519PrivateKey.from_private_bytes(raw)
