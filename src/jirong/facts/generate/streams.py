"""What a generated cluster leaves behind: one table of columns for each kind of fact.

Everything follows from the cluster's sales and fate: taxes and wages from sales, papers of a trade from the ties,
bank flows from what is invoiced, overdue payments and court records from defaults. Rings invoice in a circle without
a delivery between them, and their bank flows go round the same day.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jirong.facts import kinds
from jirong.facts.generate.columns import Columns, Days, Ints, Number, Texts
from jirong.facts.generate.shape import Cluster, stream


def facts(cluster: Cluster) -> Iterator[Columns]:
    """Every table, kind by kind."""
    yield from _offices(cluster)
    yield from _trade(cluster)
    yield from _money(cluster)
    yield from _shops(cluster)
    yield from _inventions(cluster)
    yield from _fields_and_winds(cluster)


class Grid:
    """Some firms × all months, flattened: which firm and which month's end a row belongs to."""

    def __init__(self, cluster: Cluster, firms: Ints | None = None) -> None:
        self.chosen = np.arange(cluster.firms) if firms is None else firms
        self.firm = np.repeat(self.chosen, cluster.months)
        self.month = np.tile(np.arange(cluster.months), len(self.chosen))
        self.on: Days = cluster.ends[self.month]
        self.sales = cluster.sales[self.firm, self.month]
        fallen = cluster.defaulted[self.firm]
        self.failing = (fallen >= 0) & (self.month >= fallen)

    def __len__(self) -> int:
        return len(self.firm)


def _numbers(prefix: str, count: int) -> Texts:
    return np.char.add(prefix, np.arange(count).astype(f"<U{len(str(max(count, 1)))}"))


def _money_of(values: Any) -> Number:
    return Number(np.asarray(values, dtype=np.int64), 2)


def _table(kind: str, firm: Ints, on: Days, buyer: Ints | None = None, /, **values: Number | Texts | str) -> Columns:
    found = kinds.kind_of(kind)
    prefix = kind.replace(".", "").upper()[:6]
    return Columns(found, firm, on, {found.key: _numbers(prefix, len(firm)), **values}, buyer)


