"""Income, subsidies and triggers while a loan runs: budgets bind, the lender's claims stay whole, triggers act once."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from jirong.claims.models import ClaimRow
from jirong.financing import queries, runtime, sharing, watching
from jirong.financing.actions import applications, closing, conduct, contracts, loans, schemes
from jirong.financing.close import running
from jirong.financing.models import Contract, Loan, Step
from jirong.financing.models_conduct import Call, Entitlement, Watch
from jirong.kernel import rates
from jirong.kernel.errors import Conflict, NotFound, Refusal
from jirong.kernel.money import Money
from jirong.ledger import check as ledger_check
from jirong.ledger.models import Account
from jirong.parties import actions as parties
from jirong.store.identity import SYSTEM, acting_as

SHARED = """
scheme: shared-loan
version: 1
title: {zh: 分成贴息贷款, en: Loan with a share and a subsidy}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank, platform: platform, government: government}
words:
  shop_months: {zh: 店铺连续经营时间, en: months the shop has run, kind: number}
  shop.orders: {zh: 店铺交易流水, en: the shop's payments}
when_missing: ask
eligible:
  - {feature: shop_months, at_least: 6}
consent:
  - {of: borrower, by: lender, read: [shop.orders], purpose: credit_assessment, lasts: 12 months}
limit: {amount: 120000.00}
price: {fixed: 4.00%}
instrument: {kind: loan, repay: interest_first, every: quarterly, tenor: 12 months, day_count: 30/360}
drawing: {how: once, early: free}
losses: {of: principal, borne: [{by: lender, share: 100%}], excess: lender}
income:
  - {from: lender, to: platform, rate_bp: 10, of: disbursed}
  - {from: lender, to: platform, share: 1%, of: interest}
  - {from: lender, to: platform, rate_bp: 5, of: outstanding}
subsidy:
  - {from: government, to: borrower, pays: 50%, of: interest, budget: 1500.00}
  - {from: government, to: borrower, each: 300.00, of: fee, budget: 500.00}
disclose: {borrower: all, lender: all, government: totals, platform: own}
"""
WATCHED = """
scheme: watched-line
version: 1
title: {zh: 监测额度, en: A watched line}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank, platform: platform}
words:
  shop_months: {zh: 店铺连续经营时间, en: months the shop has run, kind: number}
  shop_stability: {zh: 店铺经营稳定性得分, en: stability of the shop, kind: number}
  shop.orders: {zh: 店铺交易流水, en: the shop's payments}
when_missing: ask
eligible:
  - {feature: shop_months, at_least: 6}
consent:
  - {of: borrower, by: lender, read: [shop.orders], purpose: credit_assessment, lasts: 12 months}
  - {of: borrower, by: lender, read: [shop.orders], purpose: monitoring, lasts: 12 months}
limit: {amount: 100000.00}
price: {fixed: 6.00%, cap: 6.80%}
instrument: {kind: credit_line, open_for: 12 months, repay: bullet, tenor: {up_to: 6 months}}
drawing: {how: revolving, early: free}
losses: {of: principal, borne: [{by: lender, share: 100%}], excess: lender}
triggers:
  - level: 1
    title: {zh: 店铺转弱, en: the shop weakens}
    when: [{feature: shop_stability, less_than: 40, within: 30 days}]
    then:
      - {freeze: new_draws}
      - {lower_limit_to: 60%}
      - {raise_rate_bp: 100}
      - {call: borrower, to: top_up, within: 5 days}
      - {notify: [lender, platform]}
  - level: 2
    title: {zh: 店铺停摆, en: the shop stands still}
    when: [{feature: shop_stability, less_than: 10, within: 30 days}]
    then:
      - {freeze: new_draws}
      - {call: borrower, to: accelerated, within: 5 days}
disclose: {borrower: all, lender: all, platform: own}
"""


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def rows(model: Any, **where: Any) -> list[Any]:
    with acting_as(SYSTEM), transaction.atomic():
        return list(model.objects.filter(**where).order_by("pk"))


def books_agree() -> bool:
    with acting_as(SYSTEM), transaction.atomic():
        return ledger_check.check() == []


@pytest.fixture
def shared(lending: Any) -> Any:
    """A loan of 120,000.00 at 4 %, paid out, under the scheme with income and subsidies."""
    lending.know("shop0")
    lending.policy = lending.sign_text(SHARED, platform="operator", government="bureau")
    done = lending.do("shop0", applications.apply, policy=lending.policy, accept_rate=Decimal("0.04"))
    lending.banks_answer()
    lending.loan = uuid.UUID(done["loan"])
    return lending


def accrued(loan: uuid.UUID) -> dict[str, tuple[int, int]]:
    return {f"{row.what}/{row.place}": (row.accrued_minor, row.lost_minor) for row in rows(Entitlement, loan=loan)}


def pay_quarter(lending: Any, on: str) -> None:
    lending.go_to(day(on))
    lending.do("shop0", loans.repay, loan_id=lending.loan)
    lending.banks_answer()


def test_a_subsidys_budget_is_open_whole_before_anything_is_given(lending: Any) -> None:
    lending.policy = lending.sign_text(SHARED, platform="operator", government="bureau")
    with acting_as(SYSTEM), transaction.atomic():
        codes = list(Account.objects.filter(code__startswith="capacity:subsidy:").values_list("code", flat=True))
    names = [f"capacity:{sharing.budget_name(lending.policy, place)}:{part}" for place in (0, 1)
             for part in ("free", "granted", "used")]  # fmt: skip
    assert sorted(codes) == sorted(names)


def test_shares_and_subsidies_follow_the_money_and_the_lenders_claims_stay_whole(shared: Any) -> None:
    assert accrued(shared.loan) == {
        "income/0": (12_000, 0), "income/1": (0, 0), "income/2": (0, 0), "subsidy/0": (0, 0),
        "subsidy/1": (30_000, 0),
    }  # fmt: skip
    for on in ("2026-04-15", "2026-07-15", "2026-10-15"):
        pay_quarter(shared, on)
    # Interest 3 × 1,200.00; half of it is 1,800.00, of which the budget covers 1,500.00; 5 bp of 120,000.00 a year
    # over 90 + 91 + 92 days of 360.
    assert accrued(shared.loan) == {
        "income/0": (12_000, 0), "income/1": (3_600, 0), "income/2": (4_550, 0), "subsidy/0": (150_000, 30_000),
        "subsidy/1": (30_000, 0),
    }  # fmt: skip
    own = [row for row in rows(ClaimRow, contract=shared.loan) if row.kind == "interest"]
    assert [(row.creditor, row.settled_minor) for row in own] == [(shared.party("bank"), 120_000)] * 3
    assert sharing.budget_left(shared.policy, 0) == 0
    assert sharing.budget_left(shared.policy, 1) == 20_000
    assert books_agree()


def test_the_giver_pays_what_is_open_once_and_the_budget_is_used(shared: Any) -> None:
    pay_quarter(shared, "2026-04-15")
    paid = shared.do("bureau", conduct.pay_entitlements, policy=shared.policy)
    assert (paid["amount"], paid["payments"]) == ("900.00", 2)
    with pytest.raises(Conflict) as refused:
        shared.do("bureau", conduct.pay_entitlements, policy=shared.policy)
    assert refused.value.code == "entitlement.nothing_due"
    assert shared.banks_answer() == 1
    subsidies = rows(ClaimRow, kind="subsidy")
    assert {(row.state, row.settled_minor) for row in subsidies} == {("settled", 30_000), ("settled", 60_000)}
    assert shared.do("bank", conduct.pay_entitlements, policy=shared.policy)["amount"] == "147.00"
    shared.banks_answer()
    assert books_agree()


def test_only_who_owes_it_pays_and_budgets_are_granted_once(shared: Any) -> None:
    with pytest.raises(Conflict):
        shared.do("shop1", conduct.pay_entitlements, policy=shared.policy)
    again = shared.do("bureau", schemes.join_policy, policy=shared.policy, name="government")
    assert again["waits_for"] == []
    assert sharing.budget_left(shared.policy, 0) == 150_000


def test_the_policy_waits_for_the_giver_and_a_clause_no_loan_brings_is_refused(lending: Any) -> None:
    lending.do("bank", schemes.publish_scheme, document=schemes.SchemeText(SHARED))
    with pytest.raises(Refusal) as refused:
        lending.sign_text(SHARED.replace("of: disbursed", "of: rent").replace("shared-loan", "other"), platform="operator",
                          government="bureau")  # fmt: skip
    assert refused.value.code == "financing.clause_not_carried"
    with pytest.raises(Refusal) as missing:
        lending.sign_text(SHARED.replace("shared-loan", "third"), platform="operator")
    assert missing.value.code == "policy.parties"


@pytest.fixture
def watched(lending: Any) -> Any:
    """A line of 100,000.00 with 50,000.00 drawn; consent for monitoring."""
    lending.know("shop0")
    lending.monitoring = uuid.UUID(
        lending.do(
            "shop0", parties.grant_consent, grantee=lending.party("bank"), purpose="monitoring", scope=["shop.orders"],
            since=day("2026-01-15"), until=day("2027-01-14"),
        )["consent"]
    )  # fmt: skip
    lending.policy = lending.sign_text(WATCHED, platform="operator")
    done = lending.do("shop0", applications.apply, policy=lending.policy, accept_rate=Decimal("0.06"))
    lending.contract = uuid.UUID(done["contract"])
    lending.loan = draw(lending, "50000.00")
    return lending


def draw(lending: Any, amount: str) -> uuid.UUID:
    done = lending.do("shop0", contracts.draw, contract=lending.contract, amount=Money.parse(amount))
    lending.banks_answer()
    return uuid.UUID(done["loan"])


def watch(lending: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lending.do("bank", conduct.watch_contract, contract=lending.contract)["turned"]
    return found


def contract(lending: Any) -> Contract:
    (found,) = rows(Contract, pk=lending.contract)
    return found  # type: ignore[no-any-return]


def rate(lending: Any) -> Decimal:
    (found,) = rows(Loan, pk=lending.loan)
    with acting_as(SYSTEM), transaction.atomic():
        now = queries.standing(found, day("2026-03-20"))
    assert now is not None
    assert Decimal(found.rate_e6).scaleb(-6) == now.rate
    return now.rate


def test_a_bound_crossed_freezes_lowers_raises_and_calls_once_and_its_end_undoes_what_can_be_undone(
    watched: Any,
) -> None:
    assert watch(watched) == []
    watched.go_to(day("2026-02-15"))
    watched.state("shop0", "shop_stability", "30", on=day("2026-02-14"))
    (turned,) = watch(watched)
    assert (turned["before"], turned["now"], turned["freeze"]) == ("quiet", "firing", True)
    now = contract(watched)
    # 40,000.00 of the limit is taken off; the rate may rise by 80 bp only, to the scheme's cap.
    assert (now.status, now.limit_minor - now.lowered_minor, rate(watched)) == ("frozen", 6_000_000, Decimal("0.068"))
    (call,) = rows(Call, contract=watched.contract)
    assert (call.to, call.due, call.party_id) == ("top_up", day("2026-02-20"), watched.party("shop0"))
    with pytest.raises(Refusal) as refused:
        draw(watched, "1000.00")
    assert refused.value.code == "line.frozen"
    assert watch(watched) == []
    watched.state("shop0", "shop_stability", "70", on=day("2026-02-15"))
    (ended,) = watch(watched)
    assert (ended["now"], ended["freeze"]) == ("quiet", False)
    now = contract(watched)
    assert (now.status, now.limit_minor - now.lowered_minor, rate(watched)) == ("live", 6_000_000, Decimal("0.06"))
    draw(watched, "10000.00")
    assert [step.kind for step in rows(Step, contract=watched.contract, kind__startswith="trigger.")] == [
        "trigger.begins", "trigger.ends",
    ]  # fmt: skip
    assert books_agree()


def test_a_new_drawing_is_priced_as_the_running_ones_are(watched: Any) -> None:
    watched.go_to(day("2026-02-15"))
    watched.state("shop0", "shop_stability", "30", on=day("2026-02-14"))
    watch(watched)
    watched.do("bank", contracts.freeze, contract=watched.contract, frozen=False)
    second = draw(watched, "1000.00")
    assert [row.product["rate"] for row in rows(Loan, pk=second)] == ["0.068"]
    watched.state("shop0", "shop_stability", "70", on=day("2026-02-15"))
    watch(watched)
    assert [row.rate_e6 for row in rows(Loan, contract=watched.contract)] == [60_000, 60_000]


def test_consent_withdrawn_leaves_a_trigger_unknown_and_lifts_nothing(watched: Any) -> None:
    watched.go_to(day("2026-02-15"))
    watched.state("shop0", "shop_stability", "30", on=day("2026-02-14"))
    watch(watched)
    watched.do("shop0", parties.withdraw_consent, consent=watched.monitoring)
    (second,) = watch(watched)
    assert (second["place"], second["now"], second["freeze"]) == (1, "unknown", None)
    first, other = rows(Watch, contract=watched.contract)
    assert (first.standing, other.standing, contract(watched).status) == ("firing", "unknown", "frozen")
    (answer,) = other.answers
    assert answer["change"] == {"zh": "授权读取这项资料", "en": "Consent to its being read"}


def test_a_call_to_repay_at_once_makes_everything_due_on_its_day(watched: Any) -> None:
    watched.go_to(day("2026-02-15"))
    watched.state("shop0", "shop_stability", "5", on=day("2026-02-14"))
    assert [turn["place"] for turn in watch(watched)] == [0, 1]
    watched.go_to(day("2026-02-20"))
    watch(watched)
    (row,) = rows(Loan, pk=watched.loan)
    with acting_as(SYSTEM), transaction.atomic():
        now = queries.standing(row, day("2026-02-20"))
    assert now is not None
    assert (now.performing.minor, now.due_amount.minor >= 5_000_000, row.next_due) == (0, True, None)
    assert [call.done_on for call in rows(Call, contract=watched.contract, to="accelerated")] == [day("2026-02-20")]


def test_the_lenders_own_freeze_is_not_lifted_by_a_triggers_end(watched: Any) -> None:
    watched.do("bank", contracts.freeze, contract=watched.contract, frozen=True)
    watched.go_to(day("2026-02-15"))
    watched.state("shop0", "shop_stability", "30", on=day("2026-02-14"))
    watch(watched)
    watched.state("shop0", "shop_stability", "70", on=day("2026-02-15"))
    watch(watched)
    assert contract(watched).status == "frozen"


def test_a_call_is_answered_once_by_whom_it_was_made_upon(watched: Any) -> None:
    watched.go_to(day("2026-02-15"))
    watched.state("shop0", "shop_stability", "30", on=day("2026-02-14"))
    watch(watched)
    (call,) = rows(Call, contract=watched.contract)
    with pytest.raises(NotFound):
        watched.do("shop1", conduct.answer_call, call=call.pk, note="不是我")
    watched.do("shop0", conduct.answer_call, call=call.pk, note="已补足押品")
    with pytest.raises(Conflict) as refused:
        watched.do("shop0", conduct.answer_call, call=call.pk, note="再答")
    assert refused.value.code == "call.done"


def test_the_close_of_business_watches_every_contract_and_reports_errors(watched: Any, monkeypatch: Any) -> None:
    watched.go_to(day("2026-02-15"))
    watched.state("shop0", "shop_stability", "30", on=day("2026-02-14"))
    bank = watched.party("bank")
    done = conduct.watch_lender(actor=SYSTEM, id=uuid.uuid4(), lender=bank, on=day("2026-02-15"))
    assert (done["counts"], done["errors"]) == ({"watched": 1, "turned": 1, "errors": 0}, [])
    monkeypatch.setattr(runtime, "lock_contract", lambda id: 1 / 0)
    done = conduct.watch_lender(actor=SYSTEM, id=uuid.uuid4(), lender=bank, on=day("2026-02-15"))
    assert [error["contract"] for error in done["errors"]] == [str(watched.contract)]


def test_a_lenders_plan_may_have_triggers_watched_at_every_close(watched: Any) -> None:
    steps = ["raise", "overdue", "watch"]
    watched.do("bank", closing.set_plan, steps=steps, provision_bp=[0] * 5)
    watched.go_to(day("2026-02-15"))
    watched.state("shop0", "shop_stability", "30", on=day("2026-02-14"))
    closed = running.close(watched.party("bank"), day("2026-02-15"))
    assert closed.counts["watch"] == {"watched": 1, "turned": 1, "errors": 0}
    assert contract(watched).status == "frozen"


FLOATING = """
scheme: floating-loan
version: 1
title: {zh: 浮动利率贷款, en: A floating loan}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank}
words:
  shop_months: {zh: 店铺连续经营时间, en: months the shop has run, kind: number}
