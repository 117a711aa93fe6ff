"""The firm's own credit profile: its figures in words, what each method makes of them, what is missing and how to
supply it. Everything is read as the firm's own; what is wrong leads to the fact, where it is disputed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.assessment.methods import Result, house_methods
from jirong.assessment.methods.values import Effect
from jirong.facts import features
from jirong.facts import queries as facts
from jirong.facts.features import risk
from jirong.facts.features.parts import Feature
from jirong.financing import deciding, figures, inputs
from jirong.financing.models import Figure, Policy
from jirong.financing.pages import firm_look, firm_reads, firm_tables, reasons, shared
from jirong.kernel import calendar
from jirong.kernel.money import CNY, Money
from jirong.kernel.text import Text
from jirong.parties import guard, labels
from jirong.schemes.evaluate import MISSING, FeatureValue, Known
from jirong.schemes.explain.phrases import amount as amount_words
from jirong.schemes.explain.phrases import rate as rate_words
from jirong.store import business_date
from jirong.web import parts, tables
from jirong.web.api import actor_of

FIRMS = ("firm", "core")
BACK_MONTHS = 6
TREND = (12, 9, 6, 3, 0)
"""Months ago at which a figure's own page shows it."""
LACKING_MAX = 6
RISK = frozenset(feature.code for feature in risk.FEATURES)


@dataclass(frozen=True)
class Judged:
    """What a method makes of the firm, in words, best first."""

    title: Text
    method: str
    result: Result
    status: parts.Status
    helped: tuple[Text, ...]
    hurt: tuple[Text, ...]
    change: tuple[Text, ...]
    lacking: tuple[Text, ...]
    used_by: Text


@dataclass(frozen=True)
class Lacking:
    """A figure nobody can compute yet: who can supply what."""

    title: Text
    code: str
    how: Text
    url: str


@guard.acting(*FIRMS)
def profile(request: HttpRequest) -> HttpResponseBase:
    """Figures with their half-year's change, methods' results, and what is missing."""
    actor, today = actor_of(request), business_date.today()
    assert actor.party is not None
    policies = firm_reads.open_policies(actor)
    names = [feature.code for feature in features.FEATURES.values() if not feature.given]
    found = firm_look.look(actor.party, policies, today, names)
    own = firm_look.own_reading(actor.party, today)
    before = inputs.features_of(actor.party, names, calendar.add_months(today, -BACK_MONTHS), own)
    wanted = _asked(policies)
    rows = [
        _row(features.FEATURES[name], found.value(name), before.get(name, MISSING), name in wanted) for name in names
    ]
    known = [row for row in rows if row.known != "missing"]
    context = {
        "today": today, "methods": [_judged(method, found.results[method], users) for method, users in _methods(policies).items() if method in found.results],
        "lacking": _lacking(found, _nearest(found, policies)), "known": len(known), "disputed": [row for row in rows if row.known == "contradictory"],
        "clusters": firm_reads.clusters(actor),
    }  # fmt: skip
    return tables.respond(
        request, "financing/firm_profile.html", firm_tables.FeatureTable(request, known), context=context
    )


def _asked(policies: Iterable[Policy]) -> set[str]:
    """The firm's features that some open policy looks at, itself or through its method."""
    house, found = house_methods(), set[str]()
    for policy in policies:
        scheme = deciding.scheme_behind(policy)
        keys, _papers = inputs.names_in(scheme)
        found |= {name for key in keys if (name := firm_look.own_name(scheme, key))}
        if scheme.assess and scheme.assess.method in house:
            found |= set(house[scheme.assess.method].features)
    return found


def _nearest(found: firm_look.Look, policies: Iterable[Policy]) -> list[str]:
    """What lenders look at, that of the product the firm lacks least for first."""
    seen = sorted(
        policies, key=lambda policy: sum(found.value(name).known is Known.MISSING for name in _asked([policy]))
    )
    return list(dict.fromkeys(name for policy in seen for name in sorted(_asked([policy]))))


