"""Pasted terms: every type's example comes alive, and what cannot be read is refused where it stands."""

from __future__ import annotations

import copy
import json
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from jirong.instruments import actus
from jirong.instruments.actus import documents, examples
from jirong.kernel.errors import Refusal

PAM = examples.EXAMPLES["PAM"]["terms"]


def answer(**terms: Any) -> documents.Answer:
    return documents.answer({**PAM, **terms})


@pytest.mark.parametrize("kind", actus.CONTRACT_TYPES)
def test_the_example_of_each_type_has_events_and_only_known_terms(kind: str) -> None:
    found = documents.answer(documents.read(examples.text(kind)))
    assert found.kind == kind
    assert found.events
    assert found.unknown == ()
    assert all(event.type in documents.EVENT_WORDS for event in found.events)
    assert json.loads(json.dumps(found.as_dict()))["contract_type"] == kind


def test_a_bare_contract_by_hand() -> None:
    # A million at 4.5 % A/360: 90, 91, 92 and 92 days.
    found = documents.answer(PAM).as_dict()
    payoffs = [(event["time"][:10], event["type"], event["payoff"]) for event in found["events"]]
    assert payoffs == [
        ("2026-01-15", "IED", "-1000000"), ("2026-04-15", "IP", "11250"), ("2026-07-15", "IP", "11375"),
        ("2026-10-15", "IP", "11500"), ("2027-01-15", "IP", "11500"), ("2027-01-15", "MD", "1000000"),
    ]  # fmt: skip
    assert found["totals"] == [{"currency": "CNY", "received": "1045625", "paid": "1000000"}]


def test_a_misspelt_term_is_pointed_out() -> None:
    assert answer(nominalIntrestRate="0.05").unknown == ("nominalIntrestRate",)


def test_the_last_market_value_carries_on_only_when_asked() -> None:
    document = copy.deepcopy(dict(examples.EXAMPLES["SWPPV"]))
    document["dataObserved"] = {"LPR-1Y": {"2026-04-15": "0.03"}}
    with pytest.raises(Refusal) as caught:
        documents.answer(document)
    assert (caught.value.code, caught.value.where) == ("actus.not_observed", "LPR-1Y")
    assert documents.answer(document, carry_forward=True).events


TEXTS = [
    ("", "第 1 行第 1 列"),
    ('{"contractType": "PAM",\n "x" 1}', "第 2 行第 6 列"),
    ("[]", "不是一个 JSON 对象"),
    ('{"a": NaN}', "NaN"),
    ('{"a": 1, "a": 2}', "“a” is given twice"),
    ("[" * 50_000, "JSON"),
    (" " * 60_001, "60,000"),
]


@pytest.mark.parametrize(("text", "words"), TEXTS)
def test_a_text_that_is_no_document(text: str, words: str) -> None:
    with pytest.raises(Refusal) as caught:
        documents.read(text)
    assert words in caught.value.reason.zh


TERMS: list[tuple[dict[str, Any], str]] = [
    ({"maturityDate": "2025-01-01"}, "maturityDate"),
    ({"notionalPrincipal": "-1"}, "notionalPrincipal"),
    ({"notionalPrincipal": "NaN"}, "notionalPrincipal"),
    ({"notionalPrincipal": "1e31"}, "notionalPrincipal"),
    ({"notionalPrincipal": "9" * 5000}, "notionalPrincipal"),
    ({"cycleOfInterestPayment": "P0D"}, "cycleOfInterestPayment"),
    ({"cycleOfInterestPayment": "P1D", "maturityDate": "2299-01-01"}, "cycleOfInterestPayment"),
    ({"statusDate": "2026-13-01"}, "statusDate"),
    ({"contractType": "XYZ"}, "contractType"),
    ({"contractType": None}, "contractType"),
    ({"contractType": "SWAPS", "contractStructure": [{"object": {}}] * 21}, "contractStructure"),
]


@pytest.mark.parametrize(("terms", "where"), TERMS)
def test_a_term_that_cannot_be_is_named(terms: dict[str, Any], where: str) -> None:
    with pytest.raises(Refusal) as caught:
        answer(**terms)
    assert caught.value.where == where
    assert caught.value.remedy is not None


def test_the_bound_of_times_holds_for_all_contracts_inside_together() -> None:
    leg = {**PAM, "cycleOfInterestPayment": "P1D", "maturityDate": "2044-01-15"}  # 6,480 times each
    legs = [
        {"object": {**leg, "contractID": role}, "referenceType": "CNT", "referenceRole": role}
        for role in ("FIL", "SEL")
    ]
    swap = {**examples.EXAMPLES["SWAPS"]["terms"], "contractStructure": legs}
    with pytest.raises(Refusal) as caught:
        documents.answer(swap)
    assert "10000" in caught.value.reason.zh
    assert len(actus.evaluate(swap)) > 6_000  # asked directly, only each schedule is bounded


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    ["", "-1", "1e30", "1e-30", "NaN", "0", "P1D", "P100000Y", "2999-12-31", "1800-01-01", "1", "x" * 300, "\x00", "½"]
) | st.sampled_from([None, True, [], {}, [[]], 0.1, 10**30, ["2026-01-01"] * 3])


@given(st.sampled_from(actus.CONTRACT_TYPES), st.data())
@settings(max_examples=150)
def test_whatever_is_pasted_is_answered_or_refused(kind: str, data: st.DataObject) -> None:
    document = copy.deepcopy(dict(examples.EXAMPLES[kind]))
    places = ["dataObserved", "eventsObserved", "to"]
    if data.draw(st.booleans()):
        document[data.draw(st.sampled_from(places))] = data.draw(VALUES)
    for name in data.draw(st.lists(st.sampled_from(sorted(document["terms"])), max_size=2, unique=True)):
        document["terms"][name] = data.draw(VALUES)
    refusal = refusal_of(document)
    assert refusal is None or (refusal.where and refusal.remedy)


def refusal_of(document: dict[str, Any]) -> Refusal | None:
    """None when it is answered."""
    try:
        documents.answer(document).as_dict()
    except Refusal as refusal:
        return refusal
    return None
