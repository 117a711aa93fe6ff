"""From a thing to security and back: valued, pledged, registered, lent on, watched, released, sold."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from jirong.collateral import queries, runtime
from jirong.collateral.actions import assets, pledges, registration, sales
from jirong.collateral.models import Agreement, Asset, Call, Entry, Sale, Valuation
from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from jirong.kernel.money import Money
from jirong.ledger import intents as ledger
from jirong.store.identity import SYSTEM, acting_as

START = datetime.date(2026, 1, 15)


def yuan(text: str) -> Money:
    return Money.parse(text)


def asset_row(id: uuid.UUID) -> Asset:
    with acting_as(SYSTEM), transaction.atomic():
        return Asset.objects.get(pk=id)


def free(asset: uuid.UUID) -> int:
    key = f"capacity:{runtime.capacity_name(asset)}:free"
    with acting_as(SYSTEM), transaction.atomic():
        return ledger.free_minor([key]).get(key, 0)


def codes(contract: uuid.UUID, minor: int = 0) -> list[str]:
    with transaction.atomic():
        return [reason.code for reason in queries.missing(contract, minor)]


def refused(call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught, transaction.atomic():
        call()
    return caught.value


def test_a_patent_loan_is_paid_only_once_the_patents_are_pledged_valued_and_registered(pledging: Any) -> None:
    contract = pledging.contract("patent-loan")
    assert codes(contract, 1_000_000_000) == ["security.none", "security.cover"]
    patents = pledging.patents("30000000.00")
    given = pledging.offer(patents, contract, "10000000.00")
    assert codes(contract, 1_000_000_000) == ["security.signed", "security.cover"]
    pledging.do("bank", pledges.accept_pledge, pledge=given)
    refusal = refused(lambda: pledging.draw(contract, "10000000.00"))
    assert refusal.code == "security.unregistered"
    assert refusal.reason.zh == "待专利质押登记 · 还差登记号"
    assert "444" in (refusal.clause.zh if refusal.clause else "")
    pledging.register(given)
    assert codes(contract, 1_000_000_000) == []
    pledging.draw(contract, "10000000.00")
    # 30,000,000.00 at 250 % carries 12,000,000.00.
    assert refused(lambda: pledging.draw(contract, "2000000.01")).code == "security.cover"


def test_a_valuation_by_another_than_the_scheme_names_does_not_do(pledging: Any) -> None:
    contract = pledging.contract("patent-loan")
    patents = pledging.patents("30000000.00")
    pledging.pledge(patents, contract, "10000000.00")
    pledging.value(patents, "28000000.00", who="bank")
    assert codes(contract, 1_000_000_000) == ["security.valued_by"]


def test_value_is_never_given_twice(pledging: Any) -> None:
    patents = pledging.patents("30000000.00")
    first, second = pledging.contract("patent-loan"), pledging.contract("patent-loan", lender="other")
    given = pledging.offer(patents, first, "10000000.00", share=yuan("25000000.00"))
    beyond = refused(lambda: pledging.offer(patents, second, "3000000.00", "other", share=yuan("5000000.01")))
    assert (beyond.code, beyond.details) == ("asset.beyond_value", {"free": "5000000.00"})
    pledging.offer(patents, second, "2000000.00", "other", share=yuan("5000000.00"))
    assert free(patents) == 0
    pledging.do("bank", pledges.drop_pledge, pledge=given)
    assert free(patents) == asset_row(patents).usable_minor - 500_000_000 == 2_500_000_000


def test_one_thing_is_recorded_once_in_any_hands(pledging: Any) -> None:
    first = pledging.patents(number="ZL1")
    again = refused(lambda: pledging.do("rival", assets.record_asset, kind="patents", title="同一专利", number="ZL1"))
    assert again.code == "asset.recorded_already"
    pledging.do("firm", assets.retire_asset, asset=first)
    pledging.do("rival", assets.record_asset, kind="patents", title="受让的专利", number="ZL1")


def test_no_owner_values_its_own_and_no_stranger_anothers(pledging: Any) -> None:
    patents = pledging.patents()
    with pytest.raises(Forbidden, match=r"valuation\.own"):
        pledging.do("firm", assets.value_asset, asset=patents, method="cost", on=START, value=yuan("1.00"))
    with pytest.raises(NotFound):
        pledging.do("warehouse", assets.value_asset, asset=patents, method="cost", on=START, value=yuan("1.00"))
    pledging.do("firm", assets.show_asset, asset=patents, to=pledging.party("rival"))
    with pytest.raises(Forbidden, match=r"party\.other_role"):
        pledging.do("rival", assets.value_asset, asset=patents, method="cost", on=START, value=yuan("1.00"))


def test_a_valuation_keeps_its_three_approaches_and_a_correction_names_what_it_corrects(pledging: Any) -> None:
    patents = pledging.patents()
    three = {"cost": yuan("18000000.00"), "market": yuan("26000000.00"), "income": yuan("31000000.00")}
    done = pledging.value(patents, "26000000.00", method="market", haircut=Decimal("0.3"), **three)
    assert done["usable"] == "18200000.00"
    with acting_as(SYSTEM), transaction.atomic():
        kept = Valuation.objects.filter(asset=patents).latest("recorded_at")
    assert kept.approaches == {"cost": "18000000.00", "market": "26000000.00", "income": "31000000.00"}
    assert refused(lambda: pledging.value(patents, "31000000.01", **three)).code == "valuation.beyond_approaches"
    pledging.value(patents, "25000000.00", corrects=kept.pk)
    with acting_as(SYSTEM), transaction.atomic():
        assert Valuation.objects.filter(asset=patents).count() == 3
        assert kept.corrections.get().value_minor == 2_500_000_000


def test_a_withdrawal_below_cover_is_refused_and_a_fall_in_price_calls_for_more(pledging: Any) -> None:
    # Example: stock at 140 %, called below 130 %, within 3 days; 1,000 t at 1,400.00 carry 1,000,000.00.
    contract = pledging.contract("stock-pledge-iot", limit="1000000.00")
    goods = pledging.stock("1000", "1400.00")
    pledging.pledge(goods, contract, "1000000.00", whole=True, until=datetime.date(2027, 1, 15))
    pledging.draw(contract, "900000.00")
    assert refused(lambda: pledging.move(goods, "out", "100.001")).code == "security.cover"
    pledging.move(goods, "out", "100")
    assert pledging.price(goods, "1300.00")["called"] == []  # 130 %: not yet below
    called = pledging.price(goods, "1299.99")
    assert called["called"] == [str(contract)]
    with acting_as(SYSTEM), transaction.atomic():
        call = Call.objects.get(secured=contract)
    # 900 t × 1,299.99 = 1,169,991.00 carries 835,707.85 of 900,000.00.
    assert (call.short_minor, call.due) == (6_429_215, datetime.date(2026, 1, 18))
    assert refused(lambda: pledging.move(goods, "out", "1")).code == "security.cover"
    pledging.move(goods, "in", "70")
    with acting_as(SYSTEM), transaction.atomic():
        assert Call.objects.get(secured=contract).met_on == START
        assert Agreement.objects.get(asset=goods).share_minor == asset_row(goods).granted_minor


def test_goods_nobody_holds_for_the_lender_secure_nothing(pledging: Any) -> None:
    contract = pledging.contract("stock-pledge-iot", limit="1000000.00")
    done = pledging.do("firm", assets.record_asset, kind="stock", title="自管存货", quantity=Decimal(100), measure="吨")
    goods = uuid.UUID(done["asset"])
    pledging.value(goods, "5000000.00", method="market")
    pledging.pledge(goods, contract, "1000000.00", until=datetime.date(2027, 1, 15))
    assert codes(contract, 1) == ["security.watched"]


def test_the_last_in_rank_loses_first(pledging: Any) -> None:
    patents = pledging.patents("30000000.00")
    first, second = pledging.contract(), pledging.contract(lender="other")
    pledging.pledge(patents, first, "8000000.00", share=yuan("20000000.00"), at="10:00:00")
    pledging.pledge(patents, second, "4000000.00", "other", share=yuan("10000000.00"), at="09:59:59")
    pledging.draw(first, "8000000.00")
    pledging.value(patents, "12000000.00")
    with transaction.atomic():
        assert [item.value_minor for item in runtime.given_for(second)] == [1_000_000_000]
        assert [item.value_minor for item in runtime.given_for(first)] == [200_000_000]
    row = asset_row(patents)
    assert (row.usable_minor, row.granted_minor, row.promised_minor) == (1_200_000_000, 3_000_000_000, 3_000_000_000)
    assert free(patents) == 0


def test_security_is_released_as_the_debt_is_repaid(pledging: Any) -> None:
    contract, patents = pledging.contract(), pledging.patents("30000000.00")
    given = pledging.pledge(patents, contract, "10000000.00")
    loan = pledging.draw(contract, "10000000.00")
    too_much = refused(lambda: pledging.do("bank", pledges.release_pledge, pledge=given, part=yuan("5000000.01")))
    assert (too_much.code, too_much.details["reasons"][0]["inputs"]["most"]) == ("security.still_needed", "5000000.00")
    pledging.do("bank", pledges.release_pledge, pledge=given, part=yuan("5000000.00"))
    assert free(patents) == 500_000_000
    pledging.owed[loan] = 0
    done = pledging.do("bank", pledges.release_pledge, pledge=given)
    assert done["cancel_registration"]
    assert (done["state"], free(patents)) == ("released", 3_000_000_000)
    pledging.do("bank", registration.cancel_registration, pledge=given)
    with acting_as(SYSTEM), transaction.atomic():
        kinds = list(Entry.objects.filter(agreement=given).order_by("recorded_at").values_list("kind", flat=True))
    assert kinds == ["first", "cancelled"]
    with pytest.raises(Forbidden):
        pledging.do("firm", pledges.release_pledge, pledge=given)


def test_a_sale_pays_by_rank_books_the_loans_and_leaves_the_rest_to_the_owner(pledging: Any) -> None:
    patents = pledging.patents("30000000.00")
    contract = pledging.contract()
    second = pledging.pledge(patents, uuid.uuid4(), "3000000.00", "other", share=yuan("4000000.00"), at="11:00:00",
                             debt_title="乙银行流动资金贷款")  # fmt: skip
    first = pledging.pledge(patents, contract, "10000000.00", at="10:00:00")
    loan = pledging.draw(contract, "9999999.99")
    pledging.do("other", pledges.state_debt, pledge=second, owed=yuan("2500000.00"))
    agreed = pledging.do("bank", sales.agree_sale, asset=patents, payer=pledging.party("buyer"),
                         proceeds=yuan("13000000.00"), costs=yuan("200000.00"), how="auction")  # fmt: skip
    assert [(part["pledge"], part["paid"]) for part in agreed["parts"]] == [
        (str(first), "9999999.99"), (str(second), "2500000.00"),
    ]  # fmt: skip
    assert (agreed["costs"], agreed["to_owner"]) == ("200000.00", "300000.01")
    sale = uuid.UUID(agreed["sale"])
    with pytest.raises(Forbidden):
        pledging.do("bank", sales.pay_sale, sale=sale)
    pledging.do("buyer", sales.pay_sale, sale=sale)
    assert pledging.booked == []
    pledging.banks_answer()
    assert pledging.booked == [(loan, 999_999_999)]
    with acting_as(SYSTEM), transaction.atomic():
        assert {row.state for row in Agreement.objects.filter(asset=patents)} == {"realised"}
        assert Sale.objects.get(pk=sale).state == "paid"
    row = asset_row(patents)
    assert (row.state, row.promised_minor, free(patents)) == ("sold", 0, 3_000_000_000)


def test_a_sale_the_bank_refuses_stands_as_agreed(pledging: Any) -> None:
    patents, contract = pledging.patents(), pledging.contract()
    pledging.pledge(patents, contract, "10000000.00")
    agreed = pledging.do("bank", sales.agree_sale, asset=patents, payer=pledging.party("buyer"),
                         proceeds=yuan("90000000.01"), how="sale")  # fmt: skip
    pledging.do("buyer", sales.pay_sale, sale=uuid.UUID(agreed["sale"]))
    pledging.banks_answer()
    with acting_as(SYSTEM), transaction.atomic():
        assert Sale.objects.get(pk=agreed["sale"]).state == "agreed"
    assert asset_row(patents).state == "held"
    pledging.do("bank", sales.withdraw_sale, sale=uuid.UUID(agreed["sale"]))


def test_a_registration_has_a_moment_and_a_term(pledging: Any) -> None:
    contract, goods = pledging.contract("stock-pledge-iot"), pledging.stock()
    given = pledging.offer(goods, contract, "1000000.00")
    pledging.do("bank", pledges.accept_pledge, pledge=given)
    bad = {
        "registration.time": {"at": "25:00"},
        "registration.until": {"until": None},
        "registration.term": {"until": datetime.date(2026, 2, 14)},
        "date.in_future": {"registered_on": datetime.date(2026, 1, 16), "until": datetime.date(2027, 1, 1)},
        "registration.number": {"number": " ", "until": datetime.date(2027, 1, 1)},
    }
    for code, body in bad.items():
        assert refused(lambda body=body: pledging.register(given, **body)).code == code
    assert refused(lambda: pledging.register(given, until=datetime.date(2056, 1, 16))).code == "registration.term"
    pledging.register(given, until=datetime.date(2026, 2, 15))
    pledging.do("bank", registration.prolong_registration, pledge=given, until=datetime.date(2027, 2, 15))
    pledging.go_to(datetime.date(2027, 2, 16))
    assert codes(contract, 1) == ["security.registration_ended", "security.cover"]
    with pytest.raises(Conflict, match=r"registration\.ended"):
        pledging.do("bank", registration.prolong_registration, pledge=given, until=datetime.date(2028, 2, 15))


def test_what_is_offered_for_goes_to_that_contracts_lender(pledging: Any) -> None:
    patents, contract = pledging.patents(), pledging.contract()
    with pytest.raises(Invalid, match=r"pledge\.other_lender"):
        pledging.offer(patents, contract, "1.00", "other")
    with pytest.raises(Invalid, match=r"pledge\.no_debt"):
        pledging.offer(patents, uuid.uuid4(), "1.00", "other")


def test_a_scheme_that_wants_nothing_pledged_passes_at_once(pledging: Any) -> None:
    contract = pledging.contract("instant-loan-310")
    pledging.draw(contract, "40000.00")
    assert codes(contract) == []
