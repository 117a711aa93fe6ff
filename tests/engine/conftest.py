"""A small desk that drives ``step`` the way a stored room does: it keeps the state, the claims and a toy ledger.

The ledger refuses what a real one must: an account below zero on its side, pending included, and an id used twice.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from jirong.engine import checks
from jirong.engine.claims import Changes, Claim, Purpose
from jirong.engine.contract import Outcome
from jirong.engine.intents import Account, Payment, Phase, Side, Transfer
from jirong.engine.kinds import chain_note, lot_loan
from jirong.engine.step import step
from jirong.kernel.rules import Rulebook, house_rulebook

PARTIES = {name: uuid.uuid5(uuid.NAMESPACE_DNS, name) for name in (
    "core", "merchant", "mill", "fibre", "bank_a", "bank_b", "a", "b", "stranger"
)}  # fmt: skip


def yuan(text: str) -> int:
    whole, _, cents = text.replace(",", "").partition(".")
    return int(whole) * 100 + int(cents or 0)


class Ledger:
    """Balances and pending amounts by account key; each transfer is checked as it is booked."""

    def __init__(self) -> None:
        self.posted: Counter[str] = Counter()
        self.pending: dict[uuid.UUID, Transfer] = {}
        self.ids: set[uuid.UUID] = set()

    def balance(self, account: Account) -> int:
        return self.posted[account.key] * (1 if account.side is Side.DEBIT else -1)

    def available(self, account: Account) -> int:
        outgoing = sum(
            item.amount_minor
            for item in self.pending.values()
            if (item.credit if account.side is Side.DEBIT else item.debit).key == account.key
        )
        return self.balance(account) - outgoing

    def book(self, transfer: Transfer) -> None:
        assert transfer.id not in self.ids, "an id is used once"
        self.ids.add(transfer.id)
        if transfer.phase is Phase.RESERVE:
            self.pending[transfer.id] = transfer
        if transfer.reservation:
            held = self.pending.pop(transfer.reservation)
            same = (held.debit, held.credit, held.amount_minor, held.unit)
            assert same == (transfer.debit, transfer.credit, transfer.amount_minor, transfer.unit)
        if transfer.phase in (Phase.POST, Phase.USE):
            self.posted[transfer.debit.key] += transfer.amount_minor
            self.posted[transfer.credit.key] -= transfer.amount_minor
        for account in (transfer.debit, transfer.credit):
            assert self.available(account) >= 0, f"{account.key} would be overdrawn"


class Desk:
    """One note, its loans, and what everybody was paid."""

    def __init__(self, rules: Rulebook) -> None:
        self.rules = rules
        self.ledger = Ledger()
        self.cash: Counter[uuid.UUID] = Counter()
        self.claims: dict[uuid.UUID, Claim] = {}
        self.states: dict[uuid.UUID, Any] = {}
        self.count = 0

    def new_id(self) -> uuid.UUID:
        self.count += 1
        return uuid.UUID(int=self.count)

    def store(self, changes: Changes) -> None:
        self.claims = changes.apply(self.claims)
        for transfer in changes.transfers:
            self.ledger.book(transfer)

    def do(self, terms: Any, event: Any, date: dt.date) -> Outcome:
        blank = chain_note.NoteState() if terms.kind == chain_note.NAME else lot_loan.LoanState()
        outcome = step(terms, self.states.get(terms.id, blank), event, date)
        self.states[terms.id] = outcome.state
        self.store(outcome.changes)
        self.check(terms)
        return outcome

    def check(self, terms: Any) -> None:
        """What is owed in the claims, in the ledger and in the header is one number."""
        if terms.kind != chain_note.NAME:
            return
        state = self.states[terms.id]
        owned = [claim for claim in self.claims.values() if claim.id in state.lots]
        assert sum(claim.outstanding_minor for claim in owned) == state.outstanding_minor
        held: Counter[str] = Counter()
        for claim in owned:
            if claim.state.value != "offered":
                held[claim.held_account.key] += claim.outstanding_minor
        for key, amount in held.items():
            assert self.ledger.posted[key] == amount, key

    def pay(self, terms: Any, payment: Payment, date: dt.date) -> Outcome:
        """The bank makes a payment and says so."""
        self.cash[payment.payer] -= payment.amount_minor
        self.cash[payment.payee] += payment.amount_minor
        module = chain_note if terms.kind == chain_note.NAME else lot_loan
        return self.do(terms, module.Confirm(id=self.new_id(), payment=payment.id), date)

    # what people do

    def note(self, issuer: uuid.UUID, payee: uuid.UUID, amount: str, issued: dt.date, due: dt.date, **more: Any) -> Any:
        minor = yuan(amount)
        return chain_note.NoteTerms(
            id=self.new_id(), issuer=issuer, payee=payee, amount_minor=minor, issued_on=issued, due=due,
            backings=(checks.Backing("INV-1", minor),), rules=self.rules, **more,
        )  # fmt: skip

    def evidence(self, terms: Any, **more: Any) -> checks.Evidence:
        known: dict[str, Any] = {
            "invoice": "INV-1", "buyer": terms.issuer, "seller": terms.payee, "unpaid_minor": terms.amount_minor,
            "accepted_on": terms.issued_on, "matched": True,
        }  # fmt: skip
        return checks.Evidence(**{**known, **more})

    def issue(self, terms: Any, *, evidence: Any = None, standing: Any = None) -> Outcome:
        for backing in terms.backings:
            self.grant_invoice(backing.invoice, backing.amount_minor)
        trade = checks.Trade(buyer_size=checks.BuyerSize.LARGE, seller_is_sme=True, note_agreed=True)
        event = chain_note.Issue(
            id=self.new_id(), by=terms.issuer, evidence=evidence or (self.evidence(terms),), trade=trade,
            standing=standing or checks.Standing(), set_off_waived=True,
        )  # fmt: skip
        return self.do(terms, event, terms.issued_on)

    def grant_invoice(self, invoice: str, minor: int) -> None:
        from jirong.engine import capacity

        transfer = capacity.grant(capacity.invoice_name(invoice), minor, self.new_id())
        self.ledger.book(transfer)

    def accept(self, terms: Any) -> Outcome:
        trade = checks.Trade(buyer_size=checks.BuyerSize.LARGE, seller_is_sme=True, note_agreed=True)
        event = chain_note.Accept(
            id=self.new_id(), by=terms.payee, trade=trade, evidence=(self.evidence(terms),), consents_to_term=True
        )
        return self.do(terms, event, terms.issued_on)

    def lot_of(self, terms: Any, holder: uuid.UUID) -> Claim:
        """The one open lot of a holder."""
        found: list[Claim] = [
            claim for claim in self.states[terms.id].lots.values()
            if claim.kind == chain_note.LOT and claim.creditor == holder and claim.is_open
        ]  # fmt: skip
        assert len(found) == 1, found
        return found[0]

    def offer(
        self, terms: Any, holder: uuid.UUID, to: uuid.UUID, amount: str, date: dt.date, purpose: Purpose, **more: Any
    ) -> uuid.UUID:
        minor = yuan(amount)
        if purpose is Purpose.TRANSFER and "backings" not in more:
            invoice = f"INV-{self.count}"
            self.grant_invoice(invoice, minor)
            more["backings"] = (checks.Backing(invoice, minor),)
            more["evidence"] = (
                checks.Evidence(
                    invoice=invoice, buyer=holder, seller=to, unpaid_minor=minor, accepted_on=date, matched=True
                ),
            )
        event = chain_note.MakeOffer(
            id=self.new_id(), by=holder, lot=self.lot_of(terms, holder).id, to=to, amount_minor=minor,
            purpose=purpose, expires_on=more.pop("expires_on", date), **more,
        )  # fmt: skip
        self.do(terms, event, date)
        return event.id

    def finance(self, date: dt.date, **more: Any) -> checks.Finance:
        given: dict[str, Any] = {
            "licensed": True, "registration": "R-1", "registered_on": date, "background_checked": True
        }  # fmt: skip
        return checks.Finance(**{**given, **more})

    def take(self, terms: Any, offer: uuid.UUID, date: dt.date, **more: Any) -> Outcome:
        hold = self.states[terms.id].offers[offer].hold
        if hold.purpose is not Purpose.TRANSFER:
            more.setdefault("finance", self.finance(date))
        return self.do(terms, chain_note.TakeOffer(id=self.new_id(), by=hold.to, offer=offer, **more), date)

    def transfer(self, terms: Any, holder: uuid.UUID, to: uuid.UUID, amount: str, date: dt.date) -> None:
        self.take(terms, self.offer(terms, holder, to, amount, date, Purpose.TRANSFER), date)

    def pledge(self, terms: Any, holder: uuid.UUID, to: uuid.UUID, amount: str, date: dt.date) -> None:
        self.take(terms, self.offer(terms, holder, to, amount, date, Purpose.PLEDGE), date)

    def lend(self, note: Any, borrower: uuid.UUID, amount: str, rate: Any, date: dt.date) -> Any:
        lot = self.lot_of(note, borrower)
        assert lot.pledgee, "pledge it first"
        terms = lot_loan.LoanTerms(
            id=self.new_id(), borrower=borrower, lender=lot.pledgee, lot=lot.id, principal_minor=yuan(amount),
            rate=rate, due=note.payable_on, rules=self.rules,
        )  # fmt: skip
        event = lot_loan.Disburse(
            id=self.new_id(), by=terms.lender, lot=lot, finance=self.finance(date), paid_out_minor=terms.principal_minor
        )
        out = self.do(terms, event, date)
        self.pay(terms, out.changes.payments[0], date)
        return terms

    def owed(self, loans: list[Any], date: dt.date) -> dict[uuid.UUID, int]:
        return {loan.lot: lot_loan.owed_minor(loan, self.states[loan.id], date) for loan in loans}

    def pay_due(self, terms: Any, amount: str, date: dt.date, loans: list[Any] | None = None) -> Outcome:
        """The issuer pays, the bank makes every payment, the lenders book theirs."""
        loans = loans or []
        event = chain_note.PayDue(
            id=self.new_id(), by=terms.issuer, amount_minor=yuan(amount), owed=self.owed(loans, date)
        )
        out = self.do(terms, event, date)
        for payment in out.changes.payments:
            self.pay(terms, payment, date)
            for loan in loans:
                if payment.because == "pledgee" and payment.lot == loan.lot:
                    self.do(loan, lot_loan.Collect(id=payment.id, amount_minor=payment.amount_minor), date)
        return out


@pytest.fixture
def desk() -> Desk:
    return Desk(house_rulebook())


@pytest.fixture
def who() -> dict[str, uuid.UUID]:
    return dict(PARTIES)


__all__ = ["Desk", "Ledger", "replace", "yuan"]


@pytest.fixture
def ledger_type() -> type[Ledger]:
    return Ledger


@pytest.fixture
def desk_type() -> type[Desk]:
    return Desk
