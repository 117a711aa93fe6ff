"""A loan's claims: the principal not yet due stands in one; each amount that falls due becomes one of its own.

The part that falls due is cut off the standing claim (the last of it passes wholly), so the sum over the tree is the
principal for ever. Interest becomes a claim when it falls due; penalty, compound interest and fees when they are paid,
because until then they grow by the day. All share the principal's root, so the ledger shows one debt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from jirong.engine import claims
from jirong.engine.claims import Changes, Claim, Hold, Purpose, State
from jirong.engine.kinds.loan.model import LoanState, LoanTerms
from jirong.instruments import practice
from jirong.instruments.practice import Bucket
from jirong.kernel.errors import Conflict
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text


def open_principal(terms: LoanTerms, due: dt.date) -> Changes:
    """The claim to the whole principal, on the day it was paid out."""
    return claims.open_claim(
        Claim(
            id=terms.root, kind="loan", debtor=terms.borrower, creditor=terms.lender,
            amount_minor=terms.principal_minor, outstanding_minor=terms.principal_minor, due=due, root=terms.root,
            unit=terms.unit,
        )
    )  # fmt: skip


def due_id(terms: LoanTerms, number: int, bucket: Bucket) -> UUID:
    """The claim to ``bucket`` of instalment ``number``."""
    return derived_id(terms.id, "due", number, bucket.value)


def replayed(terms: LoanTerms, state: LoanState, date: dt.date) -> practice.LoanState:
    """The instrument's state on ``date``, or on the day of the last happening if that is later."""
    assert state.started is not None, "the loan was paid out"
    last = max((event.on for event in state.events), default=state.started)
    begun = terms.product.begun(terms.money(terms.principal_minor), state.started)
    return practice.replay(begun, state.events, max(date, last, state.started))


def raised_to(state: LoanState) -> dt.date:
    """The latest due date that has become a claim: dues that are claims are never undone."""
    assert state.started is not None, "the loan was paid out"
    raised = (c.due for c in state.claims.values() if c.id != state.standing and c.kind in ("loan", "interest"))
    return max((due for due in raised), default=state.started)


def fall_due(terms: LoanTerms, state: LoanState, date: dt.date) -> tuple[LoanState, Changes]:
    """Open a claim for every amount that has fallen due by ``date`` and has none yet."""
    changes = Changes()
    for due in replayed(terms, state, date).dues:
        if due.principal.minor and due_id(terms, due.number, Bucket.PRINCIPAL) not in state.claims:
            changes = changes.then(_principal_due(terms, state, changes, due))
        if due.interest.minor and due_id(terms, due.number, Bucket.INTEREST) not in state.claims:
            id = due_id(terms, due.number, Bucket.INTEREST)
            changes = changes.then(open_charge(terms, id, "interest", due.interest.minor, due.due))
    return replace(state, claims=changes.apply(state.claims)), changes


def _principal_due(terms: LoanTerms, state: LoanState, so_far: Changes, due: practice.Due) -> Changes:
    assert state.standing is not None
    standing = so_far.claims.get(state.standing) or state.claims[state.standing]
    return mature(standing, due.principal.minor, due_id(terms, due.number, Bucket.PRINCIPAL), due.due)


def mature(standing: Claim, minor: int, id: UUID, due: dt.date) -> Changes:
    """Part of a standing claim, or all that is left of it, falls due as the claim ``id``; the holder stays."""
    return regroup((standing,), {standing.id: minor}, id, due, standing.kind)


