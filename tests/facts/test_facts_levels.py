"""Flows are added up, levels never: of a balance, arrears or a headcount the last document of a day tells.

Documents are stated one by one or together, in one batch or several, corrected and disputed; every way of telling the
same gives the same features, in PostgreSQL and in DuckDB.
"""

from __future__ import annotations

import datetime
import importlib
import uuid
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jirong.facts import actions, disputes, features, kinds, tally
from jirong.facts.features.online import Reader
from jirong.facts.features.parts import Part
from jirong.facts.kinds.fields import FactKind, level, number
from jirong.facts.models import Batch, Fact, Tally
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

TODAY = datetime.date(2026, 6, 30)
LEVELS = {
    "tax.filing": ["arrears"], "social.payroll": ["headcount"], "utility.usage": ["arrears"],
    "accounts.statement": ["assets", "liabilities"], "bank.flows": ["balance"], "power.meter": ["wind_kw", "solar_kw"],
}  # fmt: skip
READ = {
    "tax.filing": ["tax_overdue", "tax_grade", "revenue_12m", "rd_intensity"],
    "social.payroll": ["staff_kept", "payroll_monthly"],
    "accounts.statement": ["debt_ratio", "net_margin", "debt_service_12m"],
    "bank.flows": ["bank_balance", "bank_inflow_12m", "bank_net_12m"],
    "power.meter": ["wind_capacity_kw", "solar_capacity_kw", "power_sales_12m", "power_price"],
    "registration.record": ["registration_status", "registered_months"],
    "shop.orders": ["shop_months", "flows_12m", "refund_share"],
}
"""The features that read a kind, flows and levels."""


def test_each_kind_says_which_of_its_figures_are_levels() -> None:
    said = {
        code: [measure.field for measure in kind.measures if measure.level] for code, kind in kinds.KINDS.items()
    }  # fmt: skip
    assert {code: fields for code, fields in said.items() if fields} == LEVELS


def test_the_migration_counts_anew_every_kind_with_a_level() -> None:
    assert set(migration().KINDS) == set(LEVELS)


@pytest.mark.parametrize(
    ("kind", "how", "column"),
    [
        ("bank.flows", "sum", "b"), ("staff.records", "sum", "a"),  # levels added up
        ("bank.flows", "last", "amount"), ("bank.flows", "max", "a"), ("shop.orders", "last", "b"),  # one of many flows
        ("shop.orders", "label", ""), ("stock.readings", "last", "b"),  # the last of what has no order
        ("bank.flows", "sum", "c"), ("shop.reviews", "sum", "amount"),  # no such figure
    ],
)  # fmt: skip
def test_a_part_that_reads_a_figure_otherwise_than_its_kind_says_is_refused(kind: str, how: str, column: str) -> None:
    with pytest.raises(ValueError, match=f"{how} of {kind}"):
        Part(kind, how, column)


def test_a_state_does_not_say_it_of_single_figures() -> None:
    flows = FactKind("x", Text("某", "x"), (), key="x", on="on", measures=(number("a"), level("b")))
    assert (flows.apart, flows.row_name, [flows.is_level(c) for c in ("amount", "a", "b")]) == (
        True,
        "x",
        [False, False, True],
    )
    with pytest.raises(ValueError, match="every figure is a level"):
        FactKind("x", Text("某", "x"), (), key="x", on="on", state=True, measures=(level("b"),))


# What is stated of one day: in one batch, in two, corrected, disputed.


def flow(world: Any, number: str, date: str, balance: str | None, direction: str = "inflow") -> dict[str, str]:
    row = {"record_no": number, "firm": world.code("firm"), "date": date, "direction": direction, "count": "1",
           "amount": "5.00"}  # fmt: skip
    return row if balance is None else row | {"balance": balance}


def fact(key: str) -> uuid.UUID:
    with acting_as(SYSTEM):
        return Fact.objects.get(key=key, corrections__isnull=True).pk


