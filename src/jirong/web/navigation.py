"""Navigation by role: the rooms register their places, the roof arranges them into what a role needs daily.

A room calls :func:`register` in its ``AppConfig.ready``; the site calls :func:`arrange` once a role, with few first
entries and the rest folded into sections, and names the four that stand at the foot of a phone. Whatever nobody
arranged still shows, at the end, so that no page is ever lost from the menu. :func:`register_home` names the page a
role starts on. An item whose URL does not resolve is a defect and raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse

from jirong.web import viewer
from jirong.web.display import Label

FOOT_MAX = 4
OPENED = "jirong_sections"
"""The cookie that keeps which sections a person has opened by hand: their keys, parted by dots."""


@dataclass(frozen=True)
class Item:
    """One place to go. ``roles`` empty: everyone who is logged in. ``count`` gives what waits there (0: nothing).

    ``group`` names the section it stands in where the site has not arranged it.
    """

    key: str
    label: Label
    url_name: str
    icon: str = "dot"
    order: int = 100
    roles: frozenset[str] = field(default_factory=frozenset)
    group: Label = ""
    count: Callable[[HttpRequest], int] | None = None
    public: bool = False


@dataclass(frozen=True)
class Section:
    """Places folded under one heading, by the keys of their items."""

    key: str
    label: Label
    icon: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Arrangement:
    """The menu of whoever holds one of ``roles``; the keys in ``foot`` are the bar of a phone, in order."""

    roles: frozenset[str]
    places: tuple[str | Section, ...]
    foot: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """An item as it stands in one page."""

    key: str
    label: Label
    url: str
    icon: str
    current: bool
    count: int


@dataclass(frozen=True)
class Fold:
    """A section as it stands in one page: open where the present page is one of its own."""

    key: str
    label: Label
    icon: str
    items: tuple[Shown, ...]
    kept_open: bool = False

    @property
    def current(self) -> bool:
        return any(item.current for item in self.items)

    @property
    def is_open(self) -> bool:
        return self.kept_open or self.current

    @property
    def count(self) -> int:
        """What waits in the whole section, so that folding hides no work."""
        return sum(item.count for item in self.items)


@dataclass(frozen=True)
class Menu:
    """First-level entries in order, and the bar at the foot of a phone."""

    entries: tuple[Shown | Fold, ...]
    foot: tuple[Shown, ...]

    def __bool__(self) -> bool:
        return bool(self.entries)

    @property
    def items(self) -> tuple[Shown, ...]:
        """Every place of the menu, folded or not."""
        return tuple(item for entry in self.entries for item in (entry.items if isinstance(entry, Fold) else (entry,)))

    @property
    def here_is_folded(self) -> bool:
        """Whether the present page is of the menu, but not of the bar of a phone."""
        return any(item.current for item in self.items) and not any(item.current for item in self.foot)

    @property
    def has_more(self) -> bool:
        return len(self.items) > len(self.foot)


_items: dict[str, Item] = {}
_homes: list[tuple[int, str, str]] = []
_arrangements: list[Arrangement] = []


def register(item: Item) -> None:
    """Add or replace the item of this key."""
    _items[item.key] = item


def register_home(role: str, url_name: str, order: int = 100) -> None:
    """The page a viewer with ``role`` starts on; the lowest order wins where a viewer has several roles."""
    _homes[:] = sorted([entry for entry in _homes if entry[1] != role] + [(order, role, url_name)])


def arrange(*arrangements: Arrangement) -> None:
    """How the menus stand; the first that names one of a viewer's roles is theirs."""
    _arrangements[:] = arrangements


def home_of(roles: Iterable[str]) -> str | None:
    """The address of the first home among ``roles``; ``None`` if no room claims any."""
    held = set(roles)
    return next((reverse(url_name) for _, role, url_name in _homes if role in held), None)


def menu(request: HttpRequest) -> Menu:
    """Where this viewer may go, arranged for their role, with the item of the present page marked."""
    looking = viewer.of(request)
    places = _places(request, looking)
    own = next((one for one in _arrangements if one.roles & looking.roles), Arrangement(frozenset(), ()))
    kept = set(request.COOKIES.get(OPENED, "").split("."))
    entries: list[Shown | Fold] = []
    left = dict(places)
    for place in (*own.places, *_unarranged(own, places)):
        keys = place.items if isinstance(place, Section) else (place,)
        here = tuple(left.pop(key) for key in keys if key in left)
        if isinstance(place, Section) and len(here) > 1:
            entries.append(Fold(place.key, place.label, place.icon, here, place.key in kept))
        else:  # a heading over a single place would only be in its way
            entries.extend(here)
    return Menu(tuple(entries), _foot(own, places, entries))


def _places(request: HttpRequest, looking: viewer.Viewer) -> dict[str, Shown]:
    allowed = sorted(
        (item for item in _items.values() if _may_see(item, looking)), key=lambda one: (one.order, one.key)
    )
    urls = {item.key: reverse(item.url_name) for item in allowed}
    here = _here(request.path, urls)
    return {
        item.key: Shown(
            item.key, item.label, urls[item.key], item.icon, item.key == here, item.count(request) if item.count else 0
        )
        for item in allowed
    }


def _unarranged(own: Arrangement, places: dict[str, Shown]) -> Sequence[str | Section]:
    """What no arrangement names: by itself, or in a section by the room's own word for it."""
    named = {key for place in own.places for key in (place.items if isinstance(place, Section) else (place,))}
    found: dict[str, list[Item]] = {}
    for key in places:
        if key not in named:
            found.setdefault(str(_items[key].group) or key, []).append(_items[key])
    return [
        Section(group, items[0].group, items[0].icon, tuple(item.key for item in items))
        for group, items in found.items()
    ]


def _foot(own: Arrangement, places: dict[str, Shown], entries: Sequence[Shown | Fold]) -> tuple[Shown, ...]:
    """The places a role uses most; where none are named, the first that are not folded."""
    direct = [entry.key for entry in entries if isinstance(entry, Shown)]
    keys = dict.fromkeys((*own.foot, *direct))
    return tuple(places[key] for key in keys if key in places)[:FOOT_MAX]


def _may_see(item: Item, looking: viewer.Viewer) -> bool:
    if item.public:
        return True
    return looking.is_known and (not item.roles or bool(item.roles & looking.roles))


def _here(path: str, urls: dict[str, str]) -> str | None:
    """The item whose address is the longest prefix of the path, so that a lot's page lights up its list."""
    within = [(len(url), key) for key, url in urls.items() if path == url or (url != "/" and path.startswith(url))]
    return max(within)[1] if within else None
