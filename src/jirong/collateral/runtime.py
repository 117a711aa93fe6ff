"""Between rows and the engine: an asset and the debts it secures, locked; its value, capacity and cover, stored.

Locks are taken asset first, then the secured contracts by id; the ledger's accounts come last. Every write of this room
to an asset's value goes through :func:`revalue`, every promise through :func:`promise` and its answers, so that the
capacity account and the columns can never disagree.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jirong.collateral import debts, demands
from jirong.collateral.models import LIVE, Agreement, Asset, Call, Secured, Step
from jirong.engine import capacity, cover, security
from jirong.engine.cover import Cover, Support
from jirong.engine.intents import Transfer
from jirong.engine.reasons import Reason
from jirong.kernel.errors import NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money, round_half_up
from jirong.kernel.text import Text
from jirong.ledger import intents as ledger
from jirong.log.actions import concern
from jirong.store.identity import SYSTEM, acting_as


def lock(asset: uuid.UUID) -> Asset:
    """The asset, then the contracts it secures, held until the transaction ends; the caller has authorised."""
    with acting_as(SYSTEM):
        row = Asset.objects.select_for_update(no_key=True, of=("self",)).select_related("owner").filter(pk=asset)
        found = row.first()
        if found is None:
            raise unknown()
        secured = Agreement.objects.filter(asset=asset, state__in=LIVE).values_list("secures", flat=True)
        list(Secured.objects.select_for_update(no_key=True).filter(pk__in=set(secured)).order_by("pk"))
    return found


def lock_secured(contract: uuid.UUID) -> Secured | None:
    with acting_as(SYSTEM):
        return Secured.objects.select_for_update(no_key=True).filter(pk=contract).first()


def unknown() -> NotFound:
    return NotFound("asset.unknown", Text("没有这项押品", "There is no such asset"))


# Value and capacity ------------------------------------------------------------------------------------------------


def capacity_name(asset: uuid.UUID) -> str:
    """The capacity that is an asset's usable value."""
    return f"asset:{asset}"


def worth(quantity: Decimal | None, price_minor: int | None) -> int:
    """Quantity times price, to the fen."""
    return 0 if quantity is None or price_minor is None else round_half_up(Fraction(quantity) * price_minor)


def revalue(row: Asset, value_minor: int, haircut: Decimal, act: uuid.UUID, on: datetime.date) -> None:
    """Give the asset a new value; agreements on the whole of it follow a rise."""
    row.value_minor, row.haircut = value_minor, haircut
    row.usable_minor = cover.after_haircut(value_minor, Fraction(haircut))
    fit(row, act, on)
    gain = row.usable_minor - row.promised_minor
    with acting_as(SYSTEM):
        whole = Agreement.objects.filter(asset=row, whole=True, state__in=("signed", "registered")).order_by("pk")
        taker = whole.first()
        if taker is not None and gain > 0:
            taker.share_minor += gain
            taker.save(update_fields=["share_minor"])
            more = capacity.reserve(capacity_name(row.pk), gain, derived_id(act, "gain"), owner=row.owner_id)
            post([more, capacity.use(more)], derived_id(act, "gain", "journal"), on)
            row.promised_minor += gain
        row.save()


def fit(row: Asset, act: uuid.UUID, on: datetime.date) -> None:
    """Bring the capacity account to the usable value, never below what is promised of it."""
    name, target = capacity_name(row.pk), cover.granted_minor(row.usable_minor, row.promised_minor)
    change = target - row.granted_minor
    if change > 0:
        post([capacity.grant(name, change, act, owner=row.owner_id)], derived_id(act, "grant", "journal"), on)
    elif change < 0:
        post([capacity.revoke(name, -change, act, owner=row.owner_id)], derived_id(act, "revoke", "journal"), on)
    row.granted_minor = target


def reserved(agreement: Agreement, share_minor: int | None = None) -> Transfer:
    """The reservation an offer made of the asset's value."""
    share = agreement.share_minor if share_minor is None else share_minor
    return capacity.reserve(
        capacity_name(agreement.asset_id), share, derived_id(agreement.pk, "share"), owner=agreement.owner_id
    )


def give_back(row: Asset, minor: int, act: uuid.UUID, on: datetime.date) -> None:
    """Free what an agreement used of the asset's value, and fit the account to the value again."""
    if minor:
        back = capacity.give_back(capacity_name(row.pk), minor, act, owner=row.owner_id)
        post([back], derived_id(act, "back", "journal"), on)
        row.promised_minor -= minor
    fit(row, derived_id(act, "fit"), on)
    with acting_as(SYSTEM):
        row.save()


def post(transfers: Sequence[Transfer], journal: uuid.UUID, on: datetime.date) -> None:
    with acting_as(SYSTEM):
        ledger.post(transfers, journal=journal, on=on)


# Rank and cover ----------------------------------------------------------------------------------------------------


def ranked(agreements: Iterable[Agreement]) -> list[Agreement]:
    """In the order in which they are paid: perfected first and by the moment; those not yet perfected by signing."""
    return sorted(
        agreements,
        key=lambda item: (item.perfected_at is None, item.perfected_at or item.recorded_at, item.recorded_at, item.pk),
    )