def read(world: Any, *names: str, as_of: datetime.date = TODAY, **more: Any) -> list[Any]:
    """The values, alike in PostgreSQL and DuckDB; how it is known where there is none."""
    with acting_as(SYSTEM):
        online = features.online(world.party("firm"), names, as_of=as_of, **more)
        found = dict(in_duckdb(names, as_of, **more))[world.party("firm")]
    assert found == online
    return [item.known if item.value is None else item.value for item in online.values()]


def in_duckdb(names: Any, as_of: datetime.date, **more: Any) -> Any:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is in the extra `columns`, which is not installed")
    from jirong.facts.features import batch

    connection = duckdb.connect()
    batch.copy_tally(connection)
    connection.execute("SET TimeZone = 'UTC'")
    return batch.batch(connection, names, as_of=as_of, **more).values()


def bank(world: Any, *batches: list[dict[str, str]]) -> None:
    world.grant("bank", ["bank.flows"])
    for rows in batches:
        done = world.push("bank", "bank.flows", *rows)
        assert (done["added"], done["refused"]) == (len(rows), [])


@pytest.mark.parametrize("split", [3, 1, 0])
def test_the_last_balance_of_a_day_is_the_balance(facts_world: Any, split: int) -> None:
    rows = [flow(facts_world, "1", "2026-06-30", "70.00"), flow(facts_world, "2", "2026-06-30", "20.00", "outflow"),
            flow(facts_world, "3", "2026-06-30", "50.00")]  # fmt: skip
    bank(facts_world, *filter(None, (rows[:split], rows[split:])))
    assert read(facts_world, "bank_balance", "bank_inflow_12m") == [Decimal("50.00"), Decimal("10.00")]


def test_a_correction_stands_where_its_document_stood(facts_world: Any) -> None:
    day = [
        flow(facts_world, "1", "2026-06-29", "1.00"),
        *(flow(facts_world, n, "2026-06-30", f"{n}0.00") for n in "234"),
    ]
    bank(facts_world, day[:3], day[3:])
    facts_world.do("bank", actions.correct, fact=fact("2"), values={"balance": "25.00"})
    assert read(facts_world, "bank_balance") == [Decimal("40.00")]
    facts_world.do("bank", actions.correct, fact=fact("4"), values={"balance": "45.00"})
    assert read(facts_world, "bank_balance") == [Decimal("45.00")]
    moment = clock()
    facts_world.do("bank", actions.correct, fact=fact("4"), values={"date": "2026-05-31"})
    assert read(facts_world, "bank_balance", "bank_inflow_12m") == [Decimal("30.00"), Decimal("20.00")]
    facts_world.do("bank", actions.correct, fact=fact("1"), values={"date": "2026-06-30"})  # first told, though moved
    facts_world.do("bank", actions.correct, fact=fact("3"), values={"balance": ""})
    assert read(facts_world, "bank_balance") == [Known.MISSING]
    facts_world.do("bank", actions.correct, fact=fact("4"), values={"date": "2026-06-30", "count": "2"})  # back
    assert read(facts_world, "bank_balance", "bank_inflow_12m") == [Decimal("45.00"), Decimal("20.00")]
    assert read(facts_world, "bank_balance", known_at=moment) == [Decimal("45.00")]


def test_a_dispute_leaves_the_level_to_who_said_it_first(facts_world: Any) -> None:
    bank(facts_world, [flow(facts_world, n, "2026-06-30", f"{n}0.00") for n in "12"])
    facts_world.grant("shop", ["bank.flows"])
    facts_world.push("shop", "bank.flows", flow(facts_world, "1", "2026-06-30", "99.00"))
    assert read(facts_world, "bank_balance") == [Known.CONTRADICTORY]
    with acting_as(SYSTEM):
        wrong = Fact.objects.get(source=facts_world.party("shop")).pk
    facts_world.do("shop", actions.correct, fact=wrong, values={"balance": "10.00"})
    assert read(facts_world, "bank_balance") == [Decimal("20.00")]
    raised = facts_world.do("firm", disputes.raise_dispute, fact=fact("2"), reason="余额有误")
    assert read(facts_world, "bank_balance") == [Known.CONTRADICTORY]
    facts_world.do("bank", disputes.uphold, dispute=uuid.UUID(raised["dispute"]), reason="核对无误")
    assert read(facts_world, "bank_balance", "bank_inflow_12m") == [Decimal("20.00"), Decimal("10.00")]


