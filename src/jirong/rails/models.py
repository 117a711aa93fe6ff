"""Payment instructions, their legs, and what the bank answered.

An instruction is one order of a payer to its bank with one leg a payee. Instructed is pending in the cash mirror,
confirmed is posted, rejected is voided; what the bank has not answered stays ``instructed`` for ever, never void by
timeout. Confirmations are insert-only and name the bank's own reference, which a bank gives out once. A batch is what
one party collects through one bank on a day: each of its instructions has its own answer.

``SandboxAccount`` is the balance of an account at a bank that exists only here: the sandbox stands in for a bank's
system in demonstrations and tests, and is used by nothing else.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jirong.kernel.text import Text
from jirong.parties.models import BankAccount, Party

STATES = ("instructed", "paid", "rejected")


class Batch(models.Model):
    """Payments of many payers at one ``bank``, ordered together by whoever collects them; never changed."""

    id = models.UUIDField(primary_key=True)
    collector = models.ForeignKey(Party, models.PROTECT, related_name="+")
    bank = models.ForeignKey(Party, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40)
    items = models.IntegerField()
    total_minor = models.BigIntegerField()
    unit = models.CharField(max_length=3, default="CNY")
    business_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rails_batch"
        indexes = [
            models.Index(fields=["bank", "-recorded_at"], name="rails_batches_of_bank"),
            models.Index(fields=["collector", "-recorded_at"], name="rails_batches_collected"),
        ]
        constraints = [models.CheckConstraint(condition=Q(items__gt=0, total_minor__gt=0), name="rails_batch_filled")]


class Instruction(models.Model):
    """``subject`` is the contract or lot the money is for; ``purpose`` tells which room acts on the answer."""

    id = models.UUIDField(primary_key=True)
    payer = models.ForeignKey(Party, models.PROTECT, related_name="+")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40)
    subject = models.UUIDField()
    state = models.CharField(max_length=10, default="instructed")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="instructions", db_index=False)
    business_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rails_instruction"
        indexes = [
            models.Index(fields=["payer", "-recorded_at"], name="rails_by_payer"),
            models.Index(fields=["subject"], name="rails_by_subject"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="rails_of_batch"),
            models.Index(fields=["recorded_at"], condition=Q(state="instructed"), name="rails_waiting"),
        ]
        constraints = [models.CheckConstraint(condition=Q(state__in=STATES), name="rails_instruction_state")]


class Leg(models.Model):
    """One payee's part; ``settles`` lists the claims it extinguishes as ``[claim id, minor units]`` pairs."""

    id = models.UUIDField(primary_key=True)
    instruction = models.ForeignKey(Instruction, models.PROTECT, related_name="legs")
    payee = models.ForeignKey(Party, models.PROTECT, related_name="+")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    unit = models.CharField(max_length=3, default="CNY")
    because = models.CharField(max_length=20)
    lot = models.UUIDField(null=True)
    settles = models.JSONField(default=list)

    class Meta:
        db_table = "rails_leg"
        indexes = [models.Index(fields=["payee"], name="rails_by_payee")]
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="rails_leg_positive")]


class Confirmation(models.Model):
    """The bank's answer to an instruction: once, and never changed; ``reason`` in both languages where it did not pay."""

    instruction = models.OneToOneField(Instruction, models.PROTECT, primary_key=True, related_name="confirmation")
    bank = models.ForeignKey(Party, models.PROTECT, related_name="+")
    paid = models.BooleanField()
    bank_reference = models.CharField(max_length=80)
    reason = models.JSONField(null=True)
    value_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rails_confirmation"
        constraints = [models.UniqueConstraint(fields=["bank", "bank_reference"], name="rails_reference_once")]

    @property
    def why(self) -> Text | None:
        """The bank's reason, if it gave one."""
        return Text.from_dict(self.reason) if self.reason else None


class Unbooked(models.Model):
    """A bank's answer the house could not book when it last came: ``code`` and ``reason`` say why. The instruction is
    still ``instructed``; once an answer to it is booked the row is of the past.
    """

    instruction = models.OneToOneField(Instruction, models.PROTECT, primary_key=True, related_name="unbooked")
    code = models.CharField(max_length=80)
    reason = models.JSONField()
    tried_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rails_unbooked"

    @property
    def why(self) -> Text:
        return Text.from_dict(self.reason)


class SandboxAccount(models.Model):
    """``rejects`` and ``silent`` make the pretended bank refuse, or not answer, what this account pays."""

    account = models.OneToOneField(BankAccount, models.PROTECT, primary_key=True, related_name="sandbox")
    balance_minor = models.BigIntegerField()
    rejects = models.BooleanField(default=False)
    silent = models.BooleanField(default=False)

    class Meta:
        db_table = "rails_sandbox_account"
        constraints = [models.CheckConstraint(condition=Q(balance_minor__gte=0), name="rails_sandbox_covered")]


class SandboxMovement(models.Model):
    """What the pretended bank has executed, by instruction: executing one twice is impossible."""

    instruction = models.UUIDField(primary_key=True)
    paid = models.BooleanField()
    reason = models.JSONField(null=True)
    reference = models.CharField(max_length=80)
    answered = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rails_sandbox_movement"

    @property
    def why(self) -> Text | None:
        return Text.from_dict(self.reason) if self.reason else None
