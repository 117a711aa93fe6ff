"""Ed25519 key pairs as plain bytes: 32 for the private seed, 32 for the public key, 64 for a signature (RFC 8032).

A key is named by its id, a hash over algorithm and public key, so a signature can say which key made it without
carrying it. Where a key is kept decides its grade, not its mathematics: ``own`` when only the party holds it,
``platform`` when Jirong keeps it for the party; the weaker grade is written into every log entry and receipt.
The only algorithm is ``ed25519``: the kept library under it (``cryptography``) signs no SM2.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

ED25519 = "ed25519"
ALGORITHMS = (ED25519,)
OWN, PLATFORM = "own", "platform"
GRADES = (OWN, PLATFORM)
"""Who can sign with the key: the party alone, or the platform on its behalf (the weaker)."""


def generate() -> bytes:
    """A new private key from the operating system's entropy: 32 bytes, to be kept secret."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The 32-byte public key of a 32-byte private key."""
    return _private(private).public_key().public_bytes_raw()


def sign(private: bytes, message: bytes) -> bytes:
    """The 64-byte Ed25519 signature of ``message``; the same inputs always give the same signature."""
    return _private(private).sign(message)


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
    if len(public) != 32:
        raise Invalid(
            "key.malformed",
            Text(f"Ed25519 公钥应为 32 字节，收到 {len(public)} 字节", f"An Ed25519 key has 32 bytes, not {len(public)}"),
            remedy=Text("请提交原始公钥的 Base64", "Send the raw public key in base64"),
        )


def _private(private: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(private)
