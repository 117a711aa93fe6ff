"""Giving an asset as security, and giving it back: offered by the owner, signed by the holder, released by the holder.

An offer reserves its share of the asset's value, the signature uses it, a refusal frees it, a release gives it back: so
the same value is never promised twice, whoever asks at the same moment.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from jirong.collateral import debts, queries, runtime
from jirong.collateral.actions.common import Outcome, agreement_of, not_now, only, own_asset, positive
from jirong.collateral.models import Agreement, Asset, Secured
from jirong.engine import capacity, cover, security
from jirong.engine.reasons import Reason, require
from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.parties import queries as parties
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

MORTGAGED = ("land", "equipment")


@action("pledge.offer", Text("提供担保", "Offer an asset as security"), own_key=True, two_people=True)
def offer_pledge(
    *, actor: Actor, id: uuid.UUID, asset: uuid.UUID, holder: uuid.UUID, secures: uuid.UUID, secured: Money,
    share: Money | None = None, whole: bool = False, delivered_on: datetime.date | None = None, debt_title: str = "",
) -> Outcome:  # fmt: skip
    """Give ``share`` of an asset's usable value (all that is free, if not said) to ``holder`` for the debt ``secures``,
    up to ``secured`` of it. ``whole`` lets later gains count too; ``debt_title`` names a debt outside the platform;
    ``delivered_on`` makes it a purchase-money mortgage (民法典 416).
    """
    row = own_asset(actor, asset)
    positive(secured.minor, "secured")
    _require_debt(secures, holder, debt_title)
    parties.party(holder)
    if holder == row.owner_id:
        raise Invalid("pledge.to_oneself", Text("不能以自己为债权人", "The holder is another party"), where="holder")
    free = row.usable_minor - row.promised_minor
    wanted = free if share is None else share.minor
    require_free(row, wanted, free)
    agreement = Agreement(
        id=id, asset=row, owner_id=row.owner_id, holder_id=holder, secures=secures, debt_title=debt_title.strip(),
        form=form_of(row), share_minor=wanted, secured_minor=secured.minor, whole=whole, delivered_on=delivered_on,
        seen_by=sorted({row.owner_id, holder}),
    )  # fmt: skip
    today = business_date.today()
    runtime.show_to(row, holder)
    row.promised_minor += wanted
    with acting_as(SYSTEM):
        agreement.save(force_insert=True)
        row.save(update_fields=["seen_by", "promised_minor"])
    runtime.post([runtime.reserved(agreement)], derived_id(id, "journal"), today)
    _record(agreement, id, "offered", today, by=row.owner_id, minor=secured.minor)
    concern(holder)
    return {"pledge": str(id), "share": str(Money(wanted)), "state": "offered"}


@action("pledge.accept", Text("接受担保", "Accept security"), own_key=True, two_people=True)
def accept_pledge(*, actor: Actor, id: uuid.UUID, pledge: uuid.UUID) -> Outcome:
    """The holder signs the agreement; whether it exists already, or only once registered, the kind of asset says."""
    asset, row = agreement_of(actor, pledge)
    only(actor, row.holder_id, "债权人", "the holder")
    if row.state != "offered":
        raise not_now(row)
    today = business_date.today()
    row.state, row.signed_on = "signed", today
    runtime.post([capacity.use(runtime.reserved(row))], derived_id(id, "journal"), today)
    with acting_as(SYSTEM):
        row.save(update_fields=["state", "signed_on"])
    _record(row, id, "signed", today, by=row.holder_id)
    _watch(row, id, today)
    register, how = security.KINDS[asset.kind]
    concern(row.owner_id)
    return {"pledge": str(pledge), "state": "signed", "register": register, "exists": not how.constitutes}


@action("pledge.drop", Text("谢绝或撤回担保", "Decline or withdraw an offer of security"))
def drop_pledge(*, actor: Actor, id: uuid.UUID, pledge: uuid.UUID) -> Outcome:
    """The holder refuses, or the owner takes the offer back; its share of the value is free again."""
    asset, row = agreement_of(actor, pledge)
    if row.state != "offered":
        raise not_now(row)
    today = business_date.today()
    row.state = "withdrawn" if actor.party == row.owner_id else "refused"
    runtime.post([capacity.release(runtime.reserved(row))], derived_id(id, "journal"), today)
    asset.promised_minor -= row.share_minor
    runtime.fit(asset, derived_id(id, "fit"), today)
    with acting_as(SYSTEM):
        row.save(update_fields=["state"])
        asset.save()
    _record(row, id, row.state, today, by=actor.party)
    concern(row.owner_id, row.holder_id)
    return {"pledge": str(pledge), "state": row.state}


@action("pledge.release", Text("解除担保", "Release security"), own_key=True, two_people=True)
def release_pledge(*, actor: Actor, id: uuid.UUID, pledge: uuid.UUID, part: Money | None = None) -> Outcome:
    """The holder gives the security back, whole or ``part`` of its share: as far as the debt does not need it."""
    asset, row = agreement_of(actor, pledge)
    only(actor, row.holder_id, "债权人", "the holder")
    if row.state not in ("signed", "registered"):
        raise not_now(row)
    today = business_date.today()
    minor = row.share_minor if part is None else part.minor
    _require_within(row, minor)
    found = require([release_finding(asset, row, minor, today)])
    row.share_minor -= minor
    ended = row.share_minor == 0
    if ended:
        row.state = "released"
    with acting_as(SYSTEM):
        row.save(update_fields=["share_minor", "state"])
    runtime.give_back(asset, minor, id, today)
    with acting_as(SYSTEM):
        contract = Secured.objects.filter(pk=row.secures).first()
    runtime.record(
        id, "released" if ended else "part_released", today, asset=asset, secured=contract, by=row.holder_id,
        minor=minor, reasons=found, seen=row.seen_by,
    )  # fmt: skip
    concern(row.owner_id)
    return {
        "pledge": str(pledge), "released": str(Money(minor)), "state": row.state,
        "cancel_registration": ended and bool(row.register_number),
    }  # fmt: skip


@action("pledge.state_debt", Text("填报被担保债务余额", "State the debt an agreement secures"))
def state_debt(*, actor: Actor, id: uuid.UUID, pledge: uuid.UUID, owed: Money) -> Outcome:
    """The holder of security for a debt outside the platform says what is still owed; of one inside it is computed."""
    _, row = agreement_of(actor, pledge)
    only(actor, row.holder_id, "债权人", "the holder")
    if not row.debt_title:
        raise Conflict(
            "pledge.debt_known",
            Text("该债务由平台计算，无需填报", "The platform computes this debt"),
            remedy=Text("请在贷款页面查看余额", "See the loan's page"),
        )
    if owed.minor < 0:
        raise Invalid("amount.not_positive", Text("金额不能为负", "An amount is not negative"), where="owed")
    row.owed_minor = owed.minor
    with acting_as(SYSTEM):
        row.save(update_fields=["owed_minor"])
    _record(row, id, "debt_stated", business_date.today(), by=row.holder_id, minor=owed.minor)
    concern(row.owner_id)
    return {"pledge": str(pledge), "owed": str(owed)}


@action("cover.check", Text("复核押品覆盖", "Check the cover of a contract"))
def check_cover(*, actor: Actor, id: uuid.UUID, contract: uuid.UUID) -> Outcome:
    """Look at a contract's cover on this business date: call for a top-up, or find a call met."""
    if actor.role != "system":
        queries.access_secured(actor, contract)
    secured = runtime.lock_secured(contract)
    assert secured is not None
    today = business_date.today()
    call = runtime.watch(secured, id, today)
    now = runtime.cover_now(secured, today)
    concern(*secured.seen_by)
    return {
        "contract": str(contract), "debt": str(Money(now.debt_minor)), "carries": str(Money(now.carries_minor)),
        "value": str(Money(now.value_minor)), "short": str(Money(now.short_minor)),
        "call": str(call.pk) if call else None, "due": call.due.isoformat() if call else None,
    }  # fmt: skip


