"""A receipt: one file that proves an action to a stranger, without the platform's word (format ``jirong-receipt/1``).

It carries the leaf (statement, signature, key, grade), its place and inclusion proof, the checkpoint with its
cosignatures, and the registration of the signing key as another leaf with its own proof under the same checkpoint.
Until the action is sequenced there is no checkpoint and the receipt is *pending*. A receipt is canonical JSON, so
that each byte of it matters. What it proves is that the action had happened as of its checkpoint, no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.trust import canonical, keys, leaf, merkle, notes

FORMAT = "jirong-receipt/1"
TRUST_FORMAT = "jirong-trust/1"


@dataclass(frozen=True, slots=True)
class Proven:
    """A leaf with its place in the tree. ``index`` and ``proof`` (hashes) are ``None`` and empty while pending.

    ``statement`` is given where the leaf holds only its hash, ``outcome`` where the reader should see the answer.
    """

    leaf: dict[str, Any]
    index: int | None
    proof: tuple[bytes, ...] = ()
    statement: dict[str, Any] | None = None
    outcome: dict[str, Any] | None = None

    @property
    def signed(self) -> dict[str, Any]:
        """The statement, wherever it stands."""
        result: dict[str, Any] = self.leaf["statement"] if self.statement is None else self.statement
        return result

    def as_dict(self) -> dict[str, Any]:
        body: dict[str, Any] = {"index": self.index, "leaf": self.leaf, "proof": [keys.to_text(h) for h in self.proof]}
        optional = {"statement": self.statement, "outcome": self.outcome}
        return body | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Receipt:
    """``checkpoint`` is the signed note's text, ``None`` while pending; ``registration`` is absent for grade system."""

    entry: Proven
    registration: Proven | None
    checkpoint: str | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "checkpoint": self.checkpoint,
            "entry": self.entry.as_dict(),
            "format": FORMAT,
            "registration": self.registration.as_dict() if self.registration else None,
        }

    def encode(self) -> bytes:
        return canonical.encode(self.as_dict())


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the reader believes: the log's key, the witnesses' keys, and how many witnesses must have cosigned."""

    log: notes.Verifier
    witnesses: tuple[notes.Verifier, ...]
    quorum: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "format": TRUST_FORMAT,
            "log": self.log.vkey,
            "quorum": self.quorum,
            "witnesses": [witness.vkey for witness in self.witnesses],
        }


def parse(data: bytes) -> Receipt:
    """Read a receipt; :class:`Invalid` names the field (``where``) that is missing, unknown or of the wrong form."""
    body = canonical.parse(data)
    if canonical.encode(body) != data.removesuffix(b"\n"):
        raise _wrong(
            "$", "不是规范形式（RFC 8785），文件被改动过", "is not in canonical form (RFC 8785): changed since"
        )
    fields = _fields(body, "$", ("checkpoint", "entry", "format", "registration"))
    if fields["format"] != FORMAT:
        raise _wrong("$.format", f"应为 {FORMAT}", f"should be {FORMAT}")
    registration = fields["registration"]
    return Receipt(
        entry=_proven(fields["entry"], "$.entry"),
        registration=None if registration is None else _proven(registration, "$.registration"),
        checkpoint=None if fields["checkpoint"] is None else _text(fields["checkpoint"], "$.checkpoint"),
    )


def parse_trust(data: bytes) -> Trust:
    """Read a trust file: ``{"format", "log": vkey, "witnesses": [vkey, …], "quorum": n}``, white space allowed."""
    fields = _fields(canonical.parse(data), "$", ("format", "log", "quorum", "witnesses"))
    if fields["format"] != TRUST_FORMAT:
        raise _wrong("$.format", f"应为 {TRUST_FORMAT}", f"should be {TRUST_FORMAT}")
    log = _vkey(fields["log"], "$.log", notes.ED25519)
    rows = _list(fields["witnesses"], "$.witnesses")
    witnesses = tuple(_vkey(row, f"$.witnesses[{i}]", notes.COSIGNATURE) for i, row in enumerate(rows))
    quorum = fields["quorum"]
    if not isinstance(quorum, int) or isinstance(quorum, bool) or not 0 <= quorum <= len(witnesses):
        raise _wrong("$.quorum", f"应为 0 至 {len(witnesses)} 的整数", f"should be a number from 0 to {len(witnesses)}")
    if len({witness.public for witness in witnesses}) != len(witnesses):
        raise _wrong("$.witnesses", "同一见证公钥出现两次", "names one witness key twice")
    return Trust(log, witnesses, quorum)


def _proven(value: Any, where: str) -> Proven:
    fields = _fields(value, where, ("index", "leaf", "proof"), ("statement", "outcome"))
    index = fields["index"]
    if index is not None and (not isinstance(index, int) or isinstance(index, bool) or index < 0):
        raise _wrong(f"{where}.index", "应为非负整数", "should be a whole number from 0")
    rows = _list(fields["proof"], f"{where}.proof")
    proven = Proven(
        leaf=_leaf(fields["leaf"], f"{where}.leaf"),
        index=index,
        proof=tuple(_hash(row, f"{where}.proof[{i}]") for i, row in enumerate(rows)),
        statement=_optional_object(fields.get("statement"), f"{where}.statement"),
        outcome=_optional_object(fields.get("outcome"), f"{where}.outcome"),
    )
    if (proven.statement is None) != leaf.holds_statement(proven.leaf):
        raise _wrong(
            f"{where}.statement", "应恰好在叶内只有散列时给出", "belongs exactly where the leaf holds its hash"
        )
    _fields(proven.signed, f"{where}.statement", ("action", "actor", "body", "id"))
    return proven


def _leaf(value: Any, where: str) -> dict[str, Any]:
    fields = _fields(value, where, leaf.FIELDS)
    for name in ("grade", "key", "outcome", "recorded_at", "row", "signature"):
        _text(fields[name], f"{where}.{name}")
    if fields["grade"] not in keys.GRADES:
        raise _wrong(f"{where}.grade", "不是已知的签名等级", "is not a known grade")
    _fields(fields["statement"], f"{where}.statement", (), ("sha256", "action", "actor", "body", "id"))
    return fields


def _fields(value: Any, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(where, "应为 JSON 对象", "should be a JSON object")
    for name in required:
        if name not in value:
            raise _wrong(f"{where}.{name}", "缺失", "is missing")
    for name in value:
        if name not in required and name not in optional:
            raise _wrong(f"{where}.{name}", "不是已知字段", "is not a known field")
    return dict(value)


def _optional_object(value: Any, where: str) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise _wrong(where, "应为 JSON 对象", "should be a JSON object")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > merkle.PROOF_MAX:
        raise _wrong(
            where, f"应为不超过 {merkle.PROOF_MAX} 项的列表", f"should be a list of at most {merkle.PROOF_MAX}"
        )
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, "应为文本", "should be a text")
    return value


def _hash(value: Any, where: str) -> bytes:
    raw = keys.from_text(value) if isinstance(value, str) else None
    if raw is None or len(raw) != merkle.HASH_SIZE:
        raise _wrong(where, "应为 32 字节散列的 Base64", "should be the base64 of a 32-byte hash")
    return raw


def _vkey(value: Any, where: str, type: int) -> notes.Verifier:
    try:
        verifier = notes.Verifier.parse(_text(value, where))
    except Invalid as error:
        raise _wrong(where, f"有误：{error.reason.zh}", f"is wrong: {error.reason.en}") from None
    if verifier.type != type:
        raise _wrong(where, f"签名类型应为 {type}", f"should have signature type {type}")
    return verifier


def _wrong(where: str, zh: str, en: str) -> Invalid:
    return Invalid(
        "receipt.malformed",
        Text(f"{where} {zh}", f"{where} {en}"),
        remedy=Text("请向出具方重新索取原始文件", "Ask whoever gave you the file for the original"),
        where=where,
    )
