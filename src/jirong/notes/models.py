"""A note's header, the offers on its lots, the loans against them, and what happened, step by step.

The lots themselves are claims. A header never changes but in ``status`` and ``outstanding_minor``; an offer and a loan
in their state; a step is insert-only and carries the reasons the engine gave, so that a screen can always show why.
``seen_by`` of header and step grows with the parties a note reaches.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jirong.parties.models import Cluster, Party

PURPOSES = ("transfer", "pledge", "discount")
OFFER_STATES = ("open", "taken", "done", "refused", "withdrawn", "lapsed")


class Note(models.Model):
    """``backings`` is ``[[invoice, minor units], …]``; ``trade`` what the two sides agreed on paying."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="+")
    issuer = models.ForeignKey(Party, models.PROTECT, related_name="+")
    payee = models.ForeignKey(Party, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    unit = models.CharField(max_length=3, default="CNY")
    issued_on = models.DateField()
    due = models.DateField()
    late_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    backings = models.JSONField()
    trade = models.JSONField()
    status = models.CharField(max_length=8)
    outstanding_minor = models.BigIntegerField()
    consent = models.BooleanField(null=True)
    seen_by = ArrayField(models.UUIDField(), default=list)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "notes_note"
        indexes = [
            models.Index(fields=["issuer", "status", "due"], name="notes_by_issuer"),
            models.Index(fields=["due"], condition=Q(status__in=["live", "overdue"]), name="notes_falling_due"),
            GinIndex(fields=["seen_by"], name="notes_seen_by"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="notes_amount_positive"),
            models.CheckConstraint(condition=Q(outstanding_minor__gte=0), name="notes_outstanding"),
        ]

    def __str__(self) -> str:
        return self.number


class Offer(models.Model):
    """An offer of part of a lot to one party; for a pledge also the loan that is asked for, whose ``overdue_rate``
    both sides sign with it.
    """

    id = models.UUIDField(primary_key=True)
    note = models.ForeignKey(Note, models.PROTECT, related_name="offers")
    lot = models.UUIDField()
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    to = models.ForeignKey(Party, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    purpose = models.CharField(max_length=8)
    expires_on = models.DateField()
    backings = models.JSONField(default=list)
    rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    recourse = models.BooleanField(default=False)
    price_minor = models.BigIntegerField(null=True)
    payment = models.UUIDField(null=True)
    loan_minor = models.BigIntegerField(null=True)
    loan_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    overdue_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    state = models.CharField(max_length=10, default="open")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "notes_offer"
        indexes = [
            models.Index(fields=["to", "state", "-recorded_at"], name="notes_offers_to"),
            models.Index(fields=["by", "state", "-recorded_at"], name="notes_offers_by"),
            models.Index(fields=["lot"], name="notes_offers_of_lot"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=PURPOSES), name="notes_offer_purpose"),
            models.CheckConstraint(condition=Q(state__in=OFFER_STATES), name="notes_offer_state"),
        ]


class LotLoan(models.Model):
    """A loan against a pledged lot; its principal and interest are claims under contract ``id``."""

    id = models.UUIDField(primary_key=True)
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="loan")
    lot = models.UUIDField()
    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    borrower = models.ForeignKey(Party, models.PROTECT, related_name="+")
    principal_minor = models.BigIntegerField()
    unit = models.CharField(max_length=3, default="CNY")
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    overdue_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    due = models.DateField()
    status = models.CharField(max_length=8)
    accrued_to = models.DateField(null=True)
    finance = models.JSONField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "notes_lot_loan"
        indexes = [
            models.Index(fields=["lot"], name="notes_loans_of_lot"),
            models.Index(fields=["lender", "status", "due"], name="notes_loans_by_lender"),
        ]


class Step(models.Model):
    """One step the engine took on a note or a loan: by which action, on what day, and why it was allowed."""

    action = models.UUIDField()
    note = models.ForeignKey(Note, models.PROTECT, related_name="steps")
    lot = models.UUIDField(null=True)
    kind = models.CharField(max_length=24)
    by = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    amount_minor = models.BigIntegerField(null=True)
    reasons = models.JSONField()
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "notes_step"
        indexes = [models.Index(fields=["note", "recorded_at"], name="notes_steps")]
