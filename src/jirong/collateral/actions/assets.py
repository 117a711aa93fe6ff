"""Assets: recorded and shown by their owner, valued by somebody with the right to, retired."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

from django.db import IntegrityError, transaction

from jirong.collateral import demands, queries, runtime
from jirong.collateral.actions.common import Outcome, acting, held, in_role, not_later, own_asset
from jirong.collateral.models import METHODS, Asset, Valuation
from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.parties import queries as parties
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

VALUERS = ("provider", "government", "bank", "lessor", "factor", "insurer", "guarantor", "fund", "treasury")
"""Who may value another's asset. A core enterprise besides may state what it owes: the value of a receivable."""
RECEIVABLES = ("receivables", "future_receivables")
BY_QUANTITY = ("stock",)
APPROACHES = ("cost", "market", "income")


@action("asset.record", Text("登记押品", "Record an asset"))
def record_asset(
    *, actor: Actor, id: uuid.UUID, kind: str, title: str, number: str = "", place: str = "",
    watcher: uuid.UUID | None = None, quantity: Decimal | None = None, measure: str = "",
    facts: list[uuid.UUID] | None = None, shown_to: list[uuid.UUID] | None = None,
) -> Outcome:  # fmt: skip
    """Record a thing or right one owns (its id is the action's). ``number`` tells it apart (patent, certificate, serial
    or contract number); of stock under a ``watcher`` the quantity is what that watcher takes in.
    """
    owner = acting(actor)
    _require_kind(kind)
    if not title.strip():
        raise Invalid("asset.title", Text("请填写押品名称", "Say what it is"), where="title")
    if watcher is not None:
        parties.party(watcher)
        if watcher == owner:
            raise Invalid(
                "asset.own_watcher",
                Text("监管方不能是所有人自己", "The owner cannot watch its own goods"),
                remedy=Text("请指定仓储监管方或控制账户的银行", "Name a warehouse or the bank that controls the account"),
                where="watcher",
            )  # fmt: skip
    if kind not in ("patents", "land", "shares") and quantity is not None and quantity < 0:
        raise Invalid("asset.quantity", Text("数量不能为负", "A quantity is not negative"), where="quantity")
    row = Asset(
        id=id, owner_id=owner, kind=kind, title=title.strip(), number=number.strip(), place=place.strip(),
        facts=facts or [], watcher_id=watcher, quantity=None if watcher else quantity, measure=measure,
        seen_by=sorted({owner, *(shown_to or []), *([watcher] if watcher else [])}),
    )  # fmt: skip
    _require_number(row)
    try:
        with acting_as(SYSTEM), transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            "asset.recorded_already",
            Text(f"编号“{number}”的{demands.TITLES[kind].zh}已经登记过", f"{number} is on record already"),
            remedy=Text("一件押品只登记一次；如属他人误登，请联系平台", "A thing is recorded once; if another did so by mistake, ask the platform"),
            where="number",
        ) from None  # fmt: skip
    runtime.record(id, "recorded", business_date.today(), asset=row, by=owner)
    concern(*row.seen_by)
    return {"asset": str(id), "state": "held"}


@action("asset.show", Text("向对方出示押品", "Show an asset"))
def show_asset(*, actor: Actor, id: uuid.UUID, asset: uuid.UUID, to: uuid.UUID) -> Outcome:
    """Let an appraiser, a warehouse or a lender see an asset and what lies on it."""
    row = own_asset(actor, asset)
    parties.party(to)
    runtime.show_to(row, to)
    with acting_as(SYSTEM):
        row.save(update_fields=["seen_by"])
    runtime.record(id, "shown", business_date.today(), asset=row, by=row.owner_id)
    concern(to)
    return {"asset": str(asset), "shown_to": str(to)}


@action("asset.value", Text("押品估值", "Value an asset"), own_key=True)
def value_asset(
    *, actor: Actor, id: uuid.UUID, asset: uuid.UUID, method: str, on: datetime.date, haircut: Decimal = Decimal(0),
    value: Money | None = None, price: Money | None = None, cost: Money | None = None, market: Money | None = None,
    income: Money | None = None, valid_until: datetime.date | None = None, report: str = "",
    corrects: uuid.UUID | None = None,
) -> Outcome:  # fmt: skip
    """State what an asset is worth; never by its owner. ``value`` in all, or ``price`` for each unit of its quantity;
    ``cost``, ``market`` and ``income`` are approaches side by side. ``haircut`` (0.3 = 30 %) is what does not count.
    """
    seen = queries.access_asset(actor, asset)
    source = _valuer(actor, seen)
    row = held(runtime.lock(asset))
    today = business_date.today()
    not_later(on, today, "on")
    _refuse_odd(method, haircut, on, valid_until)
    whole = _value(row, value, price)
    approaches = {
        name: str(money) for name, money in zip(APPROACHES, (cost, market, income), strict=True) if money is not None
    }
    _within_approaches(whole, approaches)
    if corrects is not None and not Valuation.objects.filter(pk=corrects, asset=asset, source=source).exists():
        raise Invalid("valuation.unknown", Text("没有可更正的这次估值", "You made no such valuation"), where="corrects")
    before = row.usable_minor
    runtime.show_to(row, source)
    row.price_minor = price.minor if price else row.price_minor
    row.valued_by_id, row.valued_on, row.valid_until = source, on, valid_until
    runtime.revalue(row, whole, haircut, id, today)
    with acting_as(SYSTEM):
        Valuation.objects.create(
            id=id, asset=row, source_id=source, method=method, value_minor=whole, haircut=haircut,
            usable_minor=row.usable_minor, approaches=approaches, quantity=row.quantity if price else None,
            price_minor=price.minor if price else None, on=on, valid_until=valid_until, report=report,
            corrects_id=corrects,
        )  # fmt: skip
    runtime.record(id, "valued", today, asset=row, by=source, minor=whole)
    called = after_change(row, id, today)
    concern(*row.seen_by)
    return {
        "asset": str(asset), "value": str(Money(whole)), "usable": str(Money(row.usable_minor)),
        "before": str(Money(before)), "called": called,
    }  # fmt: skip