def payroll(world: Any, number: str, date: str, heads: str) -> dict[str, str]:
    return {"record_no": number, "firm": world.code("firm"), "date": date, "headcount": heads, "payroll": "300.00",
            "paid": "1.00"}  # fmt: skip


def test_the_most_staff_is_of_what_stands_not_of_what_was_taken_back(facts_world: Any) -> None:
    facts_world.grant("tax", ["social.payroll"])
    facts_world.push("tax", "social.payroll", payroll(facts_world, "1", "2026-02-28", "400"),
                     payroll(facts_world, "2", "2026-02-28", "50"), payroll(facts_world, "3", "2026-06-30", "40"),
                     payroll(facts_world, "4", "2026-06-30", "30"))  # fmt: skip
    assert read(facts_world, "staff_kept", "payroll_monthly") == [Decimal("0.075"), Decimal("200.00")]
    facts_world.do("tax", actions.correct, fact=fact("1"), values={"headcount": "40"})  # a slip of the pen
    assert read(facts_world, "staff_kept", "payroll_monthly") == [Decimal("0.6"), Decimal("200.00")]


def test_a_first_and_a_last_day_without_documents_any_more_do_not_count(facts_world: Any) -> None:
    shop = {"firm": facts_world.code("firm"), "orders": "1", "received": "100.00"}
    facts_world.push("shop", "shop.orders", {**shop, "record_no": "1", "date": "2024-01-15"},
                     {**shop, "record_no": "2", "date": "2026-06-10"}, {**shop, "record_no": "3", "date": "2026-06-25"})  # fmt: skip
    facts_world.do("shop", actions.correct, fact=fact("1"), values={"date": "2026-01-15"})
    facts_world.do("shop", actions.correct, fact=fact("3"), values={"date": "2026-06-01"})
    assert read(facts_world, "shop_months", "flows_12m") == [Decimal(5), Decimal("300.00")]
    firm = facts_world.party("firm")
    assert features.online(firm, ["flows_12m"], as_of=TODAY)["flows_12m"].fresh_on == datetime.date(2026, 6, 10)
    assert features.evidence(firm, ["shop.orders"], as_of=TODAY) == {"shop.orders": datetime.date(2026, 6, 10)}


def test_a_corrected_state_stays_before_what_was_stated_after_it(facts_world: Any) -> None:
    def court(number: str, status: str, case: str = "A1") -> dict[str, str]:
        return {"record_no": number, "case_no": case, "firm": facts_world.code("firm"), "date": "2026-06-10",
                "matter": "defaulter", "status": status, "amount": "9.00"}  # fmt: skip

    facts_world.push("tax", "court.records", court("1", "open"), court("2", "closed"), court("3", "closed", "B2"))
    assert read(facts_world, "court_defaulter") == [False]
    facts_world.do("tax", actions.correct, fact=fact("1"), values={"amount": "8.00"})
    assert read(facts_world, "court_defaulter") == [False]
    facts_world.do("tax", actions.correct, fact=fact("2"), values={"status": "open"})
    assert read(facts_world, "court_defaulter") == [True]


def clock() -> datetime.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment = cursor.fetchone()[0]
    assert isinstance(moment, datetime.datetime)
    return moment


# However documents are gathered into batches, they tell the same.

