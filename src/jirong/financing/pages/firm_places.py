"""Where the firm's pages of financing stand in the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jirong.financing.pages import firm_reads
from jirong.web.navigation import Item
from jirong.web.navigation import register as place

FIRMS = frozenset({"firm", "core"})


def register() -> None:
    place(Item("firm_credit", _("今天能借"), "firm_credit", icon="bank", order=5, roles=FIRMS, count=_offers))
    place(Item("firm_products", _("融资产品"), "firm_products", icon="search", order=41, roles=FIRMS, group=_("融资")))
    place(
        Item(
            "firm_applications",
            _("申请与方案"),
            "firm_applications",
            icon="sign",
            order=41,
            roles=FIRMS,
            group=_("融资"),
        )
    )
    place(Item("firm_loans", _("贷款与还款"), "firm_loans", icon="calendar", order=42, roles=FIRMS, group=_("融资")))
    place(Item("firm_profile", _("信用档案"), "firm_profile", icon="chart", order=43, roles=FIRMS, group=_("融资")))
    place(Item("firm_who_reads", _("数据授权"), "firm_consents", icon="key", order=43, roles=FIRMS, group=_("融资")))


def _offers(request: HttpRequest) -> int:
    return firm_reads.applications(request.actor).filter(state="offered").count()  # type: ignore[attr-defined]
