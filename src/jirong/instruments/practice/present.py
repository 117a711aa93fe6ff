"""A schedule shown: as JSON-safe values, as a text table, as a spreadsheet.

The calculator page, the API and the command line all show the same: every instalment, the totals, and the yearly
rate of the whole, which the People's Bank asks to be shown plainly (公告〔2021〕第3号). Amounts leave as strings.
"""

from __future__ import annotations

from typing import IO, Any

import xlsxwriter

from jirong.instruments.practice.cost import Cost
from jirong.instruments.practice.state import Instalment, Schedule
from jirong.kernel import rates
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
        "annual_rate": {
            "effective_percent": percent(cost.annual.effective),
            "nominal_percent": percent(cost.annual.nominal),
            "method": cost.annual.method.as_dict(),
        },
        "provisional": schedule.provisional,
    }


def summary(schedule: Schedule, cost: Cost) -> list[tuple[Text, str]]:
    """Label and value of each total, the yearly rate first."""
    return [
        (Text("贷款年化利率（内部收益率，复利）", "Annual rate (IRR, compound)"), f"{percent(cost.annual.effective)}%"),
        (Text("折合每月利率×12", "Equal monthly rate × 12"), f"{percent(cost.annual.nominal)}%"),
        (Text("本金", "Principal"), schedule.terms.principal.grouped()),
        (Text("利息合计", "Interest in all"), cost.interest.grouped()),
        (Text("费用合计", "Fees in all"), cost.fees.grouped()),
        (Text("总成本", "Total cost"), cost.amount.grouped()),
    ]


def as_table(schedule: Schedule, cost: Cost, language: str) -> str:
    """Plain text, columns to the right, for a terminal (a Chinese character is two columns wide)."""
    rows = [[text.in_language(language) for text in COLUMNS]]
    rows += [_cells(line) for line in schedule]
    widths = [max(_width(row[i]) for row in rows) for i in range(len(COLUMNS))]
    lines = ["  ".join(_right(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    labels = [(label.in_language(language), value) for label, value in summary(schedule, cost)]
    wide = max(_width(label) for label, _ in labels)
    lines += ["", *(f"{label}{' ' * (wide - _width(label))}  {value}" for label, value in labels)]
    if schedule.provisional:
        lines += ["", PROVISIONAL.in_language(language)]
    return "\n".join(lines) + "\n"


def write_xlsx(schedule: Schedule, cost: Cost, target: IO[bytes], language: str) -> None:
    """A workbook of two sheets, the instalments and the totals; amounts are numbers, dates are dates."""
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    try:
        _instalment_sheet(book, schedule, language)
        sheet = book.add_worksheet(Text("汇总", "Totals").in_language(language))
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, 1, 20)
        for row, (label, value) in enumerate(summary(schedule, cost)):
            sheet.write_row(row, 0, [label.in_language(language), value])
        sheet.write(len(summary(schedule, cost)) + 1, 0, cost.annual.method.in_language(language))
    finally:
        book.close()


def percent(rate: Any) -> str:
    """A yearly rate for showing: percent with four decimals."""
    return f"{rate * 100:.4f}"


def _instalment_sheet(book: Any, schedule: Schedule, language: str) -> None:
    money, day, bold = (
        book.add_format({"num_format": "#,##0.00"}),
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"bold": True}),
    )
    rate = book.add_format({"num_format": "0.0000%"})
    sheet = book.add_worksheet(Text("还款计划", "Schedule").in_language(language))
    sheet.write_row(0, 0, [text.in_language(language) for text in COLUMNS], bold)
    sheet.set_column(1, len(COLUMNS) - 1, 14)
    sheet.freeze_panes(1, 0)
    for row, line in enumerate(schedule, start=1):
        sheet.write_number(row, 0, line.number)
        for column, on in enumerate((line.starts, line.ends, line.due), start=1):
            sheet.write_datetime(row, column, on, day)
        sheet.write_number(row, 4, line.rate, rate)
        for column, amount in enumerate((line.principal, line.interest, line.amount, line.balance), start=5):
            sheet.write_number(row, column, amount.major, money)


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


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text
