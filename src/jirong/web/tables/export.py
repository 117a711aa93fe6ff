"""Export of exactly the filtered view: the same columns, rows and order as on screen, all pages of it.

Amounts and rates are numbers, dates are dates, so that a spreadsheet can add them up. Text that a spreadsheet would
run as a formula is disarmed. Beyond :data:`EXPORT_ROWS_MAX` rows the file says in its last row that it was cut.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext

from jirong.web import display
from jirong.web.tables.table import EXPORT_ROWS_MAX, Table

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NUMBER_FORMATS = {"money": "#,##0.00", "rate": "0.00%", "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm"}
EXACT_IN_SHEET = Decimal(10) ** 13
"""A spreadsheet's binary number holds two decimals exactly below this; a larger amount is written as text."""


def export(table: Table, kind: str) -> HttpResponseBase:
    """``kind`` is ``xlsx`` or ``csv``."""
    stamp = timezone.localtime().strftime("%Y%m%d-%H%M")
    filename = f"{display.say(table.title) or table.name}-{stamp}.{kind}"
    response = _csv(table) if kind == "csv" else _xlsx(table)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def headings(table: Table) -> list[str]:
    return [display.say(column.label) for column in table.columns]


def values(table: Table) -> Iterator[list[Any]]:
    """Rows of plain values; the last says so when the export was cut."""
    for number, row in enumerate(table.all_rows()):
        if number == EXPORT_ROWS_MAX:
            yield [gettext("已达导出上限 %(rows)s 行，请先筛选") % {"rows": f"{EXPORT_ROWS_MAX:,}"}]
            return
        yield [column.export(row) for column in table.columns]


def _csv(table: Table) -> HttpResponseBase:
    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(headings(table))
        # The byte-order mark makes Excel read the file as UTF-8.
        yield "\ufeff" + buffer.getvalue()
        for row in values(table):
            buffer.seek(0)
            buffer.truncate()
            writer.writerow([_csv_cell(value) for value in row])
            yield buffer.getvalue()

    # Drawn up before it is sent: a streamed body would outlive the transaction that carries the reader's identity.
    return HttpResponse("".join(lines()), content_type="text/csv; charset=utf-8")


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    text = str(value)
    return disarmed(text) if isinstance(value, str) else text


def disarmed(text: str) -> str:
    """Text a spreadsheet will show and not run."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and text != display.EMPTY else text


def _xlsx(table: Table) -> HttpResponse:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {kind: book.add_format({"num_format": text}) for kind, text in NUMBER_FORMATS.items()}
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, 18 if column.kind != "text" else 24)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, headings(table), bold)
    for number, row in enumerate(values(table), start=1):
        for place, value in enumerate(row):
            _write_cell(sheet, number, place, value, formats.get(table.columns[place].kind))
    book.close()
    return HttpResponse(buffer.getvalue(), content_type=XLSX_TYPE)


def _write_cell(sheet: Any, row: int, place: int, value: Any, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, (dt.date, dt.datetime)):
        sheet.write_datetime(row, place, value, style)
    elif isinstance(value, (Decimal, int)) and abs(Decimal(value)) < EXACT_IN_SHEET:
        sheet.write_number(row, place, value, style)
    else:
        sheet.write_string(row, place, str(value))
