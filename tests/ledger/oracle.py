"""A ledger in memory, written from the rules and not from the SQL: one journal after another, one transfer at a time.

It knows nothing of batches, locks or shards (a heading is one account to it), and is compared with the database by the
stateful test and the soak run.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from jirong.ledger.journal import AMOUNT_MAX, Journal, Kind, Transfer


@dataclass
class Held:
    """An account: terms, counters, number of entries."""

    book: str
    unit: str
    bound: str = "none"
    allowance: int = 0
    closed: bool = False
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0
    entries: int = 0

    @property
    def excess(self) -> int:
        """How far the limited side stands beyond what it may; at most 0 in a ledger that is in order."""
        if self.bound == "debits":
            return self.debits_pending + self.debits_posted - self.credits_posted - self.allowance
        if self.bound == "credits":
            return self.credits_pending + self.credits_posted - self.debits_posted - self.allowance
        return 0


@dataclass
class Moved:
    """A recorded transfer, with everything that was left open filled in."""

    kind: str
    debit: uuid.UUID
    credit: uuid.UUID
    amount: int
    pending: uuid.UUID | None
    reverses: uuid.UUID | None


@dataclass
class Ahead:
    """What a journal may settle and reverse, going through it once before anything is moved."""

    left: dict[uuid.UUID, int]
    known: dict[uuid.UUID, Moved]
    reversed_now: set[uuid.UUID] = field(default_factory=set)

    def settle(self, transfer: Transfer) -> str | None:
        assert transfer.pending
        target, rest = self.known.get(transfer.pending), self.left.get(transfer.pending)
        if target is None or rest is None:
            return "reservation_unknown"
        if not _agrees(transfer, target.debit, target.credit):
            return "reservation_mismatch"
        if rest <= 0:
            return "reservation_settled"
        amount = rest if transfer.amount_minor is None else transfer.amount_minor
        if amount > rest:
            return "reservation_exceeded"
        self.left[transfer.pending] = rest - amount
        return None

    def reverse(self, transfer: Transfer) -> str | None:
        assert transfer.reverses
        target = self.known.get(transfer.reverses)
        if target is None or target.kind not in (Kind.POST, Kind.POST_PENDING):
            return "reversal_unknown"
        as_it_was = _agrees(transfer, target.credit, target.debit) and transfer.amount_minor in (None, target.amount)
        if not as_it_was:
            return "reversal_mismatch"
        before = {moved.reverses for moved in self.known.values()} | self.reversed_now
        self.reversed_now.add(transfer.reverses)
        return "already_reversed" if transfer.reverses in before else None

    def note(self, transfer: Transfer) -> None:
        """A plain transfer may be settled or reversed by a later one, unless its id was used before."""
        assert transfer.debit
        assert transfer.credit
        assert transfer.amount_minor is not None
        if transfer.id in self.known:
            return
        self.known[transfer.id] = Moved(
            transfer.kind, transfer.debit, transfer.credit, transfer.amount_minor, None, None
        )
        if transfer.kind == Kind.RESERVE:
            self.left[transfer.id] = transfer.amount_minor


@dataclass
class Oracle:
    accounts: dict[uuid.UUID, Held] = field(default_factory=dict)
    journals: dict[uuid.UUID, Journal] = field(default_factory=dict)
    transfers: dict[uuid.UUID, Moved] = field(default_factory=dict)
    left: dict[uuid.UUID, int] = field(default_factory=dict)

    def post(self, journals: Sequence[Journal], *, together: bool) -> list[str]:
        """One word a journal: ``recorded``, ``replayed``, ``left out`` (another was refused), or a refusal's code."""
        known = [journal.id in self.journals for journal in journals]
        reused = [there and not self._same(journal) for there, journal in zip(known, journals, strict=True)]
        if together and any(reused):
            return ["journal_id_reused" if is_reused else "left out" for is_reused in reused]
        before = copy.deepcopy(self)
        said = []
        fresh = [journal for there, journal in zip(known, journals, strict=True) if not there]
        for there, is_reused, journal in zip(known, reused, journals, strict=True):
            if there:
                said.append("journal_id_reused" if is_reused else "replayed")
                continue
            code = self._record(journal, fresh)
            said.append(code or "recorded")
            if code and together:
                self.__dict__.update(before.__dict__)
                return ["left out" if other is not journal else code for other in journals]
        return said

    def _record(self, journal: Journal, batch: Sequence[Journal]) -> str | None:
        before = copy.deepcopy(self)
        code = self._settles_wrongly(journal, batch) or self._transfers(journal) or self._over()
        if code:
            self.__dict__.update(before.__dict__)
            return code
        self.journals[journal.id] = journal
        return None

    def _settles_wrongly(self, journal: Journal, batch: Sequence[Journal]) -> str | None:
        ahead = Ahead(dict(self.left), dict(self.transfers))
        looked_up = {t.id for other in batch for t in other.transfers if t.pending or t.reverses}
        for transfer in journal.transfers:
            if transfer.pending:
                code = ahead.settle(transfer)
            elif transfer.reverses:
                code = "reversal_unknown" if transfer.reverses in looked_up else ahead.reverse(transfer)
            else:
                ahead.note(transfer)
                continue
            if code:
                return code
        return None

    def _transfers(self, journal: Journal) -> str | None:
        for transfer in journal.transfers:
            code = self._transfer(transfer)
            if code:
                return code
        return None

    def _transfer(self, transfer: Transfer) -> str | None:
        moved = self._filled_in(transfer)
        if moved.amount <= 0:
            return "amount_not_positive"
        if moved.amount > AMOUNT_MAX:
            return "amount_too_large"
        debit, credit = self.accounts.get(moved.debit), self.accounts.get(moved.credit)
        if debit is None or credit is None:
            return "account_unknown"
        if debit is credit:
            return "same_account"
        if debit.book != credit.book:
            return "book_mismatch"
        if debit.unit != credit.unit or transfer.unit not in (None, debit.unit):
            return "unit_mismatch"
        if debit.closed or credit.closed:
            return "account_closed"
        if transfer.id in self.transfers:
            return "transfer_id_reused"
        self._move(transfer.id, moved, debit, credit)
        return None

    def _filled_in(self, transfer: Transfer) -> Moved:
        debit, credit, amount = transfer.debit, transfer.credit, transfer.amount_minor
        if transfer.pending:
            target = self.transfers[transfer.pending]
            debit, credit = target.debit, target.credit
            amount = self.left[transfer.pending] if amount is None else amount
        elif transfer.reverses:
            target = self.transfers[transfer.reverses]
            debit, credit, amount = target.credit, target.debit, target.amount
        assert debit
        assert credit
        assert amount is not None
        return Moved(transfer.kind, debit, credit, amount, transfer.pending, transfer.reverses)

    def _move(self, id: uuid.UUID, moved: Moved, debit: Held, credit: Held) -> None:
        if moved.kind in (Kind.POST, Kind.POST_PENDING):
            debit.debits_posted += moved.amount
            credit.credits_posted += moved.amount
        if moved.kind == Kind.RESERVE:
            debit.debits_pending += moved.amount
            credit.credits_pending += moved.amount
            self.left[id] = moved.amount
        if moved.pending:
            debit.debits_pending -= moved.amount
            credit.credits_pending -= moved.amount
            self.left[moved.pending] -= moved.amount
        debit.entries += 1
        credit.entries += 1
        self.transfers[id] = moved

    def _over(self) -> str | None:
        return "limit_exceeded" if any(account.excess > 0 for account in self.accounts.values()) else None

    def _same(self, journal: Journal) -> bool:
        """Whether a known journal is repeated with the same body; what is left open is not compared."""
        first = self.journals[journal.id]
        head = (journal.business_date, journal.reason, journal.subject, len(journal.transfers))
        if head != (first.business_date, first.reason, first.subject, len(first.transfers)):
            return False
        if journal.event_at is not None and journal.event_at != first.event_at:
            return False
        return all(self._same_transfer(*pair) for pair in zip(journal.transfers, first.transfers, strict=True))

    def _same_transfer(self, again: Transfer, first: Transfer) -> bool:
        moved = self.transfers[first.id]
        return (
            (again.id, again.kind, again.pending, again.reverses)
            == (first.id, first.kind, first.pending, first.reverses)
            and _agrees(again, moved.debit, moved.credit)
            and again.amount_minor in (None, moved.amount)
            and again.unit in (None, self.accounts[moved.debit].unit)
        )


def _agrees(transfer: Transfer, debit: uuid.UUID, credit: uuid.UUID) -> bool:
    return transfer.debit in (None, debit) and transfer.credit in (None, credit)
