"""The amount offered keeps the drawing's steps and its least amount, whatever was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from jirong.kernel import rates
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import parse
from jirong.schemes.evaluate import Evaluation, Facts, Standing, Verdict, evaluate

STEPS = "- eligible\n- assess\nlimit: {amount: 50050.00}\nprice: {fixed: 5%}\n"
HUNDREDS = STEPS + "drawing: {how: once, least: 1000.00, multiple_of: 100.00}\n"


@pytest.fixture
def asked(complete: Callable[[str], str]) -> Callable[[str, str | None], Evaluation]:
    def ask(story: str, amount: str | None) -> Evaluation:
        facts = Facts(requested=None if amount is None else Money.parse(amount))
        scheme = parse.parse(complete(story))
        return evaluate(scheme, facts, on=dt.date(2026, 3, 2), lpr=rates.lpr_history())

    return ask


Asked = Callable[[str, str | None], Evaluation]


@pytest.mark.parametrize(
    ("amount", "offer"),
    [
        ("20050.37", "20000.00"),
        ("20099.99", "20000.00"),
        ("20000.00", "20000.00"),
        ("1000.00", "1000.00"),
        ("1000.01", "1000.00"),
        ("50050.00", "50000.00"),
        ("90000.00", "50000.00"),
        (None, "50000.00"),
    ],
)
def test_the_offer_is_a_whole_number_of_steps(asked: Asked, amount: str | None, offer: str) -> None:
    found = asked(HUNDREDS, amount)
    assert found.terms is not None
    assert (str(found.terms.amount), str(found.terms.limit)) == (offer, "50000.00")


def test_rounding_down_is_said(asked: Asked) -> None:
    [said] = [each for each in asked(HUNDREDS, "20050.37").answers if each.code == "rounded_down"]
    assert (said.standing, said.path) == (Standing.NOTED, "drawing/multiple_of")
    assert said.reason == Text(
        "申请20,050.37元，按整数倍向下取为2万元",
        "20,050.37 yuan was asked, 20,000.00 yuan is the next step below",
    )


@pytest.mark.parametrize("amount", ["500.00", "999.99", "0.01"])
def test_less_than_the_least_is_asked_again_and_nothing_is_offered(asked: Asked, amount: str) -> None:
    found = asked(HUNDREDS, amount)
    [said] = found.standing(Standing.UNKNOWN_ASK)
    assert (found.verdict, found.terms, said.code) == (Verdict.ASK, None, "asked_too_little")
    assert said.change == Text("申请1,000.00元至5万元", "Ask for 1,000.00 yuan to 50,000.00 yuan")


def test_one_step_is_the_least_where_the_scheme_names_none(asked: Asked) -> None:
    story = STEPS + "drawing: {how: once, multiple_of: 100.00}\n"
    assert asked(story, "99.00").verdict is Verdict.ASK
    assert asked(story, "100.00").terms is not None


def test_without_steps_the_amount_stays(asked: Asked) -> None:
    found = asked(STEPS + "drawing: once\n", "20050.37")
    assert found.terms is not None
    assert str(found.terms.amount) == "20050.37"
