"""The log's rows: one entry an action, insert-only, kept as the exact bytes that were signed.

``statement`` is canonical JSON (RFC 8785) of ``{"action", "actor", "body", "id"}``; personal values in it are salted
hashes whose salts live in ``log_salt`` alone, so that erasing a salt makes the value unrecoverable without breaking
any proof. ``outcome`` is what the action answered, kept to answer a repetition. Who may read an entry: the actor, the
parties it concerns or was disclosed to, and the platform's own machinery.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from jirong.log.tree_models import Checkpoint, Cosignature, Leaf, Queued, Registration, Tile, Witness

__all__ = ["Checkpoint", "Cosignature", "Entry", "Leaf", "Queued", "Registration", "Salt", "Tile", "Witness"]


class Entry(models.Model):
    id = models.UUIDField(primary_key=True)
    serial = models.BigIntegerField(unique=True, editable=False, db_default=models.Value(0))
    action = models.CharField(max_length=80)
    actor = models.UUIDField(null=True)
    user = models.BigIntegerField(null=True)
    statement = models.TextField()
    signature = models.TextField(blank=True)
    key = models.CharField(max_length=64, blank=True)
    grade = models.CharField(max_length=8)
    outcome = models.TextField()
    concerns = ArrayField(models.UUIDField(), default=list)
    business_date = models.DateField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "log_entry"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(grade__in=["own", "platform", "system"]), name="log_entry_grade_known"
            ),
            models.CheckConstraint(
                condition=models.Q(grade="system") | (~models.Q(signature="") & ~models.Q(key="")),
                name="log_entry_signed_unless_system",
            ),
        ]
        indexes = [models.Index(fields=["actor", "-recorded_at"], name="log_entry_by_actor")]


class Disclosure(models.Model):
    """An entry shown to a party it did not concern (a funder asked to finance what it proves), by which action."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="disclosures")
    party = models.UUIDField()
    because = models.UUIDField()

    class Meta:
        db_table = "log_disclosure"
        constraints = [models.UniqueConstraint(fields=["entry", "party"], name="log_disclosed_once")]


class Salt(models.Model):
    """What makes a personal value in a statement checkable; deleting the row erases the value."""

    entry = models.UUIDField()
    path = models.CharField(max_length=200)
    salt = models.CharField(max_length=64)

    class Meta:
        db_table = "log_salt"
        constraints = [models.UniqueConstraint(fields=["entry", "path"], name="log_salt_once")]
