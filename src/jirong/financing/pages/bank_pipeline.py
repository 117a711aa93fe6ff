"""The pipeline: applications by state and age, and a funnel that says how long each step takes."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from jirong.financing.models import APPLICATION_STATES
from jirong.financing.pages import bank_reads, bank_tables, shared
from jirong.financing.pages.bank_places import LENDERS
from jirong.kernel.text import Text
from jirong.parties import guard
from jirong.store import business_date
from jirong.web import parts, tables
from jirong.web.api import actor_of

SINCE_DAYS = 90


@guard.acting(*sorted(LENDERS))
def pipeline(request: HttpRequest) -> HttpResponseBase:
    actor, today = actor_of(request), business_date.today()
    policy = _policy(request.GET.get("policy", ""))
    rows = bank_reads.pipeline(actor)
    if policy:
        rows = rows.filter(policy=policy)
    found = bank_reads.funnel(actor, timezone.localdate() - datetime.timedelta(days=SINCE_DAYS), policy)
    counts = bank_reads.by_state(actor)
    base, state = reverse("bank_pipeline"), request.GET.get("state", "")
    context = {
        "today": today, "days": SINCE_DAYS, "funnel": funnel_rows(found), "applied": found.applied,
        "states": [
            parts.Tab(Text("全部", "All"), base, current=not state, count=sum(counts.values())),
            *(parts.Tab(shared.APPLICATION_STATES[s], f"{base}?state={s}", current=state == s, count=counts[s]) for s in APPLICATION_STATES if counts.get(s)),
        ],
        "policies": [
            parts.Tab(Text("全部政策", "All policies"), base, current=policy is None),
            *(parts.Tab(shared.title_of(row), f"{base}?policy={row.pk}", current=policy == row.pk)
              for row in bank_reads.lender_policies(actor).filter(lender=actor.party)[:12]),
        ],
    }  # fmt: skip
    return tables.respond(
        request, "financing/bank_pipeline.html", bank_tables.PipelineTable(request, rows), context=context
    )


def funnel_rows(found: bank_reads.Funnel) -> list[dict[str, Any]]:
    """Each stage with its count, its part of the whole, and the time from the stage before."""
    stages = (
        (Text("提交", "Applied"), found.applied, None, None),
        (Text("有决定", "Decided"), found.decided, found.median[0], found.slow[0]),
        (Text("签约", "Signed"), found.signed, found.median[1], found.slow[1]),
        (Text("放款", "Paid out"), found.paid, found.median[2], found.slow[2]),
    )
    whole = found.applied or 1
    return [
        {"label": label, "count": count, "width": f"{100 * count / whole:.1f}%", "part": bank_tables.percent_of(count, found.applied),
         "median": span(median), "slow": span(slow)}
        for label, count, median, slow in stages
    ]  # fmt: skip


def span(found: datetime.timedelta | None) -> Text | None:
    """A time a person can take in: 0.8 秒, 12 分钟, 3.5 小时, 2.1 天."""
    if found is None:
        return None
    seconds = found.total_seconds()
    for size, zh, en in ((86_400, "天", "days"), (3_600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= size:
            return Text(f"{seconds / size:.1f} {zh}", f"{seconds / size:.1f} {en}")
    return Text(f"{seconds:.1f} 秒", f"{seconds:.1f} s")


def _policy(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
