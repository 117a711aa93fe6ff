"""Methods as pages: what each indicator earns band by band, and what would change the answer for the acting firm.

The trial reads the acting party's own features and lets it type others in their place; the address holds what was
typed, nothing is stored, and the same code answers as in a decision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.assessment import queries, results
from jirong.assessment.methods import Effect, Method, Result, house_methods, library, wording
from jirong.assessment.methods.bands import Band, Bands, in_points
from jirong.assessment.methods.base import BIN, Input, Raw, StandIn
from jirong.assessment.methods.boosted import Boosted
from jirong.assessment.methods.climate import Climate
from jirong.assessment.methods.effect import EffectMethod
from jirong.assessment.methods.ip_value import IpValue
from jirong.assessment.methods.points import PointsTable
from jirong.assessment.methods.scorecard import Scorecard
from jirong.assessment.methods.values import plain
from jirong.facts.features import FEATURES
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.parties import guard
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store import business_date
from jirong.web import parts, tables
from jirong.web.api import actor_of

TYPED = "x-"
"""A parameter ``x-FEATURE`` stands in the place of the firm's own value."""
TYPED_MAX = 40
KNOWN = {
    Known.MISSING: Text("没有资料", "no facts"),
    Known.WITHHELD: Text("未授权", "withheld"),
    Known.CONTRADICTORY: Text("来源互相矛盾", "sources disagree"),
}
KINDS = {
    PointsTable: Text("积分表", "Points table"),
    Scorecard: Text("评分卡", "Scorecard"),
    Climate: Text("气候还款能力", "Climate capacity"),
    IpValue: Text("知识产权价值", "IP value"),
    EffectMethod: Text("升级效果", "Effect of an upgrade"),
    Boosted: Text("提升树模型", "Boosted trees"),
}


class MethodTable(tables.Table):
    """Every method a scheme may name."""

    name, title = "methods", _("评估方法")
    columns = (
        tables.Column("title", _("方法"), primary=True, value=lambda row: row.head.title, link=lambda row: reverse("method", args=[row.id])),
        tables.Column("id", _("代号"), value=lambda row: row.id),
        tables.Column("kind", _("类型"), value=lambda row: kind_of(row)),
        tables.Column("inputs", _("输入"), kind="number", value=lambda row: len(row.head.inputs)),
        tables.Column("levels", _("等级"), value=lambda row: " ".join(row.head.levels.codes)),
        tables.Column("verified", _("依据"), value=lambda row: verified(row)),
        tables.Column("effective", _("生效"), kind="date", value=lambda row: row.head.effective, optional=True),
    )  # fmt: skip
    order = ("id",)


@dataclass(frozen=True)
class Cell:
    """One band: where it lies, what it earns, whether the firm is in it, and the address that tries it."""

    says: Text
    points: Decimal
    now: bool
    url: str


@dataclass(frozen=True)
class Indicator:
    """One input of a banded method; ``weights`` by stage, in percent of the whole."""

    input: Input
    direction: Text
    cells: tuple[Cell, ...]
    weights: tuple[tuple[Text, Decimal], ...]


@dataclass(frozen=True)
class Field:
    """One input of the trial: the firm's own value, and what was typed in its place."""

    input: Input
    name: str
    own: FeatureValue
    shown: Text
    typed: str
    error: bool
    answer: Text
    """What the method takes its absence for."""

    @property
    def known_here(self) -> bool:
        return self.input.feature in FEATURES


@guard.acting()
def methods(request: HttpRequest) -> HttpResponseBase:
    found = list(house_methods())
    return tables.respond(request, "assessment/methods.html", MethodTable(request, found))


