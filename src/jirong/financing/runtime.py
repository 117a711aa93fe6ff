"""Between rows and the engine: load a limit or a loan under lock, take the step, store what came of it.

Locks are taken contract first, then loan, then claims, so that two actions never wait for each other. A loan is loaded
with its events and claims and with the payments a bank has not answered; its columns are written anew after each step.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from jirong.claims import store as claims
from jirong.engine import step
from jirong.engine.claims import Changes
from jirong.engine.contract import Outcome
from jirong.engine.intents import Payment
from jirong.engine.kinds import credit_line, loan
from jirong.engine.reasons import Reason
from jirong.engine.waterfall import Borne
from jirong.financing import happenings, product
from jirong.financing.models import PARTITIONS, Contract, Loan, LoanEvent, Step
from jirong.instruments.portfolio.contracts import BASES, REPAYMENTS
from jirong.instruments.practice import Basis, FixedRate, Repayment, ahead
from jirong.kernel.ids import derived_id
from jirong.kernel.money import UNITS
from jirong.ledger import intents as ledger
from jirong.log.actions import concern
from jirong.rails import actions as rails
from jirong.rails.models import Leg
from jirong.store import catalogue
from jirong.store.identity import SYSTEM, acting_as

PURPOSES = {
    "loan": "credit.disburse", "relay": "credit.disburse", "repayment": "credit.repay", "surplus": "credit.repay",
    "refund": "credit.refund", "compensation": "credit.compensate", "recovery": "credit.recover",
}  # fmt: skip
"""The rails' purpose of a payment by why it is made."""
RATE_SCALE = 1_000_000
CLASS_OF = """
SELECT coalesce(max(loan_class), 0) FROM (
    SELECT loan_class FROM financing_loan
    WHERE borrower_id = ANY(%(borrowers)s::uuid[]) AND status IN ('live', 'overdue', 'defaulted') AND lender_id = %(lender)s
    UNION ALL
    SELECT loan_class FROM financing_loan
    WHERE lender_id = %(lender)s AND cardinality(borrowers) > 1 AND borrowers && %(borrowers)s::uuid[]
        AND status IN ('live', 'overdue', 'defaulted')
) AS standing
"""


@dataclass(slots=True)
class Running:
    """A loan as loaded for one step."""

    row: Loan
    terms: loan.LoanTerms
    state: loan.LoanState


def line_terms(row: Contract) -> credit_line.LineTerms:
    return credit_line.LineTerms(
        id=row.pk, lender=row.lender_id, borrower=row.borrower_id, limit_minor=row.limit_minor,
        opened_on=row.opened_on, ends=row.ends, how=credit_line.How(row.how), least_minor=row.least_minor,
        multiple_minor=row.multiple_minor, unit=UNITS[row.unit],
    )  # fmt: skip


def line_state(row: Contract) -> credit_line.LineState:
    return credit_line.LineState(
        opened=True, frozen=row.status == "frozen", closed=row.status == "closed", in_use_minor=row.in_use_minor,
        lowered_minor=row.lowered_minor, draws=frozenset(row.draws),
    )  # fmt: skip


def lock_contract(id: uuid.UUID) -> Contract:
    """The contract, its row held until the transaction ends; whoever calls has authorised the actor."""
    with acting_as(SYSTEM):
        return Contract.objects.select_for_update(no_key=True, of=("self",)).select_related("policy__scheme").get(pk=id)


def contract_behind(loan_id: uuid.UUID) -> Contract | None:
    """The contract a loan was drawn under, locked before the loan is."""
    with acting_as(SYSTEM):
        found = Contract.objects.filter(loans=loan_id).values_list("pk", flat=True).first()
    return lock_contract(found) if found is not None else None


def take_line(
    row: Contract,
    event: Any,
    on: datetime.date,
    *,
    kind: str,
    minor: int | None = None,
    loan_id: uuid.UUID | None = None,
) -> Contract:
    """One step of a limit, stored with its transfers."""
    state = credit_line.LineState() if isinstance(event, credit_line.Open) else line_state(row)
    outcome = step.step(line_terms(row), state, event, on)
    now: credit_line.LineState = outcome.state
    row.in_use_minor, row.lowered_minor, row.draws = now.in_use_minor, now.lowered_minor, sorted(now.draws)
    row.status = "closed" if now.closed else "frozen" if now.frozen else "live"
    with acting_as(SYSTEM):
        row.save(update_fields=["in_use_minor", "lowered_minor", "draws", "status"])
        if outcome.changes.transfers:
            ledger.post(outcome.changes.transfers, journal=derived_id(event.id, "line"), on=on)
    record(row, event.id, kind, on, outcome.reasons, by=getattr(event, "by", None), minor=minor, loan_id=loan_id)
    return row


