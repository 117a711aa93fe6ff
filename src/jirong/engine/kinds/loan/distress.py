"""When it goes wrong: new terms, everything called due, the write-off.

Whatever is agreed becomes an event of the instrument, and the claims follow its replay to the fen. How a loss is shared
and recovered is told in ``losses``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from jirong.engine import claims
from jirong.engine.claims import Changes, State
from jirong.engine.contract import Outcome, acts
from jirong.engine.kinds.loan import holding, losses
from jirong.engine.kinds.loan.model import (
    RUNNING,
    Change,
    LoanState,
    LoanStatus,
    LoanTerms,
    WriteOff,
)
from jirong.engine.kinds.loan.paying import expect
from jirong.instruments import practice
from jirong.instruments.practice import Bucket
from jirong.kernel.errors import Conflict, Forbidden
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text


def change(terms: LoanTerms, state: LoanState, event: Change, date: dt.date) -> Outcome:
    """Apply what the lender agreed to; a restructuring gathers the claims it takes in into one that stands anew."""
    expect(state, *RUNNING)
    if event.by is not None:
        acts(event.by, terms.lender, "lender")
    state, changes = holding.fall_due(terms, state, date)
    after = replace(state, events=(*state.events, event.change))
    match event.change:
        case practice.Restructuring():
            after, more = _restructured(terms, state, after, event, date)
        case practice.Waiver():
            after, more = _waived(terms, state, after, event, date)
        case _:
            after, more = holding.fall_due(terms, after, date)
    holding.replayed(terms, after, date)
    return Outcome(after, changes.then(more))


def write_off(terms: LoanTerms, state: LoanState, event: WriteOff, date: dt.date) -> Outcome:
    """``by`` writes off what it still holds; when nobody holds anything open, the loan is written off."""
    expect(state, LoanStatus.DEFAULTED, LoanStatus.OVERDUE)
    losses.none_awaited(state)
    if event.by == terms.lender and losses.missing(terms, state):
        raise Conflict(
            "loan.parts_unpaid",
            Text("有分担方尚未付清应担部分，核销后不能再要求其代偿", "Some bearers have not paid; written off, "
                 "their parts could be called no more"),
            remedy=Text("请再次要求代偿，或写明无力支付的分担方", "Call them again, or name those who cannot pay"),
        )  # fmt: skip
    state, changes = holding.fall_due(terms, state, date) if state.status is LoanStatus.OVERDUE else (state, Changes())
    held = holding.in_order(state.claims.values(), event.by)
    if not held:
        raise Forbidden(
            "loan.holds_nothing",
            Text("贵单位不持有该贷款的债权", "Your party holds no claim of this loan"),
            remedy=Text("只有债权持有人可以核销", "Only a holder writes off"),
        )
    changes = changes.then(claims.combine(claims.write_off(c, c.outstanding_minor, event.id) for c in held))
    after = {**state.claims, **changes.claims}
    open_left = any(claim.is_open for claim in after.values())
    status = LoanStatus.DEFAULTED if open_left else LoanStatus.WRITTEN_OFF
    return Outcome(replace(state, status=status, claims=after), changes)


def _restructured(
    terms: LoanTerms, before: LoanState, after: LoanState, event: Change, date: dt.date
) -> tuple[LoanState, Changes]:
    """Every claim the new principal is made of moves into one; interest earned to the day falls due or joins it."""
    assert isinstance(event.change, practice.Restructuring)
    now, then = holding.replayed(terms, before, date), holding.replayed(terms, after, date)
    changes, state = Changes(), before
    if now.accrued and Bucket.INTEREST in event.change.capitalise:
        changes = holding.open_charge(terms, derived_id(event.id, "accrued"), "interest", now.accrued.minor, date)
    for bucket in sorted(event.change.capitalise & {Bucket.PENALTY, Bucket.COMPOUND, Bucket.FEE}):
        if now.unpaid(bucket).minor:
            id = derived_id(event.id, bucket.value)
            changes = changes.then(holding.open_charge(terms, id, bucket.value, now.unpaid(bucket).minor, date))
    state = replace(before, claims=changes.apply(before.claims))
    kinds = {"loan", *(bucket.value for bucket in event.change.capitalise)}
    joining = tuple(c for c in state.claims.values() if c.is_open and c.kind in kinds)
    standing = derived_id(event.id, "standing")
    ends = then.terms.ends
    more = holding.regroup(joining, {c.id: c.outstanding_minor for c in joining}, standing, ends, "loan")
    assert more.opened[0].amount_minor == then.performing.minor, "the new principal is what joined it"
    state = replace(after, claims=more.apply(state.claims), standing=standing, status=LoanStatus.LIVE)
    state, raised = holding.fall_due(terms, state, date)
    return state, changes.then(more).then(raised)


def _waived(
    terms: LoanTerms, before: LoanState, after: LoanState, event: Change, date: dt.date
) -> tuple[LoanState, Changes]:
    """What is forgiven of principal or interest is written off; penalties not yet charged simply lapse."""
    changes = Changes()
    now, then = holding.replayed(terms, before, date), holding.replayed(terms, after, date)
    left = {due.number: due for due in then.dues}
    for due in now.dues:
        for bucket in (Bucket.PRINCIPAL, Bucket.INTEREST):
            gone = due.of(bucket).minor - (left[due.number].of(bucket).minor if due.number in left else 0)
            if gone:
                claim = before.claims[holding.due_id(terms, due.number, bucket)]
                changes = changes.then(claims.write_off(claim, gone, event.id))
    state = replace(after, claims=changes.apply(before.claims))
    if then.closed:
        state = replace(state, status=LoanStatus.REPAID)
    elif not any(claim.state is State.OVERDUE for claim in state.claims.values()):
        state = replace(state, status=LoanStatus.LIVE)
    return state, changes
