"""What a proposal says, in words: each room tells how its two-person actions read, so that one inbox shows them all.

A checker signs what a maker prepared; the inbox must put it in sentences and show the rule results without knowing
notes or loans. A room registers a :class:`Wording` for an action's code when Django starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.store.identity import Actor
from jirong.web.display import Label
from jirong.web.parts import Finding

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Wording:
    """``words`` and ``findings`` take the actor and the action's decoded arguments; ``url`` the action's outcome."""

    words: Callable[[Actor, Arguments], Sequence[Label]]
    findings: Callable[[Actor, Arguments], Sequence[Finding]] = lambda actor, arguments: ()
    url: Callable[[Mapping[str, Any]], str] = lambda outcome: ""


_known: dict[str, Wording] = {}


def register(code: str, wording: Wording) -> None:
    _known[code] = wording


def of(code: str) -> Wording:
    """How ``code`` reads; an action nobody put in words is named by its title and its values."""
    return _known.get(code, Wording(words=_plainly(code)))


def title(code: str) -> Text:
    """The action's name; the code itself for one that is no more."""
    registered = log_actions.REGISTRY.get(code)
    return registered.title if registered else Text(code, code)


def _plainly(code: str) -> Callable[[Actor, Arguments], Sequence[Label]]:
    return lambda actor, arguments: [title(code), *(f"{name}: {value}" for name, value in sorted(arguments.items()))]