def _methods(policies: Iterable[Policy]) -> dict[str, list[Text]]:
    """Methods in use, with the products that go by them."""
    found: dict[str, list[Text]] = {}
    for policy in policies:
        assess = deciding.scheme_behind(policy).assess
        if assess:
            found.setdefault(assess.method, []).append(shared.title_of(policy))
    return found


def _judged(method: str, result: Result, users: list[Text]) -> Judged:
    head = house_methods()[method].head

    def said(effect: Effect, most: int = 4) -> tuple[Text, ...]:
        return tuple(reason.text for reason in result.of(effect))[:most]

    lacking = said(Effect.LACKING, 9)
    if result.level is None and result.score is None:
        status = parts.Status(
            Text("还评不出", "Cannot be assessed yet"),
            Text(f"差{len(lacking)}项资料", f"{len(lacking)} figures are lacking"),
            "wait",
        )
    else:
        score = f"{result.score}" if result.score is not None else "—"
        status = parts.Status(
            Text(f"{result.level or ''}级", f"Level {result.level or ''}"), Text(f"{score}分", f"score {score}"), "good"
        )
    return Judged(
        head.title, method, result, status, said(Effect.HELPED), said(Effect.HURT), said(Effect.CHANGE), lacking,
        labels.joined(dict.fromkeys(users)),
    )  # fmt: skip


def _row(feature: Feature, value: FeatureValue, before: FeatureValue, asked: bool) -> firm_tables.Feature:
    number = value.value if isinstance(value.value, Decimal) else None
    group = "risk" if feature.code in RISK else feature.group
    was = before.value if isinstance(before.value, Decimal) else None
    return firm_tables.Feature(
        code=feature.code, title=feature.title, group=group, value=in_words(feature, value), number=number, before=was,
        known=value.known.value, fresh_on=value.fresh_on, sources=labels.joined(shared.kind_title(code) for code in feature.sources), asked=asked,
    )  # fmt: skip


def in_words(feature: Feature, value: FeatureValue) -> Text:
    """The value as the feature's figures are written, or how it is not known."""
    if value.known is not Known.PRESENT:
        return shared.KNOWN[value.known.value]
    found = value.value
    if isinstance(found, bool):
        return Text("是", "yes") if found else Text("否", "no")
    if not isinstance(found, Decimal):
        return Text(str(found), str(found))
    if feature.kind == "money":
        return amount_words(Money.rounded(found, CNY))
    if feature.kind == "percent":
        return rate_words(found)
    shown = f"{found.quantize(Decimal('0.01')).normalize():,f}"
    return Text(f"{shown}{feature.unit.zh}", f"{shown} {feature.unit.en}") if feature.unit else Text(shown, shown)


def _lacking(found: firm_look.Look, wanted: Iterable[str]) -> list[Lacking]:
    """Figures lenders look at that nobody can compute yet, in the order given, and who may supply them."""
    rows = []
    for name in wanted:
        feature = features.FEATURES.get(name)
        if feature is not None and found.value(name).known is Known.MISSING:
            rows.append(
                Lacking(feature.title, name, reasons.how_to_supply(feature), reverse("firm_feature", args=[name]))
            )
    return rows[:LACKING_MAX]


# One figure ---------------------------------------------------------------------------------------------------------


class FactTable(tables.Table):
    """The facts behind a figure, each leading to its page, where it can be disputed."""

    name, title = "facts", _("依据的资料")
    columns = (
        tables.Column("key", _("编号"), primary=True, sort="key", link=lambda row: reverse("document", args=[row.pk])),
        tables.Column("kind", _("类型"), value=lambda row: shared.kind_title(row.kind), sort="kind"),
        tables.Column("on", _("日期"), kind="date", sort="on"),
        tables.Column("amount", _("金额（元）"), kind="money", value="amount_minor", sort="amount_minor"),
        tables.Column("source", _("提供方"), value=lambda row: labels.name_of(row.source), sort="source__name"),
        tables.Column("recorded_at", _("收到"), kind="moment", sort="recorded_at", optional=True),
    )
    filters = (
        tables.Search("q", _("编号或提供方"), ("key", "source__name")),
        tables.DateRange("on", _("日期")),
        tables.MoneyRange("amount", _("金额"), "amount_minor"),
    )
    order = ("-on", "-id")
    empty = _("还没有这类资料。")
    empty_action = (_("上传文件"), "/documents/import")


