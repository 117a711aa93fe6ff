"""From a document to a method: ``kind`` says which, the rest is checked key by key."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from decimal import Decimal

from jirong.assessment.directions import Direction
from jirong.assessment.methods.bands import Band, Bands
from jirong.assessment.methods.base import ASK, BIN, Head, Input, Method, Raw, StandIn
from jirong.assessment.methods.boosted import Beta, Boosted
from jirong.assessment.methods.climate import Climate, ClimateTerms
from jirong.assessment.methods.document import Node, load, malformed
from jirong.assessment.methods.effect import MEASURES, EffectMethod
from jirong.assessment.methods.ip_value import IpTerms, IpValue
from jirong.assessment.methods.levels import LevelRow, LevelTable
from jirong.assessment.methods.points import WHOLE, PointsTable, Stage, Stages
from jirong.assessment.methods.scorecard import Scaling, Scorecard

KINDS = ("number", "money", "percent", "flag", "word")
_HEAD = ("method", "version", "kind", "title", "summary", "source", "effective", "verified", "levels", "inputs", "note")


def read(name: str, text: str) -> Method:
    """The method a document describes; :class:`Invalid` naming the place where it cannot be one."""
    node = load(name, text)
    readers: Mapping[str, Callable[[Node, Head], Method]] = {
        "points_table": _points_table,
        "scorecard": _scorecard,
        "climate": _climate,
        "effect": _effect,
        "ip_value": _ip_value,
        "boosted": _boosted,
    }
    reader = readers[node["kind"].one_of(*readers)]
    return reader(node, _head(node))


def _head(node: Node) -> Head:
    inputs = tuple(_input(item) for item in node["inputs"].list())
    names = [item.feature for item in inputs]
    if len(set(names)) != len(names):
        raise malformed(node["inputs"].where, "特征重复", "a feature is named twice")
    return Head(
        name=node["method"].string(),
        version=node["version"].whole(),
        title=node["title"].text(),
        summary=node["summary"].text(),
        source=node["source"].string(),
        effective=node["effective"].date(),
        levels=_levels(node["levels"]),
        inputs=inputs,
        verified=node["verified"].flag(),
    )


def _input(node: Node) -> Input:
    node.only("feature", "title", "kind", "unit", "missing", "plausible", "within_days")
    kind = node["kind"].one_of(*KINDS)
    unit, plausible, within = node.get("unit"), node.get("plausible"), node.get("within_days")
    bounds = None
    if plausible is not None:
        low, high = (item.number() for item in plausible.list())
        bounds = (low, high)
    return Input(
        feature=node["feature"].string(),
        title=node["title"].text(),
        kind=kind,
        unit=unit.text() if unit else None,
        missing=_missing(node.get("missing"), kind),
        plausible=bounds,
        within_days=within.whole() if within else None,
    )


def _missing(node: Node | None, kind: str) -> str | StandIn:
    if node is None:
        return ASK
    if isinstance(node.value, str):
        return node.one_of(ASK, BIN)
    node.only("use", "because")
    return StandIn(_raw(node["use"], kind), node["because"].text())


def _raw(node: Node, kind: str) -> Raw:
    if kind == "flag":
        return node.flag()
    return node.string() if kind == "word" else node.number()


def _levels(node: Node) -> LevelTable:
    rows = []
    for row in node.list():
        row.only("from", "at_least", "otherwise", "verified", "source")
        at_least = tuple((level, least.number()) for level, least in row["at_least"].items())
        if not at_least or any(one[1] <= two[1] for one, two in itertools.pairwise(at_least)):
            raise malformed(row.where, "等级须由高到低", "levels must go from best to worst")
        if any(least * 100 != int(least * 100) for _, least in at_least):
            raise malformed(row.where, "分数线最多两位小数", "a least score has at most two decimals")
        rows.append(
            LevelRow(
                row["from"].date(), at_least, row["otherwise"].string(), row["verified"].flag(), row["source"].string()
            )
        )
    if [row.since for row in rows] != sorted({row.since for row in rows}):
        raise malformed(node.where, "须按日期先后且不重复", "rows must be in order of date, without repeats")
    return LevelTable(tuple(rows))


def _bands(node: Node, item: Input) -> Bands:
    """``bins`` of one input: ``from`` bounds in order, or ``is`` groups with ``other``; ``missing`` for its own bin."""
    grouped = item.kind in ("flag", "word")
    missing, other = node.get("missing"), node.get("other")
    if (item.missing == BIN) != (missing is not None):
        raise malformed(
            node.where, "missing: bin 的特征须有且仅有 missing 分值", "missing: bin needs points for missing"
        )
    bands = tuple(_band(part, item, grouped) for part in node["bins"].list())
    _check_bins(node, bands, item, other)
    return Bands(
        input=item,
        bands=bands,
        grouped=grouped,
        other=Band(other.hundredths()) if other else None,
        missing=Band(missing.hundredths()) if missing else None,
    )


def _band(node: Node, item: Input, grouped: bool) -> Band:
    points = node["points"].hundredths()
    if grouped:
        node.only("is", "points")
        return Band(points, members=tuple(_member(part, item.kind) for part in node["is"].list()))
    node.only("from", "points")
    low = node.get("from")
    return Band(points, low.number() if low else None)


def _member(node: Node, kind: str) -> str | bool:
    value = _raw(node, kind)
    assert not isinstance(value, Decimal)
    return value


def _check_bins(node: Node, bands: tuple[Band, ...], item: Input, other: Node | None) -> None:
    """Every possible value has one bin."""
    if item.kind == "flag":
        if {member for band in bands for member in band.members} != {True, False}:
            raise malformed(node.where, "须同时有“是”与“否”", "both true and false need a bin")
        return
    if item.kind == "word":
        if other is None:
            raise malformed(node.where, "须有 other", "words need an “other” bin")
        return
    lows = [band.low for band in bands[1:]]
    known = [low for low in lows if low is not None]
    if bands[0].low is not None or len(known) != len(lows) or known != sorted(set(known)):
        raise malformed(node.where, "第一档不设下限，其余由低到高", "the first bin has no bound, the others rise")


def _all_banded(node: Node, head: Head, parts: Mapping[str, Bands], also: frozenset[str] = frozenset()) -> None:
    """Every input is used, every bin has an input."""
    unused = set(head.features_named()) - set(parts) - also
    if unused:
        told = ", ".join(sorted(unused))
        raise malformed(node.where, f"这些特征没有分档：{told}", f"these inputs have no bins: {told}")


def _banded(node: Node, head: Head) -> dict[str, Bands]:
    parts: dict[str, Bands] = {}
    for part in node.list():
        feature = part["feature"].string()
        if feature not in head.features_named() or feature in parts:
            raise malformed(part.where, f"“{feature}”不在 inputs 中或重复", f"“{feature}” is no input, or comes twice")
        parts[feature] = _bands(part, head.input(feature))
    return parts


def _points_table(node: Node, head: Head) -> Method:
    node.only(*_HEAD, "stages", "indicators")
    stages = _stages(node.get("stages"))
    parts = _banded(node["indicators"], head)
    _all_banded(node, head, parts, frozenset({stages.feature} if stages else ()))
    codes = [stage.code for stage in stages.stages] if stages else ["all"]
    weights = {part["feature"].string(): _weights(part, codes) for part in node["indicators"].list()}
    for place, code in enumerate(codes):
        if sum(item[place] for item in weights.values()) != WHOLE:
            raise malformed(
                node["indicators"].where, f"{code}的权重合计须为100", f"the weights of {code} must sum to 100"
            )
    for bands in parts.values():
        if any(not 0 <= band.points <= WHOLE for band in bands.every):
            raise malformed(node["indicators"].where, "每项得分须在0至100之间", "points lie between 0 and 100")
    return PointsTable(head, tuple(parts.values()), weights, stages)


def _weights(node: Node, codes: list[str]) -> tuple[int, ...]:
    node.only("feature", "weight", "bins", "other", "missing", "group")
    if codes == ["all"]:
        return (node["weight"].hundredths(),)
    return tuple(node["weight"][code].hundredths() for code in codes)


def _stages(node: Node | None) -> Stages | None:
    if node is None:
        return None
    node.only("feature", "of", "verified", "source")
    stages = []
    for part in node["of"].list():
        part.only("code", "title", "from")
        low = part.get("from")
        stages.append(Stage(part["code"].string(), part["title"].text(), low.number() if low else None))
    lows = [stage.low for stage in stages[1:]]
    known = [low for low in lows if low is not None]
    if stages[0].low is not None or len(known) != len(lows) or known != sorted(set(known)):
        raise malformed(node.where, "第一阶段不设下限，其余由低到高", "the first stage has no bound, the others rise")
    return Stages(node["feature"].string(), tuple(stages))


def _scorecard(node: Node, head: Head) -> Method:
    node.only(*_HEAD, "base", "scaling", "characteristics", "trained")
    parts = _banded(node["characteristics"], head)
    _all_banded(node, head, parts)
    neutral: dict[str, int] = {}
    for part in node["characteristics"].list():
        part.only("feature", "neutral", "bins", "other", "missing")
        neutral[part["feature"].string()] = part["neutral"].hundredths()
    return Scorecard(head, tuple(parts.values()), neutral, node["base"].hundredths(), _scaling(node.get("scaling")))


def _scaling(node: Node | None) -> Scaling | None:
    if node is None:
        return None
    node.only("points", "odds", "pdo")
    return Scaling(node["points"].number(), node["odds"].number(), node["pdo"].number())


def _climate(node: Node, head: Head) -> Method:
    node.only(*_HEAD, "terms")
    terms = node["terms"]
    curve = tuple((Decimal(speed), part.number()) for speed, part in terms["curve"].items())
    names = (
        "losses", "uncertainty", "uncertainty_per_volatility", "z", "solar_conversion", "curtailment",
        "running_cost", "life_years", "cover", "wind_bar", "volatility_bar",
    )  # fmt: skip
    terms.only(*names, "curve", "barred_level")
    numbers = {name: terms[name].number() for name in names}
    return Climate(head, ClimateTerms(curve=curve, barred_level=terms["barred_level"].string(), **numbers))


def _effect(node: Node, head: Head) -> Method:
    node.only(*_HEAD, "measure")
    return EffectMethod(head, node["measure"].one_of(*MEASURES))


def _ip_value(node: Node, head: Head) -> Method:
    node.only(*_HEAD, "terms")
    terms = node["terms"]
    numbers = ("embodied", "spending_age", "capital_return", "royalty", "fading", "discount")
    terms.only(*numbers, "years_most", "approaches", "disputed_level")
    return IpValue(
        head,
        IpTerms(
            **{name: terms[name].number() for name in numbers},
            years_most=terms["years_most"].whole(),
            approaches=terms["approaches"].whole(),
            disputed_level=terms["disputed_level"].string(),
        ),
    )


def _boosted(node: Node, head: Head) -> Method:
    node.only(*_HEAD, "model", "calibration", "scaling", "typical", "monotone", "trained")
    beta, scaling = node["calibration"], _scaling(node["scaling"])
    assert scaling is not None
    typical = {name: value.number() for name, value in node["typical"].items()}
    calibration = Beta(*(float(beta[name].number()) for name in ("a", "b", "c")))
    monotone = tuple(_direction(part, head) for part in node["monotone"].list()) if _filled(node, "monotone") else ()
    return Boosted(head, node["model"].string(), calibration, scaling, typical, monotone)


def _filled(node: Node, key: str) -> bool:
    found = node.get(key)
    return found is not None and found.value != []


def _direction(node: Node, head: Head) -> Direction:
    """A feature of the document, +1 or −1, and why."""
    node.only("feature", "direction", "reason")
    feature, direction = node["feature"].string(), node["direction"].whole()
    if feature not in head.features_named() or direction not in (1, -1):
        raise malformed(node.where, "须为本方法的特征，方向为1或-1", "it must be an input, with a direction of 1 or -1")
    return Direction(feature, direction, node["reason"].text())
