"""``jirong instruments schedule`` and the typed terms behind it."""

import argparse
import json
from datetime import date, datetime
from pathlib import Path

import pytest
import python_calamine

from jirong.instruments.practice import FloatingRate, PlannedPrincipal, Repayment, Reset, commands, forms
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money

LOAN = ["--principal", "40,000", "--rate", "5.85", "--start", "2026-01-15", "--repay", "annuity", "--months", "12"]


def run(*options: str, lang: str = "zh") -> int:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers())
    return int(commands.run(parser.parse_args(["schedule", *options], argparse.Namespace(lang=lang))))


def test_the_table_shows_every_instalment_and_the_yearly_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*LOAN, "--fee", "200") == 0
    told = capsys.readouterr().out
    assert told.count("3,439.90") == 11
    assert "  12  2026-12-15  2027-01-15  2027-01-15   5.85%  3,423.22   16.69  3,439.91       0.00\n" in told
    assert "贷款年化利率" in told
    assert "1,478.81" in told  # 1,278.81 of interest and the fee
    assert "*" not in told


def test_english_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    run(*LOAN, lang="en")
    told = capsys.readouterr().out
    assert "Annual rate (IRR, compound)" in told
    assert not any(ord(character) > 0x2E7F for character in told)


def test_json_carries_amounts_as_strings(capsys: pytest.CaptureFixture[str]) -> None:
    run(*LOAN, "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["instalments"][0] == {
        "number": 1,
        "starts": "2026-01-15",
        "ends": "2026-02-15",
        "due": "2026-02-15",
        "rate_percent": "5.8500",
        "principal": "3244.90",
        "interest": "195.00",
        "amount": "3439.90",
        "balance": "36755.10",
        "provisional": False,
    }
    assert found["totals"] == {"principal": "40000.00", "interest": "1278.81", "fees": "0.00", "cost": "1278.81"}
    # 1.004875^12 − 1 = 6.0094 %, and the fen of the last payment; twelve times 0.4875 % is the contract's own rate
    assert (found["annual_rate"]["effective_percent"], found["annual_rate"]["nominal_percent"]) == ("6.0095", "5.8500")


def test_projected_rows_are_marked(capsys: pytest.CaptureFixture[str]) -> None:
    run("--principal", "1000", "--base", "LPR-1Y", "--bp", "95", "--start", "2026-06-15", "--repay", "linear",
        "--months", "8", "--reset", "january")  # fmt: skip
    told = capsys.readouterr().out
    assert "*8" in told
    assert "*6" not in told
    assert "测算" in told


def test_a_spreadsheet_holds_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "plan.xlsx"
    run(*LOAN, "--xlsx", str(target), lang="en")
    book = python_calamine.CalamineWorkbook.from_path(str(target))
    assert book.sheet_names == ["Schedule", "Totals"]
    rows = book.get_sheet_by_name("Schedule").to_python()
    assert rows[0][:4] == ["No.", "From", "To", "Due"]
    last = rows[12]
    assert (last[0], last[3]) in ((12, date(2027, 1, 15)), (12, datetime(2027, 1, 15)))  # noqa: DTZ001
    assert last[4:] == [0.0585, 3423.22, 16.69, 3439.91, 0]


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refusal:
        run(*LOAN, "--xlsx", str(tmp_path / "absent" / "plan.xlsx"))
    assert refusal.value.code == "file.unwritable"


TYPED = {"principal": "1000", "rate": "5", "start": "2026-01-15", "repayment": "linear", "months": "3"}


def test_a_floating_irregular_loan_from_typed_values() -> None:
    terms = forms.terms_from(
        {
            "principal": "500000",
            "base": "lpr-5y",
            "bp": "-20",
            "reset": "anniversary",
            "start": "2026-03-01",
            "repayment": "irregular",
            "plan": "2026-05-01=200000, 2026-11-01=300000",
        }
    )
    assert terms.rate == FloatingRate("LPR-5Y", -20, Reset.ANNIVERSARY)
    assert terms.plan == (
        PlannedPrincipal(date(2026, 5, 1), Money.parse("200000")),
        PlannedPrincipal(date(2026, 11, 1), Money.parse("300000")),
    )
    assert (terms.repayment, terms.ends) == (Repayment.IRREGULAR, date(2026, 11, 1))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"principal": "much"}, "principal"),
        ({"principal": ""}, "principal"),
        ({"rate": ""}, "rate"),
        ({"base": "LPR-1Y"}, "rate"),
        ({"rate": "100"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": "", "base": "SHIBOR"}, "base"),
        ({"start": "15/01/2026"}, "start"),
        ({"repayment": "balloon"}, "repayment"),
        ({"months": "twelve"}, "months"),
        ({"months": "99999999"}, "months"),
        ({"months": "0"}, "months"),
        ({"every_months": "x"}, "every_months"),
        ({"maturity": "2026-13-01", "months": ""}, "maturity"),
        ({"basis": "ACT"}, "basis"),
        ({"due_shift": "sideways"}, "due_shift"),
        ({"plan": "2026-05-01"}, "plan"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(change: dict[str, str], where: str) -> None:
    with pytest.raises(Invalid) as refusal:
        forms.terms_from(TYPED | change)
    assert refusal.value.where == where
    assert refusal.value.remedy is not None