def regroup(parts: tuple[Claim, ...], minor: Mapping[UUID, int], id: UUID, due: dt.date, kind: str) -> Changes:
    """Move ``minor`` of each claim into one new claim of the same debtor, holder and root; the ledger does not move."""
    first = parts[0]
    assert all((c.debtor, c.creditor, c.root) == (first.debtor, first.creditor, first.root) for c in parts)
    whole = sum(minor.values())
    child = Claim(
        id=id, kind=kind, debtor=first.debtor, creditor=first.creditor, amount_minor=whole, outstanding_minor=whole,
        due=due, root=first.root, unit=first.unit, parent=first.id,
    )  # fmt: skip
    moved = [_moved(claim, minor[claim.id]) for claim in parts]
    before, after = sum(c.outstanding_minor for c in parts), sum(c.outstanding_minor for c in moved)
    assert after + whole == before, "regrouping preserves amount"
    return Changes(
        opened=(child,),
        updated=tuple(claim for claim in moved if claim.is_open),
        closed=tuple(claim for claim in moved if not claim.is_open),
    )


def _moved(claim: Claim, minor: int) -> Claim:
    left = claim.outstanding_minor - minor
    state = claim.state if left else State.MOVED
    return replace(claim, outstanding_minor=left, moved_minor=claim.moved_minor + minor, state=state)


def open_charge(terms: LoanTerms, id: UUID, kind: str, minor: int, due: dt.date) -> Changes:
    """A claim to interest, penalty, compound interest or a fee."""
    return claims.open_claim(
        Claim(
            id=id, kind=kind, debtor=terms.borrower, creditor=terms.lender, amount_minor=minor,
            outstanding_minor=minor, due=due, root=terms.root, unit=terms.unit, parent=terms.root,
        )
    )  # fmt: skip


def pay_parts(
    terms: LoanTerms, state: LoanState, parts: tuple[practice.allocation.Part, ...], act: UUID, date: dt.date
) -> tuple[LoanState, Changes]:
    """Settle what an allocation gives to each bucket of each due."""
    changes = Changes()
    for part in parts:
        minor = part.amount.minor
        if part.bucket in (Bucket.PRINCIPAL, Bucket.INTEREST):
            claim = (
                changes.claims.get(due_id(terms, part.number, part.bucket))
                or state.claims[due_id(terms, part.number, part.bucket)]
            )
            changes = changes.then(claims.settle(claim, minor, act))
        else:
            id = derived_id(act, part.bucket.value, part.number)
            changes = changes.then(charge_and_pay(terms, id, part.bucket.value, minor, act, date))
    return replace(state, claims=changes.apply(state.claims)), changes


def charge_and_pay(terms: LoanTerms, id: UUID, kind: str, minor: int, act: UUID, date: dt.date) -> Changes:
    """A charge that is paid in the moment it is made."""
    opened = open_charge(terms, id, kind, minor, date)
    return opened.then(claims.settle(opened.opened[0], minor, act))


def pass_on(state: LoanState, holder: UUID, to: UUID, minor: int, act: UUID) -> tuple[LoanState, Changes]:
    """``to`` paid ``minor`` of the debt and takes the holder's place for it (民法典 700), interest before principal."""
    changes, left = Changes(), minor
    for claim in in_order(state.claims.values(), holder):
        part = min(left, claim.outstanding_minor)
        if part:
            id = derived_id(act, "passed", claim.id)
            hold = Hold(id=derived_id(id, "hold"), claim=claim.id, to=to, amount_minor=part, purpose=Purpose.TRANSFER)
            held = claims.reserve(claim, hold)
            passed = claims.assign(held.updated[0], hold, id, tier=claim.tier)
            changes = changes.then(held).then(passed)
            left -= part
    assert left == 0, "the caller asks for no more than the holder has open"
    return replace(state, claims=changes.apply(state.claims)), changes


def in_order(held: object, holder: UUID) -> list[Claim]:
    """A holder's open claims as payments serve them: charges before principal, the older first."""
    found = [c for c in held if isinstance(c, Claim) and c.is_open and c.creditor == holder]  # type: ignore[attr-defined]
    return sorted(found, key=lambda claim: (claim.kind == "loan", claim.due, claim.id))


def refuse(code: str, zh: str, en: str, remedy: Text) -> Conflict:
    return Conflict(f"loan.{code}", Text(zh, en), remedy=remedy)
