"""A schedule shown: as JSON-safe values, as a text table, as a spreadsheet.

The calculator page, the API and the command line all show the same: every instalment, the totals, and the yearly
rate of the whole, which the People's Bank asks to be shown plainly (公告〔2021〕第3号). Amounts leave as strings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import xlsxwriter

from jirong.instruments.practice.cost import AnnualRate, Cost
from jirong.instruments.practice.course import Step, StepKind
from jirong.instruments.practice.state import Instalment, Schedule
from jirong.kernel import rates
from jirong.kernel.money import Money
from jirong.kernel.text import Text

COLUMNS = (
    Text("期数", "No."),
    Text("计息起", "From"),
    Text("计息止", "To"),
    Text("还款日", "Due"),
    Text("年利率", "Rate"),
    Text("本金", "Principal"),
    Text("利息", "Interest"),
    Text("应还", "Payment"),
    Text("剩余本金", "Balance"),
)
COURSE_COLUMNS = (
    Text("付款日", "Paid on"),
    Text("事项", "What"),
    Text("本金", "Principal"),
    Text("利息", "Interest"),
    Text("罚息与复利", "Penalty"),
    Text("费用", "Fees"),
    Text("实付", "Paid"),
    Text("剩余本金", "Balance"),
)
EXACT_IN_SHEET_MINOR = 10**15
"""A spreadsheet's binary number holds an amount exactly below this; a larger one is written as text."""
PROVISIONAL = Text(
    "带 * 的行为测算：当年节假日安排或贷款市场报价利率尚未公布",
    "Rows marked * are projected: that year's holidays or the LPR are not yet published",
)


def as_dict(schedule: Schedule, cost: Cost) -> dict[str, Any]:
    """JSON-safe: ``instalments`` with amounts as strings and rates in percent, ``totals`` and the yearly rate."""
    return {
        "instalments": [_line(line) for line in schedule],
        "totals": {
            "principal": str(schedule.terms.principal),
            "interest": str(cost.interest),
            "fees": str(cost.fees),
            "cost": str(cost.amount),
        },
        "annual_rate": annual_as_dict(cost.annual),
        "provisional": schedule.provisional,
    }


def annual_as_dict(annual: AnnualRate) -> dict[str, Any]:
    return {
        "effective_percent": percent(annual.effective),
        "nominal_percent": percent(annual.nominal),
        "method": annual.method.as_dict(),
    }


def course_as_dict(steps: Sequence[Step], cost: Cost, difference: Money) -> dict[str, Any]:
    """JSON-safe: what is really paid, its totals, and how much more than the plan that costs."""
    return {
        "steps": [_step(step) for step in steps],
        "totals": {
            "interest": str(cost.interest),
            "penalty": str(cost.penalty),
            "fees": str(cost.fees),
            "cost": str(cost.amount),
        },
        "annual_rate": annual_as_dict(cost.annual),
        "difference": str(difference),
    }


def step_words(step: Step) -> Text:
    """What a payment was for, in words."""
    if step.kind is StepKind.EARLY:
        return Text("提前还本", "Early repayment")
    if step.kind is StepKind.INSTALMENT:
        return Text(f"第 {step.number} 期", f"Instalment {step.number}")
    first = step.number - step.count + 1
    if step.count <= 1:
        return Text(f"补还第 {step.number} 期", f"Instalment {step.number}, late")
    return Text(f"补还第 {first}–{step.number} 期", f"Instalments {first}–{step.number}, late")


def summary(schedule: Schedule, cost: Cost) -> list[tuple[Text, str]]:
    """Label and value of each total, the yearly rate first."""
    return [
        (Text("贷款年化利率（内部收益率，复利）", "Annual rate (IRR, compound)"), f"{percent(cost.annual.effective)}%"),
        (Text("折合每月利率×12", "Equal monthly rate × 12"), f"{percent(cost.annual.nominal)}%"),
        (Text("本金", "Principal"), schedule.terms.principal.grouped()),
        (Text("利息合计", "Interest in all"), cost.interest.grouped()),
        *([(Text("罚息与复利", "Penalty"), cost.penalty.grouped())] if cost.penalty else []),
        (Text("费用合计", "Fees in all"), cost.fees.grouped()),
        (Text("总成本", "Total cost"), cost.amount.grouped()),
    ]


