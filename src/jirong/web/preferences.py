"""How a person likes to read: language, theme, and whether a rise is red or green.

Each is a cookie, so that the page is right before its first paint and before log-in; a room that knows users may
also keep it (:func:`set_keeper`), and then it follows the person to another device. Theme ``auto`` follows the
machine and is settled by a tiny script in the head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

THEMES = ("auto", "light", "dark")
RISES = ("red", "green")
COOKIE_SECONDS = 365 * 24 * 3600

Keeper = Callable[[HttpRequest, Mapping[str, str]], None]
Loader = Callable[[HttpRequest], Mapping[str, str]]


@dataclass(frozen=True)
class Preferences:
    theme: str = "auto"
    rise: str = "red"


_keep: Keeper | None = None
_load: Loader | None = None


def set_keeper(keep: Keeper, load: Loader) -> None:
    """Let a room remember ``{"language", "theme", "rise"}`` of a logged-in person; ``load`` answers what it has."""
    global _keep, _load
    _keep, _load = keep, load


def of(request: HttpRequest) -> Preferences:
    theme, rise = request.COOKIES.get("jirong_theme", ""), request.COOKIES.get("jirong_rise", "")
    return Preferences(theme if theme in THEMES else "auto", rise if rise in RISES else "red")


def accepted(data: Mapping[str, str]) -> dict[str, str]:
    """The known preferences among ``data`` whose values are allowed; everything else is left out."""
    allowed = {"language": [code for code, _ in settings.LANGUAGES], "theme": THEMES, "rise": RISES}
    return {name: data[name] for name, values in allowed.items() if data.get(name) in values}


def kept_for(request: HttpRequest) -> dict[str, str]:
    """What the keeper knows of a logged-in person whose browser has no language cookie yet; else nothing."""
    if _load is None or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return {}
    user = getattr(request, "user", None)
    return accepted(_load(request)) if user is not None and user.is_authenticated else {}


def keep(request: HttpRequest, chosen: Mapping[str, str]) -> None:
    """Tell the keeper, if a room has registered one."""
    if _keep is not None and chosen:
        _keep(request, chosen)


def set_cookies(request: HttpRequest, response: HttpResponseBase, chosen: Mapping[str, str]) -> None:
    names = {"language": settings.LANGUAGE_COOKIE_NAME, "theme": "jirong_theme", "rise": "jirong_rise"}
    for name, value in chosen.items():
        response.set_cookie(names[name], value, max_age=COOKIE_SECONDS, samesite="Lax", secure=request.is_secure())
