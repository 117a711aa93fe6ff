"""Registration as a recorded step: the register's number, the moment it gives, the term; extended, cancelled.

The holder registers and records what the register answered. The moment decides the rank (民法典 414, 768), so it is
copied from the register's proof to the second and never taken from the platform's own clock.
"""

from __future__ import annotations

import datetime
import uuid
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from jirong.collateral import runtime
from jirong.collateral.actions.common import Outcome, agreement_of, not_later, not_now, only
from jirong.collateral.models import Agreement, Entry, Secured
from jirong.engine import security
from jirong.kernel.calendar import add_months
from jirong.kernel.errors import Conflict, Invalid, Refusal
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.store import business_date, catalogue
from jirong.store.identity import SYSTEM, Actor, acting_as

CHINA = ZoneInfo("Asia/Shanghai")
TERMED = "zhongdeng"
"""The register whose entries run for a term and end by themselves."""


@action("pledge.register", Text("填报登记", "Record a registration"), own_key=True)
def register_pledge(
    *, actor: Actor, id: uuid.UUID, pledge: uuid.UUID, number: str, registered_on: datetime.date, registered_time: str,
    until: datetime.date | None = None,
) -> Outcome:  # fmt: skip
    """Record the registration's ``number`` and moment (``registered_time`` "14:05:30", Beijing time) from its proof, and
    the term where the register has one. The security has its rank, and may be lent on, from now.
    """
    asset, row = agreement_of(actor, pledge)
    only(actor, row.holder_id, "债权人", "the holder")
    if row.state != "signed":
        raise not_now(row)
    today = business_date.today()
    not_later(registered_on, today, "registered_on")
    register, _ = security.KINDS[asset.kind]
    if not number.strip():
        raise Invalid("registration.number", Text("请填写登记号", "Give the registration's number"), where="number")
    at = _moment(registered_on, registered_time)
    _require_term(register, registered_on, until, today)
    row.state, row.register, row.register_number = "registered", register, number.strip()
    row.perfected_at, row.registered_until = at, until
    try:
        with acting_as(SYSTEM), transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict(
            "registration.number_used",
            Text("该登记号已用于这项押品的另一笔担保", "The number stands for another agreement on this asset"),
            remedy=Text("请核对登记证明", "Check the register's proof"),
            where="number",
        ) from None
    _enter(row, id, "first", at)
    runtime.record(id, "registered", today, asset=asset, secured=_contract(row), by=actor.party,
                   said=Text(f"{security.REGISTERS[register].zh}，{number}", f"{security.REGISTERS[register].en}, {number}"),
                   seen=row.seen_by)  # fmt: skip
    concern(row.owner_id)
    return {"pledge": str(pledge), "state": "registered", "register": register, "number": row.register_number}


@action("pledge.prolong", Text("登记展期", "Extend a registration"))
def prolong_registration(*, actor: Actor, id: uuid.UUID, pledge: uuid.UUID, until: datetime.date) -> Outcome:
    """The holder had the registration extended before it ran out; the rank stays."""
    asset, row = agreement_of(actor, pledge)
    only(actor, row.holder_id, "债权人", "the holder")
    today = business_date.today()
    if row.state != "registered" or row.registered_until is None:
        raise not_now(row)
    if row.registered_until < today:
        raise Conflict(
            "registration.ended",
            Text(f"登记已于{row.registered_until}到期，不能展期", f"It ran out on {row.registered_until}"),
            remedy=Text("请重新登记；顺位自新登记起算", "Register anew; the rank counts from then"),
        )
    if until <= row.registered_until:
        raise Invalid("registration.until", Text("须晚于现有到期日", "Later than it ends now"), where="until")
    _require_term(row.register, today, until, today)
    row.registered_until = until
    with acting_as(SYSTEM):
        row.save(update_fields=["registered_until"])
    _enter(row, id, "extended", _midnight(today))
    runtime.record(
        id, "extended", today, asset=asset, by=actor.party, said=Text(f"至{until}", f"until {until}"), seen=row.seen_by
    )
    return {"pledge": str(pledge), "until": until.isoformat()}


@action("pledge.cancel_registration", Text("注销登记", "Record a registration's cancellation"))
def cancel_registration(*, actor: Actor, id: uuid.UUID, pledge: uuid.UUID) -> Outcome:
    """After a release or a sale the holder had the registration cancelled."""
    asset, row = agreement_of(actor, pledge)
    only(actor, row.holder_id, "债权人", "the holder")
    with acting_as(SYSTEM):
        done = Entry.objects.filter(agreement=row, kind="cancelled").exists()
    if row.state not in ("released", "realised") or not row.register_number or done:
        raise not_now(row)
    today = business_date.today()
    _enter(row, id, "cancelled", _midnight(today))
    runtime.record(id, "cancelled", today, asset=asset, by=actor.party, seen=row.seen_by)
    concern(row.owner_id)
    return {"pledge": str(pledge), "state": row.state, "registration": "cancelled"}


def _moment(on: datetime.date, text: str) -> datetime.datetime:
    try:
        at = datetime.time.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None:
        raise Invalid(
            "registration.time",
            Text("登记时间应写作 14:05:30（北京时间）", "Write the time as 14:05:30, Beijing time"),
            remedy=Text("请按登记证明填写，它决定清偿顺位", "Copy it from the proof; it decides the rank"),
            where="registered_time",
        )
    return datetime.datetime.combine(on, at, CHINA)


def _require_term(register: str, start: datetime.date, until: datetime.date | None, today: datetime.date) -> None:
    """The unified register's term is one month to thirty years; other registers keep an entry until it is cancelled."""
    if until is not None and until < start:
        raise Invalid("registration.until", Text("到期日早于登记日", "It ends before it begins"), where="until")
    if register != TERMED:
        return
    rules = catalogue.rulebook()
    least, most = (rules.find(f"collateral.register_term_{end}", today) for end in ("min", "max"))
    if until is None:
        raise Invalid(
            "registration.until", Text("请填写登记到期日", "Give the day the registration ends"), where="until"
        )
    if most and until > add_months(start, 12 * most.whole):
        raise _term(
            Text(f"登记期限最长{most.whole}年", f"A registration runs {most.whole} years at most"), most.citation
        )
    if least and until < add_months(start, least.whole):
        raise _term(
            Text(f"登记期限最短{least.whole}个月", f"A registration runs {least.whole} month at least"), least.citation
        )


def _term(reason: Text, clause: Text) -> Refusal:
    remedy = Text("请按登记证明填写到期日", "Copy the end from the proof")
    return Refusal("registration.term", reason, remedy=remedy, clause=clause, where="until")


def _enter(row: Agreement, act: uuid.UUID, kind: str, at: datetime.datetime) -> None:
    with acting_as(SYSTEM):
        Entry.objects.create(
            id=act, agreement=row, kind=kind, register=row.register, number=row.register_number, at=at,
            until=row.registered_until, by_id=row.holder_id, seen_by=row.seen_by,
        )  # fmt: skip


def _midnight(on: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(on, datetime.time(), CHINA)


def _contract(row: Agreement) -> Secured | None:
    with acting_as(SYSTEM):
        return Secured.objects.filter(pk=row.secures).first()
