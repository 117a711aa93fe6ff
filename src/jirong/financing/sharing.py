"""Income and subsidy clauses while a loan runs: what was paid out or came in is counted, claims follow, budgets bind.

Called inside the bank's answer that moved the money. Each clause of the scheme is one entitlement of a loan; its claims
are its own, so the loan's never shrink. A subsidy's budget is a capacity granted when its giver signs the policy; the
policy's row is locked while a budget is looked at, so two answers at once cannot both take the last of it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from jirong.claims import store as claims
from jirong.claims.models import ClaimRow
from jirong.engine import step
from jirong.engine.contract import Outcome
from jirong.engine.kinds import entitlement, loan
from jirong.financing import deciding, runtime
from jirong.financing.budgets import grant
from jirong.financing.models import Contract, Loan, Policy
from jirong.financing.models_conduct import Entitlement
from jirong.kernel.errors import Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.money import UNITS
from jirong.kernel.rates import basis_points
from jirong.kernel.text import Text
from jirong.ledger import intents as ledger
from jirong.log.actions import concern
from jirong.rails import actions as rails
from jirong.rails.models import Confirmation, Instruction, Leg
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.model.sharing import Income, Subsidy
from jirong.store.identity import SYSTEM, acting_as

PURPOSE = "credit.entitle"
"""The rails' purpose of a payment of income shares and subsidies."""


@dataclass(frozen=True, slots=True)
class Clause:
    """An income or subsidy clause with its place in the scheme."""

    what: str
    place: int
    clause: Income | Subsidy

    @property
    def path(self) -> str:
        return f"{self.what}/{self.place}"


def clauses(scheme: Scheme) -> list[Clause]:
    found = [Clause("income", place, clause) for place, clause in enumerate(scheme.income)]
    return found + [Clause("subsidy", place, clause) for place, clause in enumerate(scheme.subsidy)]


def signers(scheme: Scheme) -> list[str]:
    """The parties, by the scheme's names, that pay income or subsidies: they sign the policy too."""
    names = [item.clause.from_ for item in clauses(scheme)]
    return [name for name in dict.fromkeys(names) if name not in ("lender", "borrower")]


def receivers(scheme: Scheme) -> list[str]:
    """The parties, by the scheme's names, that are paid: a policy says who they are."""
    names = [item.clause.to for item in clauses(scheme)]
    return [name for name in dict.fromkeys(names) if name not in ("lender", "borrower")]


def check_carried(scheme: Scheme) -> None:
    """Refuse a scheme whose clauses count what a loan does not bring (rent, premiums, a discount)."""
    for item in clauses(scheme):
        once = isinstance(item.clause, Subsidy) and item.clause.each is not None
        if not once and _basis(item.clause) not in entitlement.BASES:
            raise Invalid(
                "financing.clause_not_carried",
                Text(
                    f"贷款合同不产生条款{item.path}所指的款项", f"A loan brings nothing of what {item.path} speaks of"
                ),
                remedy=Text(
                    "可选：放款额、余额、利息、服务费", "Choose among disbursed, outstanding, interest and fee"
                ),
                where="scheme",
                details={"path": item.path, "of": item.clause.of},
            )


def budget_name(policy: uuid.UUID, place: int) -> str:
    """The capacity that is the budget of a policy's subsidy clause."""
    return f"subsidy:{policy}:{place}"


def budgets(policy: Policy, name: str, act: uuid.UUID, giver: uuid.UUID) -> list[Any]:
    """The grants that ``name`` signs for: one for each of its subsidy clauses, whose accounts are opened with it."""
    found = clauses(deciding.scheme_behind(policy))
    return [
        grant(budget_name(policy.pk, item.place), item.clause.budget.minor, derived_id(act, item.path), owner=giver)
        for item in found
        if isinstance(item.clause, Subsidy) and item.clause.from_ == name
    ]


def budget_left(policy: uuid.UUID, place: int) -> int:
    """What a subsidy clause's budget still covers, in minor units."""
    key = f"capacity:{budget_name(policy, place)}:free"
    with acting_as(SYSTEM):
        return ledger.free_minor([key]).get(key, 0)


def paid_out(contract: Contract, row: Loan, act: uuid.UUID, on: datetime.date) -> None:
    """A drawing was paid out: the clauses begin to count."""
    _count(contract, row, act, on, {"disbursed": row.principal_minor})


def came_in(
    contract: Contract, row: Loan, before: loan.LoanState, after: loan.LoanState, act: uuid.UUID, on: datetime.date
) -> None:
    """A payment was booked: its interest and fees count, and the balance as it stood until today."""
    counted = {kind: _settled(after, kind) - _settled(before, kind) for kind in ("interest", "fee")}
    balance = sum(c.outstanding_minor for c in before.claims.values() if c.is_open and c.kind == "loan")
    _count(contract, row, act, on, counted, balance_minor=balance)


