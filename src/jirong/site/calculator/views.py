"""The pages: a loan, two offers, a discount, an ACTUS contract.

Each reads its address, calculates, and shows; htmx asks for the result alone, so that what is being typed stays where
it is, while the message of a refusal goes to its field out of band. ``export=xlsx`` gives the same as a spreadsheet.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from jirong.instruments.actus import documents, examples
from jirong.instruments.practice import calculate, present
from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.site.calculator import inputs, shown
from jirong.web import display, parts
from jirong.web.tables.export import XLSX_TYPE

ADDRESS_TERMS_MAX = 4_000
"""Pasted terms longer than this do not fit an address; the page then says that it cannot be shared."""


def tabs(current: str) -> list[parts.Tab]:
    names = (
        ("calculator", _("贷款")),
        ("calculator_compare", _("两家比较")),
        ("calculator_discount", _("份额贴现")),
        ("calculator_actus", _("ACTUS 合约")),
    )
    return [parts.Tab(label, reverse(name), current=name == current) for name, label in names]


@require_GET
def loan(request: HttpRequest) -> HttpResponse:
    """One loan: schedule, cost, yearly rate, and what an early or late payment does."""
    every = (*inputs.LOAN, *inputs.COSTS, *inputs.DATES, *inputs.EARLY, *inputs.LATE)
    ready = inputs.presets(timezone.localdate())
    asked = any(each.name in request.GET for each in every)
    values = inputs.read(request.GET.dict() if asked else ready[0].values, every)
    answer, refusal = _try(lambda: calculate.loan(inputs.meant(values)))
    query = inputs.query_of(inputs.meant(values))
    if answer and request.GET.get("export") == "xlsx":
        return _loan_sheet(answer)
    groups = _loan_groups(values, refusal)
    context = {
        "tabs": tabs("calculator"), "groups": groups, "refusal": refusal, "query": query, "answer": answer,
        "presets": [inputs.Preset(each.label, each.values, each.query == query, each.query) for each in ready],
        "asked": inputs.said(groups, values),
    }  # fmt: skip
    if answer:
        context |= {
            "figures": shown.loan_figures(answer), "chart": shown.loan_chart(answer),
            "lines": answer.plan.instalments if "all" in request.GET else answer.plan.instalments[: shown.ROWS_MAX],
            "steps": [(step, present.step_words(step)) for step in answer.steps], "provisional": present.PROVISIONAL,
        }  # fmt: skip
    return _respond(request, "loan", context, query)


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two offers side by side, fees included."""
    asked = any(key[:2] in ("a_", "b_") for key in request.GET)
    given = request.GET.dict() if asked else _two_offers()
    sides = {prefix: inputs.read(given, inputs.OFFER, prefix) for prefix in ("a_", "b_")}
    names = [Text(value["name"][:40] or zh, value["name"][:40] or en) for value, zh, en in zip(
        sides.values(), ("方案甲", "方案乙"), ("Offer A", "Offer B"), strict=True)]  # fmt: skip
    first, second = (inputs.meant(value) for value in sides.values())
    answer, refusal = _try(lambda: calculate.compare(first, second, (names[0], names[1])))
    if refusal and refusal.where:
        refusal.where = refusal.where.replace("first.", "a_").replace("second.", "b_")
    query = "&".join(inputs.query_of(inputs.meant(value), prefix) for prefix, value in sides.items())
    if answer and request.GET.get("export") == "xlsx":
        return _offers_sheet(answer)
    fields = [inputs.bind(_offer_inputs(), value, refusal, prefix) for prefix, value in sides.items()]
    context = {
        "tabs": tabs("calculator_compare"), "pairs": list(zip(*fields, strict=True)), "refusal": refusal,
        "groups": [inputs.Group(name, side) for name, side in zip(names, fields, strict=True)],
        "names": names, "query": query, "answer": answer,
    }  # fmt: skip
    if answer:
        context |= {"rows": shown.offers_rows(answer), "chart": shown.offers_chart(answer)}
    return _respond(request, "compare", context, query)


