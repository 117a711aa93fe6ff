"""Where the studio stands in the menu, and the tabs its lists share: for everyone to read."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.web import parts
from jirong.web.navigation import Item, register_home
from jirong.web.navigation import register as place

WRITERS = frozenset({"planner", "bank", "treasury", "factor", "operator"})


def register() -> None:
    register_home("planner", "studio", order=50)
    place(Item("studio", _("方案目录"), "studio", icon="scheme", order=45))


def tabs(current: str) -> list[parts.Tab]:
    """The studio's lists, of which the menu shows the first; ``current`` is the name of the present page's address."""
    shown = {"studio": _("方案目录"), "studio_published": _("已发布的方案"), "studio_diff": _("方案对比")}
    return [parts.Tab(label, reverse(name), current=name == current) for name, label in shown.items()]