@guard.acting(*FIRMS)
def feature_page(request: HttpRequest, name: str) -> HttpResponseBase:
    """One figure: what it means, how it moved, who uses it, and the facts it rests on."""
    feature = features.FEATURES.get(name)
    if feature is None:
        raise Http404
    actor, today = actor_of(request), business_date.today()
    assert actor.party is not None
    days = [calendar.add_months(today, -back) for back in TREND]
    course = [_on(actor.party, name, day) for day in days]
    rows = facts.visible(actor).filter(subject=actor.party, kind__in=feature.sources)
    users = [
        policy for policy in firm_reads.open_policies(actor)
        if name in _asked([policy])
    ]  # fmt: skip
    context = {
        "feature": feature, "header": _header(feature, course[-1]), "chart": _chart(feature, days, course),
        "how": reasons.how_to_supply(feature) if course[-1].known is not Known.PRESENT else "",
        "users": [(shared.title_of(policy), labels.name_of(policy.lender), reverse("firm_product", args=[policy.pk])) for policy in users],
        "supply": next(iter(feature.sources), ""),
        "stated": [(row, _stated(feature, row)) for row in firm_reads.statements(actor, name)],
        "crumbs": [parts.Crumb(Text("信用档案", "Credit profile"), reverse("firm_profile")), parts.Crumb(feature.title)],
    }  # fmt: skip
    return tables.respond(request, "financing/firm_feature.html", FactTable(request, rows), context=context)


def _stated(feature: Feature, row: Figure) -> Text:
    """A stated figure as it is written."""
    return in_words(feature, FeatureValue(figures.read(row.value), row.on))


def _on(firm: Any, name: str, day: datetime.date) -> FeatureValue:
    own = firm_look.own_reading(firm, day)
    return inputs.features_of(firm, [name], day, own).get(name, MISSING)


def _header(feature: Feature, value: FeatureValue) -> parts.Header:
    tones = {Known.PRESENT: "good", Known.CONTRADICTORY: "bad"}
    status = parts.Status(
        in_words(feature, value),
        Text(f"截至{value.fresh_on}", f"as of {value.fresh_on}") if value.fresh_on else "",
        tones.get(value.known, "wait"),
    )
    figures = [
        parts.Figure(Text("怎样算", "How it is computed"), feature.meaning),
        parts.Figure(Text("时间窗口", "Window"), feature.window),
        parts.Figure(Text("来源", "From"), labels.joined(shared.kind_title(code) for code in feature.sources)),
    ]
    return parts.Header(title=feature.title, kind=Text("指标", "Figure"), status=status, figures=figures)


def _chart(feature: Feature, days: list[datetime.date], course: list[FeatureValue]) -> parts.Chart | None:
    """How the figure moved over a year; a gap where it was not known."""
    numbers = [value.value if isinstance(value.value, Decimal) else None for value in course]
    if sum(number is not None for number in numbers) < 2:
        return None
    money = feature.kind == "money"
    rows = [
        (day.isoformat(), None if number is None else Money.rounded(number, CNY) if money else number)
        for day, number in zip(days, numbers, strict=True)
    ]
    unit: Text | str = Text("元", "CNY") if money else feature.unit or ""
    return parts.Chart(
        "course", Text("一年来", "Over a year"), "line", (Text("日期", "Day"), feature.title), rows, unit=unit
    )
