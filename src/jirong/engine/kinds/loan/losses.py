"""A loss is shared, those who bear it are called, and what comes back later returns to whoever paid.

A bearer who pays (代偿) takes the lender's place for what it paid: the claim passes to it, nothing is extinguished. A
bearer whose bank does not pay leaves its part with the lender, who may call it again; recoveries meanwhile go to the
lender in its stead and lower what it is called for. So who holds what says at any time who has paid what, and each
recovery is split against what everybody still holds.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from jirong.engine import claims
from jirong.engine.claims import Changes
from jirong.engine.contract import Outcome, acts
from jirong.engine.intents import Payment
from jirong.engine.kinds.loan import holding
from jirong.engine.kinds.loan.model import (
    RUNNING,
    CallAgain,
    LoanState,
    LoanStatus,
    LoanTerms,
    Recover,
    ShareLoss,
)
from jirong.engine.kinds.loan.paying import expect, refund
from jirong.engine.reasons import Reason
from jirong.engine.waterfall import Borne, give_back, share_loss, stacks
from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text

Place = tuple[UUID, UUID]
"""Who holds a part of the loss, and whose part it is: the lender also holds what others have not paid."""


def share(terms: LoanTerms, state: LoanState, event: ShareLoss, date: dt.date) -> Outcome:
    """Compute who bears what of all that is unpaid and instruct each bearer's payment to the lender."""
    if state.status in (LoanStatus.DEFAULTED, LoanStatus.WRITTEN_OFF):
        raise _shared_already(state.status)
    expect(state, *RUNNING)
    acts(event.by, terms.lender, "lender")
    none_awaited(state, "repayment")
    state, changes = holding.fall_due(terms, state, date)
    if holding.replayed(terms, state, date).performing:
        raise Conflict(
            "loan.not_all_due",
            Text("尚有未到期本金，不能确定最终损失", "Principal is still to fall due, so the loss is not final"),
            remedy=Text("请先宣布提前到期", "Declare everything due first"),
        )
    open_minor = _open_of(state, terms.lender)
    borne = share_loss(open_minor, event.layers, excess=event.excess)
    payments = _calls(terms, event.id, borne.by_party)
    after = replace(
        state, status=LoanStatus.DEFAULTED, borne=borne, payments={**state.payments, **payments}, recovered_minor=0
    )
    reason = _loss_reason(terms, open_minor, borne)
    return Outcome(after, changes.then(Changes(payments=tuple(payments.values()))), (reason,))


def call_again(terms: LoanTerms, state: LoanState, event: CallAgain, date: dt.date) -> Outcome:
    """Call the bearers whose banks did not pay for what they still owe; what one cannot pay moves on first."""
    expect(state, LoanStatus.DEFAULTED)
    acts(event.by, terms.lender, "lender")
    none_awaited(state, "compensation", "recovery")
    owing = missing(terms, state)
    if state.borne is None or not owing:
        raise Conflict(
            "loan.nothing_to_call",
            Text("分担方均已付清应担部分", "Everybody who bears the loss has paid its part"),
            remedy=Text("无须再次要求代偿", "Nobody need be called again"),
        )
    layers = stacks(state.borne)
    for party, minor in owing.items():
        short = minor - event.able.get(party, minor)
        if short > 0:
            _take_off(layers, party, short)
            _move_on(layers, event, party, short)
    borne = Borne(tuple(layers), terms.lender, 0)
    state = replace(state, borne=borne)
    left, asked = _open_of(state, terms.lender), dict[UUID, int]()
    for party, minor in missing(terms, state).items():
        asked[party] = min(minor, event.able.get(party, minor), left)
        left -= asked[party]
    payments = _calls(terms, event.id, asked)
    after = replace(state, payments={**state.payments, **payments})
    reason = _loss_reason(terms, sum(borne.by_party.values()), borne)
    return Outcome(after, Changes(payments=tuple(payments.values())), (reason,))


def compensated(terms: LoanTerms, state: LoanState, payment: Payment) -> tuple[LoanState, Changes]:
    """The bearer's bank has paid: its part of the claims is its own now; more than the lender has open goes back."""
    part = min(payment.amount_minor, _open_of(state, terms.lender))
    state, changes = holding.pass_on(state, terms.lender, payment.payer, part, payment.id)
    return state, changes.then(refund(terms, payment, payment.amount_minor - part))