def terms_of(row: Loan) -> loan.LoanTerms:
    return loan.LoanTerms(
        id=row.pk,
        lender=row.lender_id,
        borrowers=tuple(row.borrowers),
        principal_minor=row.principal_minor,
        product=product.from_json(row.product),
        rules=catalogue.rulebook(),
        payouts=tuple((uuid.UUID(payee), minor, because) for payee, minor, because in row.payouts),
        unit=UNITS[row.unit],
    )


def lock_loan(id: uuid.UUID, answered: Sequence[Leg] = ()) -> Running:
    """The loan with its claims, locked; ``answered`` are the payments the step is about to hear of."""
    with acting_as(SYSTEM):
        row = Loan.objects.select_for_update(no_key=True).get(pk=id)
        held = claims.lock_contract(id)
    return Running(row, terms_of(row), state_of(row, held, answered))


def state_of(row: Loan, held: dict[uuid.UUID, Any], answered: Sequence[Leg] = ()) -> loan.LoanState:
    with acting_as(SYSTEM):
        kept = list(LoanEvent.objects.filter(loan=row).order_by("place"))
        legs = Leg.objects.filter(
            instruction__subject=row.pk, instruction__state="instructed", instruction__purpose__startswith="credit."
        ).select_related("instruction")
        payments = {leg.pk: payment_of(leg) for leg in (*legs, *answered)}
    return loan.LoanState(
        status=loan.LoanStatus(row.status),
        started=row.started,
        events=tuple(happenings.read(event.kind, event.on, event.body, UNITS[row.unit]) for event in kept),
        claims=held,
        standing=row.standing,
        payments=payments,
        paid_by={uuid.UUID(party): minor for party, minor in row.paid_by.items()},
        borne=_borne(row.borne),
        recovered_minor=row.recovered_minor,
    )


def payment_of(leg: Leg) -> Payment:
    return Payment(
        id=leg.pk, payer=leg.instruction.payer_id, payee=leg.payee_id, amount_minor=leg.amount_minor,
        unit=UNITS[leg.unit], because=leg.because, lot=leg.lot,
    )  # fmt: skip


def take(
    running: Running, event: Any, on: datetime.date, *, kind: str, minor: int | None = None, quiet: bool = False
) -> Outcome:
    """One step of a loan: claims, ledger, events, columns and payments stored; ``quiet`` keeps a step that changed
    nothing out of the timeline.
    """
    before = running.state
    outcome = step.step(running.terms, before, event, on)
    after: loan.LoanState = outcome.state
    row, running.state = running.row, after
    _store(row, running.terms, before, after, event.id, on)
    claims.apply(outcome.changes, contract=row.pk, journal=event.id, on=on, shown_to=_shown(row, outcome.changes))
    instruct(outcome.changes.payments, row, on)
    if not quiet or outcome.changes != Changes():
        by = getattr(event, "by", None)
        record(row.contract, event.id, kind, on, outcome.reasons, by=by, minor=minor, loan_id=row.pk, seen=row.seen_by)
    concern(*row.seen_by)
    return outcome


def new_loan(contract: Contract, id: uuid.UUID, minor: int, kept_product: dict[str, Any]) -> Loan:
    """The row of a drawing, not yet paid out."""
    made = product.from_json(kept_product)
    return Loan(
        id=id, contract=contract, lender_id=contract.lender_id, borrower_id=contract.borrower_id,
        borrowers=contract.borrowers, principal_minor=minor, unit=contract.unit, product=kept_product, status="new",
        seen_by=contract.seen_by, partition=partition_of(contract.borrower_id),
        **columns(made, Decimal(kept_product["rate"])),
    )  # fmt: skip


def partition_of(borrower: uuid.UUID) -> int:
    """The part of a book in which a debtor's loans are closed; a version-7 id's last bits are random."""
    return borrower.int % PARTITIONS


