"""Assets, what they are worth, to whom they are given as security, how that is registered, and what became of it.

An asset's usable value (after the haircut) is a capacity account: every agreement takes its share of it, so no asset is
pledged beyond its value, in any cluster, by whomever. ``number`` is what tells the thing itself apart (patent,
certificate, serial or invoice number), and one thing is recorded once. A valuation, a movement of stock, an entry in a
register and a step are insert-only; an asset and an agreement change in the columns their actions name.

``Secured`` is the header of a debt as this room knows it: who lends to whom and what the scheme demands. The room that
lends states it when its contract is signed, and each drawing as ``Drawn``.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from jirong.engine.security import KINDS, REGISTERS
from jirong.parties.models import Party

ASSET_STATES = ("held", "retired", "sold")
FORMS = ("pledge", "mortgage")
AGREEMENT_STATES = ("offered", "signed", "registered", "released", "refused", "withdrawn", "realised")
LIVE = ("offered", "signed", "registered")
"""States in which an agreement takes its share of the asset."""
METHODS = ("cost", "market", "income", "invoice", "quantity_price", "balance", "other")
MOVES = ("in", "out", "count")
ENTRY_KINDS = ("first", "extended", "cancelled")
SALE_STATES = ("agreed", "instructed", "paid", "withdrawn")


class Asset(models.Model):
    """A thing or right of ``owner``. ``watcher`` keeps or controls it (a warehouse, a bank); ``facts`` are the papers.

    ``quantity`` in ``measure`` at ``price_minor`` each where value follows quantity. ``value_minor`` is what it was
    last valued at, ``usable_minor`` what of that counts; ``granted_minor`` the size of its capacity account and
    ``promised_minor`` what live agreements take of it.
    """

    id = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    number = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=200, blank=True)
    facts = ArrayField(models.UUIDField(), default=list)
    watcher = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    quantity = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    measure = models.CharField(max_length=12, blank=True)
    price_minor = models.BigIntegerField(null=True)
    haircut = models.DecimalField(max_digits=6, decimal_places=4, default=0)
    value_minor = models.BigIntegerField(default=0)
    usable_minor = models.BigIntegerField(default=0)
    granted_minor = models.BigIntegerField(default=0)
    promised_minor = models.BigIntegerField(default=0)
    valued_by = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    valued_on = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    state = models.CharField(max_length=8, default="held")
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_asset"
        indexes = [
            models.Index(fields=["owner", "state", "-recorded_at"], name="collateral_by_owner"),
            GinIndex(fields=["seen_by"], name="collateral_asset_seen"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="collateral_asset_kind"),
            models.CheckConstraint(condition=Q(state__in=ASSET_STATES), name="collateral_asset_state"),
            models.UniqueConstraint(
                fields=["kind", "number"], condition=Q(state="held") & ~Q(number=""), name="collateral_asset_once"
            ),
            models.CheckConstraint(
                condition=Q(value_minor__gte=F("usable_minor"), usable_minor__gte=0), name="collateral_usable_within"
            ),
            models.CheckConstraint(
                condition=Q(granted_minor__gte=F("promised_minor"), promised_minor__gte=0),
                name="collateral_promised_within",
            ),
            models.CheckConstraint(condition=Q(quantity__isnull=True) | Q(quantity__gte=0), name="collateral_quantity"),
        ]

    def __str__(self) -> str:
        return self.title


class Valuation(models.Model):
    """What ``source`` says the asset is worth on ``on``, by ``method``; ``approaches`` holds figures side by side."""

    id = models.UUIDField(primary_key=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="valuations")
    source = models.ForeignKey(Party, models.PROTECT, related_name="+")
    method = models.CharField(max_length=14)
    value_minor = models.BigIntegerField()
    haircut = models.DecimalField(max_digits=6, decimal_places=4)
    usable_minor = models.BigIntegerField()
    approaches = models.JSONField(default=dict)
    quantity = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    price_minor = models.BigIntegerField(null=True)
    on = models.DateField()
    valid_until = models.DateField(null=True)
    report = models.CharField(max_length=80, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_valuation"
        indexes = [models.Index(fields=["asset", "-on"], name="collateral_valuations")]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=METHODS), name="collateral_valuation_method"),
            models.CheckConstraint(
                condition=Q(value_minor__gt=0, usable_minor__gte=0, usable_minor__lte=F("value_minor")),
                name="collateral_valuation_value",
            ),
        ]


class Movement(models.Model):
    """Goods in or out of the keeper's hands, or a count; ``after`` is what was there afterwards."""

    id = models.UUIDField(primary_key=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=6)
    quantity = models.DecimalField(max_digits=18, decimal_places=3)
    after = models.DecimalField(max_digits=18, decimal_places=3)
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    paper = models.CharField(max_length=80, blank=True)
    on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_movement"
        indexes = [models.Index(fields=["asset", "-recorded_at"], name="collateral_movements")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=MOVES), name="collateral_movement_kind")]


