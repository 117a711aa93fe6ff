"""What changed in meaning, in sentences."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jirong.schemes import parse
from jirong.schemes.diff import Change, diff
from jirong.schemes.model.scheme import Scheme


def changes(before: str, after: str, complete: Callable[[str], str]) -> list[Change]:
    return diff(parse.parse(complete(before)), parse.parse(complete(after)))


def test_changed_added_and_removed_sentences(complete: Callable[[str], str]) -> None:
    before = """
eligible:
  - {feature: overdue_12m, equals: 0}
  - {feature: revenue_12m, at_least: 1000000}
"""
    after = """
instrument: {kind: loan, repay: annuity, tenor: 24 months, source: tests 1}
eligible:
  - {feature: revenue_12m, at_least: 500000}
  - {evidence: audit.report}
"""
    assert [(item.kind, item.path, item.line_before, item.line_after) for item in changes(before, after, complete)] == [
        ("removed", "eligible/overdue_12m", 3, 0),
        ("changed", "eligible/revenue_12m", 4, 4),
        ("changed", "instrument", 24, 2),
        ("added", "eligible/audit.report", 0, 5),
    ]
    told = changes(before, after, complete)[1].text
    assert told.zh == "改：近12个月营业收入须不低于100万元。 → 近12个月营业收入须不低于50万元。"
    assert told.en.startswith("Changed: Revenue of 12 months must be at least 1,000,000.00 yuan. → ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("uses: [wages]", "uses: {allowed: [wages]}"),
        (
            "parties: {borrower: firm, lender: bank, pool: compensation_pool}",
            "parties: {pool: compensation_pool, lender: bank, borrower: firm}",
        ),
        ("limit: {amount: 5.00}", "limit: {amount: 5}   # a comment"),
    ],
)
def test_another_way_of_writing_is_no_change(before: str, after: str, complete: Callable[[str], str]) -> None:
    assert changes(before, after, complete) == []


def test_an_insertion_does_not_change_what_stands_below(complete: Callable[[str], str]) -> None:
    before = "eligible: [{feature: a, equals: 1}, {feature: b, equals: 1}]"
    after = "eligible: [{feature: c, equals: 1}, {feature: a, equals: 1}, {feature: b, equals: 1}]"
    assert [(item.kind, item.path) for item in changes(before, after, complete)] == [("added", "eligible/c")]


def test_a_changed_citation_is_said_by_its_path(complete: Callable[[str], str]) -> None:
    told = changes("price: {fixed: 5%, source: a}", "price: {fixed: 5%, source: b}", complete)
    assert [(item.path, item.text.zh) for item in told] == [("price/source", "价格·依据：“a” → “b”")]


def test_a_scheme_does_not_differ_from_itself(scheme: Scheme) -> None:
    """version: 1"""
    assert diff(scheme, scheme) == []
