"""What the room's actions share: who acts, what may be refused of any asset, how a date is checked."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from jirong.collateral import queries, runtime
from jirong.collateral.models import Agreement, Asset
from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.parties import queries as parties
from jirong.store.identity import Actor

Outcome = dict[str, Any]


def acting(actor: Actor) -> uuid.UUID:
    if actor.party is None:
        raise Forbidden("party.none", Text("请先选择代表的单位", "Choose the party you act for first"))
    return actor.party


def only(actor: Actor, party: uuid.UUID | None, zh: str, en: str) -> uuid.UUID:
    """Refuse unless the actor acts for ``party``."""
    if party is None or acting(actor) != party:
        raise Forbidden("step.wrong_party", Text(f"只有{zh}可以进行此操作", f"Only {en} may do this"))
    return party


def in_role(actor: Actor, *any_of: str) -> uuid.UUID:
    party = acting(actor)
    if not parties.has_role(party, *any_of):
        wanted = labels.joined(labels.ROLES[role] for role in any_of)
        raise Forbidden(
            "party.other_role",
            Text(f"须由{wanted.zh}进行", f"This is for: {wanted.en}"),
            remedy=Text("请以相应单位的身份登录", "Act for such a party"),
        )
    return party


def own_asset(actor: Actor, id: uuid.UUID) -> Asset:
    """The actor's own asset, locked with the debts it secures."""
    row = queries.access_asset(actor, id)
    only(actor, row.owner_id, "所有人", "its owner")
    return held(runtime.lock(id))


def held(row: Asset) -> Asset:
    if row.state != "held":
        raise Conflict(
            f"asset.is_{row.state}",
            Text("该押品已处置或已停用", "The asset was sold or retired"),
            remedy=Text("请另选押品", "Choose another asset"),
        )
    return row


def agreement_of(actor: Actor, id: uuid.UUID) -> tuple[Asset, Agreement]:
    """An agreement the actor is a side of, its asset locked first, read again under the lock."""
    seen = queries.access_agreement(actor, id)
    asset = runtime.lock(seen.asset_id)
    return asset, queries.access_agreement(actor, id)


def not_now(row: Agreement) -> Conflict:
    return Conflict(
        f"pledge.is_{row.state}",
        Text("该担保当前状态不能进行此操作", f"The agreement is {row.state}; this cannot be done now"),
        remedy=Text("请刷新后按当前状态操作", "Reload and act on its present state"),
    )


def not_later(on: datetime.date, today: datetime.date, where: str) -> None:
    if on > today:
        raise Invalid(
            "date.in_future",
            Text(f"日期不能晚于营业日{today}", f"The date cannot be later than {today}"),
            remedy=Text("请核对日期", "Check the date"),
            where=where,
        )


def positive(minor: int, where: str) -> None:
    if minor <= 0:
        raise Invalid("amount.not_positive", Text("金额须大于零", "The amount must be more than zero"), where=where)
