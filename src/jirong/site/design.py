"""The design page: every component in each of its states, on invented data. For development only.

It answers 404 unless ``DEBUG`` is on or ``JIRONG_DESIGN_PAGE`` is set, touches no database, and is what the browser
tests look at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jirong.kernel.errors import Conflict, Forbidden
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.site import samples
from jirong.web import icons, tables, wizard

STATES = (("held", _("持有中")), ("offered", _("待签收")), ("settled", _("已兑付")), ("overdue", _("逾期")))


@dataclass(frozen=True)
class SampleLot:
    """An invented row."""

    id: int
    number: str
    issuer: str
    amount: Money
    amount_minor: int
    rate: Decimal
    due: dt.date
    state: str
    recorded_at: dt.datetime

    @property
    def state_words(self) -> Any:
        return dict(STATES)[self.state]


def sample_lots() -> list[SampleLot]:
    issuers = ("锦绣服装", "远帆纺织", "瑞成五金", "顺达家具", "Haichang Toys")
    start = dt.datetime(2026, 1, 8, 9, 30, tzinfo=timezone.get_current_timezone())
    return [
        SampleLot(
            id=number,
            number=f"LD2026-{number:05d}",
            issuer=issuers[number % 5],
            amount=Money(100_000_00 * (1 + number * 7 % 83) + number),
            amount_minor=100_000_00 * (1 + number * 7 % 83) + number,
            rate=Decimal(300 + number * 13 % 150) / 10000,
            due=dt.date(2026, 7, 7) + dt.timedelta(days=number * 3 % 120),
            state=STATES[number % 7 % 4][0],
            recorded_at=start + dt.timedelta(hours=number),
        )
        for number in range(1, 58)
    ]


class LotTable(tables.Table):
    name = "lots"
    title = _("份额")
    columns = (
        tables.Column("number", _("份额号"), sort="number", primary=True, link=lambda lot: f"#{lot.number}"),
        tables.Column("issuer", _("核心企业"), sort="issuer"),
        tables.Column("amount", _("金额（元）"), kind="money", sort="amount_minor"),
        tables.Column("rate", _("年化利率"), kind="rate", sort="rate"),
        tables.Column("due", _("到期日"), kind="date", sort="due"),
        tables.Column("state", _("状态"), value="state_words"),
        tables.Column("recorded_at", _("登记时间"), kind="moment", sort="recorded_at", optional=True),
    )
    filters: ClassVar[Sequence[tables.Filter]] = (
        tables.Search("q", _("份额号或企业"), ("number", "issuer")),
        tables.Choice("state", _("状态"), STATES),
        tables.DateRange("due", _("到期日")),
        tables.MoneyRange("amount", _("金额"), "amount_minor"),
    )
    order = ("-recorded_at", "-id")


class EmptyTable(LotTable):
    name = "none"
    prefix = "n_"
    filters = ()
    empty = _("还没有收到份额。核心企业确认应付账款并开立链单后，份额会出现在这里。")
    empty_action = (_("了解链单"), "#")


class TradeForm(forms.Form):
    buyer = forms.CharField(label=_("核心企业"), max_length=80, help_text=_("全称，与营业执照一致"))
    invoice = forms.CharField(label=_("发票号码"), min_length=20, max_length=20)


class TermsForm(forms.Form):
    amount = forms.DecimalField(label=_("金额（元）"), min_value=Decimal("0.01"), decimal_places=2)
    due = forms.DateField(label=_("到期日"), widget=forms.DateInput(attrs={"type": "date"}))
    memo = forms.CharField(label=_("附言"), required=False, max_length=140)


def _only_in_development() -> None:
    if not (settings.DEBUG or getattr(settings, "JIRONG_DESIGN_PAGE", False)):
        raise Http404


def design(request: HttpRequest) -> HttpResponseBase:
    _only_in_development()
    context: dict[str, Any] = {
        "none_table": EmptyTable(request, []),
        "form": TradeForm(),
        "bad_form": TradeForm({"invoice": "123"}, auto_id="bad_%s"),
        "icons": sorted(icons.PATHS),
        **samples.context(),
    }
    return tables.respond(request, "site/design.html", LotTable(request, sample_lots()), context=context)


def design_form(request: HttpRequest) -> HttpResponseBase:
    """What the sample signing panel posts to: says so, once."""
    _only_in_development()
    if request.POST.get("refuse"):
        raise Conflict(
            "lot.reserved",
            Text("该份额已被另一家银行预占", "Another bank has reserved this lot"),
            remedy=Text("请等待其释放，或选择其他份额", "Wait until it is released, or choose another lot"),
        )
    count = int(request.session.get("design_count", 0)) + 1
    request.session["design_count"] = count
    messages.success(request, _("已收到（第 %(count)s 次）") % {"count": count})
    return redirect("design")


def design_wizard(request: HttpRequest) -> HttpResponseBase:
    _only_in_development()
    bound = wizard.Wizard(
        request,
        name="design",
        title=_("开立链单"),
        steps=(
            wizard.Step("trade", _("贸易背景"), TradeForm),
            wizard.Step("terms", _("金额与期限"), TermsForm),
        ),
        submit=_("提交复核"),
    )

    def finish(done: wizard.Wizard, values: dict[str, Any]) -> HttpResponse:
        messages.success(request, _("已提交复核"))
        return redirect("design")

    return wizard.respond(bound, finish)


def design_error(request: HttpRequest, status: int) -> HttpResponseBase:
    _only_in_development()
    if status == 403:
        raise Forbidden(
            "note.not_checker",
            Text("制单人不能复核自己的单据", "The maker of a note may not check it"),
            remedy=Text("请另一位有复核权的同事处理", "Ask a colleague who may check"),
        )
    return render(request, f"{status}.html", {"number": "0f3a9c21b7de"}, status=status)