def counted(asset: Asset, agreements: Iterable[Agreement]) -> dict[uuid.UUID, int]:
    """What each agreement's share of the asset is worth now."""
    return cover.counted(asset.usable_minor, [(item.pk, item.share_minor) for item in ranked(agreements)])


def given_for(contract: uuid.UUID) -> list[security.Given]:
    """Everything given for a contract, as it stands; read as the house, since a rank depends on others' shares."""
    with acting_as(SYSTEM):
        own = list(Agreement.objects.filter(secures=contract, state__in=LIVE).select_related("asset"))
        others = Agreement.objects.filter(asset__in={item.asset_id for item in own}, state__in=LIVE)
        by_asset: dict[uuid.UUID, list[Agreement]] = {}
        for item in others:
            by_asset.setdefault(item.asset_id, []).append(item)
    return [_given(item, counted(item.asset, by_asset[item.asset_id])[item.pk]) for item in ranked(own)]


def _given(item: Agreement, value_minor: int) -> security.Given:
    asset = item.asset
    return security.Given(
        id=item.pk, kind=asset.kind, by=asset.owner_id, state=item.state, value_minor=value_minor,
        valued_by=asset.valued_by_id, valued_on=asset.valued_on, valid_until=asset.valid_until,
        watched_by=asset.watcher_id if asset.quantity is not None else None,
        registered_until=item.registered_until,
    )  # fmt: skip


def cover_now(secured: Secured, on: datetime.date, more_minor: int = 0) -> Cover:
    """The contract's cover today, were ``more_minor`` drawn besides."""
    debt = debts.owed_minor(secured.pk, on) + more_minor
    return security.standing_cover(demands.from_json(secured.demands), given_for(secured.pk), debt, on)


def findings(secured: Secured, on: datetime.date, more_minor: int = 0) -> tuple[Reason, ...]:
    """Every demand of the contract answered, were ``more_minor`` drawn besides."""
    from jirong.store import catalogue

    debt = debts.owed_minor(secured.pk, on) + more_minor
    wanted = demands.from_json(secured.demands)
    return security.findings(wanted, given_for(secured.pk), debt_minor=debt, on=on, rules=catalogue.rulebook())


def wants_cover(secured: Secured) -> bool:
    return any(demand.cover for demand in demands.from_json(secured.demands))


def supports(secured: Secured) -> dict[uuid.UUID, Support]:
    """What each thing given for the contract carries, by agreement."""
    wanted = demands.from_json(secured.demands)
    return {item.id: security.support_of(item, wanted) for item in given_for(secured.pk)}


def secured_by(asset: Asset) -> list[Secured]:
    """The contracts the asset secures now."""
    with acting_as(SYSTEM):
        ids = Agreement.objects.filter(asset=asset, state__in=("signed", "registered")).values_list(
            "secures", flat=True
        )
        return list(Secured.objects.filter(pk__in=set(ids)).order_by("pk"))


def watch(secured: Secured, act: uuid.UUID, on: datetime.date) -> Call | None:
    """Open a call where cover has fallen below its bar, close the one that is met; the call that stands."""
    now = cover_now(secured, on)
    with acting_as(SYSTEM):
        standing = Call.objects.filter(secured=secured, met_on=None).first()
        if standing and now.short_minor == 0:
            standing.met_on = on
            standing.save(update_fields=["met_on"])
            record(act, "met", on, secured=secured, minor=standing.short_minor)
            return None
        if standing or not now.called or not wants_cover(secured):
            return standing
        days = [item.top_up_days for item in demands.from_json(secured.demands) if item.top_up_days is not None]
        call = Call.objects.create(
            id=derived_id(act, "call", secured.pk), secured=secured, on=on, short_minor=now.short_minor,
            due=on + datetime.timedelta(days=min(days, default=0)), seen_by=secured.seen_by,
        )  # fmt: skip
        record(act, "called", on, secured=secured, minor=now.short_minor, reasons=[security.cover_finding(now)])
    concern(*secured.seen_by)
    return call


# What happened -----------------------------------------------------------------------------------------------------


def record(
    action: uuid.UUID,
    kind: str,
    on: datetime.date,
    *,
    asset: Asset | None = None,
    secured: Secured | None = None,
    by: uuid.UUID | None = None,
    minor: int | None = None,
    said: Text | None = None,
    reasons: Iterable[Reason] = (),
    seen: Iterable[uuid.UUID] = (),
) -> None:
    """Keep what happened and why, for those who may know."""
    viewers = sorted({*seen} or {*(asset.seen_by if asset else ()), *(secured.seen_by if secured else ())})
    with acting_as(SYSTEM):
        Step.objects.create(
            action=action, asset=asset, secured=secured, kind=kind, by_id=by, on=on, amount_minor=minor,
            said=said.as_dict() if said else None, reasons=[reason.as_dict() for reason in reasons], seen_by=viewers,
        )  # fmt: skip


def show_to(row: Any, *parties: uuid.UUID | None) -> None:
    """Let ``parties`` see a row from now on (saved by the caller)."""
    row.seen_by = sorted({*row.seen_by, *(party for party in parties if party)})


def yuan(minor: int) -> str:
    return Money(minor).grouped()
