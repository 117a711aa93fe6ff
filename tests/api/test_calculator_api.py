"""The public calculator over HTTP: the same figures as the command line, and clear refusals of what is hostile."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from django.test import Client

from jirong.api.calculator import BODY_BYTES_MAX
from jirong.instruments.actus import examples
from jirong.instruments.practice import commands

pytestmark = pytest.mark.django_db

LOAN = {"principal": "40000", "rate": "5.85", "start": "2026-01-15", "repayment": "annuity", "months": "12"}
OPTIONS = ["--principal", "40000", "--rate", "5.85", "--start", "2026-01-15", "--repay", "annuity", "--months", "12"]


def post(path: str, body: Any, language: str = "en") -> tuple[int, Any]:
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    answer = Client().post(
        f"/api/tools/{path}", data=data, content_type="application/json", headers={"Accept-Language": language}
    )
    return answer.status_code, json.loads(answer.content)


def command(capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers())
    commands.run(parser.parse_args(["schedule", *OPTIONS, *options, "--json"], argparse.Namespace(lang="zh")))
    return json.loads(capsys.readouterr().out)


MORE: list[tuple[dict[str, str], list[str]]] = [
    ({}, []),
    ({"fee": "200", "fee_each": "10"}, ["--fee", "200", "--fee-each", "10"]),
    (
        {"early_on": "2026-05-20", "early_amount": "10000", "early_fee": "1", "early_then": "shorten"},
        ["--early-on", "2026-05-20", "--early-amount", "10000", "--early-fee", "1", "--early-then", "shorten"],
    ),
    (
        {"late_from": "2", "late_days": "40", "grace_days": "3", "penalty_factor": "1.3"},
        ["--late-from", "2", "--late-days", "40", "--grace-days", "3", "--penalty-factor", "1.3"],
    ),
]


@pytest.mark.parametrize(("more", "options"), MORE)
def test_the_api_and_the_command_line_say_the_same(
    more: dict[str, str], options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, body = post("schedule", {**LOAN, **more})
    assert status == 200
    assert body == command(capsys, *options)
    assert len(body["instalments"]) == 12


def test_the_spreadsheets_of_page_and_command_line_are_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(capsys, "--xlsx", str(tmp_path / "plan.xlsx"))
    page = Client().get("/tools/calculator", {**LOAN, "export": "xlsx"}, headers={"Accept-Language": "zh-CN"})

    def rows(book: python_calamine.CalamineWorkbook) -> Any:
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    written = rows(python_calamine.CalamineWorkbook.from_path(str(tmp_path / "plan.xlsx")))
    assert rows(python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(page.content))) == written
    assert written["还款计划"][12][5:8] == [3423.22, 16.69, 3439.91]


def test_two_offers_are_compared() -> None:
    status, body = post("compare", {"first": {**LOAN, "rate": "3.85", "fee_each": "60"}, "second": LOAN})
    assert status == 200
    assert (body["cheaper_in_all"], body["cheaper_a_year"]) == ("second", "second")
    assert body["verdict"]["zh"].startswith("方案乙更便宜：总成本少 ")
    assert body["first"]["totals"]["fees"] == "720.00"


def test_a_refused_offer_says_which_one() -> None:
    status, body = post("compare", {"first": LOAN, "second": {**LOAN, "rate": "abc"}})
    assert (status, body["where"]) == (422, "second.rate")


def test_a_claim_is_discounted() -> None:
    status, body = post("discount", {"amount": "1000000", "rate": "3.2", "on": "2026-11-22", "due": "2027-05-22"})
    assert status == 200
    assert (body["days"], body["charge"], body["proceeds"]) == (181, "16088.89", "983911.11")


@pytest.mark.parametrize("kind", sorted(examples.EXAMPLES))
def test_any_actus_contract_is_evaluated(kind: str) -> None:
    status, body = post("actus", dict(examples.EXAMPLES[kind]))
    assert (status, body["contract_type"]) == (200, kind)
    assert body["events"]


def test_numbers_may_be_json_numbers() -> None:
    terms = {**examples.EXAMPLES["PAM"]["terms"], "notionalPrincipal": 1000000, "nominalInterestRate": 0.045}
    status, body = post("actus", {"terms": terms})
    assert (status, body["events"][1]["payoff"]) == (200, "11250")


HOSTILE: list[tuple[str, Any, int, str]] = [
    ("schedule", {**LOAN, "principal": "9" * 60}, 422, "principal"),
    ("schedule", {**LOAN, "principal": "-1"}, 422, "principal"),
    ("schedule", {**LOAN, "months": "1000000"}, 422, "months"),
    ("schedule", {**LOAN, "rate": "NaN"}, 422, "rate"),
    ("schedule", {**LOAN, "rate": "1e-999999999"}, 422, "rate"),
    ("schedule", {**LOAN, "principal": 40000}, 422, "body.principal"),
    ("schedule", {**LOAN, "intrest": "1"}, 422, "body.intrest"),
    ("schedule", '{"principal": NaN}', 400, "body"),
    ("schedule", '{"principal": "1", "principal": "2"}', 400, "body"),
    ("schedule", "[" * 60_000, 400, "body"),
    ("schedule", "9" * (BODY_BYTES_MAX + 1), 413, "body"),
    ("actus", {"terms": {**examples.EXAMPLES["PAM"]["terms"], "maturityDate": "2025-01-01"}}, 422, "maturityDate"),
    ("actus", {"terms": {**examples.EXAMPLES["PAM"]["terms"], "cycleOfInterestPayment": "P0D"}}, 422,
     "cycleOfInterestPayment"),
    ("actus", {"terms": {"contractType": "PAM"}}, 422, "statusDate"),
    ("actus", {"terms": {}, "to": "never"}, 422, "to"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "status", "where"), HOSTILE)
def test_what_cannot_be_is_refused_at_its_place(path: str, body: Any, status: int, where: str) -> None:
    found, problem = post(path, body, "zh-CN")
    assert (found, problem["where"]) == (status, where)
    assert problem["remedy"]["zh"]
    assert problem["detail"] == problem["reason"]["zh"]


def test_the_bound_is_asked_before_the_body_is_read() -> None:
    class Unread(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

    extra: dict[str, Any] = {"CONTENT_LENGTH": str(10**7), "wsgi.input": Unread()}
    answer = Client().generic("POST", "/api/tools/actus", content_type="application/json", **extra)
    assert answer.status_code == 413


def test_the_calculator_is_documented_as_public() -> None:
    document = Client().get("/api/openapi.json").json()
    for name in ("schedule", "compare", "discount", "actus"):
        operation = document["paths"][f"/api/tools/{name}"]["post"]
        assert "security" not in operation
        assert operation["description"]
