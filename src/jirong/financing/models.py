"""Schemes as published, policies as signed, applications and decisions, contracts and their loans, and the day's close.

A scheme version, a signature, a figure, a decision, an event, a step, a class change are insert-only. A contract is a
limit and its terms; each drawing is a loan, whose claims stand under the loan's id. A loan's row holds its header and,
in plain columns, what a whole book needs at once; its schedule is stored nowhere.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from jirong.parties.models import Party

POLICY_STATES = ("signing", "open", "withdrawn")
FIGURE_KINDS = ("feature", "evidence", "rating")
APPLICATION_STATES = (
    "draft", "asked", "referred", "refused", "offered", "joining", "signed", "declined", "withdrawn", "lapsed",
    "discarded",
)  # fmt: skip
OPEN_APPLICATIONS = ("asked", "referred", "offered", "joining")
UNSENT_APPLICATIONS = ("draft", "discarded")
"""Nobody but the firm ever sees or counts these: it has not submitted them, or threw them away before it did."""
CONTRACT_STATES = ("live", "frozen", "closed")
LOAN_STATES = ("new", "paying", "live", "overdue", "defaulted", "written_off", "repaid")
PARTITIONS = 64
"""Loans are spread over so many parts by their borrower, so that a debtor's loans are classed together; a part (or, for
a small book, several at once) is one action of the close of business.
"""


class SchemeVersion(models.Model):
    """``text`` as the planner wrote it, ``canonical`` what is signed and hashed."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=80)
    version = models.IntegerField()
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    text = models.TextField()
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    effective = models.DateField()
    published_by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_scheme"
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="financing_scheme_once")]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class Policy(models.Model):
    """A lender's signature under a scheme version: under it, and only under it, an approval may be automatic.

    ``parties`` gives the scheme's names their parties (pool, guarantor, platform, …); ``waits_for`` are those who
    still have to sign. ``budget_minor`` is the most the lender commits, a capacity account.
    """

    id = models.UUIDField(primary_key=True)
    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="policies")
    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    parties = models.JSONField()
    waits_for = ArrayField(models.CharField(max_length=60), default=list)
    automatic = models.BooleanField()
    budget_minor = models.BigIntegerField()
    state = models.CharField(max_length=10)
    signed_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_policy"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=POLICY_STATES), name="financing_policy_state"),
            models.CheckConstraint(condition=Q(budget_minor__gt=0), name="financing_policy_budget"),
        ]


class PolicySignature(models.Model):
    """A party signed its part of a policy (its bearing of loss, its guarantee)."""

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="signatures")
    name = models.CharField(max_length=60)
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    action = models.UUIDField()
    on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_policy_signature"
        constraints = [models.UniqueConstraint(fields=["policy", "name"], name="financing_signed_once")]


class Figure(models.Model):
    """A figure, a paper or a rating of ``subject`` as a third party states it and signs for it; never overwritten."""

    id = models.UUIDField(primary_key=True)
    subject = models.ForeignKey(Party, models.PROTECT, related_name="+")
    source = models.ForeignKey(Party, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=80)
    value = models.JSONField()
    on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_figure"
        indexes = [models.Index(fields=["subject", "name", "-on"], name="financing_figures")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=FIGURE_KINDS), name="financing_figure_kind")]


class Application(models.Model):
    """What a firm asks for. ``accept_rate``: the dearest rate it has signed for in advance (None: it signs later);
    ``consents``: those it signed to be judged by; ``asked_sha256``: the hash of the terms it signed last (see
    ``asking``; empty while nothing is signed). ``joined``: those of ``joint`` that have signed the offer too; ``relays``:
    the loan the offer, signed and waiting for them, is to take over.
    """

    id = models.UUIDField(primary_key=True)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="applications")
    borrower = models.ForeignKey(Party, models.PROTECT, related_name="+")
    joint = ArrayField(models.UUIDField(), default=list)
    joined = ArrayField(models.UUIDField(), default=list, db_default=Value([], ArrayField(models.UUIDField())))
    relays = models.UUIDField(null=True)
    asked_minor = models.BigIntegerField(null=True)
    use = models.CharField(max_length=40, blank=True)
    months = models.IntegerField(null=True)
    payee = models.UUIDField(null=True)
    purpose = models.CharField(max_length=500, blank=True)
    accept_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    consents = ArrayField(models.UUIDField(), default=list, db_default=Value([], ArrayField(models.UUIDField())))
    asked_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    state = models.CharField(max_length=10, default="draft")
    decision = models.UUIDField(null=True)
    offered_until = models.DateField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_application"
        indexes = [
            models.Index(fields=["borrower", "state", "-recorded_at"], name="financing_apps_of_firm"),
            models.Index(fields=["policy", "state", "-recorded_at"], name="financing_apps_of_policy"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=APPLICATION_STATES), name="financing_app_state"),
            models.UniqueConstraint(
                fields=["policy", "borrower"], condition=Q(state__in=OPEN_APPLICATIONS), name="financing_app_once"
            ),
        ]


