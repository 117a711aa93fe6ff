"""A test's docstring is the scheme: whole, or only the sections in which it differs from a plain loan."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import pytest

from jirong.kernel import rates, rules
from jirong.schemes import check, parse
from jirong.schemes.model.scheme import Scheme

PLAIN_LOAN = """\
scheme: plain-loan
version: 1
title: {zh: 普通贷款, en: Plain loan}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank, pool: compensation_pool}
words:
  overdue_12m: {zh: 近12个月逾期次数, en: overdue payments in 12 months, kind: number, unit: {zh: 次, en: times}}
  revenue_12m: {zh: 近12个月营业收入, en: revenue of 12 months, kind: money}
  scorecard: {zh: 评分卡, en: scorecard}
when_missing: ask
eligible: # source: tests
  - {feature: overdue_12m, equals: 0}
assess: {method: scorecard@1, levels: [A, B, C], source: tests 1}
limit: # source: tests
  least_of:
    - {amount: 100000.00}
    - {by_level: {A: 100000.00, B: 80000.00, C: 50000.00}}
    - {part: 30%, of: revenue_12m}
price: {base: LPR-1Y, plus_bp: {by_level: {A: 50, B: 90, C: 150}}, source: tests 1}
instrument: {kind: loan, repay: annuity, tenor: 12 months, source: tests 1}
losses:
  of: principal_and_interest
  borne:
    - {by: lender, share: 60%}
    - {by: pool, share: 40%, up_to: means}
  excess: lender
  source: tests 1
uses: {allowed: [working_capital], source: tests 1}
security: unsecured # source: tests 1
repaid_from: # source: tests 1
  - fixed
"""

TOP_KEY = re.compile(r"^([a-z_]+):", re.MULTILINE)


def with_base(story: str, base: str = PLAIN_LOAN) -> str:
    """The story's sections, then the base's others; so the story's own lines keep their numbers. ``- key`` drops."""
    dropped = set(re.findall(r"^- ([a-z_]+)$", story, re.MULTILINE))
    told = re.sub(r"^- [a-z_]+$", "", story, flags=re.MULTILINE)
    keys = set(TOP_KEY.findall(told)) | dropped
    sections = re.split(r"(?m)^(?=[a-z_]+:)", base)
    kept = [section for section in sections if section and section.partition(":")[0] not in keys]
    return told.rstrip("\n") + "\n" + "".join(kept)


@pytest.fixture
def complete() -> Callable[[str], str]:
    """Completes a story's sections from the plain loan."""
    return with_base


@pytest.fixture
def text(request: pytest.FixtureRequest) -> str:
    """The docstring as YAML; a document without ``scheme:`` is completed from the plain loan."""
    story = inspect.cleandoc(request.function.__doc__ or "")
    return story + "\n" if re.search(r"(?m)^scheme:", story) else with_base(story)


@pytest.fixture
def scheme(text: str) -> Scheme:
    """The story, read; it must be without errors of form."""
    return parse.parse(text)


@pytest.fixture
def examined(text: str) -> check.Examination:
    """The story, read and checked under the house's rulebook and LPR."""
    return check.examine(text, rules.house_rulebook(), lpr=rates.lpr_history())


@pytest.fixture
def found(examined: check.Examination) -> list[tuple[str, int, str]]:
    """The story's findings as (code without its room, line, path)."""
    return [(item.code.removeprefix("scheme."), item.mark.line, item.path) for item in examined.findings]