def form_of(row: Asset) -> str:
    """Mortgage or pledge: goods that stay with their owner are mortgaged, goods in a watcher's hands pledged."""
    if row.kind in MORTGAGED or (row.kind == "stock" and row.watcher_id is None):
        return "mortgage"
    return "pledge"


def require_free(row: Asset, wanted: int, free: int) -> None:
    """Refuse a share of nothing, and one beyond what is free of the asset's usable value."""
    if row.valued_on is None:
        raise Conflict(
            "asset.not_valued",
            Text("押品尚未估值，不能设定担保", "The asset has not been valued"),
            remedy=Text("请先出示给评估机构或贷款人估值", "Show it to an appraiser or the lender first"),
        )
    if wanted <= 0 or wanted > free:
        raise Conflict(
            "asset.beyond_value",
            Text(f"押品可用价值只余{Money(max(free, 0)).grouped()}，不能超值设定担保",
                 f"{Money(max(free, 0)).grouped()} of the asset's value is free; no more can be given"),
            remedy=Text("请减少占用价值，或另加押品", "Give less of it, or another asset besides"),
            where="share",
            details={"free": str(Money(max(free, 0)))},
        )  # fmt: skip


def release_finding(asset: Asset, row: Agreement, minor: int, on: datetime.date) -> Reason:
    """Whether the debt can spare ``minor`` of the share; of a debt outside the platform its holder judges alone."""
    with acting_as(SYSTEM):
        secured = Secured.objects.filter(pk=row.secures).first()
    if secured is None:
        return _may_go(minor, row.share_minor)
    debt = debts.owed_minor(secured.pk, on)
    if not debt:
        return _may_go(minor, row.share_minor)
    found = runtime.supports(secured)
    own = found.pop(row.pk)
    spare = cover.releasable_minor(own, list(found.values()), debt)
    # What no longer counts (a share worth less than it was) covers nothing and may always go.
    return _may_go(minor, spare + row.share_minor - own.value_minor)


