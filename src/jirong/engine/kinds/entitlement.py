"""What a clause of a scheme gives one party from another beside the loan: a share of income, a subsidy.

A platform earns 10 bp of what is paid out; a government pays half of the interest a borrower has paid. Each is a claim
of its own, never a cut of the loan's: the lender's receivable stays whole. An :class:`Entitlement` counts a basis (what
was paid out, the interest that came in, the balance day by day) and at every happening opens a claim for what its exact
part of the whole basis has grown by, half up to the fen, so a half is a half over the life of the loan. A subsidy is
limited to its budget, a capacity reserved with the claim and used when the bank has paid; what the budget does not
cover falls away, is counted, and stays with whoever hoped for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from uuid import UUID

from jirong.engine import capacity, claims, step
from jirong.engine.claims import Changes, Claim
from jirong.engine.contract import Kind, Outcome, acts
from jirong.engine.intents import Payment, Transfer
from jirong.engine.reasons import Reason
from jirong.kernel.errors import Conflict, NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.money import CNY, Money, Unit, round_half_up
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text

NAME = "entitlement"
BASES = ("disbursed", "interest", "fee", "outstanding")
"""What may be counted: principal paid out, interest and fees that came in, and the balance times days over 360."""
YEAR_DAYS = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementTerms:
    """``debtor`` owes ``creditor`` the ``share`` of the basis ``of``, or ``each_minor`` once; ``what`` is ``income`` or
    ``subsidy``; ``budget`` names the capacity that limits it; nothing accrues after ``until``.
    """

    id: UUID
    what: str
    debtor: UUID
    creditor: UUID
    of: str
    share: Fraction = Fraction(0)
    each_minor: int | None = None
    budget: str | None = None
    until: dt.date | None = None
    unit: Unit = CNY

    def __post_init__(self) -> None:
        assert self.of in BASES, "only what a loan brings can be counted"
        assert self.share >= 0, "a share is not negative"
        assert self.debtor != self.creditor, "nobody owes itself"

    @property
    def kind(self) -> str:
        return NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementState:
    """``basis`` counted so far (minor units; minor units × days for ``outstanding``), what was ``accrued_minor`` of it
    and what was ``lost_minor`` to an empty budget; ``claims`` and ``payments`` are those still open.
    """

    basis: int = 0
    accrued_minor: int = 0
    lost_minor: int = 0
    claims: Mapping[UUID, Claim] = field(default_factory=dict)
    payments: Mapping[UUID, Payment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrue:
    """The basis grew by ``basis``; ``left_minor`` is what the budget (and the receiver's cap) still covers."""

    id: UUID
    basis: int
    left_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """The debtor has everything open paid."""

    id: UUID
    by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """The bank paid these."""

    id: UUID
    payments: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """The bank did not pay these; they are still owed."""

    id: UUID
    payments: tuple[UUID, ...]


def due_minor(terms: EntitlementTerms, basis: int) -> int:
    """The whole entitlement once ``basis`` has been counted, before any cap."""
    if terms.each_minor is not None:
        return terms.each_minor if basis else 0
    days = YEAR_DAYS if terms.of == "outstanding" else 1
    return round_half_up(terms.share * Fraction(basis, days))


def accrue(terms: EntitlementTerms, state: EntitlementState, event: Accrue, date: dt.date) -> Outcome:
    """Open a claim for what the entitlement grew by, as far as its budget goes."""
    assert event.basis >= 0, "what was counted is not taken back"
    if terms.until is not None and date > terms.until:
        return Outcome(state, Changes(), (_ended(terms, date),))
    basis = state.basis + event.basis
    grown = due_minor(terms, basis) - state.accrued_minor - state.lost_minor
    given = grown if event.left_minor is None else min(grown, max(0, event.left_minor))
    after = replace(
        state,
        basis=basis,
        accrued_minor=state.accrued_minor + given,
        lost_minor=state.lost_minor + grown - given,
    )
    assert after.accrued_minor + after.lost_minor == due_minor(terms, basis), "nothing is counted twice or forgotten"
    reasons = (_counted(terms, after, grown, given),) if grown else ()
    if not given:
        return Outcome(after, Changes(), reasons)
    changes = _open(terms, event.id, given, date)
    return Outcome(replace(after, claims=changes.apply(state.claims)), changes, reasons)


def pay(terms: EntitlementTerms, state: EntitlementState, event: Pay, date: dt.date) -> Outcome:
    """Instruct a payment for each open claim that has none under way."""
    acts(event.by, terms.debtor, "payer")
    under_way = {payment.lot for payment in state.payments.values()}
    waiting = [claim for claim in state.claims.values() if claim.is_open and claim.id not in under_way]
    if not waiting:
        raise Conflict(
            "entitlement.nothing_due",
            Text("没有待支付的款项", "Nothing is due"),
            remedy=Text("请等待新的款项产生或银行答复", "Wait for more to accrue, or for the bank's answer"),
        )
    payments = tuple(
        Payment(
            id=derived_id(event.id, claim.id), payer=terms.debtor, payee=terms.creditor,
            amount_minor=claim.outstanding_minor, unit=terms.unit, because=terms.what, lot=claim.id,
            settles=((claim.id, claim.outstanding_minor),),
        )
        for claim in sorted(waiting, key=lambda claim: (claim.due, claim.id))
    )  # fmt: skip
    after = replace(state, payments={**state.payments, **{payment.id: payment for payment in payments}})
    return Outcome(after, Changes(payments=payments))


def confirm(terms: EntitlementTerms, state: EntitlementState, event: Confirm, date: dt.date) -> Outcome:
    """The money has moved: the claims are settled, and what was reserved of the budget is used."""
    changes = Changes()
    for payment in _found(state, event.payments):
        assert payment.lot is not None, "a payment names its claim"
        claim = state.claims[payment.lot]
        changes = changes.then(claims.settle(claim, payment.amount_minor, payment.id))
        if terms.budget:
            used = capacity.use(_reserved(terms, claim.id, claim.amount_minor))
            changes = changes.then(Changes(transfers=(used,)))
    return Outcome(replace(_without(state, event.payments), claims=changes.apply(state.claims)), changes)


def reject(terms: EntitlementTerms, state: EntitlementState, event: Reject, date: dt.date) -> Outcome:
    _found(state, event.payments)
    return Outcome(_without(state, event.payments), Changes())


def _open(terms: EntitlementTerms, id: UUID, minor: int, date: dt.date) -> Changes:
    opened = claims.open_claim(
        Claim(
            id=id, kind=terms.what, debtor=terms.debtor, creditor=terms.creditor, amount_minor=minor,
            outstanding_minor=minor, due=date, root=id, unit=terms.unit,
        )
    )  # fmt: skip
    if terms.budget is None:
        return opened
    return opened.then(Changes(transfers=(_reserved(terms, id, minor),)))


def _reserved(terms: EntitlementTerms, claim: UUID, minor: int) -> Transfer:
    assert terms.budget is not None
    return capacity.reserve(terms.budget, minor, derived_id(claim, "budget"), owner=terms.debtor, unit=terms.unit)


def _found(state: EntitlementState, ids: tuple[UUID, ...]) -> list[Payment]:
    missing = [id for id in ids if id not in state.payments]
    if missing:
        raise NotFound("entitlement.no_such_payment", Text("没有待确认的该笔付款", "No such payment awaits an answer"))
    return [state.payments[id] for id in ids]


def _without(state: EntitlementState, ids: tuple[UUID, ...]) -> EntitlementState:
    return replace(state, payments={id: payment for id, payment in state.payments.items() if id not in ids})


def _counted(terms: EntitlementTerms, after: EntitlementState, grown: int, given: int) -> Reason:
    want, have = Money(grown, terms.unit), Money(given, terms.unit)
    whole = given == grown
    text = Text(f"按条款应得{want.grouped()}，全额计入", f"{want.grouped()} by the clause, all of it owed")
    if not whole:
        text = Text(
            f"按条款应得{want.grouped()}，预算只余{have.grouped()}，其余不再支付",
            f"{want.grouped()} by the clause, but the budget covers {have.grouped()}; the rest falls away",
        )
    return Reason(
        code="entitlement.accrued" if whole else "entitlement.budget_spent",
        holds=whole,
        effect=Effect.WARN,
        text=text,
        inputs={"due": str(want), "given": str(have), "share": str(terms.share), "of": terms.of},
        remedy=None if whole else Text("请出资方追加预算", "Ask the giver to raise the budget"),
    )


def _ended(terms: EntitlementTerms, date: dt.date) -> Reason:
    return Reason(
        code="entitlement.ended",
        holds=False,
        effect=Effect.WARN,
        text=Text(f"条款至{terms.until}止，之后不再计入", f"The clause ended on {terms.until}; nothing accrues"),
        inputs={"until": str(terms.until), "date": str(date)},
    )


KIND = Kind(NAME, {Accrue: accrue, Pay: pay, Confirm: confirm, Reject: reject})
step.register(KIND)