@require_GET
def discount(request: HttpRequest) -> HttpResponse:
    """A lot sold before it is due."""
    today = timezone.localdate()
    example = {"amount": "1000000", "rate": "3.2", "on": today.isoformat(), "due": inputs.date_after(today, 6)}
    asked = any(each.name in request.GET for each in inputs.DISCOUNT)
    values = inputs.read(request.GET.dict() if asked else example, inputs.DISCOUNT)
    answer, refusal = _try(lambda: calculate.discounted(values))
    query = inputs.query_of(values)
    if answer and request.GET.get("export") == "xlsx":
        return _sheet(Text("份额贴现", "Discount"), lambda out, language: present.write_rows_xlsx(
            Text("份额贴现", "Discount"), (Text("项目", "Item"), Text("数值", "Value")),
            [(figure.label, _cell(figure)) for figure in _discount_figures(answer)], out, language))  # fmt: skip
    context = {
        "tabs": tabs("calculator_discount"), "refusal": refusal, "query": query, "answer": answer,
        "groups": (groups := [inputs.Group("", inputs.bind(inputs.DISCOUNT, values, refusal))]),
        "asked": inputs.said(groups, values),
    }  # fmt: skip
    if answer:
        context |= {"figures": _discount_figures(answer), "chart": shown.discount_chart(answer)}
    return _respond(request, "discount", context, query)


@require_http_methods(["GET", "POST"])
def actus(request: HttpRequest) -> HttpResponse:
    """Any of the 18 ACTUS types from pasted terms. Long terms come by POST; short ones also stand in the address."""
    given = request.POST if request.method == "POST" else request.GET
    kind = request.GET.get("example", "")
    if kind not in examples.EXAMPLES:
        kind = "ANN"
    asked = "terms" in given
    text = given.get("terms", "").replace("\r\n", "\n") if asked else examples.text(kind)
    to, carry = given.get("to", "").strip()[:40], bool(given.get("carry"))
    answer, refusal = _try(lambda: documents.answer(documents.read(text), to=to, carry_forward=carry))
    if answer and given.get("export") == "xlsx":
        return _contract_sheet(answer)
    query = urlencode({"terms": text, **({"to": to} if to else {}), **({"carry": "1"} if carry else {})})
    if len(text) > ADDRESS_TERMS_MAX:
        query = ""
    elif not asked:
        query = urlencode({"example": kind})
    context = {
        "tabs": tabs("calculator_actus"), "text": text, "to": to, "carry": carry, "refusal": refusal,
        "line": _line_of(text, refusal), "answer": answer, "query": query, "kinds": list(examples.EXAMPLES),
        "kind": "" if asked else kind, "refused_to": bool(refusal and refusal.where == "to"),
    }  # fmt: skip
    if answer:
        context |= {
            "rows": shown.contract_rows(answer), "chart": shown.contract_chart(answer),
            "count": len(answer.events), "hidden": max(0, len(answer.events) - shown.EVENTS_SHOWN_MAX),
            "contingent": any(event.exercise_amount is not None for event in answer.events),
            "totals": [(currency, shown.grouped(received), shown.grouped(paid), shown.grouped(received - paid))
                       for currency, (received, paid) in sorted(answer.totals.items())],
        }  # fmt: skip
    return _respond(request, "actus", context, query)


def _try(calculation: Callable[[], Any]) -> tuple[Any, Refusal | None]:
    """The answer, or the refusal to show in its place."""
    try:
        return calculation(), None
    except Refusal as refusal:
        return None, refusal


def _respond(request: HttpRequest, name: str, context: dict[str, Any], query: str) -> HttpResponse:
    """The page; to htmx the result alone, with the address it has."""
    groups = context.get("groups", ())
    named = {each.name for group in groups for each in group.fields} | {"terms", "to"}
    refusal = context["refusal"]
    context["in_place"] = refusal is not None and refusal.where in named
    if not request.headers.get("HX-Request"):
        return render(request, f"tools/{name}.html", context)
    response = render(request, f"tools/{name}_result.html", context | {"swapped": True})
    response.headers["HX-Replace-Url"] = f"{request.path}?{query}" if query else request.path
    return response