@guard.acting()
def method(request: HttpRequest, name: str) -> HttpResponseBase:
    """A method, and the trial on the acting party's own figures."""
    actor = actor_of(request)
    if actor.party is None:
        raise NotFound("method.no_party", Text("请先选择代表的单位", "Choose the party you act for first"))
    found, today = house_methods()[name], business_date.today()
    own = results.features(actor.party, found.features, as_of=today)
    typed, errors = _typed(request, found, today)
    asked = {**own, **typed}
    before, after = found.assess(own, today), found.assess(asked, today)
    values = {item.feature: _value(item, asked[item.feature]) for item in found.head.inputs}
    context = {
        "method": found,
        "header": _header(found),
        "fields": [_field(request, item, own[item.feature], item.feature in errors) for item in found.head.inputs],
        "known_features": FEATURES,
        "indicators": _indicators(request, found, values),
        "base": in_points(found.base) if isinstance(found, Scorecard) and found.base else None,
        "levels": found.head.levels.rows,
        "before": before,
        "after": after,
        "is_tried": bool(typed),
        "gain": _gain(before, after),
        "reasons": _reasons(after),
        "kept": queries.newest(actor.party, found.id, on=today),
        "text": library.CATALOGUE.joinpath(f"{found.id}.yaml").read_text(encoding="utf-8") if _has_text(found) else "",
    }
    return render(request, "assessment/method.html", context)


def kind_of(found: Method) -> Text:
    return KINDS[type(found)]


def verified(found: Method) -> Text:
    if found.head.verified:
        return Text("已核实", "verified")
    return Text("未核实：部分数值为设计", "unverified: some numbers are designed")


def _has_text(found: Method) -> bool:
    return library.CATALOGUE.joinpath(f"{found.id}.yaml").is_file()


def _header(found: Method) -> parts.Header:
    head = found.head
    tone = "good" if head.verified else "wait"
    return parts.Header(
        title=head.title,
        status=parts.Status(verified(found), Text(f"来源：{head.source}", f"source: {head.source}"), tone),
        kind=kind_of(found),
        figures=[
            parts.Figure(Text("代号", "Name"), found.id),
            parts.Figure(Text("生效", "In force from"), head.effective, "date"),
            parts.Figure(Text("输入", "Inputs"), len(head.inputs)),
            parts.Figure(Text("等级", "Levels"), " ".join(head.levels.codes)),
        ],
    )


def _typed(request: HttpRequest, found: Method, today: dt.date) -> tuple[dict[str, FeatureValue], set[str]]:
    """What stands in the address instead of the firm's own values, and the inputs that cannot be read."""
    typed: dict[str, FeatureValue] = {}
    errors: set[str] = set()
    for item in found.head.inputs:
        text = request.GET.get(f"{TYPED}{item.feature}", "").strip()[:TYPED_MAX]
        if not text:
            continue
        value = _read(item, text)
        if value is None:
            errors.add(item.feature)
        else:
            typed[item.feature] = FeatureValue(value, today)
    return typed, errors


def _read(item: Input, text: str) -> Raw | None:
    if item.kind == "word":
        return text
    if item.kind == "flag":
        return {"yes": True, "no": False}.get(text)
    try:
        value = Decimal(text.replace(",", "").removesuffix("%"))
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > 10**15:
        return None
    return value / 100 if item.kind == "percent" else value


