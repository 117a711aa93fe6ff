"""Who is looking: the little that pages need to know of the person behind a request.

The room of parties knows users, staff and roles; it registers one function here (:func:`set_source`) and every page
can greet, navigate and show forbidden states without importing it. Nothing here authorises anything: rows are
guarded by ``access_*`` functions and row-level security.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest

from jirong.web.display import Label


@dataclass(frozen=True)
class Seat:
    """One party a person may act for: ``switch_url`` is posted to when it is chosen."""

    party: Label
    role: Label
    switch_url: str
    current: bool = False


@dataclass(frozen=True)
class Viewer:
    """``name`` of the person, the ``party`` acted for, its ``roles`` (``firm``, ``core``, ``bank``, …) and seats."""

    name: str = ""
    party: Label = ""
    role: Label = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    seats: tuple[Seat, ...] = ()

    @property
    def is_known(self) -> bool:
        return bool(self.name)


Source = Callable[[HttpRequest], Viewer]


def _from_user(request: HttpRequest) -> Viewer:
    user = getattr(request, "user", None)
    return Viewer(name=str(user)) if user is not None and user.is_authenticated else Viewer()


_source: Source = _from_user


def set_source(source: Source) -> None:
    """Let a room say who is looking; called once when the app is ready."""
    global _source
    _source = source


def of(request: HttpRequest) -> Viewer:
    """The viewer of a request, found once and kept on it."""
    kept = getattr(request, "_jirong_viewer", None)
    if not isinstance(kept, Viewer):
        kept = _source(request)
        request._jirong_viewer = kept  # type: ignore[attr-defined]
    return kept
