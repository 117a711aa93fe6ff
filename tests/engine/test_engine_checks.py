"""The 60-day clash, capacities and reasons, apart from any note."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from jirong.engine import capacity, checks
from jirong.engine.checks import BuyerSize, Evidence, Trade
from jirong.engine.intents import Book, Phase
from jirong.engine.reasons import Reason, require
from jirong.kernel.errors import Refusal
from jirong.kernel.money import CNY
from jirong.kernel.rules import Effect, house_rulebook
from jirong.kernel.text import Text

RULES = house_rulebook()
ACCEPTED = dt.date(2026, 1, 8)


def evidence(accepted: dt.date | None = ACCEPTED) -> Evidence:
    one, two = uuid.UUID(int=1), uuid.UUID(int=2)
    return Evidence(invoice="I", buyer=one, seller=two, unpaid_minor=1, accepted_on=accepted, matched=True)


@pytest.mark.parametrize(
    ("size", "sme", "agreed", "due"),
    [
        (BuyerSize.LARGE, True, None, dt.date(2026, 3, 9)),
        (BuyerSize.LARGE, True, 90, dt.date(2026, 4, 8)),
        (BuyerSize.LARGE, True, 0, ACCEPTED),
        (BuyerSize.PUBLIC, True, None, dt.date(2026, 2, 7)),
        (BuyerSize.PUBLIC, True, 45, dt.date(2026, 2, 22)),
        (BuyerSize.PUBLIC, True, 90, dt.date(2026, 3, 9)),
        (BuyerSize.SMALL, True, None, None),
        (BuyerSize.LARGE, False, None, None),
    ],
)
def test_when_cash_would_have_been_due(size: BuyerSize, sme: bool, agreed: int | None, due: dt.date | None) -> None:
    """支付条例 9: large firms 60 days or as agreed; public bodies 30, by contract 60 at most; others are free."""
    trade = Trade(buyer_size=size, seller_is_sme=sme, agreed_days=agreed)
    assert checks.cash_due_on(RULES, ACCEPTED, trade, [evidence()]) == due


def test_the_earliest_acceptance_counts_and_none_means_silence() -> None:
    trade = Trade(buyer_size=BuyerSize.LARGE, seller_is_sme=True)
    later = evidence(ACCEPTED + dt.timedelta(days=9))
    assert checks.cash_due_on(RULES, ACCEPTED, trade, [later, evidence()]) == dt.date(2026, 3, 9)
    assert checks.cash_due_on(RULES, ACCEPTED, trade, [evidence(None)]) is None


@pytest.mark.parametrize(
    ("due", "consent", "holds", "said"),
    [
        (dt.date(2026, 3, 9), None, True, "不晚于"),
        (dt.date(2026, 3, 10), None, False, "晚1天；须由供应商确认是否同意"),
        (dt.date(2026, 3, 10), True, False, "供应商已记录同意"),
        (dt.date(2026, 3, 10), False, False, "供应商未同意"),
    ],
)
def test_a_clash_warns_and_never_bars(due: dt.date, consent: bool | None, holds: bool, said: str) -> None:
    trade = Trade(buyer_size=BuyerSize.LARGE, seller_is_sme=True)
    found = checks.payment_clash(RULES, ACCEPTED, due, trade, [evidence()], consent=consent)
    assert (found.holds, found.bars) == (holds, False)
    assert said in found.text.zh
    assert require([found]) == (found,)


def test_an_unwaived_set_off_warns() -> None:
    assert checks.set_off_waived(RULES, ACCEPTED, waived=False).warns
    assert not checks.set_off_waived(RULES, ACCEPTED, waived=True).warns


def test_the_tier_is_shown_without_a_number_in_the_rule() -> None:
    found = checks.tiers(RULES, ACCEPTED, 7)
    assert (found.holds, found.inputs, found.effect) == (True, {"tier": 7}, Effect.WARN)


def reason(**more: Any) -> Reason:
    known: dict[str, Any] = {"code": "a.b", "holds": False, "effect": Effect.BAR, "text": Text("不行", "It does not")}
    return Reason(**{**known, **more})


def test_the_first_bar_refuses_and_carries_all() -> None:
    rule = RULES.at("note.no_prepayment", ACCEPTED)
    found = [
        reason(code="w", effect=Effect.WARN),
        reason(code="x", rule=rule, remedy=Text("补", "Mend")),
        reason(code="y"),
    ]
    with pytest.raises(Refusal) as refused:
        require(found)
    body = refused.value.as_dict()
    assert (body["code"], body["remedy"]["en"]) == ("x", "Mend")
    assert body["clause"]["zh"].startswith("银发〔2025〕77号第10条")
    assert [item["code"] for item in body["details"]["reasons"]] == ["w", "x", "y"]
    assert body["details"]["reasons"][1]["rule"]["verified"] is False


def test_what_is_not_a_bar_passes() -> None:
    found = (reason(effect=Effect.WARN), reason(effect=Effect.APPLY), reason(holds=True))
    assert require(found) == found


def test_a_reservation_is_used_or_released_whole(ledger_type: Any) -> None:
    ledger, act = ledger_type(), uuid.UUID(int=1)
    ledger.book(capacity.grant("limit:bank:core", 100, act))
    first = capacity.reserve("limit:bank:core", 60, uuid.UUID(int=2))
    ledger.book(first)
    with pytest.raises(AssertionError, match="overdrawn"):
        ledger.book(capacity.reserve("limit:bank:core", 41, uuid.UUID(int=3)))


def test_a_limit_revolves(ledger_type: Any) -> None:
    ledger, name = ledger_type(), "limit:bank:core"
    ledger.book(capacity.grant(name, 100, uuid.UUID(int=1)))
    kept, dropped = (capacity.reserve(name, amount, uuid.UUID(int=amount)) for amount in (60, 40))
    for transfer in (kept, dropped, capacity.use(kept), capacity.release(dropped)):
        ledger.book(transfer)
    assert [ledger.balance(account(name)) for account in (capacity.granted, capacity.free, capacity.used)] == [
        100,
        40,
        60,
    ]
    ledger.book(capacity.give_back(name, 60, uuid.UUID(int=5)))
    ledger.book(capacity.revoke(name, 100, uuid.UUID(int=6)))
    assert not any(ledger.posted.values())


def test_intents_are_of_the_capacity_book_and_repeat_by_id() -> None:
    backings = (checks.Backing("A", 5), checks.Backing("B", 7))
    act = uuid.UUID(int=9)
    first = capacity.reserve_invoices(backings, act, CNY)
    assert first == capacity.reserve_invoices(backings, act, CNY)
    assert [(item.book, item.phase, item.debit.key) for item in first] == [
        (Book.CAPACITY, Phase.RESERVE, "capacity:invoice:A:used"),
        (Book.CAPACITY, Phase.RESERVE, "capacity:invoice:B:used"),
    ]
    with pytest.raises(AssertionError):
        capacity.use(capacity.use(first[0]))
