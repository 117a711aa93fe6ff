"""Loans by the million, beside QuantLib, JACTUS and numpy-financial on the same contracts in the same run.

Run alone: ``python benchmarks/instruments.py [--small] [--write]``. The book is annuities of 36 monthly periods with
rates and amounts drawn from a fixed seed, interest counted 30E/360 so that every tool has the same year fractions.
Each tool takes as many of the same contracts as it can in a few seconds; the figure is contracts a second, median
of the runs with the least and the greatest beside it, after one run to warm up. Agreement is the largest difference
from ours, of a level instalment and of a contract in all: ours are whole fen, theirs floats that nobody rounded.
``--write`` puts the table and the chart into ``docs/``. A peer that is not installed is named as absent.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from jirong.instruments.portfolio import losses
from jirong.instruments.portfolio.book import book
from jirong.instruments.portfolio.classes import loan_classes, stages
from jirong.instruments.portfolio.contracts import BASES, REPAYMENTS, Contracts
from jirong.instruments.portfolio.exact import rate_of
from jirong.instruments.portfolio.schedules import schedules
from jirong.instruments.portfolio.value import present_value
from jirong.instruments.practice import Basis, FixedRate, LoanTerms, Repayment, schedule
from jirong.instruments.practice.value import Curve
from jirong.kernel.money import Money

PERIODS = 36
SEED = 20260707
AS_OF = date(2026, 7, 7)
DOCS = Path(__file__).parents[1] / "docs"
BUDGETS = {"schedules": 10.0, "book": 5.0}
"""Seconds for a million contracts on two cores."""


@dataclass(frozen=True)
class Measured:
    """One tool on ``count`` contracts: seconds of each run, and its largest differences from ours in fen."""

    name: str
    count: int
    seconds: tuple[float, ...]
    level_fen: float | None = None
    total_fen: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def a_second(self) -> float:
        return self.count / self.median


def contracts(count: int) -> Contracts:
    """The book: annuities of 36 months, 1,000 to 10 million yuan, 3 to 15 % a year."""
    random = np.random.default_rng(SEED)
    ones = np.ones(count, dtype=np.int64)
    return Contracts(
        principal=random.integers(10**5, 10**9, count),
        rate_e6=random.integers(300, 1500, count) * 100,
        start=(np.datetime64("2024-02") + random.integers(0, 28, count)).astype("M8[D]") + 14,
        periods=ones * PERIODS,
        every_months=ones,
        repayment=np.full(count, REPAYMENTS.index(Repayment.ANNUITY), dtype=np.int8),
        basis=np.full(count, BASES.index(Basis.MONTHS), dtype=np.int8),
        interest_only=ones * 0,
    )


def timed(name: str, count: int, runs: int, work: Callable[[], Any]) -> tuple[Measured, Any]:
    found = work()
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - begin)
    return Measured(name, count, tuple(seconds)), found


# Ours


def scalar(book_: Contracts, count: int, runs: int) -> Measured:
    terms = [
        LoanTerms(
            principal=Money(int(book_.principal[i])),
            rate=FixedRate(rate_of(int(book_.rate_e6[i]))),
            start=book_.start[i].item(),
            repayment=Repayment.ANNUITY,
            months=PERIODS,
        )
        for i in range(count)
    ]
    measured, found = timed("Jirong, one by one (exact)", count, runs, lambda: [schedule(each) for each in terms])
    ours = amounts(book_.take(slice(0, count)))
    theirs = np.array([[line.amount.minor for line in each] for each in found])
    return with_difference(measured, ours, theirs)


def amounts(book_: Contracts) -> np.ndarray[Any, Any]:
    found = schedules(book_)
    return found.principal + found.interest


def with_difference(measured: Measured, ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> Measured:
    """Set the largest difference of a level instalment (all but the last) and of a contract's payments in all."""
    level = float(np.abs(ours - theirs)[:, :-1].max())
    return replace(measured, level_fen=level, total_fen=float(np.abs(ours.sum(axis=1) - theirs.sum(axis=1)).max()))


# Peers: each answers instalments in fen, shape (count, periods)


