"""Schemes name only what the house computes: every name of the catalogue is known, a misspelt one is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jirong.assessment import registry
from jirong.cli.main import main
from jirong.kernel import rates
from jirong.schemes import check, findings, parse
from jirong.store import catalogue

LOAN = "instant-loan-310"


@pytest.mark.parametrize("name", sorted(catalogue.schemes()))
def test_every_scheme_of_the_catalogue_names_what_is_known(name: str) -> None:
    text = catalogue.schemes()[name]
    found = check.examine(text, catalogue.rulebook(), lpr=rates.lpr_history(), registry=registry.known())
    assert findings.errors(found.findings) == []


@pytest.mark.parametrize(
    ("right", "wrong", "code", "path", "remedy"),
    [
        ("- {feature: overdue_12m,", "- {feature: overdue_12mo,", "feature_unknown", "eligible/", "“overdue_12m”"),
        ("court.records, repayment", "court.recods, repayment", "evidence_unknown", "consent/0", "“court.records”"),
        ("behaviour-score@1", "behavior-score@1", "method_unknown", "assess/method", "“behaviour-score@1”"),
    ],
)
def test_an_unknown_name_is_refused_at_its_line_with_the_nearest(
    right: str, wrong: str, code: str, path: str, remedy: str
) -> None:
    text = catalogue.schemes()[LOAN]
    assert right in text
    spoiled = text.replace(right, wrong)
    told = check.examine(spoiled, catalogue.rulebook(), lpr=rates.lpr_history(), registry=registry.known())
    line = next(number for number, said in enumerate(spoiled.splitlines(), 1) if wrong.split(",")[0] in said)
    found = next(each for each in told.findings if each.code == f"scheme.{code}")
    assert told.scheme is None
    assert found.path.startswith(path)
    assert found.mark.line in (line, line - 3), "at its line, or at the beginning of its clause"
    assert remedy in found.remedy.en


@pytest.mark.parametrize(
    ("name", "kind", "path"),
    [
        ("innovation-points", "venture.investment", "assess/method"),
        ("wind-climate-loan", "power.meter", "assess/method"),
        ("toy-steady-jobs-loan", "social.payroll", "limit/"),
        ("furniture-upgrade-loan", "upgrade.effect_report", "triggers/"),
    ],
)
def test_a_scheme_that_reads_what_its_consent_does_not_ask_for_is_refused(name: str, kind: str, path: str) -> None:
    text = catalogue.schemes()[name]
    spoiled = re.sub(rf"(read: \[[^\]]*?)(?:, {re.escape(kind)}|{re.escape(kind)}, |{re.escape(kind)}(?=\]))",
                     r"\1", text).replace("read: []", "read: [court.records]")  # fmt: skip
    assert spoiled != text
    told = check.examine(spoiled, catalogue.rulebook(), lpr=rates.lpr_history(), registry=registry.known())
    assert told.scheme is None
    found = [each for each in findings.errors(told.findings) if each.path.startswith(path)]
    assert [each.code for each in found] == ["scheme.consent_missing"]
    assert f"read: [{kind}]" in found[0].remedy.en


@pytest.mark.django_db
def test_the_command_knows_the_names_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "scheme.yaml"
    path.write_text(catalogue.schemes()[LOAN].replace("{feature: overdue_12m,", "{feature: overdue_12mo,"), "utf-8")
    assert main(["--lang", "en", "scheme", "check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "[scheme.feature_unknown] There is no feature “overdue_12mo”" in said
    assert "Did you mean “overdue_12m”" in said


def test_the_first_lines_of_a_scheme_name_it() -> None:
    assert catalogue.scheme_refs() == {parse.parse(text).ref for text in catalogue.schemes().values()}
    assert catalogue.ref_of("title: none\n") == ""


@pytest.mark.django_db
def test_the_command_line_knows_the_catalogue_and_the_files_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = catalogue.schemes()[LOAN].replace("scheme: instant-loan-310", "scheme: PLACE")
    files = {name: tmp_path / f"{name}.yaml" for name in ("mine", "other")}
    related = "related: [toy-bridge-loan@1, other@1]\ndisclose:"
    files["mine"].write_text(text.replace("PLACE", "mine").replace("disclose:", related), encoding="utf-8")
    files["other"].write_text(text.replace("PLACE", "other"), encoding="utf-8")
    assert main(["scheme", "check", str(files["mine"])]) == 1
    assert "没有名为“other@1”的方案" in capsys.readouterr().out
    assert main(["scheme", "check", str(files["mine"]), str(files["other"])]) == 0
