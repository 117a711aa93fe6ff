"""A firm's facts as a page: how its four flows agree, how fresh what is on file is, and the documents behind it.

Its own people see all of it; anybody else sees what the firm consented to for the purpose in the address, and is told
what is withheld. A lender comes here from the file of an application, with that purpose.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Value
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.facts import compared, features, flows, kinds, queries
from jirong.facts.feature_views import KNOWN, PURPOSES, shown
from jirong.facts.features.online import Reader
from jirong.facts.views import DocumentTable, kind_title
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import guard, labels
from jirong.parties import queries as parties
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts, tables
from jirong.web.api import actor_of
from jirong.web.display import Label

DEFAULT = "credit_assessment"


class OfFirmTable(tables.Table):
    """A firm's documents, as far as the reader may read them for its purpose."""

    name, title, prefix = "firm-facts", _("资料"), "f-"
    columns = (
        tables.Column("key", _("单据号"), sort="key", primary=True, link=lambda row: _address(row)),
        *(column for column in DocumentTable.columns if column.key not in ("key", "subject", "order_no")),
    )
    order = ("-on", "-id")
    empty = _("没有可读的资料")


def _address(row: Any) -> str:
    """The document's page, read for the same purpose."""
    return reverse("document", args=[row.pk]) + f"?{urlencode({'purpose': row.read_for})}"


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow in a row: what it is, its sum or how it is known, the feature behind it."""

    title: Text
    value: Label
    url: str


def comparison(actor: Actor, subject: uuid.UUID, purpose: str = "") -> dict[str, Any]:
    """What the section of the four flows shows; ``purpose`` where the firm is not the actor's own."""
    today = business_date.today()
    reader = Reader(actor.party, purpose, today) if actor.party and actor.party != subject else None
    found = compared.compared(subject, as_of=today, reader=reader)
    return {
        "flows": [
            Flow(flows.NAMES[flow], shown(features.FEATURES[code], found.values[flow]), reverse("feature", args=[code]))
            for flow, code in compared.FLOWS.items()
        ],
        "flows_status": _status(found.agree),
        "flows_findings": [parts.Finding(each.text, _verdict(each.code, each.holds)) for each in found.findings],
        "flows_rings": None if found.rings is None else [_ring(ring) for ring in found.rings],
    }


@guard.acting()
def firm_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    actor, today = actor_of(request), business_date.today()
    parties.party(id)
    purpose = request.GET.get("purpose", DEFAULT)
    own = actor.party == id
    readable = queries.readable(actor, id, purpose, today)
    name = labels.names([id]).get(id, labels.UNKNOWN)
    fresh = queries.consented_freshness(actor, id, purpose, today)
    sources = labels.names([row.source for row in fresh])
    said = PURPOSES.get(purpose, Text(purpose[:60], purpose[:60]))
    header = parts.Header(
        title=name,
        kind=Text("资料", "Facts"),
        status=parts.Status(Text("本单位", "Your own"), tone="good") if own else _consented(readable),
        figures=[parts.Figure(Text("用途", "Purpose"), said)] if not own else [],
    )
    context = {
        "header": header, "own": own,
        "freshness": [(kind_title(row.kind), sources.get(row.source), row) for row in fresh],
        **comparison(actor, id, purpose),
    }  # fmt: skip
    rows = queries.consented_facts(actor, id, readable, purpose, today).select_related(
        "subject", "counterparty", "source"
    )
    table = OfFirmTable(request, rows.annotate(read_for=Value(purpose)))
    return tables.respond(request, "facts/firm.html", table, context=context)


def _status(agree: FeatureValue) -> parts.Status:
    if agree.known is not Known.PRESENT:
        title = KNOWN[agree.known] if agree.known is not Known.MISSING else Text("资料不全", "Not all on file")
        return parts.Status(
            title, Text("缺的一流不当作相符", "a flow that is missing is never taken as agreeing"), "wait"
        )
    if agree.value is True:
        return parts.Status(Text("四流相符", "The four flows agree"), tone="good")
    return parts.Status(Text("四流不符", "The flows do not agree"), tone="bad")


def _verdict(code: str, holds: bool) -> str:
    """A flow without records is a warning; one that does not agree bars."""
    return "pass" if holds else "warn" if code.startswith("flows.no_") else "bar"


def _ring(ring: compared.Ring) -> Text:
    amount = Money(ring.minor).grouped()
    return Text(
        f"{ring.firms}家企业首尾相接地开票，本企业在其中开出{amount}元",
        f"{ring.firms} firms invoice each other in a circle; this firm invoiced CNY {amount} in it",
    )


def _consented(readable: list[str]) -> parts.Status:
    private = [code for code in readable if not kinds.KINDS[code].public]
    if not private:
        return parts.Status(Text("未授权", "No consent"), Text("只显示公开资料", "public facts only"), "wait")
    return parts.Status(Text(f"已授权{len(private)}类资料", f"consent to {len(private)} kinds of facts"), tone="good")
