"""Results as rows: insert-only, with everything needed to make them again.

A row keeps the method with its version, the day, every input as it was read with their hash, the score, level and
reasons. It is seen by the firm assessed, by whoever assessed it, and by those it was disclosed to; a later result is a
new row. ``status`` is ``incomplete`` where some input was silent: then there is neither score nor level.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jirong.parties.models import Party


class Assessment(models.Model):
    """``because`` is the action in which it was made; ``figures`` are plain decimal strings by name."""

    id = models.UUIDField(primary_key=True)
    subject = models.ForeignKey(Party, models.PROTECT, related_name="+")
    assessor = models.ForeignKey(Party, models.PROTECT, related_name="+")
    method = models.CharField(max_length=80)
    as_of = models.DateField()
    status = models.CharField(max_length=10)
    score = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    level = models.CharField(max_length=16, null=True)  # noqa: DJ001 (no level is not an empty level)
    pd = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    reasons = models.JSONField()
    inputs = models.JSONField()
    inputs_hash = models.CharField(max_length=64)
    figures = models.JSONField()
    verified = models.BooleanField()
    because = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "assessment_result"
        indexes = [
            models.Index(fields=["subject", "method", "-as_of", "-recorded_at"], name="assessment_newest"),
            models.Index(fields=["assessor", "-recorded_at"], name="assessment_by_assessor"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["assessed", "incomplete"]), name="assessment_status"),
            models.CheckConstraint(
                condition=Q(status="assessed", score__isnull=False, level__isnull=False)
                | Q(status="incomplete", score__isnull=True, level__isnull=True, pd__isnull=True),
                name="assessment_no_decision_on_silence",
            ),
            models.CheckConstraint(condition=Q(pd__isnull=True) | Q(pd__gte=0, pd__lte=1), name="assessment_pd"),
        ]


class Disclosure(models.Model):
    """A result shown to another party, in which action."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="disclosures")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    because = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "assessment_disclosure"
        constraints = [models.UniqueConstraint(fields=["assessment", "party"], name="assessment_disclosed_once")]
