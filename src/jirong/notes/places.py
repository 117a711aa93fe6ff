"""Where this room's pages stand in the navigation, and the home of each role."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jirong.notes import queries
from jirong.web.navigation import Item, register_home
from jirong.web.navigation import register as place

FIRMS = frozenset({"firm", "core"})
FUNDERS = frozenset({"bank", "factor"})


def register() -> None:
    register_home("operator", "home_operator", order=10)
    register_home("bank", "home_bank", order=20)
    register_home("factor", "home_bank", order=21)
    register_home("core", "home_core", order=30)
    register_home("firm", "home_firm", order=40)
    place(Item("home_operator", _("运营"), "home_operator", icon="home", order=1, roles=frozenset({"operator"})))
    place(Item("home_bank", _("工作台"), "home_bank", icon="home", order=1, roles=FUNDERS))
    place(Item("home_core", _("应付总览"), "home_core", icon="home", order=1, roles=frozenset({"core"})))
    place(Item("home_firm", _("我的企业"), "home_firm", icon="firm", order=2, roles=frozenset({"firm"})))
    place(Item("offers", _("要约"), "offers", icon="inbox", order=10, roles=FIRMS | FUNDERS, count=_offers))
    place(Item("lots", _("份额"), "lots", icon="network", order=15, roles=FIRMS | FUNDERS))
    place(Item("issue", _("开立"), "issue", icon="sign", order=12, roles=frozenset({"core"})))
    place(Item("notes", _("链单"), "notes", icon="note", order=20))
    place(Item("maturities", _("到期付款"), "maturities", icon="calendar", order=25, roles=frozenset({"core"})))
    place(Item("loans", _("质押贷款"), "loans", icon="bank", order=40, roles=FIRMS | FUNDERS))
    place(Item("trades", _("交易匹配"), "trades", icon="truck", order=51, roles=FIRMS, group=_("贸易")))
    place(Item("invoices", _("发票余额"), "invoices", icon="invoice", order=52, roles=FIRMS, group=_("贸易")))


def _offers(request: HttpRequest) -> int:
    return queries.received_count(request.actor)  # type: ignore[attr-defined]