def pay(policy: uuid.UUID, debtor: uuid.UUID, act: uuid.UUID, on: datetime.date) -> list[Any]:
    """Everything ``debtor`` owes under the policy's clauses, in one instruction; the payments."""
    payments: list[Any] = []
    with acting_as(SYSTEM):
        rows = list(
            Entitlement.objects.select_for_update(of=("self",))
            .select_related("contract__policy__scheme")
            .filter(policy=policy, debtor=debtor)
            .order_by("pk")
        )
    for row in rows:
        state = _state(row)
        if any(claim.is_open for claim in state.claims.values()):
            payments += _pay(row, state, act, on)
    if not payments:
        # The engine says it best, in both languages.
        entitlement.pay(_nothing(debtor), entitlement.EntitlementState(), entitlement.Pay(id=act, by=debtor), on)
    rails.instruct(payments, id=derived_id(act, "pay"), purpose=PURPOSE, subject=policy, on=on)
    return payments


def answered(instruction: Instruction, confirmation: Confirmation) -> None:
    """What follows when a bank answers a payment of entitlements; inside the bank's action."""
    legs = list(instruction.legs.select_related("instruction").order_by("pk"))
    with acting_as(SYSTEM):
        owner = dict(ClaimRow.objects.filter(pk__in=[leg.lot for leg in legs]).values_list("pk", "contract"))
        rows = Entitlement.objects.select_for_update(of=("self",)).select_related("contract__policy__scheme")
        found = list(rows.filter(pk__in=set(owner.values())).order_by("pk"))
    kind: Any = entitlement.Confirm if confirmation.paid else entitlement.Reject
    for row in found:
        own = tuple(leg.pk for leg in legs if leg.lot is not None and owner.get(leg.lot) == row.pk)
        event = kind(id=derived_id(instruction.pk, "answer", row.pk), payments=own)
        state = _state(row, [leg for leg in legs if leg.pk in own])
        word = f"{row.what}.paid" if confirmation.paid else f"{row.what}.unpaid"
        total = sum(leg.amount_minor for leg in legs if leg.pk in own)
        _take(row, state, event, confirmation.value_date, kind=word, minor=total)


def terms_of(row: Entitlement) -> entitlement.EntitlementTerms:
    """What the engine needs of an entitlement, read from the scheme's version the contract was signed under."""
    contract = row.contract
    scheme = deciding.scheme_behind(contract.policy)
    clause = (scheme.income if row.what == "income" else scheme.subsidy)[row.place]
    return entitlement.EntitlementTerms(
        id=row.pk, what=row.what, debtor=row.debtor_id, creditor=row.creditor_id, of=_basis(clause),
        share=_share(clause, contract.rate),
        each_minor=clause.each.minor if isinstance(clause, Subsidy) and clause.each else None,
        budget=budget_name(row.policy_id, row.place) if isinstance(clause, Subsidy) else None,
        until=clause.until if isinstance(clause, Subsidy) else None, unit=UNITS[contract.unit],
    )  # fmt: skip


def _basis(clause: Income | Subsidy) -> str:
    """What is counted. An amount for each receiver, and a part of the principal, count what is paid out."""
    if isinstance(clause, Subsidy) and (clause.each is not None or clause.of == "principal"):
        return "disbursed"
    return clause.of


def _share(clause: Income | Subsidy, rate: Decimal) -> Fraction:
    """The part of the basis; points of interest are that part of the contract's rate, at most the whole interest."""
    if isinstance(clause, Income):
        return (
            Fraction(clause.share) if clause.share is not None else Fraction(basis_points(clause.rate_bp or Decimal(0)))
        )
    if clause.pays is not None:
        return Fraction(clause.pays)
    if clause.rate_bp is None:
        return Fraction(0)
    points = Fraction(basis_points(clause.rate_bp))
    if clause.of != "interest":
        return points
    return min(Fraction(1), points / Fraction(rate)) if rate else Fraction(0)


def _count(
    contract: Contract, row: Loan, act: uuid.UUID, on: datetime.date, counted: Mapping[str, int], *,
    balance_minor: int = 0,
) -> None:  # fmt: skip
    scheme = deciding.scheme_behind(contract.policy)
    found = clauses(scheme)
    if not found:
        return
    if scheme.subsidy:
        with acting_as(SYSTEM):
            # Budgets of a policy are looked at by one answer at a time.
            Policy.objects.select_for_update(no_key=True).get(pk=contract.policy_id)
    for item in found:
        own = _entitlement(contract, row, item, on)
        if own is None:
            continue
        # Two banks may answer in another order than they paid; a day is counted once.
        days = max(0, (on - own.counted_to).days)
        basis = balance_minor * days if _basis(item.clause) == "outstanding" else counted.get(_basis(item.clause), 0)
        own.counted_to = max(on, own.counted_to)
        if basis and not _came_once(own, item):
            left = _left(own, item)
            event = entitlement.Accrue(id=derived_id(own.pk, act), basis=basis, left_minor=left)
            _take(own, _state(own, with_claims=False), event, on, kind=item.what)


