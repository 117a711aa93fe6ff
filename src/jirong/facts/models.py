"""Facts as rows: insert-only, with their source, and never merged.

One row is one source's statement of one document or observation. ``digest`` is over the content (kind, subject,
counterparty, key, values), so the same file twice adds nothing; two sources saying the same of one document are two
rows with one digest, which is what a match looks for. A correction is a new row naming the one it ``corrects``.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jirong.parties.models import Party


class Batch(models.Model):
    """One file or push: what came, from whom, and what was refused of it."""

    id = models.UUIDField(primary_key=True)
    source = models.ForeignKey(Party, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    added = models.IntegerField()
    known = models.IntegerField()
    refused = models.JSONField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "facts_batch"


class Fact(models.Model):
    """``on`` is the date the fact is about (event time), ``recorded_at`` when the house learnt it (record time)."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=40)
    subject = models.ForeignKey(Party, models.PROTECT, related_name="+")
    counterparty = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey(Party, models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    order_no = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    amount_minor = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=3, default="CNY")
    values = models.JSONField()
    digest = models.CharField(max_length=64)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="facts")
    line = models.IntegerField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "facts_fact"
        indexes = [
            models.Index(fields=["subject", "kind", "on"], name="facts_by_subject"),
            models.Index(fields=["counterparty", "kind", "on"], name="facts_by_counterparty"),
            models.Index(fields=["subject", "order_no"], condition=~Q(order_no=""), name="facts_by_order"),
            models.Index(fields=["kind", "key"], name="facts_by_key"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="facts_said_once"),
            models.UniqueConstraint(fields=["corrects"], name="facts_corrected_once"),
        ]


class Disclosure(models.Model):
    """A document shown to a party outside the trade (a funder asked to finance it), by which action and why."""

    fact = models.ForeignKey(Fact, models.PROTECT, related_name="disclosures")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    because = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "facts_disclosure"
        constraints = [models.UniqueConstraint(fields=["fact", "party"], name="facts_disclosed_once")]