def missing(terms: LoanTerms, state: LoanState) -> dict[UUID, int]:
    """What each bearer has still to pay of its part, by party; a call that awaits its bank's answer included."""
    if state.borne is None:
        return {}
    paid = _received(state)
    owed = {party: minor - paid[party] for party, minor in state.borne.by_party.items() if party != terms.lender}
    return {party: minor for party, minor in owed.items() if minor > 0}


def recover(terms: LoanTerms, state: LoanState, event: Recover, date: dt.date) -> Outcome:
    """Instruct what a debtor pays after default: to each who holds part of the loss, as the waterfall returns it."""
    expect(state, LoanStatus.DEFAULTED, LoanStatus.WRITTEN_OFF)
    if event.payer not in terms.borrowers:
        raise Forbidden(
            "step.wrong_party", Text("只有债务人可以还款", "Only a debtor pays"),
            remedy=Text("请由债务人发起", "Let a debtor do so"),
        )  # fmt: skip
    none_awaited(state, "recovery", "compensation")
    left = sum(_holds(state).values())
    if not 0 < event.amount_minor <= left:
        most = terms.money(left).grouped()
        raise Invalid(
            "loan.pays_more_than_owed", Text(f"尚欠{most}", f"{most} is owed"), where="amount",
            remedy=Text(f"请填写大于零、不超过{most}的金额", f"Give an amount above zero, at most {most}"),
        )  # fmt: skip
    parts: Counter[UUID] = Counter()
    for (holder, _), minor in give_back(event.amount_minor, *_places(terms, state)).items():
        parts[holder] += minor
    payments = {
        id: Payment(
            id=id, payer=event.payer, payee=party, amount_minor=minor, unit=terms.unit, because="recovery",
            lot=terms.id,
        )
        for party, minor in parts.items()
        if minor
        for id in [derived_id(event.id, "recovery", party)]
    }  # fmt: skip
    after = replace(state, payments={**state.payments, **payments})
    return Outcome(after, Changes(payments=tuple(payments.values())))


def recovered(terms: LoanTerms, state: LoanState, payment: Payment) -> tuple[LoanState, Changes]:
    """A recovery reached one who holds part of the loss: its claims are settled, written off or not; more than it
    holds goes back to the debtor.
    """
    changes, left = Changes(), payment.amount_minor
    held = [
        c for c in state.claims.values() if c.creditor == payment.payee and c.outstanding_minor + c.written_off_minor
    ]
    for claim in sorted(held, key=lambda c: (c.kind == "loan", c.due, c.id)):
        part = min(left, claim.outstanding_minor)
        if part:
            changes = changes.then(claims.settle(claim, part, payment.id))
        back = min(left - part, claim.written_off_minor)
        if back:
            now = changes.claims.get(claim.id, claim)
            changes = changes.then(claims.recover(now, back, payment.id))
        left -= part + back
    booked = payment.amount_minor - left
    after = replace(
        state,
        claims={**state.claims, **changes.claims},
        paid_by={**state.paid_by, payment.payer: state.paid_by.get(payment.payer, 0) + booked},
        recovered_minor=state.recovered_minor + booked,
        borne=_returned_to_lender(terms, state, booked) if payment.payee == terms.lender else state.borne,
    )
    status = state.status if sum(_holds(after).values()) else LoanStatus.REPAID
    return replace(after, status=status), changes.then(refund(terms, payment, left))


def none_awaited(state: LoanState, *because: str) -> None:
    """Refuse while a payment of one of these kinds (or, none named, any) still awaits its bank's answer."""
    if any(not because or payment.because in because for payment in state.payments.values()):
        raise Conflict(
            "loan.payment_unanswered",
            Text("仍有付款待银行答复", "A payment still awaits the bank's answer"),
            remedy=Text("请等待银行答复", "Await the bank's answer"),
        )


def _calls(terms: LoanTerms, act: UUID, parts: dict[UUID, int]) -> dict[UUID, Payment]:
    """Each bearer's payment to the lender."""
    return {
        id: Payment(
            id=id, payer=party, payee=terms.lender, amount_minor=minor, unit=terms.unit, because="compensation",
            lot=terms.id,
        )
        for party, minor in parts.items()
        if party != terms.lender and minor
        for id in [derived_id(act, "compensation", party)]
    }  # fmt: skip


def _take_off(layers: list[Counter[UUID]], party: UUID, minor: int) -> list[tuple[Counter[UUID], int]]:
    """Lower the party's part by ``minor``, the last layer first; where from and how much."""
    taken = []
    for layer in reversed(layers):
        part = min(layer[party], minor)
        if part:
            layer[party] -= part
            minor -= part
            taken.append((layer, part))
    return taken