def _offices(cluster: Cluster) -> Iterator[Columns]:
    """Registration, tax, social insurance, electricity, staff, accounts, courts, repayments."""
    rng = stream(cluster.seed, "offices")
    firms = np.arange(cluster.firms)
    first = np.full(cluster.firms, cluster.ends[0])
    born = first - rng.integers(200, 6000, cluster.firms)
    yield _table("registration.record", firms, first, status="active", established=born.astype(str),
                 capital=_money_of(rng.integers(1, 200, cluster.firms) * 100_000_00))  # fmt: skip
    grid = Grid(cluster)
    due = grid.sales * 3 // 100
    owed = np.where(grid.failing, due, 0)
    techy = (stream(cluster.seed, "techy").random(cluster.firms) < 0.3)[grid.firm]
    claimed = np.where(techy, grid.sales * 5 // 100, 0)
    grade = np.where(grid.failing, "C", np.where(grid.firm % 3 == 0, "A", "B"))
    yield _table("tax.filing", grid.firm, grid.on, sales=_money_of(grid.sales), tax_due=_money_of(due),
                 tax_paid=_money_of(due - owed), arrears=_money_of(owed), rd_spend=_money_of(claimed),
                 grade=grade)  # fmt: skip
    heads = np.maximum(2, cluster.sales.mean(axis=1) / 5_000_000).astype(np.int64)[grid.firm]
    heads = np.where(grid.failing, np.maximum(1, heads * 6 // 10), heads)
    wages = heads * 6_000_00
    yield _table("social.payroll", grid.firm, grid.on, headcount=Number(heads), payroll=_money_of(wages),
                 paid=_money_of(wages * 25 // 100))  # fmt: skip
    energy = grid.sales // 100_000 + 50
    yield _table("utility.usage", grid.firm, grid.on, utility="electricity", quantity=Number(energy),
                 bill=_money_of(energy * 70))  # fmt: skip
    margin = rng.normal(0.06, 0.03, cluster.firms)[grid.firm] - np.where(grid.failing, 0.25, 0)
    profit = (grid.sales * margin).astype(np.int64)
    assets = (grid.sales * 9).astype(np.int64)
    yield _table("accounts.statement", grid.firm, grid.on, revenue=_money_of(grid.sales),
                 net_profit=_money_of(profit), assets=_money_of(assets),
                 liabilities=_money_of(assets * 55 // 100))  # fmt: skip
    yield _table("repayment.record", grid.firm, grid.on, product="loan", due=_money_of(grid.sales // 50),
                 late=np.where(grid.failing, "yes", "no"), unpaid=np.where(grid.failing, "yes", "no"))  # fmt: skip
    yield from _courts(cluster)


def _courts(cluster: Cluster) -> Iterator[Columns]:
    """A search of everybody at the end finds the firms that defaulted at least three months before."""
    old = (cluster.defaulted >= 0) & (cluster.defaulted <= cluster.months - 3)
    firms = np.arange(cluster.firms)
    yield _table("court.records", firms, np.full(cluster.firms, cluster.ends[-1]),
                 case_no=np.char.add("案", firms.astype(str)), matter=np.where(old, "defaulter", "clear"),
                 status=np.where(old, "open", "closed"))  # fmt: skip


def _trade(cluster: Cluster) -> Iterator[Columns]:
    """The four papers of each tie's month; then a ring's invoices, with nothing behind them."""
    ties = np.arange(len(cluster.seller))
    tie = np.repeat(ties, cluster.months)
    month = np.tile(np.arange(cluster.months), len(ties))
    seller, buyer = cluster.seller[tie], cluster.buyer[tie]
    gross = (cluster.sales[seller, month] * cluster.weight[tie]).astype(np.int64) // 113 * 113 + 113
    first = cluster.ends[month].astype("datetime64[M]").astype("datetime64[D]")
    rng = stream(cluster.seed, "trade")
    ordered: Any = first + rng.integers(0, 5, len(tie))
    sent, accepted, billed = (ordered + days for days in (5, 8, 10))
    here = billed <= cluster.ends[month]
    seller, buyer, gross = seller[here], buyer[here], gross[here]
    ordered, sent, accepted, billed = ordered[here], sent[here], accepted[here], billed[here]
    order_no, quantity = _numbers("DD", len(seller)), Number(np.maximum(1, gross // 10_000))
    papers: dict[str, Number | Texts | str] = {"order_no": order_no, "quantity": quantity}
    yield _table("order", seller, ordered, buyer, amount=_money_of(gross), **papers)
    yield _table("delivery", seller, sent, buyer, delivery_no=_numbers("FH", len(seller)), **papers)
    yield _table("acceptance", seller, accepted, buyer, delivery_no=_numbers("FH", len(seller)), **papers)
    ring_seller, ring_buyer, ring_gross, ring_on = _ring_trade(cluster)
    all_gross = np.concatenate([gross, ring_gross])
    net = all_gross // 113 * 100
    count = len(all_gross)
    yield _table(
        "invoice", np.concatenate([seller, ring_seller]), np.concatenate([billed, ring_on]),
        np.concatenate([buyer, ring_buyer]), invoice_no=_numbers("2600", count),
        order_no=np.concatenate([order_no, _numbers("HX", len(ring_seller))]),
        quantity=Number(np.maximum(1, all_gross // 10_000)), net=_money_of(net), tax=_money_of(all_gross - net),
        gross=_money_of(all_gross), colour="blue",
    )  # fmt: skip


def _ring_trade(cluster: Cluster) -> tuple[Ints, Ints, Ints, Days]:
    """Each month every member of a ring invoices the next nearly the same amount."""
    rng = stream(cluster.seed, "ring trade")
    pairs = [(firm, ring[(place + 1) % len(ring)]) for ring in cluster.rings for place, firm in enumerate(ring)]
    sizes = [float(cluster.sales[list(ring)].mean()) for ring in cluster.rings for _ in ring]
    seller = np.repeat(np.array([pair[0] for pair in pairs], np.int64), cluster.months)
    buyer = np.repeat(np.array([pair[1] for pair in pairs], np.int64), cluster.months)
    gross = np.repeat(np.array(sizes), cluster.months) * rng.uniform(0.97, 1.03, len(seller))
    ends = np.tile(cluster.ends, len(pairs))
    return seller, buyer, gross.astype(np.int64) // 113 * 113 + 113, ends


def _money(cluster: Cluster) -> Iterator[Columns]:
    """Bank flows: receipts follow sales, payments follow receipts; a failing firm pays more than it gets."""
    grid = Grid(cluster)
    inflow = grid.sales * 95 // 100
    outflow = np.where(grid.failing, inflow * 108 // 100, inflow * 97 // 100)
    both = np.concatenate
    count = Number(both([inflow // 2_000_000 + 1, outflow // 1_500_000 + 1]))
    direction = np.repeat(np.array(["inflow", "outflow"]), len(grid))
    balance = both([inflow // 3, np.where(grid.failing, inflow // 50, inflow // 4)])
    yield _table("bank.flows", both([grid.firm, grid.firm]), both([grid.on, grid.on]), direction=direction,
                 count=count, amount=_money_of(both([inflow, outflow])), balance=_money_of(balance))  # fmt: skip
    suppliers = Grid(cluster, np.flatnonzero((cluster.tier == 1) | (cluster.tier == 2)))
    rows = [suppliers.sales // 2, suppliers.sales * 45 // 100, suppliers.sales // 40]
    label = np.repeat(np.array(["accepted", "settled", "returned"]), len(suppliers))
    yield _table("settlement.records", both([suppliers.firm] * 3), both([suppliers.on] * 3), kind=label,
                 amount=_money_of(both(rows)))  # fmt: skip


def _shops(cluster: Cluster) -> Iterator[Columns]:
    """A third of the smallest firms sell through a shop: sales, reviews and parcels by week."""
    rng = stream(cluster.seed, "shops")
    small = np.flatnonzero(cluster.tier == 3)
    grid = Grid(cluster, small[::3])
    weeks = 4
    firm, sales = np.repeat(grid.firm, weeks), np.repeat(grid.sales, weeks)
    first = np.repeat(grid.on.astype("datetime64[M]").astype("datetime64[D]"), weeks)
    on = first + np.tile(np.array([5, 12, 19, 26]), len(grid))
    here = on <= cluster.ends[-1]
    firm, sales, on, failing = firm[here], sales[here], on[here], np.repeat(grid.failing, weeks)[here]
    received = (sales * rng.uniform(0.2, 0.3, len(firm))).astype(np.int64)
    orders = received // 15_000 + 1
    yield _table("shop.orders", firm, on, orders=Number(orders), received=_money_of(received),
                 refunded=_money_of(received // np.where(failing, 8, 40)))  # fmt: skip
    score = np.where(failing, 36, 46) + rng.integers(-2, 3, len(firm))
    yield _table("shop.reviews", firm, on, count=Number(orders // 3 + 1), score=Number(score, 1))
    on_time = (orders * np.where(failing, 0.8, 0.96)).astype(np.int64)
    yield _table("logistics.deliveries", np.concatenate([firm, firm]), np.concatenate([on, on]),
                 stage=np.repeat(np.array(["shipped", "delivered"]), len(firm)),
                 count=Number(np.concatenate([orders, orders])),
                 on_time=Number(np.concatenate([np.zeros(len(firm), np.int64), on_time])),
                 value=_money_of(np.concatenate([received, received * 98 // 100])))  # fmt: skip


def _inventions(cluster: Cluster) -> Iterator[Columns]:
    """Three in ten firms research: accounts, staff, patents, certificates, a few contracts and investments."""
    rng = stream(cluster.seed, "inventions")
    techy = np.flatnonzero(stream(cluster.seed, "techy").random(cluster.firms) < 0.3)
    grid = Grid(cluster, techy)
    yield _table("rd.accounts", grid.firm, grid.on, spend=_money_of(grid.sales * 6 // 100),
                 high_tech_sales=_money_of(grid.sales * 6 // 10))  # fmt: skip
    start = np.full(len(techy), cluster.ends[0])
    heads = np.maximum(3, cluster.sales[techy].mean(axis=1) / 5_000_000).astype(np.int64)
    yield _table("staff.records", techy, np.full(len(techy), cluster.ends[-1]), headcount=Number(heads),
                 masters=Number(heads // 8), rd_staff=Number(heads // 5 + 1))  # fmt: skip
    owner = np.repeat(techy, rng.poisson(3, len(techy)))
    count = len(owner)
    day: Any = np.full(count, cluster.ends[0]) - rng.integers(0, 2000, count)
    kind = np.array(["invention", "utility", "design"])[rng.integers(0, 3, count)]
    status = np.array(["in_force", "in_force", "pending", "lapsed"])[rng.integers(0, 4, count)]
    yield _table("patent.register", owner, day, patent_no=_numbers("ZL", count), kind=kind,
                 route=np.where(rng.random(count) < 0.2, "pct", "domestic"), status=status)  # fmt: skip
    some = techy[::2]
    yield _table("qualification.certificate", some, start[: len(some)], certificate_no=_numbers("GR", len(some)),
                 kind="high_tech", until=(start[: len(some)] + 3 * 365).astype(str))  # fmt: skip
    few = techy[::5]
    yield _table("tech.contract", few, np.full(len(few), cluster.ends[-1]),
                 amount=_money_of(rng.integers(1, 50, len(few)) * 10_000_00))  # fmt: skip
    rare = techy[::17]
    yield _table("venture.investment", rare, np.full(len(rare), cluster.ends[-1]),
                 amount=_money_of(rng.integers(1, 20, len(rare)) * 1_000_000_00))  # fmt: skip


def _fields_and_winds(cluster: Cluster) -> Iterator[Columns]:
    """Food firms trade produce; wind firms have a station's daily readings and a meter."""
    rng = stream(cluster.seed, "fields")
    farms = np.flatnonzero((cluster.sector == 3) & (cluster.tier >= 2))
    grid = Grid(cluster, farms)
    yield _table("farm.trades", grid.firm, grid.on, tonnes=Number(grid.sales // 300_000, 1),
                 amount=_money_of(grid.sales))  # fmt: skip
    yield _table("farm.members", farms, np.full(len(farms), cluster.ends[-1]),
                 households=Number(rng.integers(5, 200, len(farms))))  # fmt: skip
    winds = np.flatnonzero((cluster.sector == 5) & (cluster.tier == 1))
    days = np.arange(cluster.ends[0].astype("datetime64[M]").astype("datetime64[D]"), cluster.ends[-1] + 1)
    firm, on = np.repeat(winds, len(days)), np.tile(days, len(winds))
    wind = np.maximum(5, rng.normal(68, 20, len(firm))).astype(np.int64)
    yield _table("weather.station", firm, on, station="S1", wind=Number(wind, 1),
                 sunshine=Number(rng.integers(0, 130, len(firm)), 1))  # fmt: skip
    meters = Grid(cluster, winds)
    energy = meters.sales // 38
    yield _table("power.meter", meters.firm, meters.on, energy=Number(energy), sales=_money_of(meters.sales),
                 wind_kw=Number(np.full(len(meters), 50_000)))  # fmt: skip