class Decision(models.Model):
    """What was decided on an application and why: every clause's answer, the inputs with their hash."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions")
    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    borrower = models.ForeignKey(Party, models.PROTECT, related_name="+")
    on = models.DateField()
    verdict = models.CharField(max_length=8)
    automatic = models.BooleanField()
    terms = models.JSONField(null=True)
    answers = models.JSONField()
    inputs = models.JSONField()
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_decision"
        indexes = [models.Index(fields=["application", "-recorded_at"], name="financing_decisions")]


class Contract(models.Model):
    """A signed limit. ``product`` is how each drawing is repaid, ``parties`` the scheme's names at signing."""

    id = models.UUIDField(primary_key=True)
    application = models.OneToOneField(Application, models.PROTECT, related_name="contract")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="contracts")
    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    borrower = models.ForeignKey(Party, models.PROTECT, related_name="+")
    borrowers = ArrayField(models.UUIDField())
    parties = models.JSONField()
    limit_minor = models.BigIntegerField()
    unit = models.CharField(max_length=3, default="CNY")
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    product = models.JSONField()
    how = models.CharField(max_length=10)
    least_minor = models.BigIntegerField()
    multiple_minor = models.BigIntegerField()
    opened_on = models.DateField()
    ends = models.DateField()
    status = models.CharField(max_length=8)
    in_use_minor = models.BigIntegerField(default=0)
    lowered_minor = models.BigIntegerField(default=0)
    draws = ArrayField(models.UUIDField(), default=list)
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_contract"
        indexes = [
            models.Index(fields=["lender", "status", "-recorded_at"], name="financing_by_lender"),
            models.Index(fields=["borrower", "status", "-recorded_at"], name="financing_by_borrower"),
            GinIndex(fields=["seen_by"], name="financing_contract_seen"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CONTRACT_STATES), name="financing_contract_state"),
            models.CheckConstraint(condition=Q(limit_minor__gt=0), name="financing_limit_positive"),
        ]


class Loan(models.Model):
    """One drawing. From ``rate_e6`` on: what a close of the whole book reads as columns.

    ``principal_left_minor``: principal not yet paid, due or not, whoever it is owed to; ``others_minor``: of it, what is
    owed to others than the lender (who bore a loss and paid); ``held_minor``: the lender's own, what its book counts,
    kept by the database (read it from a row just fetched); ``next_due``: when the next instalment falls due;
    ``oldest_due``: the oldest due date unpaid (None: none); ``raised``: how many instalments have fallen due;
    ``plain``: nothing but payments happened, so columns tell its schedule; ``partition`` by its borrower. The database
    itself fills ``policy`` and ``level`` from the contract, ``closed_on`` when nothing is owed any more, and keeps a
    :class:`LateMark` when a late due is paid, so that a book is read without joins.
    """

    id = models.UUIDField(primary_key=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="loans", null=True)
    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    borrower = models.ForeignKey(Party, models.PROTECT, related_name="+")
    borrowers = ArrayField(models.UUIDField())
    principal_minor = models.BigIntegerField()
    unit = models.CharField(max_length=3, default="CNY")
    payouts = models.JSONField(default=list)
    product = models.JSONField()
    status = models.CharField(max_length=12)
    started = models.DateField(null=True)
    standing = models.UUIDField(null=True)
    relays = models.UUIDField(null=True)
    paid_by = models.JSONField(default=dict)
    borne = models.JSONField(null=True)
    recovered_minor = models.BigIntegerField(default=0)
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())
    rate_e6 = models.IntegerField()
    periods = models.IntegerField()
    every_months = models.IntegerField()
    repayment = models.SmallIntegerField()
    basis = models.SmallIntegerField()
    plain = models.BooleanField(default=False)
    partition = models.SmallIntegerField()
    principal_left_minor = models.BigIntegerField(default=0)
    others_minor = models.BigIntegerField(default=0, db_default=0)
    held_minor = models.GeneratedField(
        expression=models.F("principal_left_minor") - models.F("others_minor"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    raised = models.IntegerField(default=0)
    next_due = models.DateField(null=True)
    oldest_due = models.DateField(null=True)
    loan_class = models.SmallIntegerField(default=0)
    closed_on = models.DateField(null=True)
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, related_name="+", db_default=Value(None), db_index=False
    )
    level = models.CharField(max_length=16, db_default="")

    class Meta:
        db_table = "financing_loan"
        indexes = [
            models.Index(fields=["lender", "-recorded_at", "-id"], name="financing_book"),
            models.Index(fields=["contract"], name="financing_loans"),
            models.Index(fields=["borrower", "status"], name="financing_loans_of_firm"),
            models.Index(fields=["lender", "partition"], name="financing_by_partition"),
            models.Index(
                fields=["lender", "partition", "next_due"],
                condition=Q(status__in=["live", "overdue"]),
                name="financing_falling_due",
            ),
            models.Index(
                fields=["lender", "partition", "oldest_due"],
                condition=Q(oldest_due__isnull=False),
                name="financing_late",
            ),
            GinIndex(fields=["seen_by"], name="financing_loan_seen", fastupdate=True),
        ]
        constraints = [models.CheckConstraint(condition=Q(status__in=LOAN_STATES), name="financing_loan_state")]


class LateMark(models.Model):
    """A loan was once so many ``days`` (30, 90) late, since ``on``; kept when the late due is paid, however late."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+")
    lender = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    started = models.DateField()
    days = models.SmallIntegerField()
    on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_late_mark"
        indexes = [models.Index(fields=["lender", "days"], name="financing_late_marks")]
        constraints = [models.UniqueConstraint(fields=["loan", "days"], name="financing_late_once")]


class LoanEvent(models.Model):
    """What happened to a loan, in order: a payment, an early repayment, a new term. Replay needs no more."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="events")
    place = models.IntegerField()
    on = models.DateField()
    kind = models.CharField(max_length=20)
    body = models.JSONField()
    action = models.UUIDField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_loan_event"
        constraints = [models.UniqueConstraint(fields=["loan", "place"], name="financing_event_once")]


class Step(models.Model):
    """One step of the engine, for the timeline and the why drawer."""

    action = models.UUIDField()
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="steps", null=True)
    loan = models.UUIDField(null=True)
    kind = models.CharField(max_length=24)
    by = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    amount_minor = models.BigIntegerField(null=True)
    reasons = models.JSONField()
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_step"
        indexes = [
            models.Index(fields=["contract", "recorded_at"], name="financing_steps"),
            models.Index(fields=["loan", "recorded_at"], name="financing_steps_of_loan"),
        ]