def numpy_financial(book_: Contracts, count: int, runs: int) -> Measured:
    npf = importlib.import_module("numpy_financial")
    rate = (book_.rate_e6[:count] / 12e6)[:, None]
    principal = book_.principal[:count][:, None].astype(float)
    per = np.arange(1, PERIODS + 1)[None, :]

    def work() -> Any:
        return -(npf.ipmt(rate, per, PERIODS, principal) + npf.ppmt(rate, per, PERIODS, principal))

    measured, found = timed("numpy-financial (float64)", count, runs, work)
    return with_difference(measured, amounts(book_.take(slice(0, count))), found)


def quantlib(book_: Contracts, count: int, runs: int) -> Measured:
    ql = importlib.import_module("QuantLib")
    rows = [(int(book_.principal[i]), int(book_.rate_e6[i]) / 1e6, book_.start[i].item()) for i in range(count)]
    length, monthly, calendar = ql.Period(PERIODS, ql.Months), ql.Monthly, ql.NullCalendar()
    day_count = ql.Thirty360(ql.Thirty360.European)

    def one(principal: int, rate: float, start: date) -> list[float]:
        begin = ql.Date(start.day, start.month, start.year)
        notionals = ql.sinkingNotionals(length, monthly, rate, float(principal))
        plan = ql.Schedule(
            begin, begin + length, ql.Period(monthly), calendar, ql.Unadjusted, ql.Unadjusted,
            ql.DateGeneration.Forward, False,
        )  # fmt: skip
        bond = ql.AmortizingFixedRateBond(0, notionals, plan, [rate], day_count, ql.Unadjusted)
        by_date: dict[int, float] = {}
        for flow in bond.cashflows():
            on = flow.date().serialNumber()
            by_date[on] = by_date.get(on, 0.0) + flow.amount()
        return [by_date[on] for on in sorted(by_date)]

    measured, found = timed("QuantLib (C++, float64)", count, runs, lambda: [one(*row) for row in rows])
    return with_difference(measured, amounts(book_.take(slice(0, count))), np.array(found))


def jactus_array(book_: Contracts, count: int, runs: int) -> Measured:
    array = importlib.import_module("jactus.contracts.ann_array")
    given = _jactus_book(book_, count)

    def work() -> Any:
        return np.asarray(array.simulate_ann_portfolio(given)["total_cashflows"])

    measured, found = timed("JACTUS, array mode (JAX, float32)", count, runs, work)
    return _with_interest(measured, book_, found)


def jactus(book_: Contracts, count: int, runs: int) -> Measured:
    create = importlib.import_module("jactus.contracts").create_contract
    given = _jactus_book(book_, count)

    def work() -> Any:
        return np.array([sum(float(event.payoff) for event in create(*each).simulate().events) for each in given])

    measured, found = timed("JACTUS, one by one (JAX, float32)", count, runs, work)
    return _with_interest(measured, book_, found)


def _with_interest(measured: Measured, book_: Contracts, net: np.ndarray[Any, Any]) -> Measured:
    """JACTUS' flows net of the disbursement are the interest in all, in yuan."""
    interest = schedules(book_.take(slice(0, measured.count))).interest.sum(axis=1)
    return replace(measured, total_fen=float(np.abs(interest - net * 100.0).max()))


def _jactus_book(book_: Contracts, count: int) -> list[tuple[Any, Any]]:
    core, observers = importlib.import_module("jactus.core"), importlib.import_module("jactus.observers")
    levels = amounts(book_.take(slice(0, count)))[:, 0]
    return [_jactus_terms(core, observers, book_, i, int(levels[i]) / 100) for i in range(count)]


