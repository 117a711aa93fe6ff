"""Where this room's pages stand in the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jirong.parties import queries
from jirong.web.navigation import Item
from jirong.web.navigation import register as place


def register() -> None:
    place(Item("inbox", _("复核"), "inbox", icon="check", order=30, count=_waiting))
    place(Item("parties", _("主体名录"), "parties", icon="people", order=80, group=_("单位")))
    place(Item("clusters", _("集群"), "clusters", icon="network", order=82, group=_("单位"), count=_requests))
    place(Item("own_party", _("本单位"), "own_party", icon="firm", order=85, group=_("单位")))


def _waiting(request: HttpRequest) -> int:
    return queries.waiting_count(request.actor)  # type: ignore[attr-defined]


def _requests(request: HttpRequest) -> int:
    """Requests to join that the operator has to answer."""
    actor = request.actor  # type: ignore[attr-defined]
    return queries.join_requests(actor).count() if actor.role == "operator" else 0
