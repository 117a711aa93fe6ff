"""Features as pages: what each means, how it is computed, the acting firm's own value with the facts behind it."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from jirong.facts import features, kinds, queries
from jirong.facts.features import catalogue
from jirong.facts.features import reading as words
from jirong.facts.features.parts import MEMBERSHIP, Feature, months_before
from jirong.facts.sources import ROLE_NAMES, SUPPLY
from jirong.facts.views import DocumentTable, kind_title
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.parties import guard, labels
from jirong.parties.models import Consent
from jirong.schemes import vocabulary
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store import business_date
from jirong.web import parts, tables
from jirong.web.api import actor_of
from jirong.web.display import Label

KINDS = {
    "number": Text("数", "number"), "money": Text("金额", "money"), "percent": Text("比例", "percent"),
    "flag": Text("是否", "yes or no"), "word": Text("类别", "word"),
}  # fmt: skip
KNOWN = {
    Known.MISSING: Text("没有资料", "No facts"),
    Known.WITHHELD: Text("未授权", "Withheld"),
    Known.CONTRADICTORY: Text("来源互相矛盾", "Sources disagree"),
}
GIVEN = Text("由其他环节提供", "given by another room")
PURPOSES = {**vocabulary.PURPOSE, SUPPLY: Text("提供数据", "supplying data")}


@dataclass(frozen=True, slots=True)
class Row:
    """A feature and the acting firm's own value."""

    item: Feature
    own: FeatureValue

    @property
    def code(self) -> str:
        return self.item.code

    @property
    def title(self) -> str:
        """Both names, so that a search in either language finds it."""
        return f"{self.item.title.zh} {self.item.title.en}"

    @property
    def kind(self) -> str:
        return self.item.kind

    @property
    def rank(self) -> int:
        """What is known comes first, what other rooms give last."""
        return 2 if self.item.given else int(self.own.known is not Known.PRESENT)

    @property
    def sources(self) -> tuple[str, ...]:
        return self.item.sources


class From(tables.Choice):
    """Features computed from a kind of fact."""

    def keeps(self, row: Row, value: str) -> bool:
        return value in row.sources


class FeatureTable(tables.Table):
    """Every feature, with the acting firm's own value."""

    name, title = "features", _("特征")
    page_rows = 100
    columns = (
        tables.Column("title", _("特征"), primary=True, value=lambda row: row.item.title, link=lambda row: reverse("feature", args=[row.code])),
        tables.Column("code", _("代号"), value=lambda row: row.code, sort="code", optional=True),
        tables.Column("own", _("本单位"), kind="number", value=lambda row: shown(row.item, row.own)),
        tables.Column("fresh", _("资料截至"), kind="date", value=lambda row: row.own.fresh_on),
        tables.Column("window", _("窗口"), value=lambda row: row.item.window, optional=True),
        tables.Column("sources", _("数据来源"), value=lambda row: _sources(row.item)),
        tables.Column("consent", _("读取"), value=lambda row: _consent(row.item)),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("名称或代号"), ("code", "title")),
        tables.Choice("kind", _("类型"), tuple(KINDS.items())),
        From("from", _("数据来源"), tuple((kind.code, kind.title) for kind in kinds.KINDS.values())),
    )
    order = ("rank", "code")


class BehindTable(tables.Table):
    """The facts a feature is counted from."""

    name, title, prefix = "behind", _("背后的资料"), "f-"
    columns = tuple(
        column for column in DocumentTable.columns if column.key not in ("subject", "counterparty", "order_no")
    )
    order = ("-on", "-id")
    empty = _("这段时间里没有本单位的这类资料，因此特征为“没有资料”，不按零计。")


@guard.acting()
def feature_list(request: HttpRequest) -> HttpResponseBase:
    actor, today = actor_of(request), business_date.today()
    assert actor.party is not None
    own = features.online(actor.party, features.FEATURES, as_of=today)
    rows = [Row(item, own[item.code]) for item in features.FEATURES.values()]
    context = {"today": today, "known": sum(row.own.known is Known.PRESENT for row in rows), "all": len(rows)}
    return tables.respond(request, "facts/features.html", FeatureTable(request, rows), context=context)


