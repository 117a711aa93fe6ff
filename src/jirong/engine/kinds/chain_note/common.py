"""What the handlers of a chain note share: finding what an event names, who may act, and the state afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from jirong.engine.claims import Changes, Claim
from jirong.engine.intents import Payment
from jirong.engine.kinds.chain_note.values import NoteState, NoteStatus, NoteTerms, Offer
from jirong.engine.reasons import Reason
from jirong.kernel import rates
from jirong.kernel.errors import Conflict, NotFound
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text

STATUS_NAMES = {
    NoteStatus.NEW: Text("未开立", "not yet issued"),
    NoteStatus.OFFERED: Text("待签收", "awaiting acceptance"),
    NoteStatus.LIVE: Text("存续", "live"),
    NoteStatus.OVERDUE: Text("已逾期", "overdue"),
    NoteStatus.SETTLED: Text("已兑付", "settled"),
    NoteStatus.VOID: Text("已作废", "void"),
}

Found = TypeVar("Found")
A360_DAYS = 360


def expect(state: NoteState, *statuses: NoteStatus) -> None:
    """Refuse the step unless the note is in one of ``statuses``."""
    if state.status not in statuses:
        now = STATUS_NAMES[state.status]
        raise Conflict(
            f"note.is_{state.status}",
            Text(f"链单当前{now.zh}，不能进行此操作", f"The note is {now.en}; this cannot be done now"),
            remedy=Text("请刷新后按当前状态操作", "Reload and act on its present state"),
        )


def lot(state: NoteState, lot_id: UUID) -> Claim:
    """The lot an event names."""
    return _find(state.lots, lot_id, "note.no_such_lot", Text("没有这个份额", "There is no such lot"))


def offer(state: NoteState, offer_id: UUID) -> Offer:
    """The open offer an event names."""
    gone = Text("该要约不存在或已答复", "There is no such offer, or it was answered already")
    return _find(state.offers, offer_id, "note.no_such_offer", gone)


def payment(state: NoteState, payment_id: UUID) -> Payment:
    """The payment in flight an event names."""
    gone = Text("没有待确认的该笔付款", "No such payment awaits an answer")
    return _find(state.payments, payment_id, "note.no_such_payment", gone)


def after(state: NoteState, changes: Changes, *, status: NoteStatus | None = None) -> NoteState:
    """The state with the claims as they became; the note's outstanding follows from what changed."""
    before = sum(claim.outstanding_minor for claim_id, claim in state.lots.items() if claim_id in changes.claims)
    now = sum(claim.outstanding_minor for claim in changes.claims.values())
    return replace(
        state,
        status=status or state.status,
        outstanding_minor=state.outstanding_minor + now - before,
        lots=changes.apply(state.lots),
    )


def not_due(terms: NoteTerms, date: dt.date) -> Reason:
    """Nothing new is agreed on a note from its due date on."""
    return Reason(
        code="note.is_due",
        holds=date < terms.due,
        effect=Effect.BAR,
        text=Text(f"链单{terms.due}到期，业务日{date}", f"The note is due {terms.due}; the business date is {date}"),
        inputs={"due": str(terms.due), "date": str(date)},
        remedy=Text("到期后请等待兑付", "Once due, await payment"),
    )


def late_rate(terms: NoteTerms) -> tuple[Reason, ...]:
    """支付条例 17: a late interest that was agreed is not below the 1-year LPR on the day of the contract; 民法典 585:
    nor so far above the loss that a court would lower it.
    """
    if terms.late_rate is None:
        return ()
    rule = terms.rules.at("sme.late_rate_floor", terms.issued_on)
    floor = rates.lpr_1y(terms.issued_on)
    return (
        _late_rate_cap(terms, terms.late_rate),
        Reason(
            code="note.late_rate_too_low",
            holds=terms.late_rate >= floor,
            effect=rule.effect,
            text=Text(
                f"约定逾期利率{rates.shown(terms.late_rate)}，下限为一年期LPR {rates.shown(floor)}",
                f"Agreed late interest {rates.shown(terms.late_rate)}; not below the 1-year LPR, {rates.shown(floor)}",
            ),
            rule=rule,
            inputs={"late_rate": str(terms.late_rate), "lpr_1y": str(floor)},
            remedy=Text("请约定不低于一年期LPR的逾期利率，或不约定", "Agree at least the 1-year LPR, or agree none"),
        ),
    )


def _late_rate_cap(terms: NoteTerms, late_rate: Decimal) -> Reason:
    """The loss is measured by what the law gives where nothing was agreed: the statutory daily rate."""
    rule = terms.rules.at("civil.penalty_reduced", terms.issued_on)
    statutory = terms.rules.at("sme.late_daily_rate", terms.issued_on).decimal * A360_DAYS
    cap = statutory * rule.decimal
    asked, high, usual = rates.shown(late_rate), rates.shown(cap), rates.shown(statutory)
    return Reason(
        code="note.late_rate_too_high",
        holds=late_rate <= cap,
        effect=rule.effect,
        text=Text(
            f"约定逾期利率{asked}，上限{high}：未约定时的法定逾期利率（折年{usual}）的{rule.decimal}倍",
            f"Agreed late interest {asked}; at most {high}, {rule.decimal} times the statutory rate ({usual} a year)",
        ),
        rule=rule,
        inputs={"late_rate": str(late_rate), "cap": str(cap)},
        remedy=Text(f"请约定不高于{high}的逾期利率，或不约定", f"Agree no more than {high}, or agree none"),
    )


def _find(known: Mapping[UUID, Found], wanted: UUID, code: str, reason: Text) -> Found:
    found = known.get(wanted)
    if found is None:
        raise NotFound(code, reason, remedy=Text("请刷新后重试", "Reload and try again"))
    return found
