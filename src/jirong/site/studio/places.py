"""Where the studio stands in the navigation: with those who write and sign schemes, and for everyone to read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jirong.web.navigation import Item, register_home
from jirong.web.navigation import register as place

WRITERS = frozenset({"planner", "bank", "treasury", "factor", "operator"})


def register() -> None:
    register_home("planner", "studio", order=50)
    place(Item("studio", _("方案目录"), "studio", icon="scheme", order=45))
    place(Item("studio_kinds", _("新建方案"), "studio_kinds", icon="sign", order=46, roles=WRITERS))
    place(Item("studio_published", _("已发布"), "studio_published", icon="verify", order=46, roles=WRITERS))
    place(Item("studio_diff", _("方案比较"), "studio_diff", icon="copy", order=47, roles=WRITERS))
