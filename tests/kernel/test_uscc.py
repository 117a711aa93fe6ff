"""Credit codes against published examples (GB 32100-2015, GB 11714)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel import uscc
from jirong.kernel.errors import Invalid
from jirong.kernel.uscc import EvidenceType, Override

VALID = [
    "91310115591693856A", "91310110666007217T", "9144030071526726XG", "91350200MA2YJ1XR9G", "91350200776049653A",
    "91350503MA31DKY80A", "91440101MA5CJQ4N59", "913502000728319549", "123502001549897397", "9135021359498494XQ",
    "91350203MA31NDF85F",
]  # fmt: skip
PILOTS = [("91350211M00013FA1N", "3"), ("91350203M0001QAY9B", "9")]
"""Real codes of early pilots that fail the formula, and the check character it wants."""


@pytest.mark.parametrize("code", VALID)
def test_real_codes_pass(code: str) -> None:
    assert uscc.check(f" {code.lower()} ") == uscc.Uscc(code)
    assert uscc.check(code).conforming


@pytest.mark.parametrize("code", VALID)
def test_every_single_mistyped_character_is_caught(code: str) -> None:
    for place in range(18):
        for wrong in uscc.ALPHABET:
            if wrong != code[place]:
                with pytest.raises(Invalid):
                    uscc.check(code[:place] + wrong + code[place + 1 :])


@pytest.mark.parametrize(("code", "wanted"), PILOTS)
def test_a_real_code_that_fails_passes_with_evidence_only(code: str, wanted: str) -> None:
    with pytest.raises(Invalid) as refused:
        uscc.check(code, where="firms.csv:9")
    assert refused.value.code == "uscc.check_failed"
    assert wanted in refused.value.reason.zh
    assert refused.value.where == "firms.csv:9"
    evidence = Override(EvidenceType.REGISTRY, "gsxt.gov.cn 2026-01-08")
    taken = uscc.check(code, override=evidence)
    assert (taken.conforming, taken.override) == (False, evidence)


def test_evidence_excuses_no_malformed_code_and_sticks_to_no_good_one() -> None:
    evidence = Override(EvidenceType.LICENCE, "doc 7")
    with pytest.raises(Invalid) as refused:
        uscc.check("91310115591693856", override=evidence)
    assert refused.value.code == "uscc.malformed"
    assert uscc.check(VALID[0], override=evidence).override is None
    with pytest.raises(Invalid):
        Override(EvidenceType.LICENCE, "  ")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("110000012345678", "15位旧注册号"),
        ("91310115591693856AA", "19位"),
        ("9131011559169385OA", "不用的字符"),
        ("9A310115591693856A", "第16位|第17位|第18位|不用的字符"),
        ("91A10115591693856A", "不用的字符"),
        ("", "0位"),
    ],
)
def test_malformed_codes_are_told_apart(code: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        uscc.check(code)
    assert any(part in refused.value.reason.zh for part in said.split("|")), refused.value.reason.zh


def test_parts() -> None:
    code = uscc.check("9135021359498494XQ")
    assert (code.authority, code.area, code.organisation, str(code)) == (
        "9",
        "350213",
        "59498494X",
        "9135021359498494XQ",
    )


@given(st.integers(0, 31**7 - 1))
def test_demo_codes_conform_and_lie_in_no_real_area(serial: int) -> None:
    code = uscc.check(uscc.generate(serial))
    assert code.conforming
    assert code.area == uscc.DEMO_AREA


def test_demo_codes_differ_and_repeat() -> None:
    assert len({uscc.generate(serial) for serial in range(2_000)}) == 2_000
    assert uscc.generate(7) == uscc.generate(7)
    for serial in (-1, 31**7):
        with pytest.raises(ValueError, match="out of range"):
            uscc.generate(serial)


@pytest.mark.parametrize("call", [uscc.check_character, uscc.organisation_digit])
def test_the_formulas_ask_for_whole_stems(call: object) -> None:
    with pytest.raises(ValueError, match="characters are needed"):
        call("91")  # type: ignore[operator]
