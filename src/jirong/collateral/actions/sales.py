"""Realising an asset: the holder agrees a sale, the payer pays everybody by rank in one order, the rest to the owner.

The platform holds no money: whoever has the proceeds (a buyer, an auction house, a court) instructs its own bank, and
only the bank's answer ends the security, books the loans and passes the asset.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from jirong.collateral import debts, queries, runtime
from jirong.collateral.actions.common import Outcome, acting, held, only, positive
from jirong.collateral.models import LIVE, Agreement, Asset, Sale, Secured
from jirong.engine import capacity, realisation
from jirong.engine.intents import Payment
from jirong.engine.realisation import Distribution, SecuredClaim
from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.parties import queries as parties
from jirong.rails import actions as rails
from jirong.rails.models import Confirmation, Instruction
from jirong.store import business_date, catalogue
from jirong.store.identity import SYSTEM, Actor, acting_as

HOW = ("auction", "sale", "agreed")
PURPOSE = "collateral.realise"


@action("sale.agree", Text("处置押品", "Realise an asset"), own_key=True, two_people=True)
def agree_sale(
    *, actor: Actor, id: uuid.UUID, asset: uuid.UUID, payer: uuid.UUID, proceeds: Money, how: str,
    costs: Money | None = None, costs_to: uuid.UUID | None = None,
) -> Outcome:  # fmt: skip
    """A holder whose security stands records that the asset is realised by ``auction``, ``sale`` or as ``agreed`` with
    its owner (民法典 410): who pays how much, and what the sale cost. The answer is who gets what were it paid today.
    """
    queries.access_asset(actor, asset)
    row = held(runtime.lock(asset))
    by = acting(actor)
    live = _live(row)
    if not any(item.holder_id == by and item.state in ("signed", "registered") for item in live):
        raise Forbidden(
            "sale.not_holder", Text("只有押品的债权人可以处置", "Only a holder of security on it may realise it")
        )
    _refuse_odd(row, payer, proceeds, costs, how)
    with acting_as(SYSTEM):
        if Sale.objects.filter(asset=row, state__in=("agreed", "instructed")).exists():
            raise Conflict(
                "sale.under_way",
                Text("该押品已有进行中的处置", "The asset is being sold already"),
                remedy=Text("请先完成或撤回那一项", "Finish or withdraw that sale first"),
            )
    today = business_date.today()
    found = distribution(live, proceeds.minor, costs.minor if costs else 0, today)
    sale = Sale(
        id=id, asset=row, by_id=by, payer_id=payer, how=how, proceeds_minor=proceeds.minor,
        costs_minor=found.costs_minor, costs_to_id=costs_to or by, parts=parts_json(found), on=today,
        owner_minor=found.owner_minor,
        seen_by=sorted({by, payer, row.owner_id, costs_to or by, *(item.holder_id for item in live)}),
    )  # fmt: skip
    runtime.show_to(row, payer)
    with acting_as(SYSTEM):
        sale.save(force_insert=True)
        row.save(update_fields=["seen_by"])
    runtime.record(id, "sale_agreed", today, asset=row, by=by, minor=proceeds.minor, seen=sale.seen_by)
    concern(*sale.seen_by)
    return _answer(sale)


@action("sale.pay", Text("支付处置价款", "Pay the proceeds of a sale"), own_key=True)
def pay_sale(*, actor: Actor, id: uuid.UUID, sale: uuid.UUID) -> Outcome:
    """The payer orders its bank to pay holders by rank, the costs and the owner, as the debts stand on this day."""
    seen = queries.access_sale(actor, sale)
    only(actor, seen.payer_id, "付款方", "the payer")
    row = runtime.lock(seen.asset_id)
    found = _locked(sale)
    if found.state != "agreed":
        raise _not_now(found)
    today = business_date.today()
    shares = distribution(_live(row), found.proceeds_minor, found.costs_minor, today)
    found.parts, found.owner_minor, found.on = parts_json(shares), shares.owner_minor, today
    found.payment, found.state = derived_id(id, "payment"), "instructed"
    with acting_as(SYSTEM):
        found.save()
    rails.instruct(_legs(found, row, shares, id), id=found.payment, purpose=PURPOSE, subject=found.pk, on=today)
    runtime.record(
        id, "sale_paying", today, asset=row, by=found.payer_id, minor=found.proceeds_minor, seen=found.seen_by
    )
    return _answer(found)


@action("sale.withdraw", Text("撤回处置", "Withdraw a sale"))
def withdraw_sale(*, actor: Actor, id: uuid.UUID, sale: uuid.UUID) -> Outcome:
    """Whoever agreed a sale takes it back while nothing was paid."""
    seen = queries.access_sale(actor, sale)
    only(actor, seen.by_id, "提出处置的债权人", "the holder that agreed it")
    row = runtime.lock(seen.asset_id)
    found = _locked(sale)
    if found.state != "agreed":
        raise _not_now(found)
    found.state = "withdrawn"
    with acting_as(SYSTEM):
        found.save(update_fields=["state"])
    runtime.record(id, "sale_withdrawn", business_date.today(), asset=row, by=found.by_id, seen=found.seen_by)
    concern(*found.seen_by)
    return _answer(found)


def answered(instruction: Instruction, confirmation: Confirmation) -> None:
    """The bank's answer: refused, the sale stands as agreed; paid, loans are booked, the security ends, the asset goes."""
    with acting_as(SYSTEM):
        sale = Sale.objects.get(pk=instruction.subject)
        on = confirmation.value_date
        if not confirmation.paid:
            sale.state, sale.payment = "agreed", None
            sale.save(update_fields=["state", "payment"])
            return
        # Loans first: a drawing locks its contract before the security that this sale ends.
        for part in sale.parts:
            _book(sale, part, on)
        row = runtime.lock(sale.asset_id)
        freed = sum(_end(row, item, instruction.pk, on) for item in _live(row))
        row.state = "sold"
        runtime.give_back(row, freed, derived_id(instruction.pk, "freed"), on)
        sale.state = "paid"
        sale.save(update_fields=["state"])
        runtime.record(instruction.pk, "sold", on, asset=row, minor=sale.proceeds_minor, seen=sale.seen_by)
    concern(*sale.seen_by)


