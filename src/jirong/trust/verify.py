"""Checking a receipt offline, step by step, against nothing but a trust file.

The walk goes from the action outwards: the statement, what it answered, the key's registration, the signature, the
log's signature on the checkpoint, both leaves under its root, and the witnesses. Every step says what it found in
Chinese and English and names the field it looked at; a later step is still walked when an earlier one failed, so
that the reader sees the whole picture. What the receipt says of itself is never believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text
from jirong.trust import canonical, checkpoint, keys, leaf, merkle, notes
from jirong.trust.receipt import Proven, Receipt, Trust, parse

State = Literal["ok", "pending", "failed"]
REGISTRATIONS = ("key.register", "party.register")
"""The actions that register a key. Their outcome names ``key``, ``public`` (base64) and ``custody``, and ``party``
where that is not the actor itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """One check: a stable ``code``, its ``state``, what was found, and the field (``$.entry.proof``) it rests on."""

    code: str
    state: State
    text: Text
    where: str

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "state": self.state, "text": self.text.as_dict(), "where": self.where}


@dataclass(frozen=True, slots=True)
class Verdict:
    """All steps, and what they amount to. ``grade`` and ``size`` (leaves under the checkpoint) if readable."""

    steps: tuple[Step, ...]
    grade: str | None = None
    size: int | None = None

    @property
    def state(self) -> State:
        """``failed`` if any step failed, else ``pending`` if any still waits, else ``ok``."""
        states = {step.state for step in self.steps}
        return "failed" if "failed" in states else "pending" if "pending" in states else "ok"

    @property
    def ok(self) -> bool:
        return self.state == "ok"

    @property
    def failures(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.state == "failed")

    def as_dict(self) -> dict[str, Any]:
        steps = [step.as_dict() for step in self.steps]
        return {"grade": self.grade, "ok": self.ok, "size": self.size, "state": self.state, "steps": steps}


def verify(data: bytes, trust: Trust) -> Verdict:
    """Walk the receipt in ``data``; never raises for anything the file may hold."""
    try:
        receipt = parse(data)
    except Refusal as error:
        return Verdict((Step("format", "failed", error.reason, error.where or "$"),))
    head = _head(receipt)
    steps = (
        Step("format", "ok", Text("文件完整可读", "The file is whole and readable"), "$"),
        *_entry(receipt.entry),
        *_key(receipt),
        *_log(receipt, head, trust),
        *_witnesses(head, trust),
    )
    size = head.checkpoint.size if isinstance(head, _Head) else None
    return Verdict(steps, receipt.entry.leaf["grade"], size)


@dataclass(frozen=True, slots=True)
class _Head:
    note: notes.Note
    checkpoint: checkpoint.Checkpoint


def _head(receipt: Receipt) -> _Head | Text | None:
    """The checkpoint of the receipt, what is wrong with it, or ``None`` while there is none."""
    if receipt.checkpoint is None:
        return None
    try:
        note = notes.parse(receipt.checkpoint)
        return _Head(note, checkpoint.parse(note.text))
    except Invalid as error:
        return error.reason


def _entry(entry: Proven) -> Iterator[Step]:
    """The leaf binds statement and outcome: by holding them, or by their hashes."""
    yield _statement(entry, "$.entry")
    if entry.outcome is not None:
        yield _outcome(entry, "$.entry")


def _statement(proven: Proven, where: str) -> Step:
    fits = proven.statement is None or proven.leaf["statement"] == {"sha256": canonical.digest(proven.statement)}
    action, actor = proven.signed["action"], proven.signed["actor"] or "–"
    return _step(
        "statement",
        fits,
        Text(f"操作 {action}，操作方 {actor}", f"Action {action} by {actor}"),
        Text("操作内容与日志中的散列不符", "The statement does not have the hash the log holds"),
        f"{where}.statement" if proven.statement else f"{where}.leaf.statement",
    )


def _outcome(proven: Proven, where: str) -> Step:
    return _step(
        "outcome",
        proven.leaf["outcome"] == canonical.digest(proven.outcome),
        Text("结果与日志中的散列一致", "The outcome has the hash the log holds"),
        Text("结果与日志中的散列不符", "The outcome does not have the hash the log holds"),
        f"{where}.outcome",
    )


KEPT = Text("平台代管密钥（等级较低）", "a key the platform keeps (weaker)")
OWNERS = {
    (True, True): Text(
        "本单位自有密钥；登记载明由其先前的自有密钥签署",
        "the party's own key; its registration says that an own key of before signed it",
    ),
    (True, False): Text(
        "本单位自有密钥；登记时尚由平台代管的密钥签署，请向对方核对密钥编号",
        "the party's own key; a key the platform keeps signed its registration, so compare the key's id with the party",
    ),
    (False, False): KEPT,
    (False, True): KEPT,
}
"""Whose key it is: by whether it is the party's own, and whether the party's own key registered it."""


def _key(receipt: Receipt) -> Iterator[Step]:
    """The signature, by a key that its own logged registration gives to the actor in the grade claimed."""
    entry, grade = receipt.entry, receipt.entry.leaf["grade"]
    if grade == keys.SYSTEM:
        yield _unsigned(receipt)
        return
    if receipt.registration is None:
        missing = Text("缺少签名密钥的登记", "The registration of the signing key is missing")
        yield Step("key", "pending" if receipt.checkpoint is None else "failed", missing, "$.registration")
        return
    if receipt.registration.statement:
        yield _statement(receipt.registration, "$.registration")
    if receipt.registration.outcome:
        yield _outcome(receipt.registration, "$.registration")
    wrong = _registration_fault(entry, receipt.registration)
    owner = OWNERS[grade == keys.OWN, receipt.registration.leaf["grade"] == keys.OWN]
    good = Text("签名密钥已登记：{owner}", "The signing key is registered: {owner}").format(owner=owner)
    yield Step("key", "failed" if wrong else "ok", wrong[0] if wrong else good, wrong[1] if wrong else "$.registration")
    public, signature = _public(receipt.registration), keys.from_text(entry.leaf["signature"])
    yield _step(
        "signature",
        keys.verify(public or b"", signature or b"", canonical.encode(entry.signed)),
        Text("签名有效", "The signature is valid"),
        Text("签名与操作内容或密钥不符", "The signature does not fit the statement or the key"),
        "$.entry.leaf.signature, $.entry.leaf.statement",
    )


