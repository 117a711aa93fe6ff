"""The catalogue: every scheme passes, cites every section, explains every word, and gives the sources' figures.

The figures are those of the published cases; inputs a case does not state are named in each test.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from jirong.kernel import rates, rules
from jirong.kernel.money import Money
from jirong.schemes import check, parse
from jirong.schemes.evaluate import Evaluation, Facts, FeatureValue, Verdict, evaluate
from jirong.schemes.model.contracts import ChainNote, CreditLine, Discount, Loan, LotLoan
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.rates import rate_range

FILES = {file.stem: file for file in sorted((Path(__file__).parents[2] / "catalogue" / "schemes").glob("*.yaml"))}
ON = dt.date(2026, 3, 2)

REMARKS = {
    "furniture-effect-fee": {"scheme.effect_fee_high"},
    "furniture-effect-fee-time": {"scheme.effect_fee_high"},
    "furniture-upgrade-loan": {"scheme.programme_crowded"},
    "textile-chain-note": {"scheme.sixty_days"},
    "textile-lot-loan": {"scheme.core_rebate"},
}
"""What the checker has to remark on, and rightly: the sources leave it so."""


def named(name: str) -> Scheme:
    return parse.parse(FILES[name].read_bytes())


def judged(name: str, facts: Facts, on: dt.date = ON) -> Evaluation:
    return evaluate(named(name), facts, on=on, lpr=rates.lpr_history())


def known(**features: str | bool) -> dict[str, FeatureValue]:
    return {
        name.replace("__", "."): FeatureValue(of if isinstance(of, bool) else Decimal(of), ON - dt.timedelta(days=1))
        for name, of in features.items()
    }


def offer(result: Evaluation) -> tuple[str, Decimal | None]:
    """The limit and the rate of an approval."""
    assert result.verdict is Verdict.APPROVE, [(a.path, a.reason.en) for a in result.answers if a.change]
    assert result.terms is not None
    return str(result.terms.limit), result.terms.rate


@pytest.mark.parametrize("name", FILES)
def test_it_passes_the_checker_with_the_remarks_it_deserves(name: str) -> None:
    examined = check.examine(FILES[name].read_bytes(), rules.house_rulebook(), lpr=rates.lpr_history())
    assert examined.scheme is not None, examined.findings
    assert {item.code for item in examined.findings} == REMARKS.get(name, set())
    assert examined.scheme.scheme == name


@pytest.mark.parametrize("name", FILES)
def test_what_it_refers_to_is_in_the_catalogue(name: str) -> None:
    everything = {named(other).ref for other in FILES}
    assert set(named(name).related) <= everything


def test_the_cases_have_their_schemes() -> None:
    assert set(FILES) >= {
        "textile-chain-note", "textile-lot-loan", "textile-lot-discount", "furniture-upgrade-loan",
        "furniture-effect-fee", "furniture-effect-fee-time", "toy-export-pool", "toy-bridge-loan",
        "toy-steady-jobs-loan", "instant-loan-310", "online-working-capital", "platform-supplier-line",
        "robot-maker-credit", "stock-pledge-iot", "innovation-points", "vegetable-coop", "wind-climate-loan",
        "relay-bank", "patent-loan",
    }  # fmt: skip


def test_textile_the_merchant_gets_eight_of_ten_million_two_points_below() -> None:
    facts = Facts(
        features=known(lot_free=True, issuer__overdue_notes="0", lot_amount="10000000.00"),
        evidence={"note.receipt": ON, "registration.search": ON},
    )
    assert offer(judged("textile-lot-loan", facts)) == ("8000000.00", Decimal("0.0350"))
    assert named("textile-lot-loan").instrument == LotLoan(
        kind="lot_loan", source=named("textile-lot-loan").instrument.source
    )
    note = named("textile-chain-note").instrument
    assert isinstance(note, ChainNote)
    assert str(note.tenor.longest) == "6 months"
    sold = named("textile-lot-discount").instrument
    assert isinstance(sold, Discount)
    assert sold.recourse == "without"


def test_five_steps_320_thousand_on_a_lot_of_400_thousand() -> None:
    facts = Facts(features=known(lot_free=True, lot_amount="400000.00"), evidence={"note.receipt": ON})
    assert offer(judged("chain-lot-loan", facts)) == ("320000.00", Decimal("0.0360"))


def test_furniture_a_hundred_thousand_at_most() -> None:
    facts = Facts(
        features=known(membership_months="24", overdue_12m="0", revenue_12m="5000000"),
        evidence={"upgrade.effect_report": ON},
        level="A",
        assessed_on=ON,
        use="software_fee",
    )
    assert offer(judged("furniture-upgrade-loan", facts)) == ("100000.00", Decimal("0.0350"))


def test_toys_a_point_and_a_half_below_and_half_the_interest_subsidised() -> None:
    scheme = named("toy-steady-jobs-loan")
    assert scheme.price is not None
    rate = rate_range(scheme.price, rates.lpr_history(), ON)
    assert rate is not None
    assert rate.high == rate.low == Decimal("0.0400")
    assert scheme.programme is not None
    subsidy = scheme.subsidy[0]
    interest = scheme.programme.total.times(rate.high)  # 12 months by 30/360
    assert str(interest) == "800000.00"
    assert subsidy.pays is not None
    assert interest.times(subsidy.pays) == subsidy.budget == Money.parse("400000.00")
    bridge = named("toy-bridge-loan").instrument
    assert isinstance(bridge, Loan)
    assert bridge.tenor.up_to is not None


def test_instant_forty_thousand_at_5_85() -> None:
    good = known(
        shop_months="30", shop_stability="82", review_score="4.7", delivery_on_time="0.97", court_defaulter=False,
        overdue_12m="0", flows_12m="900000",
    )  # fmt: skip
    facts = Facts(features=good, level="B", assessed_on=ON)
    assert offer(judged("instant-loan-310", facts)) == ("40000.00", Decimal("0.0585"))
    silent = Facts(features={**good, "flows_12m": FeatureValue(Decimal(900000), dt.date(2025, 12, 1))}, level="B")
    assert judged("instant-loan-310", silent).verdict is Verdict.ASK


def test_online_half_a_million_at_six() -> None:
    facts = Facts(
        features={
            **known(registered_months="40", tax_overdue=False, court_defaulter=False, tax_sales_12m="6000000"),
            "tax_grade": FeatureValue("B", ON),
        },
        level="B",
        assessed_on=ON,
    )
    assert offer(judged("online-working-capital", facts)) == ("500000.00", Decimal("0.0600"))
    line = named("online-working-capital").instrument
    assert isinstance(line, CreditLine)
    assert line.basis == "A/360"


def test_supplier_740_thousand_under_one_and_a_half_settlements() -> None:
    facts = Facts(
        features=known(
            supply_months="20", returns_share="0.04", receivables_accepted="600000", stock_value="400000",
            goods_in_transit="150000", settlement_monthly="500000",
        )
    )  # fmt: skip
    result = judged("platform-supplier-line", facts)
    assert offer(result) == ("740000.00", Decimal("0.0720"))
    assert any(a.reason.zh == "48万元 + 20万元 + 6万元 = 74万元" for a in result.answers)


def test_robots_five_million_at_lpr_plus_95() -> None:
    facts = Facts(
        features=known(high_tech=True, rd_intensity="0.12", overdue_12m="0", revenue_12m="20000000"),
        evidence={"purchase.contract": ON},
        score=Decimal(88),
        assessed_on=ON,
        use="equipment",
    )
    assert offer(judged("robot-maker-credit", facts)) == ("5000000.00", Decimal("0.0395"))
    loan = named("robot-maker-credit").instrument
    assert isinstance(loan, Loan)
    assert (loan.repay, str(loan.tenor.longest), loan.basis) == ("equal_principal", "36 months", "months")


def test_stock_follows_quantity_and_price() -> None:
    facts = Facts(
        features=known(overdue_12m="0", sensor_gap_hours="0", stock_value="2000000"),
        evidence={"warehouse.receipt": ON},
    )
    assert offer(judged("stock-pledge-iot", facts)) == ("1400000.00", Decimal("0.0450"))


def test_points_ten_million_unsecured() -> None:
    features = known(
        rd_intensity="0.25", pct_patent_share="0.4", master_staff_share="0.5", court_defaulter=False,
        rd_spend_12m="8000000",
    )  # fmt: skip
    facts = Facts(features=features, score=Decimal(91), assessed_on=ON)
    assert offer(judged("innovation-points", facts))[0] == "10000000.00"
    assert named("innovation-points").security == "unsecured"


def test_vegetables_half_a_million() -> None:
    features = known(trade_tonnes_12m="5000", member_farmers="120", overdue_12m="0", trade_value_12m="20000000")
    assert offer(judged("vegetable-coop", Facts(features=features, level="A", assessed_on=ON)))[0] == "500000.00"


def test_wind_5_53_million_from_6_5_metres_a_second_on() -> None:
    def wind(mean: str) -> Evaluation:
        features = known(wind_mean_3y_min=mean, wind_volatility="0.2", debt_service_capacity="9000000")
        facts = Facts(features=features, evidence={"weather.station": ON}, level="A", assessed_on=ON)
        return judged("wind-climate-loan", facts)

    assert offer(wind("6.5"))[0] == "5530000.00"
    calm = wind("6.4")
    assert calm.verdict is Verdict.REFUSE
    assert any(a.change and a.change.zh == "近3年各年平均风速的最低值再增加0.1米/秒" for a in calm.answers)


def test_relay_five_million_a_fifth_below_the_market() -> None:
    facts = Facts(
        features=known(
            net_margin_12m="0.15", own_overdue=False, frozen_parent_only=True, future_receivables_36m="12000000"
        ),
        evidence={"lookthrough.report": ON, "leadbank.exit": ON},
    )
    assert offer(judged("relay-bank", facts)) == ("5000000.00", Decimal("0.0400"))


def test_patents_ten_million_on_thirty_and_the_loss_in_three_parts() -> None:
    features = known(invention_patents="5", patent_dispute=False, overdue_12m="0", patent_value="30000000")
    facts = Facts(features=features, evidence={"patent.appraisal": ON}, level="A", assessed_on=ON)
    assert offer(judged("patent-loan", facts))[0] == "10000000.00"
    losses = named("patent-loan").losses
    assert losses is not None
    assert losses.borne is not None
    shared = Money.parse("3333333.33").split([bearer.share for bearer in losses.borne])
    assert [(bearer.by, str(part)) for bearer, part in zip(losses.borne, shared, strict=True)] == [
        ("guarantor", "1333333.33"),
        ("pool", "666666.67"),
        ("lender", "1333333.33"),
    ]
