"""What several rooms have to say on one first page: credit a firm may have today, and what waits for somebody.

Rooms of one floor do not know each other, yet a person starts on one page. A room registers a provider in its
``AppConfig.ready``; the room whose page it is asks here, and shows what comes back beside its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest

from jirong.web.display import Label


@dataclass(frozen=True)
class Credit:
    """``minor`` of yuan cents the viewer's firm may have today, at the true yearly rate ``annual``; where to take it.

    ``note`` says of whom it is and under what condition.
    """

    label: Label
    note: Label
    minor: int
    annual: Decimal | None
    url: str


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what, whose, where to do it. ``urgent`` ones are marked."""

    label: Label
    detail: Label
    url: str
    minor: int | None = None
    urgent: bool = False


_credit: list[Callable[[HttpRequest], Sequence[Credit]]] = []
_waiting: dict[str, list[Callable[[HttpRequest], Sequence[Waiting]]]] = {}


def register_credit(provider: Callable[[HttpRequest], Sequence[Credit]]) -> None:
    """``provider`` answers what its room would let the acting firm have today."""
    if provider not in _credit:
        _credit.append(provider)


def register_waiting(role: str, provider: Callable[[HttpRequest], Sequence[Waiting]]) -> None:
    """``provider`` answers what waits for somebody who acts as ``role``."""
    known = _waiting.setdefault(role, [])
    if provider not in known:
        known.append(provider)


def credit(request: HttpRequest) -> list[Credit]:
    """What every room would let the acting firm have today."""
    return [one for provider in _credit for one in provider(request)]


def waiting(request: HttpRequest, role: str) -> list[Waiting]:
    """What waits in every other room for somebody who acts as ``role``."""
    return [one for provider in _waiting.get(role, ()) for one in provider(request)]
