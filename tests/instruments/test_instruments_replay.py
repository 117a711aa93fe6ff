"""Replaying published cases: every field counts, the first difference is shown, a refusal is a failure."""

from __future__ import annotations

import argparse
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jirong.instruments import commands, replay
from jirong.kernel.errors import Invalid

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data" / "actus"

CASE: dict[str, Any] = {
    "identifier": "bill01",
    "terms": {
        "contractType": "PAM",
        "contractRole": "RPA",
        "statusDate": "2025-12-31T00:00:00",
        "initialExchangeDate": "2026-01-01T00:00:00",
        "maturityDate": "2026-07-01T00:00",
        "notionalPrincipal": "  10000",
        "nominalInterestRate": 0.06,
        "dayCountConvention": "30E360",
        "currency": "CNY",
    },
    "to": "",
    "dataObserved": {},
    "eventsObserved": [],
    "results": [
        {
            "eventDate": "2026-01-01T00:00",
            "eventType": "IED",
            "payoff": -10000,
            "currency": "CNY",
            "notionalPrincipal": "10000",
            "nominalInterestRate": 0.06,
            "accruedInterest": 0,
        },
        {
            "eventDate": "2026-07-01T00:00:00",
            "eventType": "IP",
            "payoff": "300.0",
            "currency": "CNY",
            "notionalPrincipal": 10000,
            "nominalInterestRate": "0.06",
            "accruedInterest": 0,
        },
        {
            "eventDate": "2026-07-01T00:00:00",
            "eventType": "MD",
            "payoff": 10000,
            "currency": "CNY",
            "notionalPrincipal": 0,
            "nominalInterestRate": 0.06,
            "accruedInterest": 0,
        },
    ],
}


def case(**changes: Any) -> replay.Case:
    return replay.read_cases(json.dumps({"bill01": {**CASE, **changes}}), "bills.json")[0]


def with_row(index: int, **changes: Any) -> replay.Case:
    rows = [dict(row) for row in CASE["results"]]
    rows[index] |= changes
    return case(results=rows)


def test_the_published_cases_of_the_shared_folder_all_pass() -> None:
    files = sorted(PUBLISHED.glob("*.json"))
    if not files:
        pytest.skip(f"no published cases in {PUBLISHED.relative_to(PUBLISHED.parents[2])} beside the repository")
    cases = [one for file in files for one in replay.read_cases(file.read_text(), file.name)]
    failed = [outcome for outcome in map(replay.replay, cases) if not outcome.passed]
    assert replay.report(failed, replay.TOLERANCE).splitlines()[1:] == []
    assert len(cases) == 164


def test_a_case_that_agrees_passes() -> None:
    assert replay.replay(case()) == replay.Outcome(case())


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"eventDate": "2026-07-02"}, "eventDate"),
        ({"eventType": "PR"}, "eventType"),
        ({"payoff": "300.00002"}, "payoff"),
        ({"currency": "USD"}, "currency"),
        ({"notionalPrincipal": "9999.99"}, "notionalPrincipal"),
        ({"nominalInterestRate": "0.060000002"}, "nominalInterestRate"),
        ({"accruedInterest": "0.00002"}, "accruedInterest"),
        ({"exerciseAmount": "0"}, "exerciseAmount"),
    ],
)
def test_every_published_field_is_compared(changes: dict[str, Any], name: str) -> None:
    difference = replay.replay(with_row(1, **changes)).difference
    assert difference is not None
    assert (difference.event, difference.name) == (2, name)
    assert difference.expected == str(changes[name]).replace("T00:00:00", "")


def test_amounts_may_differ_by_the_tolerance_of_the_notional_and_rates_of_one() -> None:
    """10,000 × 1e-9 = 0.00001 for an amount; 1e-9 for a rate."""
    assert replay.replay(with_row(1, payoff="300.000009")).passed
    assert not replay.replay(with_row(1, payoff="300.000011")).passed
    assert replay.replay(with_row(1, nominalInterestRate="0.0600000009")).passed
    assert not replay.replay(with_row(1, nominalInterestRate="0.0600000011")).passed
    assert replay.replay(with_row(1, payoff="300.000011"), Decimal("1e-8")).passed


