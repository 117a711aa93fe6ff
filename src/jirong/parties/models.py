"""Parties and what they may do. Global, not per cluster: a bank or a core enterprise spans clusters.

A party is one legal or natural person; what it is to the platform are its roles. People log in as users and act for a
party as staff with duties: a maker proposes, a checker (another person) approves. Keys are registered by a logged
action, so a receipt can be checked against the registration itself. Organisations are public knowledge (the business
register is); persons, accounts, staff and consents are seen by those they belong to.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

ROLES = (
    "firm",
    "core",
    "treasury",
    "bank",
    "lessor",
    "insurer",
    "guarantor",
    "factor",
    "fund",
    "government",
    "investor",
    "provider",
    "planner",
    "operator",
    "witness",
)
SIZES = ("large", "medium", "small", "micro", "public", "person")
DUTIES = ("viewer", "maker", "checker", "admin")
SCOPES = ("all", "read")
ASKED = ("asked", "accepted", "declined", "withdrawn")


class User(AbstractUser):
    """A person who logs in. Preferences travel with the person, not with the party."""

    language = models.CharField(max_length=10, default="zh-hans")
    theme = models.CharField(max_length=8, default="auto")

    class Meta:
        db_table = "parties_user"


class Party(models.Model):
    """``size`` is the size class by the 中小企业划型 standard, as declared; ``uscc`` is empty for natural persons."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    uscc = models.CharField(max_length=18, null=True, unique=True)  # noqa: DJ001 - unique, so absence must be NULL
    uscc_evidence = models.CharField(max_length=300, blank=True)
    size = models.CharField(max_length=8)
    sector = models.CharField(max_length=60, blank=True)
    region = models.CharField(max_length=60, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_party"
        constraints = [
            models.CheckConstraint(condition=Q(size__in=SIZES), name="parties_party_size_known"),
            models.CheckConstraint(
                condition=Q(size="person", uscc__isnull=True) | (~Q(size="person") & Q(uscc__isnull=False)),
                name="parties_party_code_unless_person",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    party = models.ForeignKey(Party, models.PROTECT, related_name="roles")
    role = models.CharField(max_length=12)
    licence = models.CharField(max_length=120, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_role"
        constraints = [
            models.UniqueConstraint(fields=["party", "role"], name="parties_role_once"),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="parties_role_known"),
        ]


class Staff(models.Model):
    """A person acting for a party. Ended by date, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="staff")
    party = models.ForeignKey(Party, models.PROTECT, related_name="staff")
    duties = ArrayField(models.CharField(max_length=8))
    ended_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_staff"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "party"], condition=Q(ended_at__isnull=True), name="parties_staff_once"
            ),
        ]


class Key(models.Model):
    """A public signing key. ``custody`` is ``own`` or ``platform``; ``id`` is the key id receipts name."""

    id = models.CharField(primary_key=True, max_length=64)
    party = models.ForeignKey(Party, models.PROTECT, related_name="keys")
    algorithm = models.CharField(max_length=16, default="ed25519")
    public = models.CharField(max_length=120)
    custody = models.CharField(max_length=8)
    registration = models.UUIDField()
    revoked_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_key"
        constraints = [
            models.CheckConstraint(condition=Q(custody__in=["own", "platform"]), name="parties_key_custody_known"),
            models.UniqueConstraint(
                fields=["party"],
                condition=Q(custody="platform", revoked_at__isnull=True),
                name="parties_key_one_kept",
            ),
        ]


class KeptKey(models.Model):
    """The private half of a key the platform keeps, encrypted with a secret that is not in the database."""

    key = models.OneToOneField(Key, models.PROTECT, primary_key=True, related_name="kept")
    sealed = models.TextField()

    class Meta:
        db_table = "parties_kept_key"


class BankAccount(models.Model):
    id = models.UUIDField(primary_key=True)
    party = models.ForeignKey(Party, models.PROTECT, related_name="accounts")
    bank = models.ForeignKey(Party, models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    unit = models.CharField(max_length=3, default="CNY")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_bank_account"
        constraints = [models.UniqueConstraint(fields=["bank", "number"], name="parties_bank_account_once")]


class Cluster(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=60, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_cluster"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Belonging to a cluster is a label for seeing, not ownership; a party may belong to several."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="memberships")
    party = models.ForeignKey(Party, models.PROTECT, related_name="memberships")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        db_table = "parties_membership"
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "party"], condition=Q(until__isnull=True), name="parties_membership_once"
            )
        ]


class Consent(models.Model):
    """``grantor`` lets ``grantee`` use facts of ``scope`` for ``purpose`` during ``valid``; checked at every read."""

    id = models.UUIDField(primary_key=True)
    grantor = models.ForeignKey(Party, models.PROTECT, related_name="consents_given")
    grantee = models.ForeignKey(Party, models.PROTECT, related_name="consents_held")
    purpose = models.CharField(max_length=60)
    scope = ArrayField(models.CharField(max_length=40))
    valid = DateRangeField()
    withdrawn_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_consent"


class Token(models.Model):
    """A bearer token of a staff member for the API; only its hash is kept. One of scope ``read`` changes nothing."""

    hash = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=4, default="all")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_token"
        constraints = [models.CheckConstraint(condition=Q(scope__in=SCOPES), name="parties_token_scope_known")]


class JoinRequest(models.Model):
    """A party asks to be a member of a cluster; the operator answers once. ``note`` says why, ``answer`` why not."""

    id = models.UUIDField(primary_key=True)
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="requests")
    party = models.ForeignKey(Party, models.PROTECT, related_name="join_requests")
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, default="asked")
    answer = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_join_request"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ASKED), name="parties_join_request_state_known"),
            models.UniqueConstraint(
                fields=["cluster", "party"], condition=Q(state="asked"), name="parties_join_request_once"
            ),
        ]


class Proposal(models.Model):
    """An action a maker prepared, waiting for a checker. ``body`` is the statement's body; ``id`` the action's id."""

    id = models.UUIDField(primary_key=True)
    party = models.ForeignKey(Party, models.PROTECT, related_name="proposals")
    action = models.CharField(max_length=80)
    body = models.JSONField()
    maker = models.BigIntegerField()
    state = models.CharField(max_length=10, default="proposed")
    checker = models.BigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "parties_proposal"
        indexes = [models.Index(fields=["party", "state", "-recorded_at"], name="parties_proposal_inbox")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "rejected", "withdrawn"]),
                name="parties_proposal_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(checker=models.F("maker")), name="parties_proposal_two_people"
            ),
        ]