def _jactus_terms(core: Any, observers: Any, book_: Contracts, row: int, level: float) -> tuple[Any, Any]:
    """Terms with the instalment given: array mode finds another first period when it has to find it itself."""
    start, rate = book_.start[row].item(), int(book_.rate_e6[row]) / 1e6
    end = book_.due_date(PERIODS)[row].item()
    first = book_.due_date(1)[row].item()

    def day(on: date) -> Any:
        return core.ActusDateTime(on.year, on.month, on.day, 0, 0, 0)

    attributes = core.ContractAttributes(
        contract_id=f"L{row}",
        contract_type=core.ContractType.ANN,
        contract_role=core.ContractRole.RPA,
        status_date=day(start),
        initial_exchange_date=day(start),
        maturity_date=day(end),
        currency="CNY",
        notional_principal=int(book_.principal[row]) / 100,
        nominal_interest_rate=rate,
        day_count_convention=core.DayCountConvention.E30360,
        next_principal_redemption_amount=level,
        principal_redemption_cycle="1M",
        principal_redemption_anchor=day(first),
        interest_payment_cycle="1M",
        interest_payment_anchor=day(first),
    )
    return attributes, observers.ConstantRiskFactorObserver(constant_value=rate)


# The book's own work


def day_of_book(book_: Contracts, runs: int) -> dict[str, Measured]:
    size = len(book_)
    random = np.random.default_rng(SEED + 1)
    fallen = book_.fallen(np.datetime64(AS_OF))
    behind = (random.random(size) < 0.05) * random.integers(1, 12, size)
    paid = np.maximum(0, fallen - behind)
    found = {}
    found["book"], today = timed("accrual, penalty and ageing of a day", size, runs, lambda: book(book_, paid, AS_OF))
    found["classes"], _ = timed(
        "five-class classification", size, runs, lambda: loan_classes(AS_OF, today.days_past_due)
    )
    flat = Curve.flat(Decimal("0.03"))
    found["value"], _ = timed("present value on a curve", size, runs, lambda: present_value(book_, paid, AS_OF, flat))
    stage = stages(AS_OF, today.days_past_due, fallen * 0, np.zeros(size, dtype=bool))
    hazard = np.arange(PERIODS + 1) * 500 * np.arange(1, 6)[:, None]
    scenarios = [losses.Scenario(f"s{weight}", weight, hazard) for weight in (6000, 2500, 1500)]
    grade, share = random.integers(0, 5, size), np.full(size, 4500)
    found["losses"], _ = timed(
        "expected loss, three scenarios",
        size,
        runs,
        lambda: losses.expected_losses(book_, today, stage, grade, share, scenarios),
    )
    return found


def peers(book_: Contracts, small: bool, runs: int) -> tuple[list[Measured], list[str]]:
    counts = {scalar: 200 if small else 2000, numpy_financial: 2000 if small else 100_000,
              quantlib: 200 if small else 5000, jactus_array: 20 if small else 1000,
              jactus: 10 if small else 200}  # fmt: skip
    found, absent = [], []
    for peer, count in counts.items():
        try:
            found.append(peer(book_, min(count, len(book_)), runs))
        except ModuleNotFoundError as error:
            absent.append(str(error.name))
    return found, absent


