"""Rows stay with whom they reached, lists stay few queries, and the books agree with the agreements."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jirong.collateral import closing, runtime
from jirong.collateral.actions import assets, pledges
from jirong.collateral.models import (
    LIVE,
    Agreement,
    Asset,
    Call,
    Drawn,
    Entry,
    Movement,
    Sale,
    Secured,
    Step,
    Valuation,
)  # fmt: skip
from jirong.engine.security import KINDS
from jirong.kernel.errors import Forbidden, Refusal
from jirong.kernel.money import Money
from jirong.ledger import intents as ledger
from jirong.schemes import vocabulary
from jirong.store.identity import SYSTEM, acting_as

TABLES = (Asset, Valuation, Movement, Secured, Drawn, Agreement, Entry, Call, Sale, Step)


def test_rows_are_seen_by_those_they_reached_only(pledging: Any) -> None:
    contract, goods = pledging.contract("stock-pledge-iot", limit="1000000.00"), pledging.stock()
    pledging.pledge(goods, contract, "1000000.00", whole=True, until=datetime.date(2027, 1, 15))
    pledging.draw(contract, "900000.00")
    pledging.price(goods, "1100.00")
    patents = pledging.patents()
    pledging.pledge(patents, pledging.contract(), "1000000.00")
    from jirong.collateral.actions import sales

    pledging.do("bank", sales.agree_sale, asset=patents, payer=pledging.party("buyer"),
                proceeds=Money.parse("2000000.00"), how="sale")  # fmt: skip
    sees = {
        "bank": dict.fromkeys(TABLES, True),
        "firm": dict.fromkeys(TABLES, True),
        "warehouse": {table: table in (Asset, Valuation, Movement, Step) for table in TABLES},
        "buyer": {table: table in (Asset, Valuation, Sale, Step) for table in TABLES},
        **{who: dict.fromkeys(TABLES, False) for who in ("rival", "operator", "other")},
    }
    for who, expected in sees.items():
        with acting_as(pledging.actor(who)), transaction.atomic():
            assert {table: table.objects.exists() for table in TABLES} == expected, who


@pytest.mark.parametrize("table", [Valuation, Movement, Drawn, Entry, Step])
def test_what_happened_is_never_overwritten(pledging: Any, table: Any) -> None:
    contract, goods = pledging.contract("stock-pledge-iot", limit="1000000.00"), pledging.stock()
    pledging.pledge(goods, contract, "1000000.00", until=datetime.date(2027, 1, 15))
    pledging.draw(contract, "1.00")
    with pytest.raises(DatabaseError), acting_as(SYSTEM), transaction.atomic():
        table.objects.update(recorded_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))


def test_lists_ask_the_database_no_more_for_more_rows(pledging: Any) -> None:
    def count(who: str, name: str) -> int:
        client = pledging.client(who)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(name))
        return len([item for item in queries if "SAVEPOINT" not in item["sql"] and "set_config" not in item["sql"]])

    def add(number: str) -> None:
        pledging.pledge(pledging.patents(number=number), pledging.contract(), "1000000.00")

    add("ZL1")
    before = {(who, name): count(who, name) for who in ("firm", "bank") for name in ("assets", "pledges", "securities")}
    for number in ("ZL2", "ZL3", "ZL4"):
        add(number)
    assert {key: count(*key) for key in before} == before


def test_kinds_of_assets_are_the_words_of_schemes(db: None) -> None:
    assert {*KINDS, "lot"} == set(vocabulary.PLEDGE)


def test_only_the_warehouse_moves_goods(pledging: Any) -> None:
    from decimal import Decimal

    from jirong.collateral.actions import stock

    goods = pledging.stock()
    for who in ("firm", "appraiser"):
        with pytest.raises(Forbidden):
            pledging.do(who, stock.move_stock, asset=goods, kind="out", quantity=Decimal(1))


amounts = st.integers(1, 40_000_000)
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), amounts), st.tuples(st.just("answer"), st.booleans()),
        st.tuples(st.just("value"), amounts), st.tuples(st.just("release"), amounts),
    ),
    min_size=3, max_size=12,
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds)
def test_whatever_is_done_the_account_is_the_value_less_what_is_promised(pledging: Any, done: list[Any]) -> None:
    """Offers, answers, valuations and releases in any order: the ledger, the columns and the agreements agree."""
    patents = pledging.patents("200000.00", number=str(uuid.uuid4()))
    waiting: list[uuid.UUID] = []
    held: list[uuid.UUID] = []
    for what, how in done:
        try:
            with transaction.atomic():
                _do(pledging, patents, waiting, held, what, how)
        except Refusal:
            continue
    with acting_as(SYSTEM), transaction.atomic():
        row = Asset.objects.get(pk=patents)
        promised = sum(item.share_minor for item in Agreement.objects.filter(asset=patents, state__in=LIVE))
        key = f"capacity:{runtime.capacity_name(patents)}:free"
        assert row.promised_minor == promised
        assert row.granted_minor == max(row.usable_minor, promised)
        assert ledger.free_minor([key])[key] == row.granted_minor - promised


def _do(world: Any, patents: uuid.UUID, waiting: list[uuid.UUID], held: list[uuid.UUID], what: str, how: Any) -> None:
    if what == "offer":
        body = {"asset": patents, "holder": world.party("bank"), "secures": uuid.uuid4(), "debt_title": "外部贷款"}
        done = world.do("firm", pledges.offer_pledge, secured=Money(how), share=Money(how), **body)
        waiting.append(uuid.UUID(done["pledge"]))
    elif what == "answer" and waiting:
        pledge = waiting.pop()
        world.do("bank", pledges.accept_pledge if how else pledges.drop_pledge, pledge=pledge)
        held.extend([pledge] if how else [])
    elif what == "value":
        world.value(patents, str(Money(how)))
    elif what == "release" and held:
        world.do("bank", pledges.release_pledge, pledge=held[-1], part=Money(how))


def test_an_asset_that_secures_something_is_not_retired(pledging: Any) -> None:
    patents = pledging.patents()
    given = pledging.offer(patents, pledging.contract(), "1.00")
    with pytest.raises(Refusal, match=r"asset\.encumbered"), transaction.atomic():
        pledging.do("firm", assets.retire_asset, asset=patents)
    pledging.do("firm", pledges.drop_pledge, pledge=given)
    pledging.do("firm", assets.retire_asset, asset=patents)


def test_the_close_of_business_calls_once_as_interest_eats_the_cover(pledging: Any) -> None:
    contract = pledging.contract("stock-pledge-iot", limit="1000000.00")
    goods = pledging.stock("1000", "1400.00")
    pledging.pledge(goods, contract, "1200000.00", until=datetime.date(2027, 1, 15))
    loan = pledging.draw(contract, "1000000.00")
    assert (closing.close().looked, closing.close().changed) == (1, 0)
    pledging.owed[loan] = 107_692_308  # 1,400,000.00 ÷ 130 % is 1,076,923.07
    assert vars(closing.close()) | {"on": None} == {"on": None, "looked": 1, "changed": 1, "errors": []}
    assert closing.close().changed == 0
    with acting_as(SYSTEM), transaction.atomic():
        assert Call.objects.get(secured=contract, met_on=None).short_minor == 7_692_308
    pledging.go_to(datetime.date(2026, 1, 16))
    pledging.owed[loan] = 100_000_000
    assert closing.close().changed == 1
    with acting_as(SYSTEM), transaction.atomic():
        assert Call.objects.get(secured=contract).met_on == datetime.date(2026, 1, 16)
