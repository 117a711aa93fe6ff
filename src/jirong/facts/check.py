"""``jirong facts check``: every document derived again from its own words, and every batch from what the log holds.

A fact keeps what was said (``values``) beside what is looked up by (kind, number, day, amount) and a digest of it all.
The digest and the columns must follow from the values; the batch's file hash must be the one that its entry in the log
names. Whoever alters one of them is found by row; whoever alters all of them still meets the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from jirong.facts import kinds, reading
from jirong.facts.models import Batch, Fact
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log.check_entries import Finding
from jirong.log.models import Entry
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import canonical

CHUNK = 2000


def check() -> list[Finding]:
    """Everything that does not follow, as the house; empty when all does."""
    with acting_as(SYSTEM), transaction.atomic():
        return [*_facts(), *_batches()]


def _facts() -> Iterator[Finding]:
    for fact in _stored():
        wrong = _wrong(fact)
        if wrong:
            yield Finding(
                "facts_fact",
                str(fact.pk),
                Text(
                    f"facts_fact {fact.pk}：{fact.kind} {fact.key} 的“{wrong}”与其内容不符",
                    f"facts_fact {fact.pk}: “{wrong}” of {fact.kind} {fact.key} does not follow from what it says",
                ),
            )


def _stored() -> Iterable[Fact]:
    return Fact.objects.order_by("pk").iterator(chunk_size=CHUNK)


def _wrong(fact: Fact) -> str | None:
    """The first column that differs from what the values say."""
    kind = kinds.KINDS.get(fact.kind)
    if kind is None:
        return "kind"
    said = _derived(kind, fact.values)
    kept = {
        "digest": fact.digest, "key": fact.key, "on": fact.on.isoformat(), "order_no": fact.order_no,
        "amount_minor": fact.amount_minor,
    }  # fmt: skip
    return next((name for name, value in said.items() if kept[name] != value), None)


def _derived(kind: kinds.FactKind, values: dict[str, Any]) -> dict[str, Any]:
    given = values.get(kind.amount) if kind.amount else None
    try:
        amount = Money.parse(str(given)).minor if given is not None else None
    except Refusal:
        amount = None
    return {
        "digest": reading.digest(kind, values),
        "key": values.get(kind.key),
        "on": values.get(kind.on),
        "order_no": values.get("order_no", ""),
        "amount_minor": amount,
    }


def _batches() -> Iterator[Finding]:
    """A batch whose hash its log entry does not vouch for. What a loader brought has no entry of its own."""
    for batch in Batch.objects.order_by("pk").iterator(chunk_size=CHUNK):
        entry = Entry.objects.filter(pk=batch.pk).first()
        if entry is not None and not is_vouched(batch, entry):
            yield Finding(
                "facts_batch",
                str(batch.pk),
                Text(
                    f"facts_batch {batch.pk}：散列与日志所载的内容不符",
                    f"facts_batch {batch.pk}: its hash is not that of what the log holds",
                ),
            )


def is_vouched(batch: Batch, entry: Entry) -> bool:
    """Rows that were pushed stand in the statement; of a file the statement names the hash; a correction is one row."""
    body = canonical.parse(entry.statement)["body"]
    if "rows" in body:
        return bool(canonical.digest(body["rows"]) == batch.sha256)
    if entry.action == "facts.correct":
        return Fact.objects.filter(batch=batch, digest=batch.sha256).exists()
    return batch.sha256 in entry.statement or batch.sha256 in str(entry.outcome)
