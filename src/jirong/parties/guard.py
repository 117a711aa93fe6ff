"""Pages for people who act for a party: everybody else is sent to the log-in, or told what is missing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.web import viewer

View = Callable[..., HttpResponseBase]


def acting(*roles: str) -> Callable[[View], View]:
    """Let a view be seen by people who act for a party (with one of ``roles``, if any are named)."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if getattr(request, "staff", None) is None:
                raise _no_seat()
            if roles and not viewer.of(request).roles & set(roles):
                raise _other_role(roles)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _no_seat() -> Forbidden:
    return Forbidden(
        "party.no_seat",
        Text("您尚未被任何单位登记为经办人员", "No party has you among its staff yet"),
        remedy=Text("请联系本单位管理员或平台运营方", "Ask your party's administrator or the platform's operator"),
    )


def _other_role(roles: tuple[str, ...]) -> Forbidden:
    names = labels.joined(labels.ROLES[role] for role in roles)
    return Forbidden(
        "party.other_role",
        Text(f"此页面供{names.zh}使用", f"This page is for: {names.en}"),
        remedy=Text("请在右上角切换代表的单位", "Switch the party you act for at the top right"),
    )
