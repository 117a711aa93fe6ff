"""The security of contracts: the lender's list, and a contract's page with its gauge, its demands and its life."""

from __future__ import annotations

import uuid
from decimal import Decimal
from fractions import Fraction

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.collateral import debts, demands, queries, runtime, shown, tables
from jirong.collateral.models import Call, Secured
from jirong.engine.cover import Cover
from jirong.engine.reasons import Reason
from jirong.kernel.money import round_half_up
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


@guard.acting()
def security_list(request: HttpRequest) -> HttpResponseBase:
    table = tables.SecuredTable(request, queries.contracts_shown(actor_of(request)))
    return web_tables.respond(request, "collateral/securities.html", table)


@guard.acting()
def security_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """What secures the contract today: cover against debt, each demand answered, what happened."""
    actor, today = actor_of(request), business_date.today()
    row = queries.access_secured(actor, id)
    now = runtime.cover_now(row, today)
    # With nothing drawn yet the question is whether the whole limit could be paid out.
    planned = row.limit_minor if not now.debt_minor else 0
    found = runtime.findings(row, today, planned)
    call = queries.open_call(row)
    given = list(queries.agreements(actor).filter(secures=id).prefetch_related("entries"))
    context = {
        "row": row,
        "header": _header(actor, row, now, call, found),
        "why": shown.why(found),
        "findings": shown.findings(found),
        "gauge": shown.gauge(now, call_bar(row, now)),
        "planned": planned,
        "asked": _asked(row),
        "given": [(item, shown.agreement_status(item, item.asset.kind, today)) for item in given],
        "call": call,
        "entries": shown.entries(queries.steps(secured=row)),
        "loans": debts.owed_by_loan(row.pk, today),
    }
    return render(request, "collateral/security.html", context)


def call_bar(row: Secured, now: Cover) -> int | None:
    """The debt at which a top-up would be called, for the gauge; where the scheme has such a bar."""
    if not any(item.call_below for item in demands.from_json(row.demands)):
        return None
    return sum(support.carries_uncalled_minor for support in runtime.supports(row).values()) or None


def _header(actor: Actor, row: Secured, now: Cover, call: Call | None, found: tuple[Reason, ...]) -> parts.Header:
    figures = [
        parts.Figure(Text("债务", "Owed"), now.debt_minor, kind="money"),
        parts.Figure(Text("押品计入价值", "Value that counts"), now.value_minor, kind="money"),
        parts.Figure(Text("可担保", "Carries"), now.carries_minor, kind="money"),
        parts.Figure(Text("缺口", "Short"), now.short_minor, kind="money") if now.short_minor
        else parts.Figure(Text("余量", "Room"), now.room_minor, kind="money"),
        parts.Figure(Text("额度", "Limit"), row.limit_minor, kind="money"),
    ]  # fmt: skip
    sides = ((Text("借款人", "Borrower"), row.borrower), (Text("贷款人", "Lender"), row.lender))
    figures += [
        parts.Figure(label, labels.name_of(party), href=reverse("party", args=[party.pk]))
        for label, party in sides
        if party.pk != actor.party
    ]
    check = parts.Action(Text("复核覆盖", "Check cover"), reverse("security_check", args=[row.pk]))
    give = (
        parts.Action(Text("提供押品", "Give an asset"), reverse("assets")) if actor.party == row.borrower_id else None
    )
    lacking = any(reason.bars for reason in found) or call is not None
    return parts.Header(
        title=shown.secured_title(row), kind=Text("合同担保", "Security of a contract"),
        status=shown.security_status(found, call is not None), next_action=give if lacking else None,
        actions=[check], figures=figures,
    )  # fmt: skip


def _asked(row: Secured) -> list[Text]:
    """The scheme's demands as sentences."""
    wanted = demands.from_json(row.demands)
    names = labels.names(party for item in wanted for party in (item.by, item.valued_by, item.watched_by))
    found = []
    for item in wanted:
        by = names.get(item.by, labels.UNKNOWN) if item.by else Text("提供方", "the giver")
        zh, en = f"{by.zh}提供{item.said.zh}", f"{by.en} gives {item.said.en}"
        if item.cover:
            zh, en = (
                f"{zh}，价值不低于债务的{_percent(item.cover)}",
                f"{en}, worth at least {_percent(item.cover)} of the debt",
            )
        if item.valued_by:
            who = names.get(item.valued_by, labels.UNKNOWN)
            zh, en = f"{zh}，由{who.zh}评估", f"{en}, valued by {who.en}"
        if item.watched_by:
            who = names.get(item.watched_by, labels.UNKNOWN)
            zh, en = f"{zh}，由{who.zh}监管", f"{en}, watched by {who.en}"
        if item.before_payment:
            zh, en = f"{zh}，放款前完成登记", f"{en}, registered before payment"
        if item.call_below:
            days = item.top_up_days or 0
            zh = f"{zh}；低于{_percent(item.call_below)}时{days}天内补足"
            en = f"{en}; below {_percent(item.call_below)} topped up within {days} days"
        found.append(Text(f"{zh}。", f"{en}."))
    return found


def _percent(part: Fraction) -> str:
    return f"{(round_half_up(part * 10_000) / Decimal(100)).normalize():f}%"


@guard.acting()
def check(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    row = queries.access_secured(actor_of(request), id)
    act = acting.Act(
        code="cover.check", title=Text("复核押品覆盖", "Check the cover"), lead=shown.secured_title(row),
        submit=Text("复核", "Check"), body=lambda values: {"contract": id},
        words=lambda values: [Text("按当前营业日的估值与债务复核押品；跌破约定比例的发出补充通知。",
                                   "Check the security against the debt on this business date; call for more where it fell below its bar.")],
        done=lambda outcome: reverse("security", args=[id]), said=Text("已复核", "Checked"),
        back=reverse("security", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)
