"""What goes on beside the loan: entitlements of a scheme's other parties, its triggers as they stand, calls made.

An entitlement and a watch are counters and a state that move; what happened to them is told by the contract's steps, by
claims and by the ledger. A call is made once and answered once.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jirong.parties.models import Party

ENTITLED_TO = ("income", "subsidy")
WATCH_STANDINGS = ("quiet", "firing", "unknown")


class Entitlement(models.Model):
    """What clause ``place`` of the scheme's ``what`` gives ``creditor`` from ``debtor`` for one loan.

    ``basis`` is what was counted so far (minor units; times days for a balance, counted up to ``counted_to``);
    ``lost_minor`` what an empty budget did not cover. Its claims stand under its own id.
    """

    id = models.UUIDField(primary_key=True)
    policy = models.ForeignKey("financing.Policy", models.PROTECT, related_name="entitlements")
    contract = models.ForeignKey("financing.Contract", models.PROTECT, related_name="entitlements")
    loan = models.UUIDField()
    what = models.CharField(max_length=8)
    place = models.SmallIntegerField()
    debtor = models.ForeignKey(Party, models.PROTECT, related_name="+")
    creditor = models.ForeignKey(Party, models.PROTECT, related_name="+")
    basis = models.BigIntegerField(default=0)
    accrued_minor = models.BigIntegerField(default=0)
    lost_minor = models.BigIntegerField(default=0)
    counted_to = models.DateField()
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_entitlement"
        indexes = [
            models.Index(fields=["loan"], name="financing_entitled_loan"),
            models.Index(fields=["policy", "what", "place", "creditor"], name="financing_entitled"),
            models.Index(fields=["debtor", "-recorded_at"], name="financing_entitling"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["loan", "what", "place"], name="financing_entitled_once"),
            models.CheckConstraint(condition=Q(what__in=ENTITLED_TO), name="financing_entitled_what"),
            models.CheckConstraint(
                condition=Q(basis__gte=0, accrued_minor__gte=0, lost_minor__gte=0), name="financing_entitled_counts"
            ),
        ]


class Watch(models.Model):
    """How trigger ``place`` of the contract's scheme stands, since when, and the answers of its tests on ``on``.

    ``froze``: it is this trigger that froze drawing, so its end may lift it; a lender's own freeze it never lifts.
    ``moved``: by how much it moved the rate of each loan, which its end takes back.
    """

    contract = models.ForeignKey("financing.Contract", models.PROTECT, related_name="watches")
    place = models.SmallIntegerField()
    standing = models.CharField(max_length=8)
    since = models.DateField()
    on = models.DateField()
    froze = models.BooleanField(default=False)
    moved = models.JSONField(default=dict)
    answers = models.JSONField()
    action = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_watch"
        constraints = [
            models.UniqueConstraint(fields=["contract", "place"], name="financing_watched_once"),
            models.CheckConstraint(condition=Q(standing__in=WATCH_STANDINGS), name="financing_watch_standing"),
        ]


class Call(models.Model):
    """A trigger calls upon ``party`` (the scheme's ``name``) to do something by ``due``: top up, report, repay at once.

    ``done_on``: when it was answered, or when what it threatened was done.
    """

    id = models.UUIDField(primary_key=True)
    contract = models.ForeignKey("financing.Contract", models.PROTECT, related_name="calls")
    place = models.SmallIntegerField()
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    to = models.CharField(max_length=16)
    on = models.DateField()
    due = models.DateField()
    done_on = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)
    action = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_call"
        indexes = [
            models.Index(fields=["contract", "-recorded_at"], name="financing_calls"),
            models.Index(fields=["party", "due"], condition=Q(done_on__isnull=True), name="financing_calls_open"),
        ]
