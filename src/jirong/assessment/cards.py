"""Model cards as the site shows them: documents of ``catalogue/models``, made by ``jirong models card --out``.

A card holds figures a machine measured and a few sentences a person wrote. What is wrong with a model follows from
the figures by fixed rules (:func:`faults`), so that nobody can leave it out; it stands at the top of the page.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from jirong.assessment.directions import Direction
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text

CATALOGUE = Path(__file__).parents[3] / "catalogue" / "models"
UNDERSTATED = Decimal("0.05")
"""A Jeffreys p-value below it says a grade's risk is understated."""
OFF_BY = Decimal("1.5")
"""Forecast and outcome further apart than this fail the card."""
WEAK_AUC, CHANCE = Decimal("0.65"), Decimal("0.5")
SUSPECT_AUC, DEFAULTS_LEAST = Decimal("0.95"), 6
"""An AUC from here on is questioned; the alarm needs so many defaulters (:mod:`~jirong.assessment.training.leakage`)."""
SHIFTED = Decimal("0.25")
"""A PSI above it is commonly said to be a shift."""
BARRING = ("power", "cut short", "name")


@dataclass(frozen=True, slots=True)
class Fault:
    """What fails (``bars``) or must be known before use, in plain words, with what to do about it."""

    code: str
    bars: bool
    title: Text
    reason: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure with its 95 % bootstrap interval."""

    title: Text
    value: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Grade:
    """A tenth of the firms tested: what was forecast for it and what came; ``p`` small says risk was understated."""

    firms: int
    said: Decimal
    seen: Decimal
    p: Decimal

    @property
    def understated(self) -> bool:
        return self.p < UNDERSTATED


@dataclass(frozen=True, slots=True)
class Card:
    """``report`` is the machine's part as written; ``sha256`` is over the file's bytes."""

    name: str
    version: int
    title: Text
    purpose: Text
    model: Text
    limits: tuple[Text, ...]
    command: str
    made_with: str
    report: Mapping[str, Any]
    sha256: str

    @property
    def id(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def trained(self) -> Text:
        return _sample(self.report["trained"])

    @property
    def tested(self) -> Text:
        return _sample(self.report["tested"])

    @property
    def method(self) -> Text:
        """How it was tested: on a later period, or fold by fold."""
        folds, trained, tested = self.report["folds"], self.report["trained"], self.report["tested"]
        if folds:
            return Text(
                f"{folds}折轮流检验：每折由其余各折训练的模型预测，不是跨期检验",
                f"{folds} folds in turn, each forecast by models of the others; not out of time",
            )
        if tested["first"] is None:
            return Text("留出部分企业检验，不是跨期检验", "Tested on firms held out; not out of time")
        if not self.is_out_of_time:
            return Text(
                f"样本内：训练所用的时期（{_span(trained).zh}）与检验所用的时期（{_span(tested).zh}）没有隔开，不是跨期检验",
                f"IN TIME: the periods learnt from ({_span(trained).en}) and tested on ({_span(tested).en}) were not held "
                "apart; not out of time",
            )
        return Text(
            f"跨期检验：用{_span(trained).zh}训练，用其后的{_span(tested).zh}检验",
            f"Out of time: trained on {_span(trained).en}, tested on {_span(tested).en} after it",
        )

    @property
    def is_out_of_time(self) -> bool:
        """Whether every period tested comes after every period learnt from."""
        tested, trained = self.report["tested"], self.report["trained"]
        if self.report["folds"] or self.is_in_time or tested["first"] is None or trained["last"] is None:
            return False
        return int(tested["first"]) > int(trained["last"])

    @property
    def is_in_time(self) -> bool:
        """Whether it was judged on periods it learnt from, because somebody asked for that."""
        return bool(self.report.get("in_time"))

    @property
    def monotone(self) -> tuple[Direction, ...]:
        """The directions the model was held to, with their reasons."""
        return tuple(
            Direction(row["feature"], row["direction"], Text.from_dict(row["reason"]))
            for row in self.report.get("monotone", ())
        )

    @property
    def ranking(self) -> tuple[Figure, ...]:
        """AUC, Gini and KS, then the gains over other forecasts of the same firms."""
        rows = [_figure(Text(title, title), self.report[title.lower()]) for title in ("AUC", "Gini", "KS")]
        for beside, found in self.report["gains"].items():
            title = BESIDE.get(beside, Text(beside, beside))
            rows.append(_figure(Text(f"AUC 比{title.zh}高", f"AUC gain over {title.en}"), found))
        return tuple(rows)

    @property
    def grades(self) -> tuple[Grade, ...]:
        return tuple(
            Grade(row["firms"], number(row["said"]), number(row["seen"]), number(row["p_value"]))
            for row in self.report["grades"]
        )

    @property
    def forecast(self) -> Decimal:
        """The mean forecast of the firms tested."""
        firms = sum(grade.firms for grade in self.grades)
        total = sum((grade.said * grade.firms for grade in self.grades), Decimal(0))
        return Decimal(total) / max(firms, 1)

    @property
    def came(self) -> Decimal:
        """The share of the firms tested that defaulted."""
        return Decimal(self.report["tested"]["defaults"]) / max(int(self.report["tested"]["firms"]), 1)

    @property
    def drift(self) -> tuple[tuple[str, Decimal], ...]:
        """PSI by input, the greatest first."""
        found = [(name, number(value)) for name, value in self.report["drift"].items() if value is not None]
        return tuple(sorted(found, key=lambda item: -item[1]))

    @property
    def score_drift(self) -> Decimal | None:
        found = self.report["score_drift"]
        return None if found is None else number(found)

    @property
    def drivers(self) -> tuple[tuple[str, Decimal], ...]:
        return tuple((name, number(share)) for name, share in self.report["drivers"].items())

    @property
    def verified(self) -> bool:
        """Whether nothing of what was measured bars its use."""
        return not any(fault.bars for fault in faults(self))


BESIDE = {
    "untuned LightGBM": Text("未调参的 LightGBM（全部输入）", "untuned LightGBM on every input"),
    "untuned LightGBM on every input, years from 1995": Text(
        "未调参的 LightGBM（全部输入，1995年起）", "untuned LightGBM on every input, years from 1995"
    ),
    "untuned LightGBM on the same inputs and years": Text(
        "未调参的 LightGBM（同样的输入、同样的年度）", "untuned LightGBM on the same inputs and years"
    ),
    "the same with coded words held to rise": Text(
        "同样输入、年度并令编码单调的 LightGBM ", "the same with its coded words held to rise"
    ),
    "logistic regression": Text("逻辑回归", "logistic regression"),
}


def number(value: float | int | str) -> Decimal:
    """A figure of a card as it was written."""
    return Decimal(str(value))


def percent(value: Decimal, places: str = "0.1") -> str:
    return f"{(value * 100).quantize(Decimal(places))}%"


def faults(card: Card) -> list[Fault]:
    """Everything wrong with the model that its figures show, what bars its use first."""
    found = [
        *_calibration(card),
        *_ranking(card),
        *_untimely(card),
        *_leaks(card),
        *_too_good(card),
        *_drifted(card),
        *_unfair(card),
    ]
    return sorted(found, key=lambda fault: not fault.bars)


def _calibration(card: Card) -> Iterable[Fault]:
    said, seen = card.forecast, card.came
    low = sum(grade.understated for grade in card.grades)
    if not card.grades or said <= 0:
        return
    off = seen / said
    if 1 / OFF_BY <= off <= OFF_BY and low * 2 <= len(card.grades):
        return
    times = (off if off > 1 else 1 / off).quantize(Decimal("0.1"))
    worse_zh, worse_en = ("低估", "understates") if off > 1 else ("高估", "overstates")
    yield Fault(
        "calibration",
        True,
        Text("校准不合格：说出的违约率不可信", "Calibration fails: the default rates it states cannot be believed"),
        Text(
            f"它预测平均{percent(said)}的企业会违约，实际违约{percent(seen)}，{worse_zh}到{times}倍；"
            f"{len(card.grades)}档中有{low}档的风险被显著低估。",
            f"It forecast that {percent(said)} of firms would default; {percent(seen)} did: it {worse_en} risk "
            f"{times}-fold. Risk is significantly understated in {low} of {len(card.grades)} grades.",
        ),
        Text(
            "不得据此定价、定额度、计提；最多用来排序，且先看排序是否合格。",
            "Do not price, set limits or provision by it; at most use its ranking, if that holds.",
        ),
    )


def _ranking(card: Card) -> Iterable[Fault]:
    auc = card.ranking[0]
    if auc.low > WEAK_AUC:
        return
    shown = f"{auc.value.quantize(Decimal('0.001'))}（{auc.low.quantize(Decimal('0.001'))}–{auc.high.quantize(Decimal('0.001'))}）"
    shown_en = shown.replace("（", " (").replace("）", ")")
    yield Fault(
        "ranking",
        auc.low <= Decimal("0.6"),
        Text("排序能力弱", "It ranks weakly"),
        Text(
            f"AUC 为{shown}；0.5 等于掷硬币。随便取一家违约企业和一家正常企业，它只有{percent(auc.value, '1')}的把握排对。",
            f"Its AUC is {shown_en}; 0.5 is a coin. Given a firm that defaulted and one that paid, it puts them in the "
            f"right order {percent(auc.value, '1')} of the time.",
        ),
        Text("不足以据此批准或拒绝。", "Not good enough to approve or refuse by."),
    )


def _untimely(card: Card) -> Iterable[Fault]:
    if not card.is_out_of_time:
        yield Fault(
            "in_time",
            False,
            Text("没有经过跨期检验", "It was not tested out of time"),
            Text(f"{card.method.zh}。", f"{card.method.en}."),
            Text("实际使用时应预期更差；有日期的数据到位后重新检验。", "Expect less in use; test again on dated data."),
        )


def _leaks(card: Card) -> Iterable[Fault]:
    out = [alarm for alarm in card.report["alarms"] if alarm["sign"] in BARRING]
    kept = [alarm for alarm in card.report["alarms"] if alarm["sign"] not in BARRING]
    used = [alarm for alarm in out if alarm["feature"] in card.report.get("inputs", ())]
    out = [alarm for alarm in out if alarm not in used]
    if used:
        names = "、".join(dict.fromkeys(alarm["feature"] for alarm in used))
        first = Text.from_dict(used[0]["said"])
        yield Fault(
            "leak_used",
            True,
            Text(f"模型用了有泄漏迹象的输入：{names}", f"It uses inputs that look leaked: {names.replace('、', ', ')}"),
            Text(f"{first.zh}。", f"{first.en[0].upper()}{first.en[1:]}."),
            Text("去掉这些输入重新训练。", "Train it again without them."),
        )
    if kept:
        names = "、".join(alarm["feature"] for alarm in kept[:6])
        first = Text.from_dict(kept[0]["said"])
        yield Fault(
            "absence",
            False,
            Text("部分能力来自数据缺失的方式", "Part of its power is how data went missing"),
            Text(f"{names}：{first.zh}。", f"{names.replace('、', ', ')}: {first.en}."),
            Text("请采信去掉这些项之后的结果。", "Believe the figures without these inputs."),
        )
    if out:
        names = "、".join(dict.fromkeys(alarm["feature"] for alarm in out))
        first = Text.from_dict(out[0]["said"])
        yield Fault(
            "leak",
            False,
            Text(f"泄漏警报：{names}已剔除", f"Leakage alarm: {names.replace('、', ', ')} was left out"),
            Text(f"{first.zh}。", f"{first.en[0].upper()}{first.en[1:]}."),
            Text("警报自动给出，训练未使用该项。", "The alarm speaks unasked; training did not use it."),
        )


def _too_good(card: Card) -> Iterable[Fault]:
    """Too few defaulters for the alarm to tell, and a ranking no honest credit data give."""
    auc, bad = card.ranking[0].value, min(card.report["trained"]["defaults"], card.report["tested"]["defaults"])
    if auc >= SUSPECT_AUC:
        shown = auc.quantize(Decimal("0.001"))
        yield Fault(
            "too_good",
            False,
            Text("排序好得可疑", "It ranks suspiciously well"),
            Text(
                f"AUC 为{shown}。信贷数据很少这样好，通常是有输入在事后才形成，或几项合起来说出了结果。",
                f"Its AUC is {shown}. Credit data are hardly ever that good: mostly some input came about afterwards, or "
                "several together tell the outcome.",
            ),
            Text(
                "逐项查清各输入在决定之时是否已知。",
                "Make sure of each input that it was known when the decision was made.",
            ),
        )
    if bad < DEFAULTS_LEAST:
        yield Fault(
            "few_defaults",
            True,
            Text("违约太少，无从检验", "Too few defaults to test it"),
            Text(
                f"训练或检验样本中只有{bad}家违约；少于{DEFAULTS_LEAST}家时，泄漏警报和各项指标都说明不了什么。",
                f"Training or test holds only {bad} defaults; with fewer than {DEFAULTS_LEAST} neither the alarm nor any "
                "figure says much.",
            ),
            Text("积累更多结果后再检验。", "Test it again when more outcomes are in."),
        )


def _drifted(card: Card) -> Iterable[Fault]:
    moved = [name for name, psi in card.drift if psi > SHIFTED]
    if moved:
        yield Fault(
            "drift",
            False,
            Text(f"{len(moved)}项输入的分布已经移动", f"{_counted(len(moved), 'input has', 'inputs have')} shifted"),
            Text(
                f"训练期与检验期之间 PSI 超过{SHIFTED}：{'、'.join(moved[:6])}{'等' if len(moved) > 6 else ''}。",
                f"PSI over {SHIFTED} between training and test: {', '.join(moved[:6])}{' and more' if len(moved) > 6 else ''}.",
            ),
            Text("使用前先查明原因，必要时重新训练。", "Find out why before use; retrain if need be."),
        )


def _unfair(card: Card) -> Iterable[Fault]:
    marked = [row for row in card.report["classes"] if row["impact"] is not None and row["impact"] < 0.8]
    if marked:
        worst = min(marked, key=lambda row: row["impact"])
        name, by = said(worst["name"]), said(worst["grouping"])
        yield Fault(
            "fairness",
            False,
            Text(
                f"{len(marked)}类企业的批准率偏低",
                f"{_counted(len(marked), 'class is', 'classes are')} approved less often",
            ),
            Text(
                f"按同一分数线批准一半企业时，{by.zh}中“{name.zh}”的批准率只有最高一类的{percent(number(worst['impact']), '1')}。",
                f"With a cut that approves half of all firms, “{name.en}” by {by.en} is approved at "
                f"{percent(number(worst['impact']), '1')} of the rate of the class approved most.",
            ),
            Text(
                "须由人复核原因；五分之四（80%）为惯例界线。",
                "A person has to look into why; four fifths is the usual line.",
            ),
        )


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def said(word: str) -> Text:
    """A grouping or class of a card in both languages; unknown ones as they are."""
    return WORDS.get(word) or (Text(word, word) if word else Text("未注明", "not stated"))


WORDS = {
    "size": Text("规模", "size"), "region": Text("地区", "region"), "age": Text("年龄", "age"),
    "sector": Text("行业", "sector"),
    "larger half by assets": Text("资产较大的一半", "larger half by assets"),
    "smaller half by assets": Text("资产较小的一半", "smaller half by assets"),
    "20 staff or more": Text("20人及以上", "20 staff or more"), "5 to 19 staff": Text("5至19人", "5 to 19 staff"),
    "under 5 staff": Text("不足5人", "under 5 staff"), "Midwest": Text("中西部", "Midwest"),
    "Northeast": Text("东北部", "Northeast"), "South": Text("南部", "South"), "West": Text("西部", "West"),
    "existing firm": Text("存续企业", "existing firm"), "new firm": Text("新设企业", "new firm"),
    "construction": Text("建筑业", "construction"), "food and lodging": Text("住宿餐饮业", "food and lodging"),
    "manufacturing": Text("制造业", "manufacturing"), "services": Text("服务业", "services"),
    "trade": Text("批发零售业", "trade"), "transport": Text("运输业", "transport"),
    "other or unstated": Text("其他或未注明", "other or unstated"),
    "power": Text("单项能力过高", "too powerful alone"), "cut short": Text("被事件截断", "cut short"),
    "absence": Text("缺失即结果", "absence tells"), "name": Text("名称指向事后", "its name speaks of afterwards"),
}  # fmt: skip


@functools.cache
def house_cards() -> Mapping[str, Card]:
    """The catalogue's cards by name."""
    paths = sorted(CATALOGUE.glob("*.json"))
    return {card.name: card for card in (read(path.read_bytes()) for path in paths)}


