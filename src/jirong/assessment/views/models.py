"""Model cards as pages: what fails stands first, in plain words; then how each figure was measured."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.assessment import cards
from jirong.assessment.cards import Card
from jirong.kernel.text import Text
from jirong.parties import guard
from jirong.web import parts, tables

DRIVERS_SHOWN = 12


class CardTable(tables.Table):
    """Every card of the catalogue."""

    name, title = "models", _("模型卡")
    columns = (
        tables.Column("title", _("模型"), primary=True, link=lambda card: reverse("model", args=[card.name])),
        tables.Column("state", _("能否使用"), template="assessment/_state_cell.html", value=lambda card: state(card)),
        tables.Column("method", _("检验方法"), value=lambda card: card.method, optional=True),
        tables.Column("auc", "AUC", kind="number", value=lambda card: _places(card.ranking[0].value)),
        tables.Column("ks", "KS", kind="number", value=lambda card: _places(card.ranking[2].value)),
        tables.Column("forecast", _("预测违约率"), kind="number", value=lambda card: cards.percent(card.forecast)),
        tables.Column("came", _("实际违约率"), kind="number", value=lambda card: cards.percent(card.came)),
    )  # fmt: skip
    order = ("name",)
    empty = _("还没有模型卡。训练后用 jirong models card … --out catalogue/models 生成，页面随即出现。")


@guard.acting()
def models(request: HttpRequest) -> HttpResponseBase:
    found = list(cards.house_cards().values())
    return tables.respond(request, "assessment/models.html", CardTable(request, found))


@guard.acting()
def model(request: HttpRequest, name: str) -> HttpResponseBase:
    card = cards.card(name)
    context = {
        "card": card,
        "header": _header(card),
        "faults": [finding(fault) for fault in cards.faults(card)],
        "calibration": _calibration(card),
        "brier": _brier(card),
        "drift": [(name, _places(psi, 2), psi > cards.SHIFTED) for name, psi in card.drift],
        "score_drift": card.score_drift,
        "drivers": _drivers(card),
        "classes": [_class(row) for row in card.report["classes"]],
        "alarms": [(a["feature"], cards.said(a["sign"]), Text.from_dict(a["said"])) for a in card.report["alarms"]],
        "others": [other for other in cards.house_cards().values() if other.name != card.name],
    }
    return render(request, "assessment/model.html", context)


@guard.acting()
def compare(request: HttpRequest) -> HttpResponseBase:
    """Two cards side by side; the address names them."""
    known = list(cards.house_cards().values())
    asked = [request.GET.get(name, "") for name in ("a", "b")]
    chosen = [cards.house_cards()[name] for name in asked if name in cards.house_cards()]
    for card in known:
        if len(chosen) < 2 and card not in chosen:
            chosen.append(card)
    context = {"known": known, "chosen": chosen[:2], "rows": _side_by_side(chosen[:2])}
    return render(request, "assessment/compare.html", context)


def state(card: Card) -> parts.Status:
    """Whether it may be used, in a sentence."""
    found = cards.faults(card)
    bars = [fault for fault in found if fault.bars]
    if bars:
        return parts.Status(Text("不得用于授信决定", "Not to be used for decisions"), bars[0].title, "bad")
    if found:
        said = Text(f"有{len(found)}点须先知道", f"{len(found)} things to know first")
        return parts.Status(Text("可供参考", "For reference"), said, "wait")
    return parts.Status(Text("检验合格", "Passed its tests"), "", "good")


def finding(fault: cards.Fault) -> parts.Finding:
    return parts.Finding(fault.title, "bar" if fault.bars else "warn", fault.reason, remedy=fault.remedy)


def _header(card: Card) -> parts.Header:
    auc, gini, ks = card.ranking[:3]
    compare_url = f"{reverse('model_compare')}?a={card.name}"
    return parts.Header(
        title=card.title,
        status=state(card),
        kind=Text(f"模型卡 · 第{card.version}版", f"Model card · version {card.version}"),
        actions=[parts.Action(_("并列比较"), compare_url, icon="copy")],
        figures=[
            parts.Figure("AUC", _interval(auc)),
            parts.Figure("Gini", _interval(gini)),
            parts.Figure("KS", _interval(ks)),
            parts.Figure(Text("预测违约率", "Forecast"), card.forecast, "percent"),
            parts.Figure(Text("实际违约率", "Came"), card.came, "percent"),
            parts.Figure(Text("卡的哈希", "Hash of the card"), card.sha256, "hash"),
        ],
    )


def _interval(figure: cards.Figure) -> str:
    return f"{_places(figure.value, 3)} ({_places(figure.low, 3)}–{_places(figure.high, 3)})"


def _places(value: Decimal, places: int = 4) -> str:
    return str(value.quantize(Decimal(1).scaleb(-places)))


def _calibration(card: Card) -> parts.Chart:
    columns = (
        Text("档（由低到高）", "Grade, low to high"),
        Text("预测违约率 %", "Forecast %"),
        Text("实际违约率 %", "Came %"),
    )
    rows = [
        (str(place), _hundredths(grade.said), _hundredths(grade.seen)) for place, grade in enumerate(card.grades, 1)
    ]
    note = Text(
        "两根柱应当一样高；按预测把企业分为十档，每档企业数相同。",
        "The two bars should be equally high; grades hold equal numbers of firms.",
    )
    return parts.Chart(
        "calibration", Text("校准：说的和来的", "Calibration: said and came"), "bar", columns, rows, "%", note
    )


def _hundredths(value: Decimal) -> Decimal:
    return (value * 100).quantize(Decimal("0.01"))


def _brier(card: Card) -> Text:
    found = card.report["brier"]
    score, reliability, resolution, uncertainty = (
        _places(cards.number(found[name])) for name in ("score", "reliability", "resolution", "uncertainty")
    )
    return Text(
        f"Brier {score} = 可靠性{reliability}（小为好）− 分辨力{resolution}（大为好）+ 不确定性{uncertainty}",
        f"Brier {score} = reliability {reliability} (small is good) − resolution {resolution} (large is good) "
        f"+ uncertainty {uncertainty}",
    )


def _drivers(card: Card) -> parts.Chart | None:
    if not card.drivers:
        return None
    rows = [(name, _hundredths(share)) for name, share in card.drivers[:DRIVERS_SHOWN]]
    columns = (Text("输入", "Input"), Text("占预测变动的份额 %", "Share of what moves the forecast %"))
    return parts.Chart("drivers", Text("什么在推动预测", "What moves the forecast"), "bar", columns, rows, "%")


def _class(row: dict[str, Any]) -> tuple[Any, ...]:
    impact = row["impact"]
    return (
        cards.said(row["grouping"]), cards.said(row["name"]), row["firms"], cards.percent(cards.number(row["forecast"])),
        cards.percent(cards.number(row["seen"])), None if row["auc"] is None else _places(cards.number(row["auc"]), 3),
        cards.percent(cards.number(row["approved"]), "1"), None if impact is None else _places(cards.number(impact), 2),
        impact is not None and impact < 0.8,
    )  # fmt: skip


def _side_by_side(chosen: Sequence[Card]) -> list[tuple[Text, list[Any]]]:
    """One row a question, one cell a card."""

    def row(zh: str, en: str, *cells: Any) -> tuple[Text, list[Any]]:
        return Text(zh, en), list(cells)

    marked = [sum(c["impact"] is not None and c["impact"] < 0.8 for c in card.report["classes"]) for card in chosen]
    shifted = [sum(psi > cards.SHIFTED for _name, psi in card.drift) for card in chosen]
    understated = [f"{sum(g.understated for g in card.grades)} / {len(card.grades)}" for card in chosen]
    return [
        row("能否使用", "May it be used", *[state(card).state for card in chosen]),
        row("首要问题", "What fails first", *[_first(card) for card in chosen]),
        row("用途", "Purpose", *[card.purpose for card in chosen]),
        row("检验方法", "How it was tested", *[card.method for card in chosen]),
        row("训练样本", "Trained on", *[card.trained for card in chosen]),
        row("检验样本", "Tested on", *[card.tested for card in chosen]),
        row("AUC（95% 区间）", "AUC (95 % interval)", *[_interval(card.ranking[0]) for card in chosen]),
        row("Gini", "Gini", *[_interval(card.ranking[1]) for card in chosen]),
        row("KS", "KS", *[_interval(card.ranking[2]) for card in chosen]),
        row("预测违约率", "Forecast", *[cards.percent(card.forecast) for card in chosen]),
        row("实际违约率", "Came", *[cards.percent(card.came) for card in chosen]),
        row("低估风险的档数", "Grades that understate risk", *understated),
        row("分布移动的输入数（PSI 超过 0.25）", "Inputs that shifted (PSI over 0.25)", *shifted),
        row("批准率偏低的类别数", "Classes approved less often", *marked),
        row("泄漏警报数", "Leakage alarms", *[len(card.report["alarms"]) for card in chosen]),
        row("制作工具", "Made with", *[card.made_with for card in chosen]),
    ]


def _first(card: Card) -> Text:
    found = cards.faults(card)
    return found[0].title if found else Text("没有发现", "Nothing found")