@guard.acting()
def feature_page(request: HttpRequest, code: str) -> HttpResponseBase:
    item = features.FEATURES.get(code)
    if item is None:
        raise NotFound("feature.unknown", Text("没有这个特征", "There is no such feature"))
    actor, today = actor_of(request), business_date.today()
    assert actor.party is not None
    own = features.online(actor.party, [code], as_of=today)[code]
    since = months_before(today, max(words.window_months(item), 1))
    of_kinds = [kind for kind in item.sources if kind in kinds.KINDS]
    schemes, methods = words.named_in()[code]
    freshness = [row for row in queries.freshness(actor, actor.party) if row.kind in of_kinds]
    names = labels.names([row.source for row in freshness])
    context = {
        "item": item,
        "header": _header(item, own),
        "parts": words.parts_said(item),
        "formula": words.formula(item),
        "statement": words.statement(item),
        "freshness": [(kind_title(row.kind), names.get(row.source), row) for row in freshness],
        "sources": [_source(kind) for kind in of_kinds],
        "consents": [_held(each, of_kinds) for each in _consents(actor.party, item, today)],
        "needs": [kind_title(kind) for kind in catalogue.consent_needed(item)],
        "schemes": _links("studio_scheme", schemes),
        "methods": _links("method", methods),
        "since": since,
        "today": today,
    }
    table = BehindTable(request, queries.behind(actor, actor.party, of_kinds, since, today))
    return tables.respond(request, "facts/feature.html", table, context=context)


def shown(item: Feature, found: FeatureValue) -> Label:
    """A value as it is read, or how it is known."""
    value = found.value
    if value is None:
        return GIVEN if item.given else KNOWN[found.known]
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, str):
        return value
    if item.kind == "money":
        return Text(f"{value:,.2f}元", f"CNY {value:,.2f}")
    if item.kind == "percent":
        return f"{(value * 100).quantize(Decimal('0.01'))}%"
    plain = f"{value:,.2f}".rstrip("0").rstrip(".")
    return Text(f"{plain}{item.unit.zh}", f"{plain} {item.unit.en}") if item.unit else plain


def _header(item: Feature, own: FeatureValue) -> parts.Header:
    if item.given:
        status = parts.Status(GIVEN, tone="plain")
    elif own.known is Known.PRESENT:
        fresh = Text(f"资料截至{own.fresh_on}", f"facts up to {own.fresh_on}") if own.fresh_on else ""
        status = parts.Status(Text("已知", "Known"), fresh, "good")
    else:
        blocker = Text("不按零计，也不据此决定", "not taken as zero, and nothing is decided on it")
        status = parts.Status(KNOWN[own.known], blocker, "wait")
    return parts.Header(
        title=item.title,
        status=status,
        kind=Text(f"特征 {item.code}", f"Feature {item.code}"),
        figures=[
            parts.Figure(Text("本单位", "Your own"), shown(item, own)),
            parts.Figure(Text("类型", "Kind"), KINDS[item.kind]),
            parts.Figure(Text("窗口", "Window"), item.window),
            parts.Figure(Text("读取", "Read"), _consent(item)),
        ],
    )


def _sources(item: Feature) -> Text:
    if item.given:
        return GIVEN
    titles = [words.MEMBERSHIP_TITLE if kind == MEMBERSHIP else kinds.KINDS[kind].title for kind in item.sources]
    titles = titles or [words.MEMBERSHIP_TITLE]
    return Text("、".join(title.zh for title in titles), ", ".join(title.en for title in titles))


def _consent(item: Feature) -> Text:
    if item.given:
        return Text("随该环节", "as that room says")
    if catalogue.consent_needed(item):
        return Text("须授权", "with consent")
    return Text("公开", "public")


def _source(code: str) -> tuple[Text, Text, str]:
    """A kind of fact, who states it, and how it counts."""
    kind = kinds.KINDS[code]
    names = [ROLE_NAMES.get(role, Text("交易对方", "counterparty")) for role in kind.by]
    by = Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
    return kind.title, by, code


def _consents(party: uuid.UUID, item: Feature, today: datetime.date) -> list[Consent]:
    needed = catalogue.consent_needed(item)
    return queries.consents_in_force(party, today, needed) if needed else []


def _held(consent: Consent, of_kinds: Sequence[str]) -> tuple[Text, Text, Text, Consent, bool]:
    covered = [kinds.KINDS[kind].title for kind in of_kinds if kind in consent.scope]
    what = Text("、".join(title.zh for title in covered), ", ".join(title.en for title in covered))
    purpose = PURPOSES.get(consent.purpose, Text(consent.purpose, consent.purpose))
    return labels.name_of(consent.grantee), purpose, what, consent, len(covered) == len(of_kinds)


def _links(view: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Names with their addresses; a room that is not installed has none."""
    found = []
    for name in names:
        try:
            found.append((name, reverse(view, args=[name])))
        except NoReverseMatch:
            found.append((name, ""))
    return found