when_missing: ask
eligible:
  - {feature: shop_months, at_least: 6}
consent:
  - {of: borrower, by: lender, read: [shop.orders], purpose: credit_assessment, lasts: 12 months}
limit: {amount: 80000.00}
price: {base: LPR-1Y, plus_bp: 95, repriced: january}
instrument: {kind: loan, repay: equal_principal, every: quarterly, tenor: 2 years}
drawing: {how: once, early: free}
losses: {of: principal, borne: [{by: lender, share: 100%}], excess: lender}
disclose: {borrower: all, lender: all}
"""


def test_a_capped_multiple_of_the_lpr_is_signed_drawn_and_closed(lending: Any, monkeypatch: Any) -> None:
    """1.3 times 3.00 % and 220 bp are 6.10 %, held to 6.00 %; from January, on 2.80 %, they are 5.84 %."""
    known = rates.lpr_history()
    cut = rates.Quote(day("2026-11-20"), Decimal("0.0280"), Decimal("0.0330"))
    monkeypatch.setattr(rates, "lpr_history", lambda: dataclasses.replace(known, quotes=(*known.quotes, cut)))
    lending.know("shop0")
    price = "price: {base: LPR-1Y, times: 130%, plus_bp: 220, cap: 6%, repriced: january}"
    lending.policy = lending.sign_text(FLOATING.replace("price: {base: LPR-1Y, plus_bp: 95, repriced: january}", price))
    done = lending.do("shop0", applications.apply, policy=lending.policy, accept_rate=Decimal("0.06"))
    assert (done["terms"]["rate"], done["state"]) == ("0.06", "signed")
    lending.banks_answer()
    loan_id = uuid.UUID(done["loan"])
    for on in ("2026-04-15", "2026-07-15", "2026-10-15", "2027-01-15", "2027-04-15"):
        lending.go_to(day(on))
        assert running.close(lending.party("bank"), day(on)).errors == []
        lending.do("shop0", loans.repay, loan_id=loan_id)
        lending.banks_answer()
    (row,) = rows(Loan, pk=loan_id)
    assert (row.rate_e6, row.plain) == (58_400, False)
    paid = {r.due.isoformat(): r.settled_minor for r in rows(ClaimRow, contract=loan_id, kind="interest")}
    # Quarters of 80,000, 70,000 and 60,000 at 6.00 %: 1,200.00, 1,050.00, 900.00. Of 50,000 to 15 January: 78 days of
    # 360 at 6.00 % and 14 at 5.84 %, 650.00 + 113.56; of 40,000 after it a quarter at 5.84 %, 584.00.
    assert paid == {
        "2026-04-15": 120_000, "2026-07-15": 105_000, "2026-10-15": 90_000, "2027-01-15": 76_356, "2027-04-15": 58_400,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("signed", "moved", "floating"),
    [
        ("0.0500", "0.0450", {"plus_bp": 45}),
        ("0.0500", "0.0550", {"plus_bp": 145}),
        ("0.0600", "0.0550", None),
        ("0.0500", "0.0600", None),
        ("0.0300", "0.0350", None),
        ("0.0396755", "0.0400", None),
    ],
)
def test_a_drawing_under_a_trigger_floats_on_only_where_points_give_its_rate(
    signed: str, moved: str, floating: dict[str, int] | None
) -> None:
    """At its floor or cap a number of points would not give the moved rate; the drawing then keeps that rate."""
    plan = {"base": "LPR-1Y", "plus_bp": 95, "reset": "january", "floor": "0.03", "times": "1.2", "cap": "0.06"}
    found = watching._floating_on({"floating": plan}, Decimal(signed), Decimal(moved))
    assert found == {"floating": None if floating is None else plan | floating}


def test_a_floating_loan_is_closed_and_repaid_at_the_rate_of_its_reset_day(lending: Any, monkeypatch: Any) -> None:
    known = rates.lpr_history()
    cut = rates.Quote(day("2026-11-20"), Decimal("0.0280"), Decimal("0.0330"))
    monkeypatch.setattr(rates, "lpr_history", lambda: dataclasses.replace(known, quotes=(*known.quotes, cut)))
    lending.know("shop0")
    lending.policy = lending.sign_text(FLOATING)
    done = lending.do("shop0", applications.apply, policy=lending.policy, accept_rate=Decimal("0.04"))
    lending.banks_answer()
    lending.loan = uuid.UUID(done["loan"])
    for on in ("2026-04-15", "2026-07-15", "2026-10-15"):
        lending.go_to(day(on))
        closed = running.close(lending.party("bank"), day(on))
        assert (closed.counts["raise"], closed.errors) == ({"columns": 0, "single": 1, "errors": 0}, [])
        lending.do("shop0", loans.repay, loan_id=lending.loan)
        lending.banks_answer()
    (row,) = rows(Loan, pk=lending.loan)
    # Quarters of 80,000, 70,000 and 60,000 at 3.00 % + 95 bp: 790.00, 691.25, 592.50.
    assert (row.rate_e6, row.plain, row.principal_left_minor) == (39_500, False, 5_000_000)
    paid = sorted(r.settled_minor for r in rows(ClaimRow, contract=lending.loan, kind="interest"))
    assert paid == [59_250, 69_125, 79_000]
    lending.go_to(day("2027-04-15"))
    running.close(lending.party("bank"), day("2027-04-15"))
    lending.do("shop0", loans.repay, loan_id=lending.loan)
    lending.banks_answer()
    (row,) = rows(Loan, pk=lending.loan)
    assert (row.rate_e6, row.status) == (37_500, "live")
    # The quarter from 2027-01-15 on 40,000 at 2.80 % + 95 bp.
    assert 37_500 in [r.settled_minor for r in rows(ClaimRow, contract=lending.loan, kind="interest")]
    assert books_agree()
