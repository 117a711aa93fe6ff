"""Where this room's pages stand in the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jirong.collateral import queries
from jirong.web.navigation import Item
from jirong.web.navigation import register as place

OWNERS = frozenset({"firm", "core"})
HOLDERS = frozenset({"bank", "factor", "lessor", "guarantor", "fund"})
VALUERS = frozenset({"provider", "government"})


def register() -> None:
    group = _("担保")
    place(Item("assets", _("押品"), "assets", icon="ledger", order=48, roles=OWNERS | HOLDERS | VALUERS, group=group))
    place(
        Item(
            "pledges",
            _("抵质押"),
            "pledges",
            icon="sign",
            order=49,
            roles=OWNERS | HOLDERS,
            group=group,
            count=_waiting,
        )
    )
    place(Item("securities", _("合同担保"), "securities", icon="verify", order=49, roles=OWNERS | HOLDERS, group=group))


def _waiting(request: HttpRequest) -> int:
    return queries.waiting(request.actor)  # type: ignore[attr-defined]