def columns(made: loan.Product, rate: Decimal) -> dict[str, int]:
    """A product as the columnar twin sees it, at ``rate`` a year; a bullet is one period of all its months."""
    bullet = made.repayment is Repayment.BULLET
    months = made.months or 1
    months_kind = made.repayment in (Repayment.ANNUITY, Repayment.LINEAR)
    basis = made.basis or (Basis.MONTHS if months_kind else Basis.A360)
    return {
        "rate_e6": int(rate * RATE_SCALE),
        "periods": 1 if bullet else -(-months // made.every_months),
        "every_months": months if bullet else made.every_months,
        "repayment": REPAYMENTS.index(made.repayment),
        "basis": BASES.index(basis),
    }


def instruct(payments: Iterable[Payment], row: Loan, on: datetime.date) -> None:
    """One order for each payer and purpose."""
    groups: dict[tuple[uuid.UUID, str], list[Payment]] = {}
    for payment in payments:
        groups.setdefault((payment.payer, PURPOSES[payment.because]), []).append(payment)
    for (_, purpose), group in groups.items():
        rails.instruct(group, id=group[0].id, purpose=purpose, subject=row.pk, on=on)


def record(
    contract: Contract | None,
    action: uuid.UUID,
    kind: str,
    on: datetime.date,
    reasons: Iterable[Reason],
    *,
    by: uuid.UUID | None = None,
    minor: int | None = None,
    loan_id: uuid.UUID | None = None,
    seen: Iterable[uuid.UUID] = (),
) -> None:
    """Keep what happened and why."""
    viewers = sorted({*seen, *(contract.seen_by if contract else ())})
    with acting_as(SYSTEM):
        Step.objects.create(
            action=action, contract=contract, loan=loan_id, kind=kind, by_id=by, on=on, amount_minor=minor,
            reasons=[reason.as_dict() for reason in reasons], seen_by=viewers,
        )  # fmt: skip


def _store(
    row: Loan, terms: loan.LoanTerms, before: loan.LoanState, after: loan.LoanState, act: uuid.UUID, on: datetime.date
) -> None:
    """The header and columns after a step, and the events it added."""
    fresh = after.events[len(before.events) :]
    row.status, row.started, row.standing = after.status.value, after.started, after.standing
    row.paid_by = {str(party): minor for party, minor in after.paid_by.items()}
    row.recovered_minor = after.recovered_minor
    row.borne = _borne_json(after.borne)
    _write_columns(row, terms, after, on)
    with acting_as(SYSTEM):
        if before.started is None and after.started is not None:
            row.loan_class = _class_of(row.lender_id, row.borrowers)
        row.save()
        LoanEvent.objects.bulk_create(
            LoanEvent(
                loan=row, place=len(before.events) + place, on=event.on, kind=type(event).__name__,
                body=happenings.write(event), action=act,
            )
            for place, event in enumerate(fresh)
        )  # fmt: skip


def _class_of(lender: uuid.UUID, borrowers: Sequence[uuid.UUID]) -> int:
    """The class in which the debtors' loans at the lender stand: a new loan is no better than the others."""
    with connection.cursor() as cursor:
        cursor.execute(CLASS_OF, {"lender": lender, "borrowers": list(borrowers)})
        (code,) = cursor.fetchone()
    return int(code)


def _write_columns(row: Loan, terms: loan.LoanTerms, state: loan.LoanState, on: datetime.date) -> None:
    if state.started is None:
        return
    open_claims = [claim for claim in state.claims.values() if claim.is_open and claim.kind != "contribution"]
    due = [claim.due for claim in open_claims if claim.id != state.standing]
    principal = [claim for claim in open_claims if claim.kind == "loan"]
    row.principal_left_minor = sum(claim.outstanding_minor for claim in principal)
    row.others_minor = sum(claim.outstanding_minor for claim in principal if claim.creditor != row.lender_id)
    row.oldest_due = min(due, default=None)
    begun = terms.product.begun(terms.money(terms.principal_minor), state.started)
    last = max((event.on for event in state.events), default=state.started)
    coming = ahead(begun, state.events, max(on, last)) if state.status in loan.RUNNING else ()
    row.next_due = coming[0].due if coming else None
    row.raised = coming[0].number - 1 if coming else row.periods
    fixed = isinstance(terms.product.rate, FixedRate)
    changed = any(happenings.breaks_columns(event) for event in state.events)
    row.plain = fixed and not changed and terms.product.days is None
    if changed or not fixed:
        row.rate_e6 = int(loan.replayed(terms, state, on).rate * RATE_SCALE)


def _shown(row: Loan, changes: Changes) -> dict[uuid.UUID, Iterable[uuid.UUID]]:
    return {claim.id: row.borrowers for claim in changes.opened} if len(row.borrowers) > 1 else {}


def _borne(kept: dict[str, Any] | None) -> Borne[uuid.UUID] | None:
    if kept is None:
        return None
    layers = tuple({uuid.UUID(party): minor for party, minor in layer} for layer in kept["layers"])
    return Borne(layers, uuid.UUID(kept["excess"]), kept["excess_minor"])


def _borne_json(borne: Borne[uuid.UUID] | None) -> dict[str, Any] | None:
    if borne is None:
        return None
    layers = [[[str(party), minor] for party, minor in layer.items()] for layer in borne.layers]
    return {"layers": layers, "excess": str(borne.excess), "excess_minor": borne.excess_minor}
