"""Navigation by role, assembled from what the rooms register.

A room calls :func:`register` in its ``AppConfig.ready``; the shell draws what the viewer's roles allow, in order, the
first four also as the bar at the foot of a phone. :func:`register_home` names the page a role starts on. An item
whose URL does not resolve is a defect and raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse

from jirong.web import viewer
from jirong.web.display import Label

GROUP_MAIN = ""


@dataclass(frozen=True)
class Item:
    """One place to go. ``roles`` empty: everyone who is logged in. ``count`` gives what waits there (0: nothing)."""

    key: str
    label: Label
    url_name: str
    icon: str = "dot"
    order: int = 100
    roles: frozenset[str] = field(default_factory=frozenset)
    group: Label = GROUP_MAIN
    count: Callable[[HttpRequest], int] | None = None
    public: bool = False


@dataclass(frozen=True)
class Shown:
    """An item as it stands in one page."""

    key: str
    label: Label
    url: str
    icon: str
    group: Label
    current: bool
    count: int


_items: dict[str, Item] = {}
_homes: list[tuple[int, str, str]] = []


def register(item: Item) -> None:
    """Add or replace the item of this key."""
    _items[item.key] = item


def register_home(role: str, url_name: str, order: int = 100) -> None:
    """The page a viewer with ``role`` starts on; the lowest order wins where a viewer has several roles."""
    _homes[:] = sorted([entry for entry in _homes if entry[1] != role] + [(order, role, url_name)])


def home_of(roles: Iterable[str]) -> str | None:
    """The address of the first home among ``roles``; ``None`` if no room claims any."""
    held = set(roles)
    return next((reverse(url_name) for _, role, url_name in _homes if role in held), None)


def shown(request: HttpRequest) -> list[Shown]:
    """What this viewer may go to, in order, with the item of the present page marked."""
    looking = viewer.of(request)
    allowed = [item for item in _items.values() if _may_see(item, looking)]
    allowed.sort(key=lambda item: (item.order, item.key))
    urls = {item.key: reverse(item.url_name) for item in allowed}
    here = _here(request.path, urls)
    return [
        Shown(
            key=item.key,
            label=item.label,
            url=urls[item.key],
            icon=item.icon,
            group=item.group,
            current=item.key == here,
            count=item.count(request) if item.count else 0,
        )
        for item in allowed
    ]


def _may_see(item: Item, looking: viewer.Viewer) -> bool:
    if item.public:
        return True
    return looking.is_known and (not item.roles or bool(item.roles & looking.roles))


def _here(path: str, urls: dict[str, str]) -> str | None:
    """The item whose address is the longest prefix of the path, so that a lot's page lights up its list."""
    within = [(len(url), key) for key, url in urls.items() if path == url or (url != "/" and path.startswith(url))]
    return max(within)[1] if within else None