def as_table(
    schedule: Schedule, cost: Cost, language: str, *, steps: Sequence[Step] = (), actual: Cost | None = None
) -> str:
    """Plain text, columns to the right, for a terminal (a Chinese character is two columns wide)."""
    lines = _aligned([[text.in_language(language) for text in COLUMNS], *(_cells(line) for line in schedule)])
    lines += ["", *_labelled(summary(schedule, cost), language)]
    if schedule.provisional:
        lines += ["", PROVISIONAL.in_language(language)]
    if actual is not None:
        heading = [text.in_language(language) for text in COURSE_COLUMNS]
        lines += ["", *_aligned([heading, *(_step_cells(step, language) for step in steps)])]
        lines += ["", *_labelled(summary(schedule, actual), language)]
    return "\n".join(lines) + "\n"


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(_right(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _labelled(figures: Sequence[tuple[Text, str]], language: str) -> list[str]:
    labels = [(label.in_language(language), value) for label, value in figures]
    wide = max(_width(label) for label, _ in labels)
    return [f"{label}{' ' * (wide - _width(label))}  {value}" for label, value in labels]


def write_xlsx(
    schedule: Schedule,
    cost: Cost,
    target: IO[bytes],
    language: str,
    *,
    steps: Sequence[Step] = (),
    actual: Cost | None = None,
) -> None:
    """A workbook: the instalments, the course if there is one, the totals; amounts are numbers, dates are dates."""
    with _book(target) as book:
        _instalment_sheet(book, schedule, language, Text("还款计划", "Schedule"))
        if actual is not None:
            _course_sheet(book, steps, language)
        _totals_sheet(book, summary(schedule, actual or cost), cost.annual.method, language)


def write_comparison_xlsx(
    schedules: Sequence[Schedule], costs: Sequence[Cost], verdict: Text, target: IO[bytes], language: str
) -> None:
    """A workbook: the totals of all offers side by side, then the instalments of each."""
    with _book(target) as book:
        sheet = book.add_worksheet(Text("比较", "Comparison").in_language(language))
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, len(costs), 20)
        sheet.write_row(0, 1, [cost.name.in_language(language) for cost in costs])
        figures = [summary(plan, cost) for plan, cost in zip(schedules, costs, strict=True)]
        for row, (label, _) in enumerate(figures[0], start=1):
            sheet.write_row(row, 0, [label.in_language(language), *(column[row - 1][1] for column in figures)])
        sheet.write(len(figures[0]) + 2, 0, verdict.in_language(language))
        for number, plan in enumerate(schedules, start=1):
            _instalment_sheet(book, plan, language, Text(f"还款计划{number}", f"Schedule {number}"))


def write_rows_xlsx(title: Text, heading: Sequence[Text], rows: Sequence[Sequence[Any]], target: IO[bytes],
                    language: str) -> None:  # fmt: skip
    """A workbook of one sheet; a cell is a :class:`Money`, a Text or a string."""
    with _book(target) as book:
        sheet = book.add_worksheet(title.in_language(language))
        sheet.write_row(0, 0, [text.in_language(language) for text in heading], book.add_format({"bold": True}))
        sheet.set_column(0, len(heading) - 1, 22)
        sheet.freeze_panes(1, 0)
        style = book.add_format({"num_format": "#,##0.00"})
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, Money):
                    _write_money(sheet, number, column, cell, style)
                else:
                    sheet.write_string(number, column, cell.in_language(language) if isinstance(cell, Text) else cell)


def percent(rate: Any) -> str:
    """A yearly rate for showing: percent with four decimals."""
    return f"{rate * 100:.4f}"


@contextmanager
def _book(target: IO[bytes]) -> Iterator[Any]:
    """A workbook, closed at the end; text in it is never run as a formula."""
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    try:
        yield book
    finally:
        book.close()


