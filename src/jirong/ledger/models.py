"""The ledger's rows, for reading. The tables, their constraints and everything that writes them are SQL (``sql/``).

An account's four counters change only inside the posting functions; journals and transfers are insert-only. Amounts
and counters are minor units of the account's unit.
"""

from __future__ import annotations

from django.db import models


class Account(models.Model):
    """A heading (``shards`` > 0) has no entries of its own; its sub-accounts name it as ``parent``."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True)
    book = models.TextField()
    unit = models.TextField()
    owner_id = models.UUIDField(null=True)
    bound = models.TextField()
    allowance_minor = models.BigIntegerField()
    closed = models.BooleanField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="sub_accounts")
    shard = models.SmallIntegerField(null=True)
    shards = models.SmallIntegerField()
    entries = models.BigIntegerField()
    debits_pending = models.BigIntegerField()
    debits_posted = models.BigIntegerField()
    credits_pending = models.BigIntegerField()
    credits_posted = models.BigIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_account"


class JournalRow(models.Model):
    id = models.UUIDField(primary_key=True)
    event_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    business_date = models.DateField()
    size = models.IntegerField()
    reason = models.TextField(blank=True)
    subject_id = models.UUIDField(null=True)

    class Meta:
        db_table = "ledger_journal"


class TransferRow(models.Model):
    """``position`` numbers transfers as recorded; for one account its order is the order of commits.

    ``kind`` is a number of ``journal.KINDS``.
    """

    id = models.UUIDField(primary_key=True)
    journal = models.ForeignKey(JournalRow, models.PROTECT, related_name="transfers", db_constraint=False)
    debit_account = models.ForeignKey(Account, models.PROTECT, related_name="debits", db_constraint=False)
    credit_account = models.ForeignKey(Account, models.PROTECT, related_name="credits", db_constraint=False)
    amount_minor = models.BigIntegerField()
    position = models.BigIntegerField()
    ordinal = models.IntegerField()
    kind = models.SmallIntegerField()
    pending_id = models.UUIDField(null=True)
    reverses_id = models.UUIDField(null=True)

    class Meta:
        db_table = "ledger_transfer"


class Reservation(models.Model):
    """What became of a ``reserve`` transfer (same id); open while posted and voided do not reach the amount."""

    id = models.UUIDField(primary_key=True)
    amount_minor = models.BigIntegerField()
    posted_minor = models.BigIntegerField()
    voided_minor = models.BigIntegerField()

    class Meta:
        db_table = "ledger_reservation"

    @property
    def left_minor(self) -> int:
        return self.amount_minor - self.posted_minor - self.voided_minor
