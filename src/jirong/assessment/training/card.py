"""Model cards: a report as Markdown in Chinese or English, and as the document the site shows; no figure typed by hand.

The Markdown begins with the same findings as the site's page (:func:`jirong.assessment.cards.faults`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Any

from jirong.assessment import cards as shown
from jirong.assessment.training.cards import Words
from jirong.assessment.training.report import Report
from jirong.kernel.text import Text

WORST_DRIFT = 8
IN_TIME = Text(
    "样本内：训练与检验的时期没有隔开，以下不是跨期检验的结果",
    "IN TIME: training and test share periods; what follows is no test out of time",
)


def card(words: Words, found: Report, reader: str = "en") -> str:
    """The card of one model on one data set in the reader's language."""
    kept = shown.read(json.dumps(document("card", words, found, "")).encode())

    def say(zh: str, en: str) -> str:
        return Text(zh, en).in_language(reader)

    head = [(say("数据", "data"), found.data), (say("训练", "trained on"), kept.trained.in_language(reader))]
    head += [
        (say("检验", "tested on"), kept.tested.in_language(reader)),
        (say("方法", "how"), kept.method.in_language(reader)),
    ]
    parts = [
        f"## {words.title.in_language(reader)}",
        *([f"**{IN_TIME.in_language(reader)}**"] if found.in_time else []),
        f"{words.purpose.in_language(reader)}\n\n{words.model.in_language(reader)}",
        _table(("", ""), head),
        f"### {say('先看这些', 'Read first')}\n\n" + _faults(kept, reader),
        f"### {say('泄漏警报', 'Leakage alarm')}\n\n" + _alarms(found, reader),
        f"### {say('排序能力（95% 自助法区间）', 'Ranking (95 % bootstrap intervals)')}\n\n" + _ranking(kept, reader),
        f"### {say('校准', 'Calibration')}\n\n" + _calibration(found, reader),
        f"### {say('单调约束', 'Monotone constraints')}\n\n" + _monotone(kept, reader),
        f"### {say('训练与检验之间的漂移（PSI）', 'Drift between training and test (PSI)')}\n\n"
        + _drift(found, reader),
        f"### {say('公平性', 'Fairness')}\n\n" + _fairness(found, reader),
        f"### {say('局限', 'Limits')}\n\n" + "\n".join(f"- {limit.in_language(reader)}" for limit in words.limits),
    ]
    return "\n\n".join(parts) + "\n"


def _faults(kept: shown.Card, reader: str) -> str:
    told = [
        Text(
            f"- **{fault.title.zh}。**{fault.reason.zh}{fault.remedy.zh}",
            f"- **{fault.title.en}.** {fault.reason.en} {fault.remedy.en}",
        )
        for fault in shown.faults(kept)
    ]
    rows = [line.in_language(reader) for line in told]
    return "\n".join(rows) or Text("没有发现问题。", "Nothing found wrong.").in_language(reader)


def _alarms(found: Report, reader: str) -> str:
    if not found.alarms:
        return Text("没有发现。", "Nothing flagged.").in_language(reader)
    head = _head(reader, ("输入", "input"), ("迹象", "sign"), ("所见", "what was seen"))
    return _table(
        head, [(a.feature, sign(a.sign).in_language(reader), a.said.in_language(reader)) for a in found.alarms]
    )


def sign(word: str) -> Text:
    """A sign of the alarm: its Chinese name, and in English the word itself."""
    return Text(shown.said(word).zh, word)


def _ranking(kept: shown.Card, reader: str) -> str:
    rows = [
        (
            figure.title.in_language(reader),
            Text(
                f"{figure.value:.4f}（{figure.low:.4f} 至 {figure.high:.4f}）",
                f"{figure.value:.4f} ({figure.low:.4f} to {figure.high:.4f})",
            ).in_language(reader),
        )
        for figure in kept.ranking
    ]
    return _table(_head(reader, ("指标", "figure"), ("值（区间）", "value (interval)")), rows)


