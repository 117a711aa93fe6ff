"""Reading security: one's assets, what lies on them, what secures a contract and what is missing of it."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import DateField, Prefetch, Q, QuerySet, Value

from jirong.collateral import demands, runtime
from jirong.collateral.models import LIVE, Agreement, Asset, Call, Entry, Movement, Sale, Secured, Step, Valuation
from jirong.engine.reasons import Reason
from jirong.engine.security import Demand
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.schemes.model.scheme import Scheme
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as


def required(scheme: Scheme, parties: Mapping[str, uuid.UUID]) -> tuple[Demand, ...]:
    """What ``scheme`` wants pledged, ``parties`` giving its names their parties."""
    return demands.of_scheme(scheme, parties)


def missing(contract: uuid.UUID, minor: int = 0, on: datetime.date | None = None) -> list[Reason]:
    """What is still missing of a contract's security, in the order to do it, were ``minor`` more drawn."""
    from jirong.collateral import gate

    return list(gate.lacking(contract, minor, on or business_date.today()))


def assets(actor: Actor) -> QuerySet[Asset]:
    """One's own assets and those shown to one, newest first (row security decides)."""
    return Asset.objects.select_related("owner", "valued_by", "watcher").order_by("-recorded_at", "-pk")


def assets_shown(actor: Actor, today: datetime.date) -> QuerySet[Asset]:
    """Assets for a list: each with the day (``today``) and the live agreements one may see (``live``)."""
    live = Agreement.objects.filter(state__in=LIVE).select_related("holder").order_by("recorded_at")
    return (
        assets(actor)
        .annotate(today=Value(today, output_field=DateField()))
        .prefetch_related(Prefetch("agreements", queryset=live, to_attr="live"))
    )


def live(asset: Asset) -> list[Agreement]:
    """The live agreements on an asset that one may see."""
    return list(asset.agreements.filter(state__in=LIVE).select_related("holder", "asset").order_by("recorded_at"))


def agreements_shown(actor: Actor, today: datetime.date) -> QuerySet[Agreement]:
    return agreements(actor).annotate(today=Value(today, output_field=DateField())).prefetch_related("entries")


def contracts_shown(actor: Actor) -> QuerySet[Secured]:
    """Contracts for a list, each with its standing call (``open_calls``)."""
    standing = Call.objects.filter(met_on=None)
    return contracts(actor).prefetch_related(Prefetch("calls", queryset=standing, to_attr="open_calls"))


def access_asset(actor: Actor, id: uuid.UUID) -> Asset:
    found = assets(actor).filter(pk=id).first()
    if found is None:
        raise runtime.unknown()
    return found


def agreements(actor: Actor, state: str = "") -> QuerySet[Agreement]:
    """Agreements the actor is a side of, newest first."""
    found = Agreement.objects.select_related("asset", "owner", "holder").order_by("-recorded_at", "-pk")
    return found.filter(state=state) if state else found


def access_agreement(actor: Actor, id: uuid.UUID) -> Agreement:
    found = agreements(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("pledge.unknown", Text("没有这项担保", "There is no such security"))
    return found


def contracts(actor: Actor) -> QuerySet[Secured]:
    """Contracts with security the actor may see, newest first."""
    return Secured.objects.select_related("lender", "borrower").order_by("-recorded_at", "-pk")


def access_secured(actor: Actor, id: uuid.UUID) -> Secured:
    found = contracts(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("contract.unknown", Text("没有这份合同", "There is no such contract"))
    return found


def to_secure(actor: Actor, kind: str) -> list[Secured]:
    """The actor's own contracts for which something of ``kind`` may be given, the likeliest first."""
    rows = list(contracts(actor).filter(borrower=actor.party)[:50])
    wants = {row.pk: any(item["kind"] == kind for item in row.demands) for row in rows}
    return sorted(rows, key=lambda row: not wants[row.pk])


def access_sale(actor: Actor, id: uuid.UUID) -> Sale:
    found = Sale.objects.select_related("asset", "by", "payer").filter(pk=id).first()
    if found is None:
        raise NotFound("sale.unknown", Text("没有这项处置", "There is no such sale"))
    return found


@dataclass(frozen=True, slots=True)
class Encumbrance:
    """One right on an asset. To others than its two sides only what the public register says of it."""

    place: int
    agreement: uuid.UUID
    holder: Text | None
    secured_minor: int
    share_minor: int
    counts_minor: int
    state: str
    register: str
    register_number: str
    at: datetime.datetime | None
    until: datetime.date | None
    own: bool


def encumbrances(actor: Actor, asset: Asset) -> list[Encumbrance]:
    """Everything that lies on the asset, in the order of payment; read as the house, since a register is public."""
    with acting_as(SYSTEM):
        rows = list(Agreement.objects.filter(asset=asset, state__in=LIVE).select_related("holder"))
    counts = runtime.counted(asset, rows)
    return [_encumbrance(actor, place, row, counts[row.pk]) for place, row in enumerate(runtime.ranked(rows), start=1)]


def _encumbrance(actor: Actor, place: int, row: Agreement, counts_minor: int) -> Encumbrance:
    own = actor.role == "system" or actor.party in (row.owner_id, row.holder_id)
    public = own or row.state == "registered"
    return Encumbrance(
        place=place, agreement=row.pk,
        holder=Text(row.holder.name, row.holder.name_en or row.holder.name) if public else None,
        secured_minor=row.secured_minor if public else 0, share_minor=row.share_minor, counts_minor=counts_minor,
        state=row.state, register=row.register if public else "",
        register_number=row.register_number if public else "", at=row.perfected_at if public else None,
        until=row.registered_until if public else None, own=own,
    )  # fmt: skip


def valuations(asset: Asset) -> list[Valuation]:
    """Every valuation the reader may see, newest first; corrected ones are marked by ``corrections``."""
    return list(asset.valuations.select_related("source").order_by("-on", "-recorded_at")[:200])


def movements(asset: Asset) -> list[Movement]:
    return list(asset.movements.select_related("by").order_by("-recorded_at")[:200])


def steps(*, asset: Asset | None = None, secured: Secured | None = None) -> list[Step]:
    """What happened, newest first."""
    found = Step.objects.select_related("by").order_by("-recorded_at", "-pk")
    return list((found.filter(asset=asset) if asset else found.filter(secured=secured))[:200])


def entries(agreement: Agreement) -> list[Entry]:
    return list(agreement.entries.select_related("by").order_by("-recorded_at"))


def open_call(secured: Secured) -> Call | None:
    return Call.objects.filter(secured=secured, met_on=None).first()


def sales(asset: Asset) -> list[Sale]:
    return list(asset.sales.select_related("by", "payer").order_by("-recorded_at"))


def waiting(actor: Actor) -> int:
    """Agreements that await the acting party: to sign, or to register."""
    return Agreement.objects.filter(Q(holder=actor.party), state__in=("offered", "signed")).count()