class Secured(models.Model):
    """A debt and the security its scheme demands; ``id`` is the contract's. ``demands`` as ``demands.as_json``."""

    id = models.UUIDField(primary_key=True)
    lender = models.ForeignKey(Party, models.PROTECT, related_name="+")
    borrower = models.ForeignKey(Party, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    demands = models.JSONField()
    limit_minor = models.BigIntegerField()
    opened_on = models.DateField()
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_secured"
        indexes = [
            models.Index(fields=["lender", "-recorded_at"], name="collateral_by_lender"),
            models.Index(fields=["borrower", "-recorded_at"], name="collateral_by_borrower"),
        ]


class Drawn(models.Model):
    """A loan drawn under a secured contract; its claims stand under its id."""

    id = models.UUIDField(primary_key=True)
    secured = models.ForeignKey(Secured, models.PROTECT, related_name="drawings")
    minor = models.BigIntegerField()
    on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_drawn"
        constraints = [models.CheckConstraint(condition=Q(minor__gt=0), name="collateral_drawn_positive")]


class Agreement(models.Model):
    """``owner`` gives ``share_minor`` of an asset's value to ``holder`` for the debt ``secures``.

    ``secured_minor`` is the most of the debt it secures; ``whole`` takes every later gain in value too. ``secures`` is
    a contract of this platform or, with a ``debt_title``, a debt outside it whose balance the holder states
    (``owed_minor``). ``perfected_at`` is the moment of registration or control, which gives its rank.
    """

    id = models.UUIDField(primary_key=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="agreements")
    owner = models.ForeignKey(Party, models.PROTECT, related_name="+")
    holder = models.ForeignKey(Party, models.PROTECT, related_name="+")
    secures = models.UUIDField()
    debt_title = models.CharField(max_length=200, blank=True)
    form = models.CharField(max_length=8)
    share_minor = models.BigIntegerField()
    secured_minor = models.BigIntegerField()
    whole = models.BooleanField(default=False)
    delivered_on = models.DateField(null=True)
    owed_minor = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default="offered")
    signed_on = models.DateField(null=True)
    register = models.CharField(max_length=10, blank=True)
    register_number = models.CharField(max_length=80, blank=True)
    perfected_at = models.DateTimeField(null=True)
    registered_until = models.DateField(null=True)
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_agreement"
        indexes = [
            models.Index(fields=["asset", "state"], name="collateral_of_asset"),
            models.Index(fields=["secures", "state"], name="collateral_of_contract"),
            models.Index(fields=["holder", "state", "-recorded_at"], name="collateral_by_holder"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(form__in=FORMS), name="collateral_form"),
            models.CheckConstraint(condition=Q(state__in=AGREEMENT_STATES), name="collateral_agreement_state"),
            models.CheckConstraint(condition=Q(share_minor__gte=0, secured_minor__gt=0), name="collateral_amounts"),
            models.CheckConstraint(
                condition=~Q(state="registered") | (Q(perfected_at__isnull=False) & ~Q(register_number="")),
                name="collateral_registered_with_number",
            ),
            models.UniqueConstraint(
                fields=["register", "register_number", "asset"],
                condition=~Q(register_number="") & Q(state__in=LIVE),
                name="collateral_number_once",
            ),
        ]


class Entry(models.Model):
    """An entry in a public register as its holder recorded it: registered, extended, cancelled."""

    id = models.UUIDField(primary_key=True)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10)
    register = models.CharField(max_length=10)
    number = models.CharField(max_length=80)
    at = models.DateTimeField()
    until = models.DateField(null=True)
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_entry"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ENTRY_KINDS), name="collateral_entry_kind"),
            models.CheckConstraint(condition=Q(register__in=list(REGISTERS)), name="collateral_entry_register"),
        ]


class Call(models.Model):
    """More security is called for: ``short_minor`` of debt not carried on ``on``, to be made good by ``due``."""

    id = models.UUIDField(primary_key=True)
    secured = models.ForeignKey(Secured, models.PROTECT, related_name="calls")
    on = models.DateField()
    due = models.DateField()
    short_minor = models.BigIntegerField()
    met_on = models.DateField(null=True)
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_call"
        constraints = [
            models.CheckConstraint(condition=Q(short_minor__gt=0), name="collateral_call_short"),
            models.UniqueConstraint(fields=["secured"], condition=Q(met_on__isnull=True), name="collateral_call_once"),
        ]


class Sale(models.Model):
    """The asset is realised: who pays how much for it, and how that is shared out (``parts``, to the fen)."""

    id = models.UUIDField(primary_key=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="sales")
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    payer = models.ForeignKey(Party, models.PROTECT, related_name="+")
    how = models.CharField(max_length=10)
    proceeds_minor = models.BigIntegerField()
    costs_minor = models.BigIntegerField()
    costs_to = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    parts = models.JSONField()
    owner_minor = models.BigIntegerField()
    on = models.DateField()
    payment = models.UUIDField(null=True)
    state = models.CharField(max_length=10, default="agreed")
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_sale"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SALE_STATES), name="collateral_sale_state"),
            models.CheckConstraint(
                condition=Q(proceeds_minor__gt=0, costs_minor__gte=0, owner_minor__gte=0),
                name="collateral_sale_amounts",
            ),
            models.UniqueConstraint(
                fields=["asset"], condition=Q(state__in=["agreed", "instructed"]), name="collateral_sale_once"
            ),
        ]


class Step(models.Model):
    """What happened to an asset or a debt's security: by which action, on what day, and why it was allowed."""

    action = models.UUIDField()
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="steps")
    secured = models.ForeignKey(Secured, models.PROTECT, null=True, related_name="steps")
    kind = models.CharField(max_length=16)
    by = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    amount_minor = models.BigIntegerField(null=True)
    said = models.JSONField(null=True)
    reasons = models.JSONField(default=list)
    seen_by = ArrayField(models.UUIDField())
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collateral_step"
        indexes = [
            models.Index(fields=["asset", "recorded_at"], name="collateral_steps"),
            models.Index(fields=["secured", "recorded_at"], name="collateral_steps_of_debt"),
        ]
