"""Published versions: who published each, which lenders signed it as their policy and who signed with them, and how
many contracts run under it.

Schemes and who signed them are nobody's secret; how many contracts a lender has is. So the operator and whoever
published a version see the whole count, a lender its own, and everybody else none.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jirong.financing import queries
from jirong.financing.models import Contract, Policy, SchemeVersion
from jirong.kernel.text import Text
from jirong.parties import guard, labels
from jirong.site.studio import places
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.web import parts, tables
from jirong.web.api import actor_of

STATES = {
    "signing": (Text("待签署", "Being signed"), "wait"),
    "open": (Text("受理中", "Open"), "good"),
    "withdrawn": (Text("已停止", "Withdrawn"), "plain"),
}


@dataclass(frozen=True)
class Signed:
    """A lender's policy under a version; ``contracts`` is ``None`` where the reader may not know."""

    policy: Policy
    lender: Text
    status: parts.Status
    signers: tuple[tuple[str, Text, Any], ...]
    contracts: int | None


class VersionTable(tables.Table):
    """Set ``lenders`` and ``running`` of the page's rows before it is drawn: two queries, whatever its length."""

    name, title = "versions", gettext_lazy("已发布的方案")
    columns = (
        tables.Column("title", gettext_lazy("方案"), value=lambda row: Text(row.title, row.title_en), sort="title", primary=True,
                      link=lambda row: reverse("studio_version", args=[row.name, row.version])),
        tables.Column("ref", gettext_lazy("代号与版本"), value=str, sort="name"),
        tables.Column("by", gettext_lazy("发布人"), value=lambda row: labels.name_of(row.published_by), sort="published_by__name"),
        tables.Column("effective", gettext_lazy("生效日"), kind="date", sort="effective"),
        tables.Column("lenders", gettext_lazy("签为政策的贷款人"), value=lambda row: getattr(row, "lenders", None)),
        tables.Column("running", gettext_lazy("在用合同"), kind="number", value=lambda row: getattr(row, "running", None)),
        tables.Column("recorded_at", gettext_lazy("发布时间"), kind="moment", sort="recorded_at", optional=True),
    )  # fmt: skip
    filters = (tables.Search("q", gettext_lazy("名称或代号"), ("name", "title", "title_en")),)
    order = ("-recorded_at", "-id")
    empty = gettext_lazy("还没有发布过方案。在目录中打开一个方案，改成自己的，检查无误后由两人发布。")


@require_GET
@guard.acting()
def version_list(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    table = VersionTable(request, queries.schemes().select_related("published_by"))
    rows = table.page.items
    signed = signed_under(actor, rows)
    for row in rows:
        found = signed[row.pk]
        row.lenders = labels.joined(each.lender for each in found) if found else None
        counts = [each.contracts for each in found if each.contracts is not None]
        row.running = sum(counts) if counts else None
    crumbs = [parts.Crumb(_("方案目录"), reverse("studio")), parts.Crumb(_("已发布的方案"))]
    context = {"crumbs": crumbs, "tabs": places.tabs("studio_published")}
    return tables.respond(request, "studio/published.html", table, context=context)


def signed_under(actor: Actor, versions: Iterable[SchemeVersion]) -> dict[uuid.UUID, list[Signed]]:
    """The policies under each version, newest first, in three queries."""
    rows = {row.pk: row for row in versions}
    policies = list(
        Policy.objects.filter(scheme__in=rows)
        .select_related("lender").prefetch_related("signatures__party").order_by("-recorded_at", "-pk")
    )  # fmt: skip
    counts = _contracts(policy.pk for policy in policies)
    found: dict[uuid.UUID, list[Signed]] = {pk: [] for pk in rows}
    for policy in policies:
        may_know = actor.role == "operator" or actor.party in (policy.lender_id, rows[policy.scheme_id].published_by_id)
        found[policy.scheme_id].append(_signed(policy, counts.get(policy.pk, 0) if may_know else None))
    return found


def _signed(policy: Policy, contracts: int | None) -> Signed:
    state, tone = STATES[policy.state]
    waits = "、".join(policy.waits_for)
    blocker = Text(f"还差{waits}签署", f"awaits {', '.join(policy.waits_for)}") if policy.waits_for else ""
    signers = tuple((each.name, labels.name_of(each.party), each.on) for each in policy.signatures.all())
    return Signed(policy, labels.name_of(policy.lender), parts.Status(state, blocker, tone), signers, contracts)


def _contracts(policies: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Contracts that run, by policy; counted as the house, shown by right."""
    with acting_as(SYSTEM):
        rows = Contract.objects.filter(policy__in=list(policies), status__in=["live", "frozen"]).order_by()
        return dict(rows.values_list("policy").annotate(count=Count("pk")))


def before(version: SchemeVersion) -> SchemeVersion | None:
    """The published version that came before."""
    return SchemeVersion.objects.filter(name=version.name, version__lt=version.version).order_by("-version").first()
