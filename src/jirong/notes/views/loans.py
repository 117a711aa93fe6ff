"""Loans against lots: the list, and a loan's page with its interest day by day."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.engine.kinds import lot_loan
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.notes import loans, preview, queries, shown, tables
from jirong.notes.models import LotLoan
from jirong.parties import guard, labels
from jirong.store import business_date
from jirong.web import parts
from jirong.web import tables as web_tables
from jirong.web.api import actor_of

POINTS_MAX = 60
"""Days a drawing shows; a longer loan is drawn at every so manyth day."""


@guard.acting()
def loan_list(request: HttpRequest) -> HttpResponseBase:
    rows = queries.dated(queries.loans(actor_of(request)), business_date.today())
    return web_tables.respond(request, "notes/loans.html", tables.LoanTable(request, rows))


@guard.acting()
def loan_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """What is owed today, how interest grows, and what was paid."""
    today = business_date.today()
    loan = queries.access_loan(actor_of(request), id)
    terms, state = loans.terms_of(loan), preview.loan_state(loan)
    paid = queries.paid_on_loans([id])
    owed = lot_loan.owed_minor(terms, state, today)
    header = parts.Header(
        title=Text(f"{labels.name_of(loan.borrower).zh}的质押贷款", f"Loan to {labels.name_of(loan.borrower).en}"),
        kind=Text("质押贷款", "Loan against a lot"),
        status=shown.loan_status(loan, today),
        figures=[
            parts.Figure(Text("今天应还", "Owed today"), owed, kind="money"),
            parts.Figure(Text("本金", "Principal"), loan.principal_minor, kind="money"),
            parts.Figure(Text("利率", "Rate"), loan.rate, kind="rate"),
            parts.Figure(Text("到期日", "Due"), loan.due, kind="date"),
            parts.Figure(Text("已还本金", "Principal paid"), paid.get((id, "loan"), 0), kind="money"),
            parts.Figure(Text("已付利息", "Interest paid"), paid.get((id, "interest"), 0), kind="money"),
            parts.Figure(Text("贷款人", "Lender"), labels.name_of(loan.lender), href=reverse("party", args=[loan.lender_id])),
            parts.Figure(Text("质押份额", "Pledged lot"), loan.offer.note.number, href=reverse("lot", args=[loan.lot])),
        ],
    )  # fmt: skip
    context = {
        "loan": loan, "header": header, "chart": _interest_chart(terms, state, today), "finance": loan.finance,
        "words": _basis(loan),
    }  # fmt: skip
    return render(request, "notes/loan.html", context)


def _interest_chart(terms: lot_loan.LoanTerms, state: lot_loan.LoanState, today: datetime.date) -> parts.Chart | None:
    """Interest not yet charged, by day, from the day it runs to maturity or today, whichever is later."""
    if state.accrued_to is None or not any(claim.is_open for claim in state.claims.values()):
        return None
    last = max(terms.due, today)
    days = (last - state.accrued_to).days
    stride = max(1, -(-days // POINTS_MAX))
    points = [*range(0, days, stride), days]
    rows = []
    for day in points:
        on = state.accrued_to + datetime.timedelta(days=day)
        rows.append((on, Money(lot_loan.interest_minor(terms, state, on))))
    title = Text("逐日应计利息", "Interest by day")
    note = Text(
        f"按实际天数/360 计；每{stride}天一点", f"Actual/360; a point every {labels.counted(stride, 'day', 'days')}"
    )
    return parts.Chart(
        "interest", title, "line", (Text("日期", "Day"), Text("利息", "Interest")), rows, Text("元", "CNY"), note
    )


def _basis(loan: LotLoan) -> list[Any]:
    """How the loan was made, in sentences."""
    finance = loan.finance
    late = f"{loan.overdue_rate * 100:.2f} %" if loan.overdue_rate is not None else ""
    return [
        Text("到期一次还本付息；先还利息，后还本金。", "Principal and interest at maturity; interest is paid before principal."),
        Text("放款时本金足额发放，未预扣利息。", "The whole principal was paid out; no interest was taken up front."),
        Text(f"逾期按 {late} 计。", f"Overdue it bears {late}.") if late
        else Text("逾期未另约利率，按合同利率计。", "No overdue rate was agreed; the loan's own applies."),
        Text(f"质押登记编号 {finance['registration']}，{finance['registered_on']} 登记。",
             f"Registration {finance['registration']} of {finance['registered_on']}."),
    ]  # fmt: skip
