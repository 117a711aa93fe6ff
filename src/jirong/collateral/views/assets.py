"""Assets: the list, the page, recording, showing, valuing, moving stock, retiring."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.collateral import demands, forms, queries, shown, tables
from jirong.collateral.actions.assets import APPROACHES, VALUERS
from jirong.collateral.models import Agreement, Asset
from jirong.kernel.errors import Forbidden
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts, viewer
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


@guard.acting()
def asset_list(request: HttpRequest) -> HttpResponseBase:
    """Assets one has, and those one was shown to value, watch or lend on."""
    table = tables.AssetTable(request, queries.assets_shown(actor_of(request), business_date.today()))
    return web_tables.respond(request, "collateral/assets.html", table)


@guard.acting()
def asset_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """What it is, what it is worth and by whom, what lies on it and in what order, what happened."""
    actor, today = actor_of(request), business_date.today()
    row = queries.access_asset(actor, id)
    live = queries.live(row)
    valuations = queries.valuations(row)
    encumbrances = queries.encumbrances(actor, row)
    context = {
        "asset": row,
        "header": _header(request, row, live, today),
        "valuations": [(item, shown.METHODS[item.method], _approaches(item)) for item in valuations],
        "chart": shown.value_chart(valuations),
        "encumbrances": [(item, shown.holder_words(item), shown.STATES[item.state]) for item in encumbrances],
        "value_bar": _value_bar(row, encumbrances),
        "movements": [(item, shown.MOVES[item.kind]) for item in queries.movements(row)],
        "sales": [(item, shown.sale_status(item), shown.HOW[item.how]) for item in queries.sales(row)],
        "entries": shown.entries(queries.steps(asset=row)),
        "today": today,
    }
    return render(request, "collateral/asset.html", context)


def _header(request: HttpRequest, row: Asset, live: list[Agreement], today: datetime.date) -> parts.Header:
    actions, next_action = _actions(request, row, live)
    figures = [
        parts.Figure(Text("估值", "Value"), row.value_minor if row.valued_on else None, kind="money"),
        parts.Figure(Text("折后可用", "Counts"), row.usable_minor if row.valued_on else None, kind="money"),
        parts.Figure(Text("还可担保", "Free"), max(0, row.usable_minor - row.promised_minor), kind="money"),
        parts.Figure(Text("所有人", "Owner"), labels.name_of(row.owner), href=reverse("party", args=[row.owner_id])),
    ]
    if row.number:
        figures.append(parts.Figure(Text("编号", "Number"), row.number))
    if row.quantity is not None:
        figures.append(parts.Figure(Text("数量", "Quantity"), f"{row.quantity.normalize():,f} {row.measure}"))
    if row.watcher:
        figures.append(parts.Figure(Text("监管方", "Watched by"), labels.name_of(row.watcher)))
    if row.valid_until:
        figures.append(parts.Figure(Text("估值有效至", "Valuation until"), row.valid_until, kind="date"))
    return parts.Header(
        title=row.title, kind=shown.kind_title(row.kind), status=shown.asset_status(row, live, today),
        next_action=next_action, actions=actions, figures=figures,
    )  # fmt: skip


def _actions(request: HttpRequest, row: Asset, live: list[Agreement]) -> tuple[list[parts.Action], parts.Action | None]:
    """What the viewer may do with it now, and the likeliest of it."""
    actor = actor_of(request)
    if row.state != "held":
        return [], None
    if actor.party == row.owner_id:
        return _owners(row)
    found: list[parts.Action] = []
    if actor.party == row.watcher_id:
        found.append(parts.Action(Text("出入库", "Move stock"), reverse("asset_stock", args=[row.pk])))
    if viewer.of(request).roles & {*VALUERS, *(("core",) if row.kind in ("receivables", "future_receivables") else ())}:
        found.append(parts.Action(Text("估值", "Value it"), reverse("asset_value", args=[row.pk])))
    if any(item.holder_id == actor.party and item.state in ("signed", "registered") for item in live):
        found.append(parts.Action(Text("处置", "Realise"), reverse("asset_sell", args=[row.pk])))
    own = next((item for item in live if item.holder_id == actor.party and item.state in ("offered", "signed")), None)
    if own is not None:
        word = (
            Text("核对并签署", "Check and sign") if own.state == "offered" else Text("填报登记", "Record registration")
        )
        name = "pledge_accept" if own.state == "offered" else "pledge_register"
        return found, parts.Action(word, reverse(name, args=[own.pk]), icon="sign")
    return found[1:], found[0] if found else None


def _owners(row: Asset) -> tuple[list[parts.Action], parts.Action | None]:
    free = row.usable_minor - row.promised_minor
    why_not: Any = ""
    if row.valued_on is None:
        why_not = Text("尚未估值", "it has not been valued")
    elif free <= 0:
        why_not = Text("可用价值已全部担保", "all its value is given already")
    others = [parts.Action(Text("出示给", "Show it to"), reverse("asset_show", args=[row.pk]))]
    if not row.promised_minor:
        others.append(parts.Action(Text("停用", "Retire"), reverse("asset_retire", args=[row.pk])))
    return others, parts.Action(Text("用来担保", "Give as security"), reverse("asset_pledge", args=[row.pk]), icon="sign", why_not=why_not)  # fmt: skip


def _approaches(item: Any) -> list[tuple[Text, Money]]:
    return [(shown.METHODS[name], Money.parse(item.approaches[name])) for name in APPROACHES if name in item.approaches]


def _value_bar(row: Asset, encumbrances: list[queries.Encumbrance]) -> list[dict[str, Any]]:
    """The usable value as a bar: each right's share in the order of payment, then what is free."""
    whole = max(row.usable_minor, row.promised_minor, 1)
    parts_ = [
        {"label": shown.holder_words(item), "minor": item.share_minor, "width": _width(item.share_minor, whole), "place": item.place}
        for item in encumbrances
    ]  # fmt: skip
    free = max(0, row.usable_minor - row.promised_minor)
    return [*parts_, {"label": Text("可用", "Free"), "minor": free, "width": _width(free, whole), "place": 0}]