def distribution(live: list[Agreement], proceeds_minor: int, costs_minor: int, on: datetime.date) -> Distribution:
    """Who gets what on a day; offers that nobody signed take no part."""
    days = catalogue.rulebook().at("civil.purchase_money", on).whole
    claims = [claim_of(item, on) for item in runtime.ranked(live) if item.state != "offered"]
    return realisation.distribute(proceeds_minor, claims, costs_minor=costs_minor, purchase_days=days)


def claim_of(item: Agreement, on: datetime.date) -> SecuredClaim:
    return SecuredClaim(
        id=item.pk, holder=item.holder_id, owed_minor=debts.owed_to(item, on), secured_minor=item.secured_minor,
        perfected_at=item.perfected_at, delivered_on=item.delivered_on,
    )  # fmt: skip


def parts_json(found: Distribution) -> list[dict[str, Any]]:
    return [
        {
            "pledge": str(part.claim.id), "holder": str(part.claim.holder), "place": part.place,
            "owed": str(Money(part.claim.owed_minor)), "paid": str(Money(part.paid_minor)),
            "unpaid": str(Money(part.unpaid_minor)),
        }
        for part in found.parts
    ]  # fmt: skip


def _live(row: Asset) -> list[Agreement]:
    with acting_as(SYSTEM):
        return list(Agreement.objects.filter(asset=row, state__in=LIVE).order_by("pk"))


def _locked(sale: uuid.UUID) -> Sale:
    with acting_as(SYSTEM):
        return Sale.objects.select_for_update(no_key=True).get(pk=sale)


def _legs(sale: Sale, row: Asset, shares: Distribution, act: uuid.UUID) -> list[Payment]:
    """One leg a payee: holders by rank, whoever bore the costs, the owner."""
    owed = [(part.claim.holder, part.paid_minor, "collateral", part.claim.id) for part in shares.parts]
    owed.append((sale.costs_to_id or sale.by_id, shares.costs_minor, "costs", sale.pk))
    owed.append((row.owner_id, shares.owner_minor, "surplus", sale.pk))
    return [
        Payment(
            id=derived_id(act, because, subject), payer=sale.payer_id, payee=payee, amount_minor=minor, because=because
        )
        for payee, minor, because, subject in owed
        if minor
    ]


def _book(sale: Sale, part: dict[str, Any], on: datetime.date) -> None:
    item = Agreement.objects.get(pk=part["pledge"])
    minor = Money.parse(part["paid"]).minor
    if minor and Secured.objects.filter(pk=item.secures).exists():
        debts.book(item.secures, sale.payer_id, minor, derived_id(sale.pk, "book", item.pk), on)


def _end(row: Asset, item: Agreement, act: uuid.UUID, on: datetime.date) -> int:
    """The agreement ends with the sale; the share of the value it used, to be given back."""
    if item.state == "offered":
        runtime.post([capacity.release(runtime.reserved(item))], derived_id(act, "unoffered", item.pk), on)
        row.promised_minor -= item.share_minor
        Agreement.objects.filter(pk=item.pk).update(state="withdrawn")
        return 0
    Agreement.objects.filter(pk=item.pk).update(state="realised")
    return item.share_minor


def _refuse_odd(row: Asset, payer: uuid.UUID, proceeds: Money, costs: Money | None, how: str) -> None:
    positive(proceeds.minor, "proceeds")
    if how not in HOW:
        remedy = Text("可用：" + "、".join(HOW), "Use one of: " + ", ".join(HOW))
        raise Invalid("sale.how", Text("没有这种处置方式", "There is no such way"), remedy=remedy, where="how")
    if costs is not None and not 0 <= costs.minor <= proceeds.minor:
        raise Invalid("sale.costs", Text("处置费用须在价款以内", "The costs are within the proceeds"), where="costs")
    parties.party(payer)
    if payer == row.owner_id:
        raise Invalid(
            "sale.payer",
            Text("付款方不能是所有人", "The owner does not buy its own asset"),
            remedy=Text("所有人想保留押品的，请直接还款", "To keep it, the owner repays"),
            where="payer",
        )


def _not_now(sale: Sale) -> Conflict:
    return Conflict(
        f"sale.is_{sale.state}",
        Text("该处置当前状态不能进行此操作", f"The sale is {sale.state}; this cannot be done now"),
        remedy=Text("请刷新后按当前状态操作", "Reload and act on its present state"),
    )


def _answer(sale: Sale) -> Outcome:
    return {
        "sale": str(sale.pk), "state": sale.state, "parts": sale.parts, "costs": str(Money(sale.costs_minor)),
        "to_owner": str(Money(sale.owner_minor)),
    }  # fmt: skip