def _instalment_sheet(book: Any, schedule: Schedule, language: str, title: Text) -> None:
    money, day, bold = (
        book.add_format({"num_format": "#,##0.00"}),
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"bold": True}),
    )
    rate = book.add_format({"num_format": "0.0000%"})
    sheet = book.add_worksheet(title.in_language(language))
    sheet.write_row(0, 0, [text.in_language(language) for text in COLUMNS], bold)
    sheet.set_column(1, len(COLUMNS) - 1, 14)
    sheet.freeze_panes(1, 0)
    for row, line in enumerate(schedule, start=1):
        sheet.write_number(row, 0, line.number)
        for column, on in enumerate((line.starts, line.ends, line.due), start=1):
            sheet.write_datetime(row, column, on, day)
        sheet.write_number(row, 4, line.rate, rate)
        for column, amount in enumerate((line.principal, line.interest, line.amount, line.balance), start=5):
            _write_money(sheet, row, column, amount, money)


def _course_sheet(book: Any, steps: Sequence[Step], language: str) -> None:
    money, day = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(Text("实际还款", "Payments").in_language(language))
    heading = [text.in_language(language) for text in COURSE_COLUMNS]
    sheet.write_row(0, 0, heading, book.add_format({"bold": True}))
    sheet.set_column(0, len(COURSE_COLUMNS) - 1, 16)
    sheet.freeze_panes(1, 0)
    for row, step in enumerate(steps, start=1):
        sheet.write_datetime(row, 0, step.on, day)
        sheet.write_string(row, 1, step_words(step).in_language(language))
        for column, amount in enumerate(_step_amounts(step), start=2):
            _write_money(sheet, row, column, amount, money)


def _totals_sheet(book: Any, figures: Sequence[tuple[Text, str]], method: Text, language: str) -> None:
    sheet = book.add_worksheet(Text("汇总", "Totals").in_language(language))
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 20)
    for row, (label, value) in enumerate(figures):
        sheet.write_row(row, 0, [label.in_language(language), value])
    sheet.write(len(figures) + 1, 0, method.in_language(language))


def _write_money(sheet: Any, row: int, column: int, amount: Money, style: Any) -> None:
    if abs(amount.minor) < EXACT_IN_SHEET_MINOR:
        sheet.write_number(row, column, amount.major, style)
    else:
        sheet.write_string(row, column, amount.grouped())


def _line(line: Instalment) -> dict[str, Any]:
    return {
        "number": line.number,
        "starts": line.starts.isoformat(),
        "ends": line.ends.isoformat(),
        "due": line.due.isoformat(),
        "rate_percent": percent(line.rate),
        "principal": str(line.principal),
        "interest": str(line.interest),
        "amount": str(line.amount),
        "balance": str(line.balance),
        "provisional": line.provisional,
    }


def _cells(line: Instalment) -> list[str]:
    amounts = (line.principal, line.interest, line.amount, line.balance)
    dates = line.starts, line.ends, line.due
    mark = "*" if line.provisional else ""
    return [
        f"{mark}{line.number}",
        *(on.isoformat() for on in dates),
        rates.shown(line.rate),
        *(amount.grouped() for amount in amounts),
    ]


def _step(step: Step) -> dict[str, Any]:
    return {
        "on": step.on.isoformat(),
        "kind": step.kind.value,
        "number": step.number,
        "principal": str(step.principal),
        "interest": str(step.interest),
        "penalty": str(step.penalty),
        "fee": str(step.fee),
        "amount": str(step.amount),
        "balance": str(step.balance),
        "provisional": step.provisional,
    }


def _step_amounts(step: Step) -> tuple[Money, ...]:
    return step.principal, step.interest, step.penalty, step.fee, step.amount, step.balance


def _step_cells(step: Step, language: str) -> list[str]:
    amounts = [amount.grouped() for amount in _step_amounts(step)]
    return [step.on.isoformat(), step_words(step).in_language(language), *amounts]


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text