def megabytes() -> int:
    """Most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


# Telling


def line(item: Measured) -> str:
    spread = f"{min(item.seconds):.3f}–{max(item.seconds):.3f}"
    level = "" if item.level_fen is None else f"{item.level_fen:,.2f}"
    whole = "" if item.total_fen is None else f"{item.total_fen:,.2f}"
    return f"| {item.name} | {item.count:,} | {item.median:.3f} | {spread} | {item.a_second:,.0f} | {level} | {whole} |"


HEAD = (
    "| | contracts | median s | least–greatest s | contracts a second | off by, an instalment, fen "
    "| off by, in all, fen |\n|---|--:|--:|--:|--:|--:|--:|"
)


SHORT_HEAD = "| | contracts | median s | least–greatest s |\n|---|--:|--:|--:|"


def short_line(item: Measured) -> str:
    return f"| {item.name} | {item.count:,} | {item.median:.3f} | {min(item.seconds):.3f}–{max(item.seconds):.3f} |"


def report(
    ours: Measured, compared: list[Measured], day: dict[str, Measured], memory: dict[str, int], absent: list[str]
) -> str:
    parts = ["## Schedules: annuities of 36 months", "", HEAD, line(ours), *(line(item) for item in compared)]
    if absent:
        parts += ["", f"Not installed in this run: {', '.join(absent)}."]
    parts += ["", "## A day of the book", "", SHORT_HEAD, *(short_line(item) for item in day.values())]
    parts += ["", "## Memory", "", *(f"- {name}: {size:,} MB" for name, size in memory.items())]
    return "\n".join(parts) + "\n"


def versions() -> str:
    named = []
    for package in ("numpy", "QuantLib", "jactus", "jax", "numpy-financial"):
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return f"Python {platform.python_version()}, {', '.join(named)}; {os.cpu_count()} cores"


def chart(items: list[Measured]) -> str:
    """Bars of contracts a second on a logarithmic scale, in plain SVG that follows the page's theme."""
    low, high, left, width, step = 1, 8, 250, 420, 34
    bottom = 30 + len(items) * step

    def across(value: float) -> float:
        return width * (max(float(np.log10(value)), low) - low) / (high - low)

    rows = []
    for place, item in enumerate(items):
        y, length = 30 + place * step, across(item.a_second)
        colour = "#2c6fbb" if item.name.startswith("Jirong") else "#8a8f98"
        rows.append(
            f'<text x="{left - 10}" y="{y + 14}" text-anchor="end">{item.name}</text>'
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="20" fill="{colour}"/>'
            f'<text x="{left + length + 6:.1f}" y="{y + 14}">{item.a_second:,.0f}</text>'
        )
    ticks = "".join(
        f'<path d="M{left + across(10**k):.1f} 24V{bottom}" stroke="currentColor" opacity="0.15"/>'
        f'<text x="{left + across(10**k):.1f}" y="{bottom + 16}" text-anchor="middle">'
        f'10<tspan dy="-5" font-size="9">{k}</tspan></text>'
        for k in range(low, high + 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 {bottom + 30}" role="img" '
        'font-family="sans-serif" font-size="13" fill="currentColor" color="#555">'
        "<title>Annuity schedules a second (logarithmic scale)</title>"
        f'<text x="{left}" y="14">annuity schedules of 36 periods a second (logarithmic scale)</text>'
        f"{ticks}{''.join(rows)}</svg>\n"
    )


PREAMBLE = """# Loans by the million, measured

Written by `python benchmarks/instruments.py --write` ({versions}). The contracts are the same for all; each tool
takes as many as it can in a few seconds, after one run to warm up. Jirong's instalments are whole fen and exact; the
others' are floats that nobody rounded: half a fen an instalment, and some fen in all (the last payment takes what
rounding left), is their missing rounding, more is their error. JACTUS is given the instalment: its array mode counts
another first period when it has to find it itself.

![Annuity schedules a second](instruments-bench.svg)

"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--small", action="store_true", help="a quick run on few contracts")
    parser.add_argument("--write", action="store_true", help="write the table and the chart into docs/")
    given = parser.parse_args(arguments)
    runs, size = (3, 20_000) if given.small else (5, 1_000_000)
    book_ = contracts(size)
    memory = {"the book's columns": megabytes()}
    day = day_of_book(book_, runs)
    memory["most held while the day of the book ran"] = megabytes()
    ours, kept = timed("Jirong, columns (exact, int64 fen)", size, runs, lambda: schedules(book_))
    memory["most held while schedules ran twice over (one kept, one made)"] = megabytes()
    memory["one set of schedules"] = (kept.principal.nbytes + kept.interest.nbytes) // 2**20
    del kept
    compared, absent = peers(book_, given.small, runs)
    told = report(ours, compared, day, memory, absent)
    sys.stdout.write(f"{versions()}\n\n{told}")
    if given.write:
        (DOCS / "instruments-bench.md").write_text(PREAMBLE.format(versions=versions()) + told, encoding="utf-8")
        (DOCS / "instruments-bench.svg").write_text(chart([ours, *compared]), encoding="utf-8")
    if given.small:
        return 0
    over = [name for name, took in (("schedules", ours), ("book", day["book"])) if took.median > BUDGETS[name]]
    sys.stdout.write("".join(f"over budget: {name} > {BUDGETS[name]} s\n" for name in over))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