def _calibration(found: Report, reader: str) -> str:
    parts = found.brier
    said = Text(
        f"Brier {parts.score:.4f} = 可靠性 {parts.reliability:.4f} − 分辨力 {parts.resolution:.4f} "
        f"+ 不确定性 {parts.uncertainty:.4f}（分十档）。",
        f"Brier {parts.score:.4f} = reliability {parts.reliability:.4f} − resolution {parts.resolution:.4f} "
        f"+ uncertainty {parts.uncertainty:.4f} (over ten bins).",
    )
    rows = [(f"{g.firms:,}", f"{g.said:.2%}", f"{g.seen:.2%}", f"{g.p_value:.3f}") for g in found.grades]
    head = _head(
        reader, ("企业数", "firms"), ("预测", "forecast"), ("实际", "came"),
        ("Jeffreys 检验 p（小表示低估风险）", "Jeffreys p (small: risk understated)"),
    )  # fmt: skip
    return f"{said.in_language(reader)}\n\n" + _table(head, rows)


def _monotone(kept: shown.Card, reader: str) -> str:
    rows = [(item.feature, item.said.in_language(reader), item.reason.in_language(reader)) for item in kept.monotone]
    if not rows:
        return Text("没有。", "None.").in_language(reader)
    return _table(_head(reader, ("输入", "input"), ("方向", "direction"), ("理由", "reason")), rows)


def _drift(found: Report, reader: str) -> str:
    moved = Text("已移动", "shifted").in_language(reader)
    worst = sorted(found.drift.items(), key=lambda item: -item[1])[:WORST_DRIFT]
    rows = [(name, f"{value:.2f}", moved if value > shown.SHIFTED else "") for name, value in worst]
    if math.isfinite(found.score_drift):
        own = Text("预测值本身", "the forecast itself").in_language(reader)
        rows.insert(0, (own, f"{found.score_drift:.2f}", moved if found.score_drift > shown.SHIFTED else ""))
    if not rows:
        return Text(
            "不适用：检验的就是训练的那批企业，逐折轮流。",
            "Not applicable: the firms tested are those trained on, fold by fold.",
        ).in_language(reader)
    return _table((*_head(reader, ("输入", "input")), "PSI", ""), rows)


def _fairness(found: Report, reader: str) -> str:
    rows = [
        (
            shown.said(c.grouping).in_language(reader), shown.said(c.name).in_language(reader), f"{c.firms:,}",
            f"{c.forecast:.1%}", f"{c.seen:.1%}", f"{c.auc:.3f}",
            f"{c.approved:.0%}", f"{c.impact:.2f}" + (" ⚠" if c.marked else ""),
        )
        for c in found.classes
    ]  # fmt: skip
    if not rows:
        return Text(
            "文件中没有规模、地区、年龄或行业，无法检验。", "The file names no size, region, age or sector to look at."
        ).in_language(reader)
    said = Text(
        "以批准一半企业的分数线为准；批准率低于最高一类的 80% 时标出，由人复核。",
        "A cut that approves half of all firms; below 0.80 of the class approved most is marked for a person.",
    )
    head = _head(
        reader, ("按", "by"), ("类别", "class"), ("企业数", "firms"), ("预测", "forecast"), ("实际", "came"),
        ("AUC", "AUC"), ("批准率", "approved"), ("与最高之比", "ratio"),
    )  # fmt: skip
    return f"{said.in_language(reader)}\n\n" + _table(head, rows)


def document(name: str, words: Words, found: Report, command: str) -> dict[str, Any]:
    """The card as a document of ``catalogue/models``: what the site shows, with the command that made it."""
    return {
        "card": name,
        "version": 1,
        "title": words.title.as_dict(),
        "purpose": words.purpose.as_dict(),
        "model": words.model.as_dict(),
        "limits": [limit.as_dict() for limit in words.limits],
        "command": command,
        "made_with": f"LightGBM {metadata.version('lightgbm')}",
        "report": _plain(found.as_dict()),
    }


def _plain(value: Any) -> Any:
    """JSON-safe: six decimals are enough of any figure, and what is not a number is null."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(float(value), 6) if math.isfinite(value) else None
    return value


def _head(reader: str, *names: tuple[str, str]) -> tuple[str, ...]:
    return tuple(Text(zh, en).in_language(reader) for zh, en in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
