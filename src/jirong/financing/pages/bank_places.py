"""Where the lender's pages of financing stand in the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jirong.financing.models import Application
from jirong.financing.models_conduct import Call
from jirong.web.navigation import Item
from jirong.web.navigation import register as place

LENDERS = frozenset({"bank", "factor", "lessor"})
BEARERS = frozenset({"guarantor", "fund", "treasury", "government", "insurer"})


def register() -> None:
    group = _("授信")
    place(Item("bank_desk", _("审批台"), "bank_desk", icon="inbox", order=2, roles=LENDERS, count=_referred))
    place(Item("bank_pipeline", _("申请"), "bank_pipeline", icon="filter", order=41, roles=LENDERS, group=group))
    place(Item("bank_book", _("账簿"), "bank_book", icon="ledger", order=42, roles=LENDERS, group=group))
    place(
        Item(
            "bank_policies",
            _("授信政策"),
            "bank_policies",
            icon="scheme",
            order=43,
            roles=LENDERS | BEARERS,
            group=group,
        )
    )
    place(
        Item(
            "bank_close", _("日终"), "bank_close", icon="calendar", order=43, roles=LENDERS | {"operator"}, group=group
        )
    )
    place(
        Item(
            "calls", _("要求与答复"), "calls", icon="inbox", order=44, roles=LENDERS | BEARERS | {"firm", "core"},
            group=group, count=_called,
        )
    )  # fmt: skip


def _called(request: HttpRequest) -> int:
    party = request.actor.party  # type: ignore[attr-defined]
    return Call.objects.filter(party=party, done_on__isnull=True).count()


def _referred(request: HttpRequest) -> int:
    party = request.actor.party  # type: ignore[attr-defined]
    return Application.objects.filter(policy__lender=party, state="referred").count()
