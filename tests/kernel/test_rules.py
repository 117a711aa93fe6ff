"""Rules are dated, cited, and never guessed; the house's rulebook is whole."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from jirong.kernel.errors import Invalid, NotFound
from jirong.kernel.rules import Effect, Rulebook, house_rulebook

TENOR = """
rules:
  - id: note.tenor
    mark: T1
    title: {zh: 期限, en: Tenor}
    instrument: {zh: 某办法, en: Some measures}
    article: "11"
    text: {zh: 最长一年。, en: A year at most.}
    effect: bar
    values:
      - {from: 2025-06-15, value: 12, verified: true, source: read}
      - from: 2026-09-10
        value: 6
        verified: false
        instrument: {zh: 某通知, en: Some notice}
        text: {zh: 最长六个月。, en: Six months at most.}
        source: reported
"""


def test_a_rule_answers_by_date_with_its_clause() -> None:
    book = Rulebook.parse({"a.yaml": TENOR})
    before, after = book.at("note.tenor", dt.date(2026, 9, 9)), book.at("note.tenor", dt.date(2026, 9, 10))
    assert before.as_dict() == {
        "id": "note.tenor", "mark": "T1", "title": {"zh": "期限", "en": "Tenor"},
        "clause": {"zh": "某办法第11条：最长一年。", "en": "Some measures, art. 11: A year at most."}, "effect": "bar",
        "since": "2025-06-15", "value": 12, "verified": True, "source": "read",
    }  # fmt: skip
    assert (after.whole, after.verified, after.since) == (6, False, dt.date(2026, 9, 10))
    assert after.citation.zh == "某通知：最长六个月。（条文尚未核对）"
    assert after.citation.en == "Some notice: Six months at most. (text not yet verified)"


def test_before_its_day_a_rule_is_not_in_force() -> None:
    book, early = Rulebook.parse({"a.yaml": TENOR}), dt.date(2025, 6, 14)
    with pytest.raises(NotFound) as refused:
        book.at("note.tenor", early)
    assert (refused.value.code, refused.value.details["in_force_from"]) == ("rule.not_in_force", "2025-06-15")
    assert book.find("note.tenor", early) is None
    assert book.listing(early) == ()
    assert [value.id for value in book.listing(dt.date(2025, 6, 15))] == ["note.tenor"]
    for ask in (book.at, book.find):
        with pytest.raises(NotFound) as unknown:
            ask("note.tenure", early)
        assert unknown.value.code == "rule.unknown"
    assert "note.tenor" in book
    assert "note.tenure" not in book


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("rules:", "rulez:"), "list named rules"),
        (("id: note.tenor", "name: note.tenor"), "no id"),
        (("effect: bar", "effect: forbid"), "incomplete"),
        (("en: Tenor", "fr: Tenor"), "incomplete"),
        (("article:", "articel:"), "articel"),
        (("from: 2025-06-15", "from: soon"), "must be a date"),
        (("verified: true", "verified: perhaps"), "boolean"),
        (("source: read", "source: ''"), "source given"),
        (("value: 12", "value: 0.5"), "quoted"),
        (("value: 12", "value: {a: [0.5]}"), "quoted"),
        (("from: 2026-09-10", "from: 2025-06-15"), "order of date"),
        (("from: 2026-09-10", "from: 2024-01-01"), "order of date"),
        (("- {from: 2025-06-15", "- 3\n      - {from: 2025-06-15"), "needs its keys"),
        (("instrument: {zh: 某通知, en: Some notice}", "article: '9'"), "instrument and text"),
        (("rules:", "rules: ["), "not valid YAML"),
    ],
)
def test_a_malformed_rulebook_says_where_and_why(change: tuple[str, str], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        Rulebook.parse({"a.yaml": TENOR.replace(*change)})
    assert refused.value.code == "rulebook.malformed"
    assert said in refused.value.reason.en
    assert (refused.value.where or "").startswith("a.yaml")


def test_an_id_is_taken_once() -> None:
    with pytest.raises(Invalid) as refused:
        Rulebook.parse({"a.yaml": TENOR, "b.yaml": TENOR})
    assert refused.value.where == "b.yaml: note.tenor"


def test_values_are_read_as_what_they_are() -> None:
    book, day = house_rulebook(), dt.date(2026, 1, 8)
    assert book.at("sme.late_daily_rate", day).decimal == Decimal("0.0005")
    assert book.at("sme.large_days", day).whole == 60
    for rule_id in ("note.true_trade", "sme.late_rate_floor"):
        with pytest.raises(TypeError, match="not a whole number"):
            _ = book.at(rule_id, day).whole
        with pytest.raises(TypeError, match="not a decimal"):
            _ = book.at(rule_id, day).decimal


def test_the_house_rulebook_is_whole() -> None:
    book, day = house_rulebook(), dt.date(2026, 1, 8)
    marks = {rule.mark for rule in book.rules.values() if rule.mark}
    assert marks >= {"T1", "T2", "B1", "B2", "P1", "P2", "C1", "L1", "R1", "S1", "X1", "F1", "D1", "A1"}
    articles = {rule.article for rule in book.rules.values() if rule.id.startswith("civil.")}
    wanted = (
        "201 203 393 414 415 416 440 444 445 545 546 547 548 549 561 670 677 737 745 752 753 763 764 765 766 767 768"
    )
    assert set(wanted.split()) <= articles
    payment = {rule.article for rule in book.rules.values() if rule.id.startswith("sme.")}
    assert payment == {"3", "9", "10", "11", "15", "16", "17", "18", "25"}
    assert {value.effect for value in book.listing(day)} == set(Effect)


def test_what_was_not_read_says_so() -> None:
    """The marks of the rules that were only reported, or are remembered, are unverified."""
    book, day = house_rulebook(), dt.date(2026, 10, 8)
    notes = (value for value in book.listing(day) if value.rule.instrument.zh.startswith(("银发", "中国互联网")))
    by_mark = {value.rule.mark: value.verified for value in notes}
    assert by_mark.pop("T1") is True, "the default tenor stands on the text; the cut to six months does not"
    assert book.at("note.tenor_max", day).verified is False
    assert {mark for mark, verified in by_mark.items() if verified} == {"C1", "L1", "F1"}
    assert book.at("tax.stamp_loan", day).verified is False
    assert book.at("civil.receivable_priority", day).verified is True
