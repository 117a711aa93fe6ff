"""Facts as rows: insert-only, with their source, and never merged.

One row is one source's statement of one document or observation. ``digest`` is over the content (kind, subject,
counterparty, key, values), so the same file twice adds nothing; two sources saying the same of one document are two
rows with one digest, which is what a match looks for. A correction is a new row naming the one it ``corrects``.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateRangeField
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
            models.UniqueConstraint(
                fields=["source", "digest"], condition=Q(corrects__isnull=True), name="facts_said_once"
            ),
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


class Dispute(models.Model):
    """A side's word that what a source stated is wrong; until it is answered, what rests on it is contradictory."""

    id = models.UUIDField(primary_key=True)
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="disputes")
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "facts_dispute"
        constraints = [models.UniqueConstraint(fields=["fact", "by"], name="facts_disputed_once")]


class DisputeAnswer(models.Model):
    """How a dispute ended: the source corrected (``correction``) or upheld its statement, or the side took it back."""

    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="answer")
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=300, blank=True)
    correction = models.ForeignKey(Fact, models.PROTECT, null=True, related_name="+")
    because = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "facts_dispute_answer"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="corrected", correction__isnull=False)
                | Q(outcome__in=["upheld", "withdrawn"], correction__isnull=True),
                name="facts_dispute_outcome",
            )
        ]


class SourceRight(models.Model):
    """A third source (tax office, court, shop platform) that may state facts of ``kinds`` about anybody: the operator
    registers the licence or mandate it rests on. Without one, a third source needs the subject's consent.
    """

    id = models.UUIDField(primary_key=True)
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    kinds = ArrayField(models.CharField(max_length=40))
    licence = models.CharField(max_length=200)
    valid = DateRangeField()
    withdrawn_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "facts_source_right"


class Pull(models.Model):
    """A page a connector brought, and the cursor to go on from; insert-only, the latest ``number`` counts."""

    number = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Party, models.PROTECT, related_name="+")
    connector = models.CharField(max_length=60)
    cursor = models.CharField(max_length=500)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="pulls")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "facts_pull"
        indexes = [models.Index(fields=["source", "connector", "-number"], name="facts_pull_latest")]


class Following(models.Model):
    """A connector of the settings: when it ran, what came, why it failed or set a file aside, when it runs next."""

    name = models.CharField(primary_key=True, max_length=60)
    source = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    last_run = models.DateTimeField()
    next_run = models.DateTimeField()
    added = models.IntegerField()
    set_aside = models.IntegerField()
    error = models.JSONField(null=True)

    class Meta:
        db_table = "facts_following"


class Tally(models.Model):
    """What features count of facts: narrow, typed, insert-only, so that any past moment can be counted again.

    Rows of flows alone are added up by batch, subject, day and label; a kind with levels keeps a row a document, ``key``
    naming it, or in a state kind the thing it is about. A document several sources state is counted once; ``disputes`` counts those who say otherwise.
    A correction adds the old row with its sign turned and the new one. ``a`` to ``d`` are millionths; a figure is null
    where the documents of the row did not give it.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="tallies")
    subject = models.ForeignKey(Party, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    on = models.DateField()
    key = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=60, blank=True)
    count = models.IntegerField()
    disputes = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0, null=True)
    a = models.BigIntegerField(default=0, null=True)
    b = models.BigIntegerField(default=0, null=True)
    c = models.BigIntegerField(default=0, null=True)
    d = models.BigIntegerField(default=0, null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "facts_tally"
        indexes = [
            models.Index(
                fields=["subject", "kind", "on"],
                include=["recorded_at", "key", "label", "count", "disputes", "amount", "a", "b", "c", "d", "id"],
                name="facts_tally_by_subject",
            ),
        ]