def _move_on(layers: list[Counter[UUID]], event: CallAgain, party: UUID, minor: int) -> None:
    """What a party cannot pay: to whom the event names, else shared over its layers, which are the last ones here."""
    to = event.onto.get(party)
    if to is not None:
        layers[-1][to] += minor
        return
    more = stacks(share_loss(minor, event.layers, excess=event.excess))
    for layer, parts in zip(layers[-len(more) :], more, strict=True):
        layer.update(parts)


def _returned_to_lender(terms: LoanTerms, state: LoanState, minor: int) -> Borne[UUID] | None:
    """What the lender got back in the stead of those who have not paid is no longer theirs to pay."""
    if state.borne is None or not missing(terms, state):
        return state.borne
    places, held = _places(terms, state)
    mine = {place: part for place, part in held.items() if place[0] == terms.lender}
    layers = stacks(state.borne)
    parts = give_back(min(minor, sum(mine.values())), [_of_lender(terms, stack) for stack in places], mine)
    for (_, party), part in parts.items():
        if party != terms.lender and part:
            for layer, taken in _take_off(layers, party, part):
                layer[terms.lender] += taken
    return Borne(tuple(layers), terms.lender, 0)


def _of_lender(terms: LoanTerms, layer: Counter[Place]) -> Counter[Place]:
    return Counter({place: part for place, part in layer.items() if place[0] == terms.lender})


def _places(terms: LoanTerms, state: LoanState) -> tuple[list[Counter[Place]], dict[Place, int]]:
    """The loss by layer and place, and what is still held in each place."""
    lender, paid, holds = terms.lender, _received(state), _holds(state)
    layers: list[Counter[Place]] = []
    for stack in stacks(state.borne) if state.borne else [Counter[UUID]()]:
        layer: Counter[Place] = Counter()
        for party, part in stack.items():
            own = part if party == lender else min(part, paid[party])
            paid[party] -= 0 if party == lender else own
            layer[party, party] += own
            layer[lender, party] += part - own
        layers.append(layer)
    held = {(party, party): minor for party, minor in holds.items() if party != lender}
    left = holds[lender]
    for party, minor in missing(terms, state).items():
        held[lender, party] = min(minor, left)
        left -= held[lender, party]
    held[lender, lender] = left
    return layers, held


def _received(state: LoanState) -> Counter[UUID]:
    """What has passed to each holder, whatever became of it since: to a bearer, what it paid."""
    found: Counter[UUID] = Counter()
    for claim in _shared_claims(state):
        found[claim.creditor] += claim.amount_minor - claim.moved_minor
    return found


def _holds(state: LoanState) -> Counter[UUID]:
    """What each holder may still get, written off or not."""
    found: Counter[UUID] = Counter()
    for claim in _shared_claims(state):
        found[claim.creditor] += claim.outstanding_minor + claim.written_off_minor
    return found


def _shared_claims(state: LoanState) -> Iterable[claims.Claim]:
    return (claim for claim in state.claims.values() if claim.kind != "contribution")


def _open_of(state: LoanState, holder: UUID) -> int:
    return sum(claim.outstanding_minor for claim in holding.in_order(state.claims.values(), holder))


def _shared_already(status: LoanStatus) -> Conflict:
    return Conflict(
        f"loan.is_{status}",
        Text("该笔贷款的损失已确认" if status is LoanStatus.DEFAULTED else "该笔贷款已核销",
             "The loan's loss is shared already" if status is LoanStatus.DEFAULTED else "The loan is written off"),
        remedy=Text("银行未付的代偿可再次要求（credit.call_again）", "Call unpaid parts again (credit.call_again)")
        if status is LoanStatus.DEFAULTED else Text("债务人仍可还款", "The debtor may still pay"),
    )  # fmt: skip


def _loss_reason(terms: LoanTerms, loss: int, borne: Borne[UUID]) -> Reason:
    shown = terms.money(loss).grouped()
    parts = {str(party): str(terms.money(minor)) for party, minor in borne.by_party.items()}
    return Reason(
        code="loan.loss_shared",
        holds=True,
        effect=Effect.APPLY,
        text=Text(f"未清偿{shown}按方案的分担条款分担", f"{shown} unpaid is shared by the scheme's clause on losses"),
        inputs={"loss": str(terms.money(loss)), "parts": parts},
    )