def _write(item: Input, value: Raw) -> str:
    """A value as it is typed: a percent as its percentage."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return plain(value * 100 if item.kind == "percent" else value)


def _field(request: HttpRequest, item: Input, own: FeatureValue, error: bool) -> Field:
    name = f"{TYPED}{item.feature}"
    shown = item.shown(own.value) if own.value is not None else KNOWN.get(own.known, KNOWN[Known.MISSING])
    return Field(item, name, own, shown, request.GET.get(name, "").strip()[:TYPED_MAX], error, _absent(item))


def _absent(item: Input) -> Text:
    if isinstance(item.missing, StandIn):
        shown, why = item.shown(item.missing.value), item.missing.because
        return Text(f"缺失时按{shown.zh}计：{why.zh}", f"absent counts as {shown.en}: {why.en}")
    if item.missing == BIN:
        return Text("缺失单独成档", "absence is a band of its own")
    return Text("缺失时先请企业补充", "absent: the firm is asked first")


def _value(item: Input, found: FeatureValue) -> Raw | None:
    """What a band is looked up by; None where there is nothing to place."""
    if found.value is None and isinstance(item.missing, StandIn):
        return item.missing.value
    expected: type = {"flag": bool, "word": str}.get(item.kind, Decimal)
    return found.value if isinstance(found.value, expected) else None


def _indicators(request: HttpRequest, found: Method, values: Mapping[str, Raw | None]) -> list[Indicator]:
    if isinstance(found, PointsTable):
        stages = found.stages.stages if found.stages else ()
        names = [stage.title for stage in stages] or [Text("权重", "weight")]
        weights = {
            feature: tuple((name, in_points(each)) for name, each in zip(names, by_stage, strict=True))
            for feature, by_stage in found.weights.items()
        }
        return [_indicator(request, bands, values, weights[bands.input.feature]) for bands in found.indicators]
    if isinstance(found, Scorecard):
        return [_indicator(request, bands, values, ()) for bands in found.characteristics]
    return []


def _indicator(
    request: HttpRequest, bands: Bands, values: Mapping[str, Raw | None], weights: tuple[tuple[Text, Decimal], ...]
) -> Indicator:
    value = values[bands.input.feature]
    now = bands.of(value) if value is not None or bands.missing is not None else None
    cells = tuple(
        Cell(bands.says(band), in_points(band.points), band is now, _try_url(request, bands, band))
        for band in bands.every
    )
    return Indicator(bands.input, _direction(bands), cells, weights)


def _direction(bands: Bands) -> Text:
    """Which way is better, read off the bands themselves."""
    if bands.grouped:
        return Text("按类计分", "by group")
    points = [band.points for band in bands.bands]
    if points == sorted(points):
        return Text("越高越好（单调）", "the higher the better (monotone)")
    if points == sorted(points, reverse=True):
        return Text("越低越好（单调）", "the lower the better (monotone)")
    return Text("居中最好（不单调）", "best in between (not monotone)")


def _try_url(request: HttpRequest, bands: Bands, band: Band) -> str:
    """The address that puts the firm into the band."""
    value = _example(bands, band)
    query = {name: request.GET[name] for name in request.GET if name.startswith(TYPED)}
    if value is None:
        query.pop(f"{TYPED}{bands.input.feature}", None)
    else:
        query[f"{TYPED}{bands.input.feature}"] = _write(bands.input, value)
    return f"{request.path}?{urlencode(query)}#trial"


def _example(bands: Bands, band: Band) -> Raw | None:
    """A value in the band: its lower bound, or just below the next band's."""
    if band is bands.missing or band is bands.other:
        return None
    if bands.grouped:
        return band.members[0]
    if band.low is not None:
        return band.low
    place = bands.bands.index(band)
    if place + 1 == len(bands.bands):
        return Decimal(0)
    above = bands.bands[place + 1].low
    assert above is not None
    step = Decimal("0.01") if bands.input.kind == "percent" else Decimal(1)
    return max(Decimal(0), above - step) if above > 0 else above - step


def _gain(before: Result, after: Result) -> Decimal | None:
    if before.score is None or after.score is None:
        return None
    return after.score - before.score


REASONS = (
    (Effect.LACKING, Text("还缺什么", "What is lacking")),
    (Effect.CHANGE, Text("怎样能提高", "What would raise it")),
    (Effect.HURT, Text("拉低了", "What hurt")),
    (Effect.HELPED, Text("加分的", "What helped")),
    (Effect.STOOD_IN, Text("按约定取值的", "Taken as agreed")),
    (Effect.NOTED, Text("说明", "Noted")),
)


def _reasons(result: Result) -> list[tuple[Text, list[Any]]]:
    """Reasons by effect, the most useful first."""
    grouped = [(title, result.of(effect)) for effect, title in REASONS]
    return [
        (title, [replace(reason, points=_rounded(reason.points)) for reason in found])
        for title, found in grouped
        if found
    ]


def _rounded(points: Decimal | None) -> Decimal | None:
    return None if points is None else wording.rounded(points, 2)