class CollectionStep(models.Model):
    """What the lender did to be paid: a call, a letter, a promise, a suit."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="collection")
    action = models.UUIDField()
    kind = models.CharField(max_length=12)
    note = models.CharField(max_length=500)
    promised_on = models.DateField(null=True)
    promised_minor = models.BigIntegerField(null=True)
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_collection"


class ClassChange(models.Model):
    """A debtor's loans at a lender changed class (五级分类); the rules that did it are named by id."""

    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    debtor = models.ForeignKey(Party, models.PROTECT, related_name="+")
    on = models.DateField()
    before = models.SmallIntegerField()
    after = models.SmallIntegerField()
    days_past_due = models.IntegerField()
    rules = ArrayField(models.CharField(max_length=60), default=list)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_class_change"
        indexes = [models.Index(fields=["debtor", "lender", "-on"], name="financing_classes")]


class ClosePlan(models.Model):
    """How a lender closes its day: which steps in which order, and what it provides for each class in basis points."""

    lender = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="+")
    steps = ArrayField(models.CharField(max_length=20))
    provision_bp = ArrayField(models.IntegerField())
    mandates = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_close_plan"


class CloseRun(models.Model):
    """A lender's close of one business date."""

    id = models.UUIDField(primary_key=True)
    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    on = models.DateField()
    state = models.CharField(max_length=8, default="running")
    steps = ArrayField(models.CharField(max_length=20))
    partitions = models.SmallIntegerField(default=1)
    recorded_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "financing_close_run"
        constraints = [models.UniqueConstraint(fields=["lender", "on"], name="financing_closed_once")]


class ClosePart(models.Model):
    """One step of one partition, done: what it counted, how long it took."""

    run = models.ForeignKey(CloseRun, models.PROTECT, related_name="parts")
    step = models.CharField(max_length=20)
    partition = models.SmallIntegerField()
    counts = models.JSONField()
    seconds = models.FloatField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_close_part"
        constraints = [models.UniqueConstraint(fields=["run", "step", "partition"], name="financing_part_once")]


class CloseError(models.Model):
    """A loan that could not be closed, and why; the others were closed all the same."""

    run = models.ForeignKey(CloseRun, models.PROTECT, related_name="errors")
    step = models.CharField(max_length=20)
    loan = models.UUIDField()
    code = models.CharField(max_length=80)
    reason = models.JSONField()
    solved_on = models.DateField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_close_error"
        indexes = [models.Index(fields=["run", "step"], name="financing_close_errors")]


class Provision(models.Model):
    """What a lender provides for at the close of a day, one row a class: count, principal, interest accrued, amount.

    ``rule`` names the dated rule that gave the share ("": the lender's own plan; None: kept before this was told).
    """

    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    on = models.DateField()
    partition = models.SmallIntegerField()
    loan_class = models.SmallIntegerField()
    loans = models.IntegerField()
    principal_minor = models.BigIntegerField()
    accrued_minor = models.BigIntegerField()
    provision_minor = models.BigIntegerField()
    rule = models.CharField(max_length=60, null=True)  # noqa: DJ001 - "" says something else
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "financing_provision"
        constraints = [
            models.UniqueConstraint(fields=["lender", "on", "partition", "loan_class"], name="financing_provided_once")
        ]


from jirong.financing.models_conduct import Call, Entitlement, Watch  # noqa: E402 (tables of the same application)

CONDUCT = (Entitlement, Watch, Call)
"""Tables of what goes on beside the loan."""
