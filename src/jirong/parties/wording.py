"""What a proposal says, in words: each room tells how its two-person actions read, so that one inbox shows them all.

A checker signs what a maker prepared; the inbox must put it in sentences and show the rule results without knowing
notes or loans. A room registers a :class:`Wording` for an action's code when Django starts.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.store.identity import Actor
from jirong.trust import keys
from jirong.web.display import Label
from jirong.web.parts import Finding

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Wording:
    """``words`` and ``findings`` take the actor and the action's decoded arguments; ``url`` the action's outcome."""

    words: Callable[[Actor, Arguments], Sequence[Label]]
    findings: Callable[[Actor, Arguments], Sequence[Finding]] = lambda actor, arguments: ()
    url: Callable[[Mapping[str, Any]], str] = lambda outcome: ""


def _key_words(actor: Actor, arguments: Arguments) -> list[Label]:
    key = keys.key_id(base64.b64decode(arguments["public"]))
    return [
        Text(f"登记本单位的又一把自有密钥 {key}", f"Register another key of your party's own: {key}"),
        Text(
            "今后由它签署的，等于本单位自己签署。请先向经办人核对：密钥是在其设备上生成的，编号一致。",
            "What it signs counts as signed by your party. Ask the maker first: was it made on their device, "
            "and is its id the same?",
        ),
    ]


_known: dict[str, Wording] = {"key.register": Wording(_key_words)}


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