def _loan_groups(values: dict[str, str], refusal: Refusal | None) -> list[inputs.Group]:
    def group(title: Any, fields: tuple[inputs.Input, ...], note: Any = "") -> inputs.Group:
        bound = inputs.bind(fields, values, refusal)
        said = any(each.value != inputs.DEFAULTS.get(each.input.name, "") or each.error for each in bound)
        return inputs.Group(title, bound, note, said)

    return [
        group("", inputs.LOAN),
        group(_("费用"), inputs.COSTS, _("与贷款有关的一切收费都计入年化利率")),
        group(_("日期与计息"), inputs.DATES),
        group(_("如果提前还款"), inputs.EARLY),
        group(_("如果逾期"), inputs.LATE, _("从该期起停还，到期满后一次还清")),
    ]


def _offer_inputs() -> list[inputs.Input]:
    """The fields of an offer; an irregular plan does not fit a column."""
    short = inputs.Input("repayment", inputs.REPAYMENT.label, "choice", choices=inputs.OFFER_REPAYMENTS)
    return [short if each.name == "repayment" else each for each in inputs.OFFER]


def _two_offers() -> dict[str, str]:
    """An offer with a low rate and fees beside one with a higher rate and none."""
    common = {"principal": "500000", "start": timezone.localdate().isoformat(), "months": "12"}
    first = {**common, "repayment": "annuity", "rate": "3.85", "fee": "2000", "fee_each": "600"}
    second = {**common, "repayment": "annuity", "rate": "5.2"}
    return {f"a_{name}": value for name, value in first.items()} | {f"b_{name}": v for name, v in second.items()}


def _discount_figures(answer: calculate.DiscountAnswer) -> list[parts.Figure]:
    found = answer.discount
    return [
        parts.Figure(Text("到手金额", "Proceeds"), found.proceeds, "money"),
        parts.Figure(Text("贴现利息", "Charge"), found.charge, "money"),
        parts.Figure(Text("计息天数", "Days"), found.days),
        parts.Figure(Text("份额金额", "Amount"), found.amount, "money"),
        parts.Figure(Text("年化利率（内部收益率）", "Annual rate (IRR)"), answer.annual.effective, "percent"),
    ]


def _cell(figure: parts.Figure) -> Any:
    if figure.kind == "money":
        return figure.value
    return display.percent(figure.value) if figure.kind == "percent" else str(figure.value)


def _line_of(text: str, refusal: Refusal | None) -> int | None:
    """The line of the pasted text on which the refused term stands."""
    name = str(refusal.where or "").split(".")[-1].casefold() if refusal else ""
    for number, line in enumerate(text.split("\n"), 1):
        if name and f'"{name}"' in line.casefold():
            return number
    return None


def _loan_sheet(answer: calculate.LoanAnswer) -> HttpResponse:
    return _sheet(Text("还款计划", "Schedule"), lambda out, language: present.write_xlsx(
        answer.plan, answer.planned, out, language, steps=answer.steps, actual=answer.actual))  # fmt: skip


def _offers_sheet(answer: calculate.OffersAnswer) -> HttpResponse:
    both, costs = (answer.first, answer.second), (answer.comparison.first, answer.comparison.second)
    return _sheet(Text("报价比较", "Comparison"), lambda out, language: present.write_comparison_xlsx(
        [one.plan for one in both], costs, answer.verdict, out, language))  # fmt: skip


def _contract_sheet(answer: documents.Answer) -> HttpResponse:
    rows = [
        [event.time.isoformat(sep=" "), event.type.value, documents.plain(event.payoff), event.currency,
         documents.plain(event.notional), documents.plain(event.rate), documents.plain(event.accrued)]
        for event in answer.events
    ]  # fmt: skip
    return _sheet(Text(f"{answer.kind} 事件", f"{answer.kind} events"), lambda out, language: present.write_rows_xlsx(
        Text("事件", "Events"), documents.COLUMNS, rows, out, language))  # fmt: skip


def _sheet(title: Text, write: Callable[[io.BytesIO, str], None]) -> HttpResponse:
    buffer, language = io.BytesIO(), translation.get_language() or "zh"
    write(buffer, language)
    name = f"{title.in_language(language)}-{timezone.localtime().strftime('%Y%m%d-%H%M')}.xlsx"
    response = HttpResponse(buffer.getvalue(), content_type=XLSX_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