def _entitlement(contract: Contract, row: Loan, item: Clause, on: datetime.date) -> Entitlement | None:
    """The clause's entitlement of this loan, begun if it was not; none where somebody would owe itself."""
    who = {name: uuid.UUID(party) for name, party in contract.parties.items()}
    debtor, creditor = who[item.clause.from_], who[item.clause.to]
    if debtor == creditor:
        return None
    id = derived_id(row.pk, item.what, item.place)
    with acting_as(SYSTEM):
        known = Entitlement.objects.select_for_update().filter(pk=id).first()
        if known is not None:
            known.contract = contract
            return known
        return Entitlement.objects.create(
            id=id, policy_id=contract.policy_id, contract=contract, loan=row.pk, what=item.what, place=item.place,
            debtor_id=debtor, creditor_id=creditor, counted_to=row.started or on,
            seen_by=sorted({debtor, creditor, contract.lender_id}),
        )  # fmt: skip


def _left(own: Entitlement, item: Clause) -> int | None:
    """What the budget covers, and what this receiver may still have; income has no limit."""
    clause = item.clause
    if not isinstance(clause, Subsidy):
        return None
    left = budget_left(own.policy_id, own.place)
    return left if clause.per_receiver is None else max(0, min(left, clause.per_receiver.minor - _had(own)))


def _came_once(own: Entitlement, item: Clause) -> bool:
    """An amount for each receiver comes once, whatever it borrows afterwards."""
    return isinstance(item.clause, Subsidy) and item.clause.each is not None and _had(own) > 0


def _had(own: Entitlement) -> int:
    """What the receiver has been given by this clause under the policy."""
    with acting_as(SYSTEM):
        same = Entitlement.objects.filter(
            policy=own.policy_id, what=own.what, place=own.place, creditor=own.creditor_id
        )
        return same.aggregate(total=Sum("accrued_minor"))["total"] or 0


def _settled(state: loan.LoanState, kind: str) -> int:
    return sum(claim.settled_minor for claim in state.claims.values() if claim.kind == kind)


def _state(
    row: Entitlement, answered_legs: Sequence[Leg] = (), *, with_claims: bool = True
) -> entitlement.EntitlementState:
    """What the engine needs: counters, and where money is to move the claims and the payments under way."""
    held: dict[uuid.UUID, Any] = {}
    payments: dict[uuid.UUID, Any] = {}
    if with_claims:
        with acting_as(SYSTEM):
            held = claims.lock_contract(row.pk)
            legs = Leg.objects.filter(
                lot__in=list(held), instruction__state="instructed", instruction__purpose=PURPOSE
            ).select_related("instruction")
            payments = {leg.pk: runtime.payment_of(leg) for leg in (*legs, *answered_legs)}
    return entitlement.EntitlementState(
        basis=row.basis, accrued_minor=row.accrued_minor, lost_minor=row.lost_minor, claims=held, payments=payments
    )


def _pay(row: Entitlement, state: entitlement.EntitlementState, act: uuid.UUID, on: datetime.date) -> Iterable[Any]:
    under_way = {payment.lot for payment in state.payments.values()}
    if all(not claim.is_open or claim.id in under_way for claim in state.claims.values()):
        return ()
    event = entitlement.Pay(id=derived_id(act, row.pk), by=row.debtor_id)
    return _take(row, state, event, on, kind=f"{row.what}.pay").changes.payments


def _take(
    row: Entitlement, state: entitlement.EntitlementState, event: Any, on: datetime.date, *, kind: str,
    minor: int | None = None,
) -> Outcome:  # fmt: skip
    """One step of an entitlement: counters, claims, budget and the contract's timeline."""
    outcome = step.step(terms_of(row), state, event, on)
    after: entitlement.EntitlementState = outcome.state
    given = after.accrued_minor - row.accrued_minor
    row.basis, row.accrued_minor, row.lost_minor = after.basis, after.accrued_minor, after.lost_minor
    with acting_as(SYSTEM):
        row.save(update_fields=["basis", "accrued_minor", "lost_minor", "counted_to"])
    claims.apply(outcome.changes, contract=row.pk, journal=event.id, on=on)
    runtime.record(
        row.contract, event.id, kind, on, outcome.reasons, minor=minor or given or None, loan_id=row.loan,
        seen=row.seen_by,
    )  # fmt: skip
    concern(row.debtor_id, row.creditor_id)
    return outcome


def _nothing(debtor: uuid.UUID) -> entitlement.EntitlementTerms:
    nobody = derived_id(debtor, "nobody")
    return entitlement.EntitlementTerms(id=nobody, what="income", debtor=debtor, creditor=nobody, of="disbursed")