def card(name: str) -> Card:
    """The card of that name; raises :class:`NotFound`."""
    found = house_cards().get(name)
    if found is None:
        raise NotFound("model.unknown", Text("没有这张模型卡", "There is no such model card"))
    return found


def read(data: bytes) -> Card:
    """A card's document."""
    body = json.loads(data)
    return Card(
        name=body["card"],
        version=body["version"],
        title=Text.from_dict(body["title"]),
        purpose=Text.from_dict(body["purpose"]),
        model=Text.from_dict(body["model"]),
        limits=tuple(Text.from_dict(limit) for limit in body["limits"]),
        command=body["command"],
        made_with=body["made_with"],
        report=body["report"],
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _figure(title: Text, found: Mapping[str, Any]) -> Figure:
    return Figure(title, number(found["value"]), number(found["low"]), number(found["high"]))


def _span(found: Mapping[str, Any]) -> Text:
    if found["first"] is None:
        return Text("未注明", "not stated")
    if found["first"] == found["last"]:
        return Text(f"{found['first']}年", str(found["first"]))
    return Text(f"{found['first']}至{found['last']}年", f"{found['first']} to {found['last']}")


def _sample(found: Mapping[str, Any]) -> Text:
    zh = f"{found['firms']:,}家企业，其中{found['defaults']:,}家违约"
    en = f"{found['firms']:,} firms, {found['defaults']:,} of them defaulted"
    if found["first"] is None:
        return Text(f"{zh}，无日期", f"{en}, undated")
    return Text(f"{zh}，{_span(found).zh}", f"{en}, {_span(found).en}")
