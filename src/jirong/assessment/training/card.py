"""Model cards: a report as Markdown, made by the machine so that no figure is typed by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Any

from jirong.assessment.training.cards import Words
from jirong.assessment.training.report import Report

PSI_MOVED = 0.25
"""Above it a distribution is commonly said to have shifted."""
WORST_DRIFT = 8


def card(words: Words, found: Report) -> str:
    """The card of one model on one data set, in English."""
    parts = [
        f"## {words.title.en}",
        f"{words.purpose.en}\n\n{words.model.en}",
        _table(("", ""), [("data", found.data), ("trained on", found.trained_on), ("tested on", str(found.tested))]),
        "### Leakage alarm\n\n" + _alarms(found),
        "### Ranking (95 % bootstrap intervals)\n\n" + _ranking(found),
        "### Calibration\n\n" + _calibration(found),
        "### Drift between training and test (PSI)\n\n" + _drift(found),
        "### Fairness\n\n" + _fairness(found),
        "### Limits\n\n" + "\n".join(f"- {limit.en}" for limit in words.limits),
    ]
    return "\n\n".join(parts) + "\n"


def _alarms(found: Report) -> str:
    if not found.alarms:
        return "Nothing flagged."
    return _table(("input", "sign", "what was seen"), [(a.feature, a.sign, a.said.en) for a in found.alarms])


def _ranking(found: Report) -> str:
    rows = [("AUC", str(found.auc)), ("Gini", str(found.gini)), ("KS", str(found.ks))]
    rows += [(f"AUC gain over {name}", str(gain)) for name, gain in found.gains.items()]
    return _table(("figure", "value (interval)"), rows)


def _calibration(found: Report) -> str:
    parts = found.brier
    said = (
        f"Brier {parts.score:.4f} = reliability {parts.reliability:.4f} − resolution {parts.resolution:.4f} "
        f"+ uncertainty {parts.uncertainty:.4f} (over ten bins)."
    )
    rows = [(f"{g.firms:,}", f"{g.said:.2%}", f"{g.seen:.2%}", f"{g.p_value:.3f}") for g in found.grades]
    return f"{said}\n\n" + _table(("firms", "forecast", "came", "Jeffreys p (small: risk understated)"), rows)


def _drift(found: Report) -> str:
    worst = sorted(found.drift.items(), key=lambda item: -item[1])[:WORST_DRIFT]
    rows = [(name, f"{value:.2f}", "shifted" if value > PSI_MOVED else "") for name, value in worst]
    if found.score_drift == found.score_drift:
        moved = "shifted" if found.score_drift > PSI_MOVED else ""
        rows.insert(0, ("the forecast itself", f"{found.score_drift:.2f}", moved))
    return (
        _table(("input", "PSI", ""), rows)
        if rows
        else "Not applicable: the firms tested are those trained on, fold by fold."
    )


def _fairness(found: Report) -> str:
    rows = [
        (
            c.grouping, c.name, f"{c.firms:,}", f"{c.forecast:.1%}", f"{c.seen:.1%}", f"{c.auc:.3f}",
            f"{c.approved:.0%}", f"{c.impact:.2f}" + (" ⚠" if c.marked else ""),
        )
        for c in found.classes
    ]  # fmt: skip
    said = "A cut that approves half of all firms; below 0.80 of the class approved most is marked for a person."
    head = ("by", "class", "firms", "forecast", "came", "AUC", "approved", "ratio")
    return f"{said}\n\n" + _table(head, rows)


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


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
