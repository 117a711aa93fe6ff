"""One row a claim, the same fields as ``engine.claims.Claim``.

The database holds what the engine asserts: an amount lies wholly in its five places, a reservation never exceeds what
is outstanding, a pledged claim has no other promise on it. ``contract`` is the contract it belongs to and the key a
cluster's rows are spread by. ``seen_by`` grows and never shrinks: who holds or held the claim or an ancestor of it,
and who was asked to finance it.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from jirong.engine.claims import OPEN_STATES, State

STATES = sorted(state.value for state in State)
OPEN = sorted(state.value for state in OPEN_STATES)


class ClaimRow(models.Model):
    id = models.UUIDField(primary_key=True)
    contract = models.UUIDField()
    kind = models.CharField(max_length=20)
    debtor = models.UUIDField()
    creditor = models.UUIDField()
    amount_minor = models.BigIntegerField()
    outstanding_minor = models.BigIntegerField()
    moved_minor = models.BigIntegerField(default=0)
    settled_minor = models.BigIntegerField(default=0)
    written_off_minor = models.BigIntegerField(default=0)
    voided_minor = models.BigIntegerField(default=0)
    reserved_minor = models.BigIntegerField(default=0)
    unit = models.CharField(max_length=3)
    due = models.DateField()
    state = models.CharField(max_length=12)
    root = models.UUIDField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    tier = models.IntegerField(default=0)
    pledgee = models.UUIDField(null=True)
    recourse = models.UUIDField(null=True)
    background = models.JSONField(default=list)
    frozen_by = models.CharField(max_length=200, blank=True)
    late_from = models.DateField(null=True)
    seen_by = ArrayField(models.UUIDField(), default=list)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "claims_claim"
        indexes = [
            models.Index(fields=["contract"], name="claims_by_contract"),
            models.Index(fields=["root"], name="claims_by_root"),
            models.Index(fields=["creditor", "state", "due"], name="claims_by_creditor"),
            models.Index(fields=["debtor", "state", "due"], name="claims_by_debtor"),
            models.Index(fields=["due"], condition=Q(state__in=["held", "overdue"]), name="claims_falling_due"),
            GinIndex(fields=["seen_by"], name="claims_seen_by"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    amount_minor=F("outstanding_minor")
                    + F("moved_minor")
                    + F("settled_minor")
                    + F("written_off_minor")
                    + F("voided_minor")
                ),
                name="claims_amount_conserved",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0)
                & Q(outstanding_minor__gte=0)
                & Q(moved_minor__gte=0)
                & Q(settled_minor__gte=0)
                & Q(written_off_minor__gte=0)
                & Q(voided_minor__gte=0)
                & Q(reserved_minor__gte=0),
                name="claims_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(reserved_minor__lte=F("outstanding_minor")), name="claims_reserved_within"
            ),
            models.CheckConstraint(
                condition=Q(pledgee__isnull=True) | Q(reserved_minor=0), name="claims_pledged_not_promised"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="claims_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, outstanding_minor__gt=0) | (~Q(state__in=OPEN) & Q(outstanding_minor=0)),
                name="claims_open_while_outstanding",
            ),
        ]