def _width(minor: int, whole: int) -> str:
    return f"{minor * 1000 // whole / 10:.1f}%"


# What can be done --------------------------------------------------------------------------------------------------


@guard.acting()
def record(request: HttpRequest) -> HttpResponseBase:
    """Record an asset and show it to whoever is to value it."""

    def body(values: acting.Values) -> dict[str, Any]:
        return {
            "kind": values["kind"], "title": values["title"], "number": values["number"], "place": values["place"],
            "watcher": values["watcher"].pk if values["watcher"] else None, "quantity": values["quantity"],
            "measure": values["measure"], "shown_to": [values["show_to"].pk] if values["show_to"] else [],
        }  # fmt: skip

    def words(values: acting.Values) -> list[Text]:
        kind = demands.TITLES[values["kind"]]
        number = values["number"] or "—"
        found = [Text(f"登记{kind.zh}“{values['title']}”，编号 {number}，归本单位所有。",
                      f"Record {kind.en} “{values['title']}”, number {number}, as our own.")]  # fmt: skip
        if values["show_to"]:
            to = labels.name_of(values["show_to"])
            found.append(Text(f"出示给{to.zh}。", f"Show it to {to.en}."))
        return found

    act = acting.Act(
        code="asset.record", title=Text("登记押品", "Record an asset"), submit=Text("确认登记", "Record"),
        lead=Text("先登记，再由评估机构或贷款人估值，之后即可用来担保", "Record it, have it valued, then give it as security"),
        form=forms.Record, start={"kind": request.GET.get("kind", "patents")}, body=body, words=words,
        done=lambda outcome: reverse("asset", args=[outcome["asset"]]),
        said=Text("押品已登记", "The asset is on record"), back=reverse("assets"),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def show(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    row = _own(actor_of(request), id)

    def words(values: acting.Values) -> list[Text]:
        to = labels.name_of(values["to"])
        return [
            Text(f"让{to.zh}看到“{row.title}”及其上的担保。", f"Let {to.en} see “{row.title}” and what lies on it.")
        ]

    act = acting.Act(
        code="asset.show", title=Text("出示押品", "Show the asset"), submit=Text("确认出示", "Show"),
        lead=row.title, form=forms.Show, body=lambda values: {"asset": id, "to": values["to"].pk}, words=words,
        done=lambda outcome: reverse("asset", args=[id]), said=Text("对方已可查看", "They can see it now"),
        back=reverse("asset", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def value(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """State a value: in all or by the unit, with the approaches side by side where it is a patent."""
    row = queries.access_asset(actor_of(request), id)
    today = business_date.today()
    three = row.kind in ("patents", "land")

    def form(*args: Any, **kwargs: Any) -> forms.Value:
        return forms.Value(*args, by_quantity=row.quantity is not None, three=three, **kwargs)

    def body(values: acting.Values) -> dict[str, Any]:
        names = ("method", "value", "price", "cost", "market", "income", "haircut", "on", "valid_until", "report")
        return {"asset": id, **{name: values[name] for name in names if name in values}}

    def words(values: acting.Values) -> list[Text]:
        method = shown.METHODS[values["method"]]
        each = values.get("price")
        amount = f"单价 {each.grouped()} 元" if each else f"{values['value'].grouped()} 元"
        amount_en = f"CNY {each.grouped()} a unit" if each else f"CNY {values['value'].grouped()}"
        cut = f"{(values['haircut'] * 100).normalize():f} %"
        return [
            Text(f"对“{row.title}”按{method.zh}估值：{amount}，估值日 {values['on']}。",
                 f"Value “{row.title}” by the {method.en.lower()} approach: {amount_en}, on {values['on']}."),
            Text(f"其中 {cut} 不计入担保。", f"{cut} of it does not count."),
        ]  # fmt: skip

    start = {"method": "quantity_price" if row.quantity is not None else "income" if three else "invoice", "on": today}
    act = acting.Act(
        code="asset.value", title=Text(f"估值：{row.title}", f"Value {row.title}"), submit=Text("签署估值", "Sign"),
        form=form, start={**start, "haircut": 0}, body=body, words=words,
        done=lambda outcome: reverse("asset", args=[id]), said=Text("估值已记录", "The valuation is on record"),
        back=reverse("asset", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def stock(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Goods in, out, or counted; what may leave is judged when it is signed."""
    row = queries.access_asset(actor_of(request), id)

    def words(values: acting.Values) -> list[Text]:
        move = shown.MOVES[values["kind"]]
        much = f"{values['quantity'].normalize():f} {row.measure}"
        return [Text(f"“{row.title}”{move.zh} {much}，单据 {values['paper'] or '—'}。",
                     f"“{row.title}”: {move.en.lower()} {much}, paper {values['paper'] or '—'}.")]  # fmt: skip

    act = acting.Act(
        code="stock.move", title=Text("出入库", "Move stock"), lead=row.title, submit=Text("签署", "Sign"),
        form=forms.Move, start={"kind": "in"}, words=words,
        body=lambda values: {"asset": id, "kind": values["kind"], "quantity": values["quantity"], "paper": values["paper"]},
        done=lambda outcome: reverse("asset", args=[id]), said=Text("已记录", "Recorded"),
        back=reverse("asset", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def retire(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    row = _own(actor_of(request), id)
    act = acting.Act(
        code="asset.retire", title=Text("停用押品", "Retire the asset"), submit=Text("确认停用", "Retire"),
        body=lambda values: {"asset": id},
        words=lambda values: [Text(f"“{row.title}”不再用于担保，其编号可重新登记。",
                                   f"“{row.title}” is no longer for security; its number is free again.")],
        done=lambda outcome: reverse("assets"), said=Text("押品已停用", "The asset is retired"),
        back=reverse("asset", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


def _own(actor: Actor, id: uuid.UUID) -> Asset:
    """The viewer's own asset; one merely shown to it is not its to dispose of."""
    row = queries.access_asset(actor, id)
    if row.owner_id != actor.party:
        raise not_yours()
    return row


def not_yours() -> Forbidden:
    return Forbidden(
        "asset.not_yours",
        Text("该押品不归贵单位所有", "The asset is not your party's"),
        remedy=Text("请由所有人办理", "Its owner may do so"),
    )
