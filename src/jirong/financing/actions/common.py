"""What the room's actions share: who acts, which role a party must have, and how a scheme's text is checked."""

from __future__ import annotations

import uuid
from typing import Any

from jirong.kernel.errors import Forbidden, Invalid
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.parties import queries as parties
from jirong.store.identity import Actor

Outcome = dict[str, Any]


def acting(actor: Actor) -> uuid.UUID:
    """The party the actor acts for."""
    if actor.party is None:
        raise Forbidden("party.none", Text("请先选择代表的单位", "Choose the party you act for first"))
    return actor.party


def in_role(actor: Actor, *any_of: str) -> uuid.UUID:
    """The acting party, which must have one of these roles."""
    party = acting(actor)
    if not parties.has_role(party, *any_of):
        wanted = labels.joined(labels.ROLES[role] for role in any_of)
        raise Forbidden(
            "party.other_role",
            Text(f"须由{wanted.zh}进行", f"This is for: {wanted.en}"),
            remedy=Text("请以相应单位的身份登录", "Act for such a party"),
        )
    return party


def only(actor: Actor, party: uuid.UUID, zh: str, en: str) -> None:
    """Refuse unless the actor acts for ``party``."""
    if acting(actor) != party:
        raise Forbidden(
            "step.wrong_party",
            Text(f"只有{zh}可以进行此操作", f"Only {en} may do this"),
            remedy=Text(f"请由{zh}办理", f"Let {en} do it"),
        )


def positive(minor: int, where: str) -> None:
    if minor <= 0:
        raise Invalid(
            "amount.not_positive", Text("金额须大于零", "The amount must be more than zero"),
            remedy=Text("请填写大于零的金额", "Give an amount above zero"), where=where,
        )  # fmt: skip


def house_only(actor: Actor) -> None:
    if actor.role not in ("operator", "system"):
        raise Forbidden("close.operator_only", Text("日终由平台执行", "The platform closes the day"))