def _may_go(minor: int, most: int) -> Reason:
    holds = minor <= most
    asked, may = Money(minor).grouped(), Money(most).grouped()
    return Reason(
        code="security.still_needed", holds=holds, effect=Effect.BAR,
        text=Text(f"解除{asked}后仍足值", f"The debt stays covered without {asked}") if holds
        else Text(f"债务尚需该押品担保，最多可解除{may}", f"The debt still needs it; at most {may} may be released"),
        inputs={"asked": str(Money(minor)), "most": str(Money(most))},
        remedy=None if holds else Text("请先还款，或以其他押品置换", "Repay first, or give another asset instead"),
    )  # fmt: skip


def _require_within(row: Agreement, minor: int) -> None:
    if not 0 < minor <= row.share_minor:
        most = Money(row.share_minor).grouped()
        raise Invalid("pledge.part", Text(f"最多可解除{most}", f"At most {most}"), where="part")


def _require_debt(secures: uuid.UUID, holder: uuid.UUID, debt_title: str) -> None:
    """A contract of the platform whose lender is the holder, or a named debt outside it."""
    with acting_as(SYSTEM):
        secured = Secured.objects.filter(pk=secures).first()
    if secured is None and not debt_title.strip():
        raise Invalid(
            "pledge.no_debt",
            Text("没有这份合同，或其方案不要求押品", "There is no such contract, or its scheme wants nothing pledged"),
            remedy=Text("请选择合同；为平台外的债务担保请写明债务名称", "Choose a contract; name the debt if it is outside the platform"),
            where="secures",
        )  # fmt: skip
    if secured is not None and (secured.lender_id != holder or debt_title.strip()):
        raise Invalid(
            "pledge.other_lender",
            Text("债权人与合同的贷款人不符", "The holder is not the contract's lender"),
            remedy=Text("请以合同的贷款人为债权人", "Name the contract's lender"),
            where="holder",
        )


def _record(row: Agreement, act: uuid.UUID, kind: str, on: datetime.date, **more: Any) -> None:
    with acting_as(SYSTEM):
        secured = Secured.objects.filter(pk=row.secures).first()
    runtime.record(act, kind, on, asset=row.asset, secured=secured, seen=row.seen_by, **more)


def _watch(row: Agreement, act: uuid.UUID, on: datetime.date) -> None:
    secured = runtime.lock_secured(row.secures)
    if secured is not None:
        runtime.watch(secured, act, on)