def test_a_missing_and_a_surplus_event_are_differences() -> None:
    fewer = replay.replay(case(results=CASE["results"][:2])).difference
    more = replay.replay(case(results=[*CASE["results"], CASE["results"][2]])).difference
    assert fewer is not None
    assert (fewer.event, fewer.name, fewer.expected, fewer.found, fewer.expected_event) == (3, "events", "2", "3", None)
    assert more is not None
    assert (more.event, more.name, more.expected, more.found, more.found_event) == (4, "events", "4", "3", None)


def test_a_date_of_exercise_that_is_not_published_must_not_be_found() -> None:
    terms = {
        **CASE["terms"],
        "contractType": "OPTNS",
        "contractStructure": [{"object": {"marketObjectCode": "X"}, "referenceType": "MOC", "referenceRole": "UDL"}],
        "optionType": "C",
        "optionStrike1": 5,
    }
    rows = [
        {"eventDate": "2026-07-01", "eventType": kind, "payoff": pay, "currency": "CNY", "notionalPrincipal": 0}
        | {"exerciseAmount": amount, "exerciseDate": "2026-07-01T00:00:00"}
        for kind, pay, amount in (("MD", 0, 0), ("XD", 0, 2), ("STD", 2, 0))
    ]
    observed = {"X": {"identifier": "X", "data": [{"timestamp": "2026-07-01T00:00:00", "value": 7}]}}
    assert replay.replay(case(terms=terms, results=rows, dataObserved=observed)).passed
    del rows[0]["exerciseDate"]
    difference = replay.replay(case(terms=terms, results=rows, dataObserved=observed)).difference
    assert difference is not None
    assert (difference.event, difference.name, difference.expected) == (1, "exerciseDate", "–")


def test_a_refused_case_has_failed() -> None:
    outcome = replay.replay(case(terms={**CASE["terms"], "notionalPrincipal": "-1"}))
    assert not outcome.passed
    assert outcome.refusal is not None
    assert outcome.refusal.where == "notionalPrincipal"
    assert "notionalPrincipal" in replay.report([outcome], replay.TOLERANCE)


def test_the_report_counts_by_type_and_shows_expected_beside_found() -> None:
    outcomes = [replay.replay(case()), replay.replay(with_row(1, payoff="301"))]
    lines = replay.report(outcomes, replay.TOLERANCE).splitlines()
    assert lines[0].split() == ["PAM", "1", "/", "2"]
    assert lines[1].startswith("all       1 / 2 cases at tolerance 1E-9; 6 events")
    assert lines[3] == "FAILED bill01 (PAM, bills.json): event 2, payoff"
    assert lines[4].split()[:2] == ["expected", "301"]
    assert lines[5].split()[0] == "found"
    assert Decimal(lines[5].split()[1]) == 300
    body = replay.as_json(outcomes, replay.TOLERANCE)
    assert (body["cases"], body["passed"], body["by_type"]) == (2, 1, {"PAM": {"passed": 1, "cases": 2}})
    assert [(f["case"], f["event"], f["field"], f["expected"]) for f in body["failures"]] == [
        ("bill01", 2, "payoff", "301")
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a": 1}', '{"a": {"terms": {}}}', '{"a": {"terms": {}, "results": [1]}}', "[" * 99999]
)
def test_what_is_no_case_file_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        replay.read_cases(text, "cases.json")
    assert refused.value.where == "cases.json"


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers())
    args = parser.parse_args(["instruments", "replay", *arguments])
    status = args.run(args)
    assert isinstance(status, int)
    return status


def test_the_command_says_by_its_status_whether_all_passed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps({"bill01": CASE}))
    wrong = json.loads(json.dumps(CASE))
    wrong["results"][2]["payoff"] = 9_999
    bad.write_text(json.dumps({"bill02": wrong}))
    assert run(str(good)) == 0
    assert "1 / 1" in capsys.readouterr().out
    assert run(str(good), str(bad), "--json") == 1
    assert json.loads(capsys.readouterr().out)["passed"] == 1
    assert run(str(bad), "--tolerance", "1e-3") == 0
    assert run(str(tmp_path / "none.json")) == 2
    assert "none.json" in capsys.readouterr().err
    assert replay.main([str(good)]) == 0
    with pytest.raises(SystemExit):
        run(str(good), "--tolerance", "-1")
