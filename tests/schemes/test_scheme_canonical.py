"""One meaning has one form and one hash, however it is written; another meaning has another."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jirong.schemes import canonical, parse
from jirong.schemes.model.scheme import Scheme

CATALOGUE = sorted((Path(__file__).parents[2] / "catalogue" / "schemes").glob("*.yaml"))


def shuffled(node: Any, order: random.Random) -> Any:
    """The same document with its keys in another order."""
    if isinstance(node, dict):
        entries = list(node.items())
        order.shuffle(entries)
        return {key: shuffled(value, order) for key, value in entries}
    return [shuffled(item, order) for item in node] if isinstance(node, list) else node


@given(file=st.sampled_from(CATALOGUE), seed=st.integers(0, 2**32), style=st.sampled_from([True, False, None]))
def test_layout_and_key_order_of_clauses_do_not_matter(file: Path, seed: int, style: bool | None) -> None:
    scheme = parse.parse(file.read_bytes())
    body = shuffled(canonical.document(scheme), random.Random(seed))
    again = parse.parse(yaml.safe_dump(body, allow_unicode=True, default_flow_style=style, sort_keys=False))
    assert canonical.digest(again) == canonical.digest(scheme)


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: file.stem)
def test_what_a_form_saves_reads_back_as_the_same_scheme(file: Path) -> None:
    scheme = parse.parse(file.read_bytes())
    again = parse.parse(canonical.to_yaml(scheme))
    assert again == scheme
    assert canonical.canonical(again) == canonical.canonical(scheme)


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: file.stem)
def test_comments_do_not_matter(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    stripped = re.sub(r"\s+# .*$", "", text, flags=re.MULTILINE)
    spread = "# a note\n\n" + re.sub(r"\n(?=[a-z_]+:)", "\n\n# another\n", stripped)
    assert canonical.digest(parse.parse(spread)) == canonical.digest(parse.parse(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("uses: [wages]", "uses: {allowed: [wages], pay: self}"),
        ("limit: {amount: 100000}", 'limit: {amount: "100,000.00"}'),
        ("limit: {part: 30%, of: revenue_12m}", "limit: {of: revenue_12m, part: 30.0 %}"),
        ("price: {base: LPR-1Y, plus_bp: 50}", "price: {base: {lpr: LPR-1Y}, plus_bp: {flat: 50.0}, repriced: never}"),
        ("drawing: once", "drawing: {how: once, early: free}"),
        ("repaid_from: [fixed]", "repaid_from: [{how: fixed}]"),
        (
            "instrument: {kind: loan, repay: annuity, tenor: 1 month}",
            "instrument: {kind: loan, repay: annuity, tenor: {exactly: 1 months}, every: monthly}",
        ),
    ],
)
def test_two_ways_of_writing_one_meaning(one: str, other: str, complete: Callable[[str], str]) -> None:
    assert canonical.digest(parse.parse(complete(one))) == canonical.digest(parse.parse(complete(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("uses: [wages]", "uses: [equipment]"),
        ("limit: {amount: 100000.00}", "limit: {amount: 100000.01}"),
        (
            "instrument: {kind: loan, repay: annuity, tenor: 12 months}",
            "instrument: {kind: loan, repay: annuity, tenor: 1 year}",
        ),
        ("price: {base: LPR-1Y}", "price: {base: LPR-1Y, source: elsewhere}"),
        ("version: 1", "version: 2"),
    ],
)
def test_another_meaning_has_another_hash(one: str, other: str, complete: Callable[[str], str]) -> None:
    assert canonical.digest(parse.parse(complete(one))) != canonical.digest(parse.parse(complete(other)))


def test_the_canonical_bytes_are_sorted_json_without_floats(scheme: Scheme) -> None:
    """price: {base: LPR-1Y, plus_bp: 50.50}"""
    raw = canonical.canonical(scheme)
    body = json.loads(raw, parse_float=lambda text: pytest.fail(f"a float: {text}"))
    assert raw == json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert body["scheme"]["price"] == {"base": "LPR-1Y", "plus_bp": "50.5"}


def test_the_hash_of_a_published_scheme_never_moves(scheme: Scheme) -> None:
    """
    scheme: fixed
    version: 1
    title: {zh: 定, en: Fixed}
    source: tests
    effective: 2026-01-01
    vehicle: bank_loan
    parties: {borrower: firm, lender: bank}
    limit: {amount: 1.00}
    price: {fixed: 5.85%}
    instrument: {kind: loan, repay: bullet, tenor: 1 month}
    """
    # Signatures stand on this value: if it moves, every published scheme's does.
    assert canonical.digest(scheme) == "3502ecd222722a9f3a2f45ebadde368043a7115fb6f78ed5cfa324c98bfb44a3"


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: file.stem)
def test_a_published_scheme_keeps_the_lines_of_its_text(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    written = parse.parse(text)
    read = canonical.as_published(text, canonical.canonical(written))
    assert read == written
    assert [test.spot for test in read.eligible] == [test.spot for test in written.eligible]
    assert read.spot.of("instrument").line == text[: text.index("\ninstrument:")].count("\n") + 2


def test_a_text_that_means_something_else_now_gives_what_was_signed() -> None:
    signed = canonical.canonical(parse.parse(CATALOGUE[0].read_bytes()))
    for text in (CATALOGUE[1].read_text(encoding="utf-8"), "scheme: [", ""):
        assert canonical.canonical(canonical.as_published(text, signed)) == signed
