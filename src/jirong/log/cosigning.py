"""Asking witnesses to cosign the newest checkpoint (the client of C2SP tlog-witness).

Each witness is asked with a consistency proof from the last head it is known to have cosigned; one that remembers
another head says so (409) and is asked once more from there. An answer is kept only after its signature was checked.
A witness that does not answer is left alone for a while, and the log goes on without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text
from jirong.log import authority
from jirong.log import tiles as stored
from jirong.log.actions import action
from jirong.log.check_entries import Finding, row
from jirong.log.models import Checkpoint, Cosignature, Witness
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.trust import checkpoint, keys, merkle, notes

TIMEOUT_SECONDS = 2.0
PAUSE_SECONDS = (1.0, 60.0)
"""How long a witness that failed is left alone: the first time, and at most; each failure in a row doubles it."""
ANSWER_BYTES_MAX = 64 * 1024

# Witnesses are neighbours: no proxy of the environment comes between.
_http = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@action("log.add_witness", Text("增加见证人", "Add a witness"), public=False)
def add_witness(*, actor: Actor, id: uuid.UUID, vkey: str, url: str) -> dict[str, Any]:
    """Ask the witness with verifier key ``vkey`` (type 4, cosignature/v1) at ``url`` from the next checkpoint on."""
    verifier = notes.Verifier.parse(vkey)
    if verifier.type != notes.COSIGNATURE:
        raise _unfit("vkey", "应为见证公钥（类型 4）", "should be a cosignature key (type 4)")
    if not url.startswith(("http://", "https://")):
        raise _unfit("url", "应以 http:// 或 https:// 开头", "should begin with http:// or https://")
    if Witness.objects.filter(vkey=vkey).exists():
        raise _unfit("vkey", "该见证人已登记", "is a witness already")
    Witness.objects.create(id=id, vkey=vkey, url=url.rstrip("/"))
    return {"witness": verifier.name}


@dataclass
class Patience:
    """Which witnesses failed lately: how long each is left alone, and until when (monotonic seconds)."""

    until: dict[uuid.UUID, float] = field(default_factory=dict)
    pause: dict[uuid.UUID, float] = field(default_factory=dict)

    def ask(self) -> list[str]:
        """Ask every witness that owes the newest checkpoint its line; one sentence for each that failed twice."""
        failures = []
        for witness, newest in _owing():
            if self.until.get(witness.pk, 0) > time.monotonic():
                continue
            failure = ask(witness, newest)
            if failure is None:
                self.pause.pop(witness.pk, None)
            elif self._leave_alone(witness.pk):
                failures.append(f"{witness.url}: {failure}")
        return failures

    def _leave_alone(self, witness: uuid.UUID) -> bool:
        """Give ``witness`` a longer rest than the last one; whether it failed for the second time in a row.

        Once is nothing: it may be starting, as this process is.
        """
        before = self.pause.get(witness, 0.0)
        self.pause[witness] = min(2 * before, PAUSE_SECONDS[1]) or PAUSE_SECONDS[0]
        self.until[witness] = time.monotonic() + self.pause[witness]
        return before == PAUSE_SECONDS[0]


def ask_all() -> list[str]:
    """Ask every witness once for the newest checkpoint; one sentence a failure."""
    asked = ((witness, ask(witness, newest)) for witness, newest in _owing())
    return [f"{witness.url}: {failure}" for witness, failure in asked if failure]


def ask(witness: Witness, newest: Checkpoint) -> str | None:
    """Have ``witness`` cosign ``newest`` and keep its line; the reason if it did not."""
    known = Cosignature.objects.filter(witness=witness).order_by("-checkpoint").first()
    old = known.checkpoint_id if known else 0
    try:
        status, answer = _post(witness, newest, old)
        if status == 409:
            status, answer = _post(witness, newest, int(answer))
        if status != 200:
            return f"{status} {answer.strip()}"
        return _keep(witness, newest, answer)
    except (OSError, ValueError) as error:
        return str(error)


def compare_with_witnesses() -> list[Finding]:
    """Ask each witness for the last head it cosigned and hold it against this log; runs in the caller's transaction.

    A witness that cannot be reached is no finding: it has said nothing.
    """
    findings = []
    newest = stored.head()
    for witness in Witness.objects.order_by("vkey"):
        with contextlib.suppress(OSError, ValueError):
            fault = _compare(witness, newest.size if newest else 0)
            if fault:
                findings.append(row("log_witness", witness.pk, fault.zh, fault.en))
    return findings


def _compare(witness: Witness, size: int) -> Text | None:
    """How the head that ``witness`` remembers contradicts this log, if it does."""
    verifier, log = notes.Verifier.parse(witness.vkey), authority.verifier()
    origin = hashlib.sha256(log.name.encode()).hexdigest()
    with _http.open(f"{witness.url}/{origin}/checkpoint", timeout=TIMEOUT_SECONDS) as response:
        note = notes.parse(response.read(ANSWER_BYTES_MAX).decode())
    head = checkpoint.parse(note.text)
    if checkpoint.cosigned_at(note, verifier) is None or not notes.signed_by(note, log):
        return None  # not a head this log signed and this witness saw: it proves nothing
    if head.size > size:
        return Text(f"见证过 {head.size} 条，多于现有 {size} 条", f"has cosigned {head.size} entries, here are {size}")
    if head.root != merkle.root(stored.nodes(head.size), head.size):
        return Text(f"前 {head.size} 条与所见证的不同", f"cosigned another history of the first {head.size} entries")
    return None


def _owing() -> list[tuple[Witness, Checkpoint]]:
    newest = stored.head()
    if newest is None:
        return []
    return [(witness, newest) for witness in Witness.objects.exclude(cosignatures__checkpoint=newest)]


def _post(witness: Witness, newest: Checkpoint, old: int) -> tuple[int, str]:
    """One ``add-checkpoint`` request: status and text of the answer."""
    if old > newest.size:
        raise ValueError(f"the witness has seen {old} entries, this log has {newest.size}: it was set back")
    with acting_as(SYSTEM), transaction.atomic():
        proof = merkle.consistency_proof(stored.nodes(newest.size), old, newest.size)
    lines = [f"old {old}", *map(keys.to_text, proof), "", newest.note]
    request = urllib.request.Request(f"{witness.url}/add-checkpoint", "\n".join(lines).encode(), method="POST")  # noqa: S310 add_witness admits http only
    try:
        with _http.open(request, timeout=TIMEOUT_SECONDS) as response:
            return response.status, response.read(ANSWER_BYTES_MAX).decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(ANSWER_BYTES_MAX).decode()


def _keep(witness: Witness, newest: Checkpoint, answer: str) -> str | None:
    """Store the witness's line if it is true; lines of other keys are ignored."""
    verifier = notes.Verifier.parse(witness.vkey)
    try:
        lines = [signature for signature in notes.parse_signatures(answer) if verifier.made(signature)]
    except Refusal as error:
        return error.reason.en
    note = notes.parse(newest.note)
    if not lines or checkpoint.cosigned_at(notes.Note(note.text, (lines[0],)), verifier) is None:
        return "the answer is not this witness's cosignature"
    Cosignature.objects.bulk_create(
        [Cosignature(checkpoint=newest, witness=witness, line=lines[0].line)], ignore_conflicts=True
    )
    return None


def _unfit(where: str, zh: str, en: str) -> Invalid:
    return Invalid("witness.unfit", Text(f"{where} {zh}", f"{where} {en}"), where=where)