@action("asset.retire", Text("停用押品", "Retire an asset"))
def retire_asset(*, actor: Actor, id: uuid.UUID, asset: uuid.UUID) -> Outcome:
    """Take an asset on which nothing lies off the list; its number is free again."""
    row = own_asset(actor, asset)
    if row.promised_minor:
        raise Conflict(
            "asset.encumbered",
            Text("押品上还有担保，不能停用", "Security lies on the asset"),
            remedy=Text("请先由债权人解除", "Have it released first"),
        )
    row.state = "retired"
    with acting_as(SYSTEM):
        row.save(update_fields=["state"])
    runtime.record(id, "retired", business_date.today(), asset=row, by=row.owner_id)
    return {"asset": str(asset), "state": "retired"}


def after_change(row: Asset, act: uuid.UUID, on: datetime.date) -> list[str]:
    """Look again at the cover of every debt the asset secures; the contracts with a call that stands."""
    return [str(secured.pk) for secured in runtime.secured_by(row) if runtime.watch(secured, act, on)]


def _valuer(actor: Actor, row: Asset) -> uuid.UUID:
    if acting(actor) == row.owner_id:
        raise Forbidden(
            "valuation.own",
            Text("所有人不能为自己的押品估值", "An owner does not value its own asset"),
            remedy=Text("请出示给评估机构或贷款人，由其估值", "Show it to an appraiser or the lender, who values it"),
        )
    return in_role(actor, *VALUERS, *(("core",) if row.kind in RECEIVABLES else ()))


def _require_kind(kind: str) -> None:
    if kind not in demands.TITLES:
        raise Invalid(
            "asset.kind",
            Text(f"没有“{kind}”这类押品", f"There is no kind of asset {kind}"),
            remedy=Text("可用：" + "、".join(demands.TITLES), "Use one of: " + ", ".join(demands.TITLES)),
            where="kind",
        )


def _require_number(row: Asset) -> None:
    """What a register tells apart by its number must have it, or it could be recorded twice."""
    if row.kind in ("patents", "land", "shares", "accounts") and not row.number:
        raise Invalid(
            "asset.number",
            Text("此类押品须填写证号（专利号、不动产权证号、股权或账户编号）", "This kind needs its number: patent, certificate, shares or account"),
            remedy=Text("请按权属证书填写", "Copy it from the certificate"),
            where="number",
        )  # fmt: skip


def _refuse_odd(method: str, haircut: Decimal, on: datetime.date, valid_until: datetime.date | None) -> None:
    if method not in METHODS:
        remedy = Text("可用：" + "、".join(METHODS), "Use one of: " + ", ".join(METHODS))
        raise Invalid(
            "valuation.method", Text("没有这种估值方法", "There is no such method"), remedy=remedy, where="method"
        )
    if not 0 <= haircut < 1 or haircut.as_tuple().exponent < -4:  # type: ignore[operator]
        raise Invalid(
            "valuation.haircut",
            Text("折扣须不小于0且小于1，最多四位小数", "A haircut is at least 0 and less than 1, with four decimals"),
            remedy=Text("打七折写作 0.3", "Write 0.3 to count 70 %"),
            where="haircut",
        )
    if valid_until is not None and valid_until < on:
        raise Invalid(
            "valuation.valid_until", Text("有效期早于估值日", "It ends before it begins"), where="valid_until"
        )


def _value(row: Asset, value: Money | None, price: Money | None) -> int:
    """The whole value: as stated, or price times the quantity that is there."""
    if (value is None) == (price is None):
        raise Invalid(
            "valuation.value_or_price",
            Text("请只填总值或单价之一", "Give the whole value or the price of a unit, not both"),
            where="value",
        )
    if price is not None and row.quantity is None:
        raise Invalid(
            "valuation.no_quantity",
            Text("尚无数量，不能按单价估值", "There is no quantity to price yet"),
            remedy=Text("请监管方先确认入库", "The warehouse is to take the goods in first"),
            where="price",
        )
    whole = value.minor if value else runtime.worth(row.quantity, price.minor if price else None)
    if whole <= 0:
        raise Invalid("amount.not_positive", Text("估值须大于零", "The value must be more than zero"), where="value")
    return whole


def _within_approaches(whole: int, approaches: dict[str, str]) -> None:
    most = max((Money.parse(text).minor for text in approaches.values()), default=whole)
    if whole > most:
        raise Invalid(
            "valuation.beyond_approaches",
            Text(f"估值高于各方法的最高值{Money(most).grouped()}", f"The value exceeds every approach ({Money(most).grouped()} at most)"),
            remedy=Text("请按成本、市场、收益三法的结果取值", "Take it from the approaches"),
            where="value",
        )  # fmt: skip
