"""Whatever is written, the reader answers with findings: mutated catalogue schemes, random YAML, random text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from jirong.kernel import rates, rules
from jirong.schemes import canonical, check, diagram, diff, explain, parse

TEXTS = [
    file.read_text(encoding="utf-8")
    for file in sorted((Path(__file__).parents[2] / "catalogue/schemes").glob("*.yaml"))
]
DOCUMENTS = [canonical.document(parse.parse(text)) for text in TEXTS]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["30%", "-1", "1e9", "LPR-1Y", "12 months", "borrower", "", "{}", "9" * 40, "中" * 700, "0%"]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)


def _walk(text: str) -> None:
    """Every public reading of a text; any exception fails the test."""
    examined = check.examine(text, rules.house_rulebook(), lpr=rates.lpr_history())
    assert examined.findings or examined.scheme
    for item in examined.findings:
        assert item.mark.line >= 1
        assert item.mark.column >= 1
        item.as_dict()
    if examined.draft is not None:
        explain.explain(examined.draft)
        diagram.diagram(examined.draft)
        canonical.digest(examined.draft)
    if examined.scheme is not None:
        assert parse.parse(canonical.to_yaml(examined.scheme)) == examined.scheme


@given(data=st.data())
def test_characters_lost_doubled_and_changed(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        span = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.text(max_size=6)) + text[at + span :]
    _walk(text)


@given(data=st.data())
def test_lines_lost_doubled_and_moved(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(TEXTS)).splitlines()
    for _ in range(data.draw(st.integers(1, 5))):
        at, to = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        what = data.draw(st.sampled_from(["drop", "double", "swap", "indent"]))
        if what == "drop" and len(lines) > 1:
            lines.pop(at)
        elif what == "double":
            lines.insert(to if to < len(lines) else 0, lines[at])
        elif what == "swap":
            lines[at], lines[to] = lines[to], lines[at]
        else:
            lines[at] = "  " + lines[at]
    _walk("\n".join(lines))


@given(data=st.data())
def test_values_of_every_kind_in_every_place(data: st.DataObject) -> None:
    body = _replaced(data.draw(st.sampled_from(DOCUMENTS)), data)
    _walk(yaml.safe_dump(body, allow_unicode=True))


def _replaced(node: Any, data: st.DataObject) -> Any:
    """The document with one value, somewhere, exchanged for an odd one or taken out."""
    if not isinstance(node, dict | list) or not node or data.draw(st.integers(0, 5)) == 0:
        return data.draw(ODD)
    key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
    if isinstance(node, dict):
        if data.draw(st.integers(0, 5)) == 0:
            return {name: value for name, value in node.items() if name != key}
        return {**node, key: _replaced(node[key], data)}
    return [_replaced(item, data) if index == key else item for index, item in enumerate(node)]


@given(text=st.text(max_size=200))
def test_any_text(text: str) -> None:
    _walk(text)


@given(raw=st.binary(max_size=100))
def test_any_bytes(raw: bytes) -> None:
    parse.read(raw)


@settings(max_examples=30)
@given(one=st.sampled_from(DOCUMENTS), data=st.data())
def test_two_schemes_differ_in_words_exactly_when_their_hashes_do(one: dict[str, Any], data: st.DataObject) -> None:
    before = parse.parse(yaml.safe_dump(one, allow_unicode=True))
    after = parse.read(yaml.safe_dump(_replaced(one, data), allow_unicode=True)).scheme
    if after is not None:
        same = canonical.digest(before) == canonical.digest(after)
        assert (diff.diff(before, after) == []) == same
