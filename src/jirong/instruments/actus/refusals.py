"""How the engine says no: naming the term, the value it found and what would be valid.

Impossible terms are refused before anything is computed, and a rate nobody observed is refused when it is asked for;
the engine never guesses either. ``where`` is the term's name in the ACTUS dictionary.
"""

from __future__ import annotations

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

SHOWN_CHARACTERS_MAX = 60


def shown(value: object) -> str:
    """The value as a person typed it, cut to a readable length."""
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[:SHOWN_CHARACTERS_MAX] + "…"


def missing(kind: str, term: str, remedy: Text | None = None) -> Invalid:
    """A term the contract type cannot do without."""
    return Invalid(
        "actus.term_missing",
        Text(f"{kind} 合约缺少条款 {term}", f"a {kind} contract needs the term {term}"),
        remedy=remedy or Text(f"请填写 {term}", f"Give {term}"),
        where=term,
        details={"term": term, "contract_type": kind},
    )


def unreadable(term: str, value: object, valid: Text) -> Invalid:
    """A value that is not of the term's kind; ``valid`` says what is ("a date such as 2026-01-31")."""
    return Invalid(
        "actus.term_unreadable",
        Text(f"条款 {term} 的值“{shown(value)}”无法识别", f"the term {term} cannot be “{shown(value)}”"),
        remedy=Text(f"请填写{valid.zh}", f"Give {valid.en}"),
        where=term,
        details={"term": term, "value": shown(value)},
    )


def impossible(term: str, value: object, reason: Text, remedy: Text) -> Invalid:
    """A readable value that no contract can have, alone or beside the other terms."""
    return Invalid(
        "actus.term_impossible",
        Text(
            f"条款 {term} 的值“{shown(value)}”不成立：{reason.zh}",
            f"the term {term} cannot be “{shown(value)}”: {reason.en}",
        ),
        remedy=remedy,
        where=term,
        details={"term": term, "value": shown(value)},
    )


def unsupported(term: str, value: object, remedy: Text) -> Invalid:
    """A feature the dictionary names and the specification does not define."""
    reason = Text("规范未给出其计算方法", "the specification gives no functions for it")
    return impossible(term, value, reason, remedy)


def not_observed(code: str, instant: object) -> Invalid:
    """A market value the contract refers to and the observations do not hold."""
    return Invalid(
        "actus.not_observed",
        Text(f"缺少 {code} 在 {instant} 的观测值", f"no value of {code} was observed at {instant}"),
        remedy=Text(
            f"请提供 {code} 在该时点的数值，或声明沿用最近一次的数值",
            f"Give the value of {code} at that time, or say that the last known value carries forward",
        ),
        where=code,
        details={"code": code, "instant": str(instant)},
    )