DAYS = st.sampled_from(["2026-02-28", "2026-06-29", "2026-06-30"])
FEW = st.integers(1, 9).map(lambda value: f"{value}.00")
SOME = st.one_of(st.just(""), FEW)
ROWS: dict[str, dict[str, Any]] = {
    "tax.filing": {"sales": FEW, "tax_due": FEW, "tax_paid": FEW, "arrears": st.sampled_from(["0.00", "1.00"]),
                   "rd_spend": SOME, "grade": st.sampled_from(["", "A", "C"])},
    "social.payroll": {"headcount": FEW, "payroll": FEW, "paid": FEW},
    "accounts.statement": {"revenue": FEW, "net_profit": FEW, "assets": FEW, "liabilities": FEW, "debt_service": SOME},
    "bank.flows": {"direction": st.sampled_from(["inflow", "outflow"]), "count": FEW, "amount": FEW, "balance": SOME},
    "power.meter": {"energy": FEW, "sales": FEW, "wind_kw": SOME, "solar_kw": SOME},
    "registration.record": {"status": st.sampled_from(["active", "revoked"]), "established": DAYS},
    "shop.orders": {"orders": FEW, "received": FEW, "refunded": SOME},
}  # fmt: skip


@st.composite
def told(draw: st.DrawFn) -> tuple[str, list[dict[str, str]], list[int]]:
    """Rows of one kind, and how many of them come together each time."""
    kind = draw(st.sampled_from(sorted(ROWS)))
    row = st.fixed_dictionaries({"date": DAYS, **ROWS[kind]})
    rows = draw(st.lists(row, min_size=2, max_size=7))
    sizes: list[int] = []
    while sum(sizes) < len(rows):
        sizes.append(draw(st.integers(1, len(rows) - sum(sizes))))
    return kind, rows, sizes


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=told())
def test_any_split_into_batches_tells_the_same(
    facts_world: Any, told: tuple[str, list[dict[str, str]], list[int]]
) -> None:
    code, rows, sizes = told
    firms = [facts_world.party(name) for name in ("firm", "other")]
    with acting_as(SYSTEM), transaction.atomic():
        for firm, gathered in zip(firms, ([1] * len(rows), sizes), strict=True):
            tell(facts_world.party("bank"), kinds.KINDS[code], firm, rows, gathered)
        alone, together = features.many(firms, READ[code], as_of=TODAY).values()
        transaction.set_rollback(True)
    assert together == alone


def tell(source: uuid.UUID, kind: FactKind, firm: uuid.UUID, rows: list[dict[str, str]], sizes: list[int]) -> None:
    """Record the rows of a firm, so many at a time."""
    start = 0
    for size in sizes:
        batch = Batch.objects.create(id=new_id(), source_id=source, kind=kind.code, name="", sha256="", added=size,
                                     known=0, refused={})  # fmt: skip
        moment = tally.lock([firm])
        facts = [
            fact_of(kind, firm, batch, line, row, moment) for line, row in enumerate(rows[start : start + size], start)
        ]
        Fact.objects.bulk_create(facts)
        tally.record(kind, facts)
        start += size


def fact_of(kind: FactKind, firm: uuid.UUID, batch: Batch, line: int, row: dict[str, str], moment: Any) -> Fact:
    values = {name: value for name, value in row.items() if value} | {kind.key: str(line)}
    said = values.get(kind.amount or "")
    return Fact(id=new_id(), kind=kind.code, subject_id=firm, source_id=batch.source_id, key=str(line), on=row["date"],
                amount_minor=int(Decimal(said) * 100) if said else None, values=values, digest=f"{firm}{line}"[:64],
                batch=batch, line=line, recorded_at=moment)  # fmt: skip


# Tallies from before.


def migration() -> Any:
    return importlib.import_module("jirong.facts.migrations.0006_a_row_a_document")


