"""Stock under a watcher: goods come in, go out, are counted; none leaves that the debt still needs."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from jirong.collateral import debts, demands, queries, runtime
from jirong.collateral.actions.assets import after_change
from jirong.collateral.actions.common import Outcome, held, only
from jirong.collateral.models import MOVES, Agreement, Asset, Movement, Secured
from jirong.engine import cover, security
from jirong.engine.reasons import Reason, require
from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.money import Money
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as


@action("stock.move", Text("货物出入库", "Move stock"), own_key=True)
def move_stock(
    *, actor: Actor, id: uuid.UUID, asset: uuid.UUID, kind: str, quantity: Decimal, paper: str = ""
) -> Outcome:
    """The watcher says what came ``in``, went ``out``, or was there at a ``count``. Goods go out only while the rest
    covers every debt in full; a count that finds less calls for a top-up instead.
    """
    seen = queries.access_asset(actor, asset)
    watcher = only(actor, seen.watcher_id, "监管方", "the warehouse that watches it")
    row = held(runtime.lock(asset))
    today = business_date.today()
    after = _after(row, kind, quantity)
    worth = runtime.worth(after, row.price_minor)
    if kind == "out":
        require(withdrawal(row, worth))
    row.quantity = after
    runtime.revalue(row, worth if row.price_minor is not None else row.value_minor, row.haircut, id, today)
    with acting_as(SYSTEM):
        Movement.objects.create(
            id=id, asset=row, kind=kind, quantity=quantity, after=after, by_id=watcher, paper=paper, on=today,
        )  # fmt: skip
    said = Text(
        f"{quantity.normalize():f}{row.measure}，余{after.normalize():f}",
        f"{quantity.normalize():f} {row.measure}, {after.normalize():f} left",
    )
    runtime.record(id, f"stock_{kind}", today, asset=row, by=watcher, said=said)
    called = after_change(row, id, today)
    concern(*row.seen_by)
    return {
        "asset": str(asset), "quantity": f"{after:f}", "value": str(Money(row.value_minor)),
        "usable": str(Money(row.usable_minor)), "called": called,
    }  # fmt: skip


def withdrawal(row: Asset, worth_minor: int) -> list[Reason]:
    """For each debt the asset secures, whether what would be left still covers it in full."""
    today = business_date.today()
    usable = cover.after_haircut(worth_minor, Fraction(row.haircut))
    with acting_as(SYSTEM):
        live = runtime.ranked(Agreement.objects.filter(asset=row, state__in=("signed", "registered")))
    counts = cover.counted(usable, [(item.pk, item.share_minor) for item in live])
    found = [_of_debt(secured, counts, today) for secured in runtime.secured_by(row)]
    outside = [item for item in live if item.debt_title]
    return [*found, *(_of_share(item, counts[item.pk]) for item in outside)]


def _of_debt(secured: Secured, counts: dict[uuid.UUID, int], today: datetime.date) -> Reason:
    given = [replace(item, value_minor=counts.get(item.id, item.value_minor)) for item in runtime.given_for(secured.pk)]
    debt = debts.owed_minor(secured.pk, today)
    return security.cover_finding(security.standing_cover(demands.from_json(secured.demands), given, debt, today))


def _of_share(item: Agreement, counts_minor: int) -> Reason:
    """A debt outside the platform is covered while the share that was given for it is whole."""
    share, left = Money(item.share_minor).grouped(), Money(counts_minor).grouped()
    return Reason(
        code="security.cover",
        holds=counts_minor >= item.share_minor,
        effect=Effect.BAR,
        text=Text(f"为{item.debt_title}提供的份额{share}，出库后余{left}", f"{share} was given for {item.debt_title}; {left} would be left"),
        remedy=Text("请先由债权人解除部分担保", "Have its holder release part of it first"),
    )  # fmt: skip


def _after(row: Asset, kind: str, quantity: Decimal) -> Decimal:
    if kind not in MOVES:
        remedy = Text("可用：" + "、".join(MOVES), "Use one of: " + ", ".join(MOVES))
        raise Invalid("stock.kind", Text("没有这种变动", "There is no such movement"), remedy=remedy, where="kind")
    if quantity < 0 or (quantity == 0 and kind != "count") or quantity.as_tuple().exponent < -3:  # type: ignore[operator]
        raise Invalid("stock.quantity", Text("数量须大于零，最多三位小数", "A quantity above zero, with three decimals"), where="quantity")  # fmt: skip
    there = row.quantity or Decimal(0)
    if kind == "count":
        return quantity
    if kind == "out" and quantity > there:
        raise Conflict(
            "stock.not_there",
            Text(f"库内只有{there.normalize():f}{row.measure}", f"Only {there.normalize():f} {row.measure} are there"),
            remedy=Text("请核对数量或先盘点", "Check the quantity or count first"),
        )
    return there + quantity if kind == "in" else there - quantity