def _unsigned(receipt: Receipt) -> Step:
    entry = receipt.entry
    bare = not (entry.leaf["signature"] or entry.leaf["key"] or entry.signed["actor"] or receipt.registration)
    return _step(
        "signature",
        bare,
        Text("系统自身的操作，没有任何一方签名", "An action of the house's own machinery; no party signed it"),
        Text("系统操作不应带有操作方或签名", "An action of the machinery should name no actor and no signature"),
        "$.entry.leaf.grade",
    )


def _registration_fault(entry: Proven, registration: Proven) -> tuple[Text, str] | None:
    """What is wrong with the registration as the source of the entry's key, and in which field."""
    named = registration.outcome or {}
    public = _public(registration)
    if registration.signed["action"] not in REGISTRATIONS or public is None:
        return Text("这不是密钥登记", "This is not the registration of a key"), "$.registration.outcome"
    if keys.key_id(public) != entry.leaf["key"]:
        return Text("登记的公钥不是签名所用密钥", "The registered key is not the one that signed"), "$.entry.leaf.key"
    if named.get("key") != entry.leaf["key"]:
        return Text("登记的密钥编号不符", "The registered key id differs"), "$.registration.outcome.key"
    if named.get("party", registration.signed["actor"]) != entry.signed["actor"]:
        return Text("密钥登记在另一方名下", "The key is registered to another party"), "$.entry.leaf.statement.actor"
    if named.get("custody") != entry.leaf["grade"]:
        return Text("签名等级与登记不符", "The grade is not the registered one"), "$.entry.leaf.grade"
    later = None not in (entry.index, registration.index) and (registration.index or 0) > (entry.index or 0)
    return (
        (Text("密钥在签名之后才登记", "The key was registered after it signed"), "$.registration.index")
        if later
        else None
    )


def _public(registration: Proven) -> bytes | None:
    """The 32 bytes of the key a registration names."""
    raw = keys.from_text(str((registration.outcome or {}).get("public", "")))
    return raw if raw is not None and len(raw) == keys.PUBLIC_SIZE else None


def _log(receipt: Receipt, head: _Head | Text | None, trust: Trust) -> Iterator[Step]:
    """The checkpoint is the trusted log's, and both leaves lie under its root."""
    if head is None:
        waiting = Text(
            "尚未写入检查点，请稍后重新索取凭据", "Not yet under a checkpoint; ask for the receipt again later"
        )
        yield Step("log", "pending", waiting, "$.checkpoint")
        return
    if isinstance(head, Text):
        yield Step("log", "failed", head, "$.checkpoint")
        return
    yield _step(
        "log",
        head.checkpoint.origin == trust.log.name and notes.signed_by(head.note, trust.log),
        Text(
            f"检查点由日志 {trust.log.name} 签名，共 {head.checkpoint.size} 条",
            f"The log {trust.log.name} signed the checkpoint of {head.checkpoint.size} entries",
        ),
        Text("检查点没有所信任日志的有效签名", "The checkpoint has no valid signature of the trusted log"),
        "$.checkpoint",
    )
    yield _inclusion("inclusion", receipt.entry, head.checkpoint, "$.entry")
    if receipt.registration:
        yield _inclusion("registration", receipt.registration, head.checkpoint, "$.registration")


def _inclusion(code: str, proven: Proven, head: checkpoint.Checkpoint, where: str) -> Step:
    hash = merkle.leaf_hash(leaf.encode(proven.leaf))
    index = proven.index
    return _step(
        code,
        index is not None and merkle.includes(index, head.size, hash, proven.proof, head.root),
        Text(f"第 {index} 条在检查点之内", f"Entry {index} is under the checkpoint"),
        Text("从该条目出发的证明到不了检查点的根", "The proof does not lead from this leaf to the checkpoint's root"),
        f"{where}.leaf, {where}.index, {where}.proof",
    )


def _witnesses(head: _Head | Text | None, trust: Trust) -> Iterator[Step]:
    """Enough witnesses have cosigned; a line that claims to be a known witness's and is false spoils the receipt."""
    if not isinstance(head, _Head):
        return
    claimed = [w for w in trust.witnesses if any(w.made(line) for line in head.note.signatures)]
    false = [w.name for w in claimed if checkpoint.cosigned_at(head.note, w) is None]
    if false:
        names = ", ".join(false)
        yield Step("witnesses", "failed", Text(f"见证签名无效：{names}", f"False cosignature: {names}"), "$.checkpoint")
        return
    names = ", ".join(w.name for w in claimed) or "–"
    found = Text(
        f"见证 {len(claimed)} 份，要求 {trust.quorum} 份：{names}",
        f"{len(claimed)} cosignatures, {trust.quorum} asked: {names}",
    )
    yield Step("witnesses", "ok" if len(claimed) >= trust.quorum else "pending", found, "$.checkpoint")


def _step(code: str, holds: bool, good: Text, bad: Text, where: str) -> Step:
    return Step(code, "ok" if holds else "failed", good if holds else bad, where)