def test_levels_that_were_added_up_are_counted_anew(facts_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are only added: asked as of before, the house answers as it did."""
    names = ("bank_balance", "bank_inflow_12m", "bank_net_12m")
    with monkeypatch.context() as old:
        old.setattr(FactKind, "apart", property(lambda kind: kind.state))
        bank(facts_world, [flow(facts_world, n, "2026-06-30", f"{n}0.00") for n in "123"],
             [flow(facts_world, "4", "2026-05-31", None, "outflow"), flow(facts_world, "5", "2026-05-31", "9.00")])  # fmt: skip
        facts_world.do("bank", actions.correct, fact=fact("5"), values={"amount": "6.00"})
        facts_world.do("bank", actions.correct, fact=fact("4"), values={"date": "2026-04-30"})
    moment = clock()
    before = read(facts_world, *names)
    assert before == [Decimal("60.00"), Decimal("21.00"), Decimal("16.00")]  # 10 + 20 + 30
    migration().count_anew(apps, SimpleNamespace(connection=connection))
    assert read(facts_world, *names) == [Decimal("30.00"), Decimal("21.00"), Decimal("16.00")]
    assert read(facts_world, *names, known_at=moment) == before
    facts_world.do("bank", actions.correct, fact=fact("3"), values={"balance": "33.00"})
    assert read(facts_world, *names) == [Decimal("33.00"), Decimal("21.00"), Decimal("16.00")]
    with acting_as(SYSTEM):
        stood = Tally.objects.filter(kind="bank.flows", key="").values_list("count", flat=True)
    assert sum(stood) == 0
    assert features.online(facts_world.party("firm"), names, as_of=TODAY)["bank_balance"] == FeatureValue(
        Decimal("33.00"), TODAY
    )


# What a feature reads beside what it rests on, and days that are said twice.


def test_orders_in_hand_need_consent_and_agreement_on_the_invoices_too(facts_world: Any) -> None:
    of = {"seller": facts_world.code("firm"), "buyer": facts_world.code("other"), "order_no": "1", "quantity": "10"}
    facts_world.push("firm", "order", {**of, "date": "2026-05-01", "amount": "1130.00"})
    assert read(facts_world, "orders_in_hand") == [Decimal("1130.00")]  # no invoices is no silence
    bill = {**of, "invoice_no": "1", "date": "2026-05-20", "net": "100.00", "tax": "13.00", "gross": "113.00"}
    facts_world.push("firm", "invoice", bill)
    assert read(facts_world, "orders_in_hand") == [Decimal("1017.00")]
    reader = Reader(facts_world.party("bank"), "credit_assessment", TODAY)
    facts_world.consent(["order"])
    assert read(facts_world, "orders_in_hand", reader=reader) == [Known.WITHHELD]
    facts_world.consent(["invoice"])
    assert read(facts_world, "orders_in_hand", reader=reader) == [Decimal("1017.00")]
    facts_world.push("other", "invoice", {**bill, "net": "200.00", "gross": "213.00"})
    assert read(facts_world, "orders_in_hand") == [Known.CONTRADICTORY]


def test_a_day_two_stations_read_is_one_day(facts_world: Any) -> None:
    facts_world.grant("tax", ["weather.station"])
    year = [TODAY - datetime.timedelta(days=n) for n in range(300)]

    def readings(days: list[datetime.date], station: str) -> list[dict[str, str]]:
        return [
            {"record_no": f"{station}{day}", "firm": facts_world.code("firm"), "date": str(day), "station": station,
             "wind": "6.0", "sunshine": "1"}
            for day in days
        ]  # fmt: skip

    facts_world.push("tax", "weather.station", *readings(year[:160], "A"), *readings(year[:160], "B"))
    assert read(facts_world, "wind_volatility", "wind_mean_3y") == [Known.MISSING, Decimal(6)]
    facts_world.push("tax", "weather.station", *readings(year[160:], "A"))
    assert read(facts_world, "wind_volatility") == [Decimal(0)]


def test_a_correction_may_go_back_to_what_was_said_first_and_must_change_something(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"))
    for sales in ("70.00", "100.00", "70.00"):
        facts_world.do("tax", actions.correct, fact=fact("1"), values={"sales": sales})
        assert read(facts_world, "revenue_12m") == [Decimal(sales)]
    with pytest.raises(Invalid, match=r"fact\.unchanged"):
        facts_world.do("tax", actions.correct, fact=fact("1"), values={"sales": "70.00"})
    again = facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"))
    assert (again["added"], again["known"]) == (0, 1)
