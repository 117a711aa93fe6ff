"""The lending side of security: a signed contract states its debt, a drawing waits for what is missing, a sale of
collateral is booked on the loans it pays.

The collateral room stands below and cannot ask what is owed; this file tells it (``register``, when Django starts).
"""

from __future__ import annotations

import datetime
import uuid

from jirong.claims import store as claims
from jirong.claims.models import ClaimRow
from jirong.collateral import debts, demands, gate
from jirong.engine.kinds import loan
from jirong.engine.reasons import Reason
from jirong.financing import deciding, runtime
from jirong.financing.models import Contract, Loan
from jirong.store.identity import SYSTEM, acting_as

STANDING = ("live", "overdue", "defaulted")


def register() -> None:
    debts.register(debts.Lending(owed_minor, book))


def open_debt(contract: Contract) -> None:
    """State a contract just signed, so that things can be given for it."""
    named = {name: uuid.UUID(party) for name, party in contract.parties.items()}
    gate.open_debt(
        contract.pk, deciding.scheme_behind(contract.policy), lender=contract.lender_id, borrower=contract.borrower_id,
        parties=named, limit_minor=contract.limit_minor, seen_by=contract.seen_by, on=contract.opened_on,
    )  # fmt: skip


def lacking(contract: Contract, minor: int, on: datetime.date) -> tuple[Reason, ...]:
    """What must be given or registered before ``minor`` is paid out."""
    return gate.lacking(contract.pk, minor, on) if wants_pledge(contract) else ()


def before_payout(contract: Contract, loan_id: uuid.UUID, minor: int, on: datetime.date) -> None:
    """Refuse to pay ``minor`` out while the scheme's security is missing; else the loan is known to be secured."""
    if wants_pledge(contract):
        gate.before_payout(contract.pk, loan_id, minor, on)


def owed_minor(id: uuid.UUID, on: datetime.date) -> int | None:
    """All that ends the loan on ``on``, interest to the day included; while its pay-out is on its way, its principal.

    ``None`` for a loan of another room. What was written off is still owed.
    """
    with acting_as(SYSTEM):
        row = Loan.objects.filter(pk=id).first()
        if row is None:
            return None
        if row.status == "paying":
            return row.principal_minor
        held = [claims.claim_of(claim) for claim in ClaimRow.objects.filter(contract=id)]
    if row.status == "written_off":
        return sum(claim.written_off_minor for claim in held)
    if row.status not in STANDING:
        return 0
    terms = runtime.terms_of(row)
    state = runtime.state_of(row, {claim.id: claim for claim in held})
    last = max([on, *(event.on for event in state.events)])
    return loan.owed_minor(terms, loan.replayed(terms, state, last))


def book(id: uuid.UUID, payer: uuid.UUID, minor: int, payment: uuid.UUID, on: datetime.date) -> None:
    """Book what a sale paid the lender; of a loan whose loss was shared it is a recovery the lender reports itself."""
    running = runtime.lock_loan(id)
    if running.state.status in loan.RUNNING:
        event = loan.Collect(id=payment, payer=payer, amount_minor=minor)
        runtime.take(running, event, on, kind="collateral", minor=minor)


def wants_pledge(contract: Contract) -> bool:
    """Known from the scheme alone: the many loans that are unsecured ask the database nothing."""
    return bool(demands.of_scheme(deciding.scheme_behind(contract.policy), {}))
