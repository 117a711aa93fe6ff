"""What the calculator's answers look like: figures, the chart of cash flows, the rows of an ACTUS contract.

A chart of many periods is drawn by year, so that its table twin stays readable; the schedule below it has every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from jirong.instruments.actus import documents
from jirong.instruments.actus.model import Event
from jirong.instruments.practice.calculate import DiscountAnswer, LoanAnswer, OffersAnswer
from jirong.instruments.practice.cost import Cost
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.web import parts

CHART_BARS_MAX = 60
ROWS_MAX = 120
EVENTS_SHOWN_MAX = 200

Flow = tuple[str, Money, Money, Money]
"""A date, principal, everything else paid, and the principal left."""


@dataclass(frozen=True)
class Row:
    """One measure of two offers: both values and what the second has more."""

    label: Text
    first: Any
    second: Any
    difference: Any
    kind: str
    better: str = ""


def loan_figures(answer: LoanAnswer) -> list[parts.Figure]:
    """What a borrower asks next after the yearly rate."""
    cost, lines = answer.cost, answer.plan.instalments
    level = len(lines) > 2 and len({line.amount for line in lines[:-1]}) == 1 and not answer.steps
    figures = [
        parts.Figure(Text("每期还款", "Each instalment") if level else Text("首期还款", "First instalment"),
                     cost.first_amount, "money"),
        parts.Figure(Text("利息合计", "Interest in all"), cost.interest, "money"),
    ]  # fmt: skip
    if cost.largest_amount != cost.first_amount and not level:
        figures.insert(1, parts.Figure(Text("最高一期", "Largest"), cost.largest_amount, "money"))
    if cost.fees:
        figures.append(parts.Figure(Text("费用合计", "Fees in all"), cost.fees, "money"))
    if cost.penalty:
        figures.append(parts.Figure(Text("罚息与复利", "Penalty"), cost.penalty, "money"))
    figures.append(parts.Figure(Text("总成本", "Total cost"), cost.amount, "money"))
    last = answer.steps[-1].on if answer.steps else lines[-1].due
    figures.append(parts.Figure(Text("还清日", "Paid off"), last, "date"))
    return figures


def loan_chart(answer: LoanAnswer) -> parts.Chart:
    if answer.steps:
        rows = [(step.on, step.principal, step.amount - step.principal, step.balance) for step in answer.steps]
    else:
        rows = [(line.due, line.principal, line.interest, line.balance) for line in answer.plan]
    flows = [(on.isoformat(), principal, other, balance) for on, principal, other, balance in rows]
    return parts.Chart(
        name="flows",
        title=Text("每期还款与剩余本金", "Payments and principal left"),
        kind="flows",
        columns=[Text("日期", "Date"), Text("本金", "Principal"), _charges(answer), Text("剩余本金", "Principal left")],
        rows=[list(row) for row in by_year(flows)],
        unit=Text("元", "CNY"),
        note=Text("期数较多，按年合计；逐期见下表", "Many periods: by year here, each below")
        if len(flows) > CHART_BARS_MAX
        else "",
    )


def by_year(flows: Sequence[Flow]) -> Sequence[Flow]:
    """The flows themselves, or the years' sums where there are too many; the balance is the year's last."""
    if len(flows) <= CHART_BARS_MAX:
        return flows
    years: dict[str, Flow] = {}
    for day, principal, other, balance in flows:
        before = years.get(day[:4], (day[:4], Money(0), Money(0), balance))
        years[day[:4]] = (day[:4], before[1] + principal, before[2] + other, balance)
    return list(years.values())


def offers_chart(answer: OffersAnswer) -> parts.Chart:
    """What each offer asks for, month by month (or year by year)."""
    offers = [{}, {}]  # type: list[dict[str, int]]
    months = len({line.due.isoformat()[:7] for one in (answer.first, answer.second) for line in one.plan})
    length = 7 if months <= CHART_BARS_MAX else 4
    for paid, one in zip(offers, (answer.first, answer.second), strict=True):
        flows = [(line.due, line.amount) for line in one.plan] + [(fee.on, fee.amount) for fee in one.offer.fees]
        for on, amount in flows:
            key = on.isoformat()[:length]
            paid[key] = paid.get(key, 0) + amount.minor
    keys = sorted({*offers[0], *offers[1]})
    return parts.Chart(
        name="offers",
        title=Text("每月付出（含费用）", "Paid each month, fees included")
        if length == 7
        else Text("每年付出（含费用）", "Paid each year, fees included"),
        kind="bar",
        columns=[Text("时间", "Time"), answer.first.offer.name, answer.second.offer.name],
        rows=[[key, *(Money(paid[key]) if key in paid else None for paid in offers)] for key in keys],
        unit=Text("元", "CNY"),
    )


def offers_rows(answer: OffersAnswer) -> list[Row]:
    one, two = answer.comparison.first, answer.comparison.second
    rows = [_rate_row(Text("年化利率（内部收益率）", "Annual rate (IRR)"), one, two, "effective"),
            _rate_row(Text("折合每月利率×12", "Equal monthly rate × 12"), one, two, "nominal")]  # fmt: skip
    measures = (
        ("amount", Text("总成本", "Total cost")),
        ("interest", Text("利息合计", "Interest in all")),
        ("fees", Text("费用合计", "Fees in all")),
        ("first_amount", Text("首期还款", "First instalment")),
        ("largest_amount", Text("最高一期", "Largest instalment")),
        ("principal", Text("借款金额", "Principal")),
    )
    for name, label in measures:
        first, second = getattr(one, name), getattr(two, name)
        better = _better(first.minor, second.minor) if name == "amount" else ""
        rows.append(Row(label, first, second, second - first, "money", better))
    ends = answer.first.plan.instalments[-1].due, answer.second.plan.instalments[-1].due
    rows.append(Row(Text("还清日", "Paid off"), *ends, None, "date"))
    return rows


def discount_chart(answer: DiscountAnswer) -> parts.Chart:
    found, nothing = answer.discount, Money(0)
    return parts.Chart(
        name="discount",
        title=Text("今天到手与到期全额", "Today's proceeds and the whole amount"),
        kind="stack",
        columns=[Text("日期", "Date"), Text("到手", "Proceeds"), Text("贴现利息", "Charge")],
        rows=[[answer.on, found.proceeds, found.charge], [answer.due, found.amount, nothing]],
        unit=Text("元", "CNY"),
    )


def contract_chart(answer: documents.Answer) -> parts.Chart | None:
    """Payoffs of the first currency by day (or year), the notional as a line; None where nothing flows."""
    if not answer.events or not any(event.payoff for event in answer.events):
        return None
    currency = next(event.currency for event in answer.events if event.payoff)
    own = [event for event in answer.events if event.currency == currency]
    length = 10 if len({event.time.date() for event in own}) <= CHART_BARS_MAX else 4
    days: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    for event in own:
        key = event.time.isoformat()[:length]
        received, paid, _ = days.get(key, (Decimal(0), Decimal(0), Decimal(0)))
        zero = Decimal(0)
        days[key] = received + max(event.payoff, zero), paid + min(event.payoff, zero), event.notional
    return parts.Chart(
        name="payoffs",
        title=Text("现金流与名义本金", "Payoffs and notional"),
        kind="flows",
        columns=[Text("日期", "Date"), Text("流入", "In"), Text("流出", "Out"), Text("名义本金", "Notional")],
        rows=[[key, *(Money.rounded(amount) for amount in amounts)] for key, amounts in days.items()],
        unit=currency,
    )


def contract_rows(answer: documents.Answer, most: int | None = EVENTS_SHOWN_MAX) -> list[dict[str, Any]]:
    """Events as cells: rounded for reading, the exact number beside it."""
    return [_event_row(event) for event in answer.events[:most]]


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "time": event.time.strftime("%Y-%m-%d" if (event.time.hour, event.time.minute) == (0, 0) else "%Y-%m-%d %H:%M"),
        "type": event.type.value,
        "words": documents.EVENT_WORDS[event.type],
        "currency": event.currency,
        "payoff": _number(event.payoff),
        "notional": _number(event.notional),
        "rate": _percent(event.rate),
        "accrued": _number(event.accrued),
        "exercise": None if event.exercise_amount is None else _number(event.exercise_amount),
    }


def _number(value: Decimal) -> dict[str, str]:
    return {"shown": grouped(value), "exact": documents.plain(value)}


def _percent(value: Decimal) -> dict[str, str]:
    return {"shown": f"{grouped(value * 100, 4)} %" if value else "", "exact": documents.plain(value)}


def grouped(value: Decimal, decimals: int = 2) -> str:
    """A number of any size with 千分位, half up."""
    with localcontext() as context:
        context.prec = 120
        return f"{value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):,f}"


def _charges(answer: LoanAnswer) -> Text:
    """What the second part of a bar is."""
    if any(step.penalty or step.fee for step in answer.steps):
        return Text("利息、罚息与费用", "Interest, penalty, fees")
    return Text("利息", "Interest")


def _rate_row(label: Text, one: Cost, two: Cost, name: str) -> Row:
    first, second = getattr(one.annual, name), getattr(two.annual, name)
    return Row(label, first, second, second - first, "percent", _better(first, second))


def _better(first: Any, second: Any) -> str:
    return "" if first == second else "first" if first < second else "second"
