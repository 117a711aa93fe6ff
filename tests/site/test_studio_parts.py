"""The studio's own arithmetic: values set in place, the form's fields, samples from bounds, the drawing's geometry."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.schemes import canonical, diagram, parse
from jirong.schemes.evaluate import Verdict
from jirong.site.studio import desk, drawing, form, marked, tree, trial
from jirong.store import catalogue

TEXTS = catalogue.schemes()
TEXT = TEXTS["furniture-upgrade-loan"]
DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_scalars_set_to_themselves_change_nothing(name: str) -> None:
    text = TEXTS[name]
    inline = [(path, value.text) for path, value in tree.values(text).items() if value.inline]
    for path, value in inline[::15]:
        text = tree.changed(text, path, value)
    assert canonical.digest(parse.parse(text)) == canonical.digest(parse.parse(TEXTS[name]))


@settings(max_examples=30)
@given(value=st.text(max_size=40), path=st.sampled_from(sorted(tree.values(TEXT))))
def test_a_set_value_is_read_back_and_every_other_stays(value: str, path: str) -> None:
    try:
        result = tree.changed(TEXT, path, value)
    except Refusal:
        return
    told = {each: found.text for each, found in tree.values(TEXT).items()}
    assert {each: found.text for each, found in tree.values(result).items()} == told | {path: value.strip()}


@pytest.mark.parametrize(
    "value", ["", "a: b", "{x", "新#值", "x #y", "no", 'it\'s "q"', "a, b", "]", "- a", "&x", "\x07"]
)
def test_awkward_values_are_quoted(value: str) -> None:
    for path in ("limit/least_of/2/part", "version"):
        assert tree.values(tree.changed(TEXT, path, value))[path].text == value


def test_a_value_that_is_gone_or_too_long_is_refused() -> None:
    for path, value in (("nowhere", "1"), ("version", "9" * 1001)):
        with pytest.raises(Refusal):
            tree.changed(TEXT, path, value)
    folded = "summary:\n  zh: |\n    一\n    二\n"
    with pytest.raises(Refusal):
        tree.changed(folded, "summary/zh", "三")


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_form_has_every_scalar_with_a_title_of_the_schema(name: str) -> None:
    rows = [row for section in form.sections(TEXTS[name], ()) for row in section.rows if row.value is not None]
    assert {row.path: row.value for row in rows} == {p: v.text for p, v in tree.values(TEXTS[name]).items()}
    lines = TEXTS[name].split("\n")
    assert all(0 < row.line <= len(lines) for row in rows)
    assert all(row.value in dict(row.options) for row in rows if row.options)


@pytest.mark.django_db
def test_choices_and_meanings_come_with_the_fields() -> None:
    look = desk.look(TEXT)
    rows = {row.path: row for section in look.form for row in section.rows}
    assert ("annuity", Text("等额本息", "in equal instalments (annuity)")) in rows["instrument/repay"].options
    assert rows["uses/to"].meaning == Text("供应商", "the vendor")
    assert rows["eligible/0/feature"].meaning == Text("加入集群平台的时间", "time on the cluster platform")
    wrong = desk.look(TEXT.replace("repay: annuity", "repay: anuity"))
    assert [row.path for section in wrong.form for row in section.rows if row.is_bad] == ["instrument/repay"]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_sample_that_just_meets_is_approved_and_a_miss_is_refused(name: str) -> None:
    scheme = parse.parse(TEXTS[name])
    found = trial.attempt(scheme, trial.preset(scheme, "meets", DAY)).evaluation
    assert found is not None
    assert found.verdict is Verdict.APPROVE, [each.reason.zh for each in found.answers]
    for sample, _ in trial.presets(scheme)[1:]:
        other = trial.attempt(scheme, trial.preset(scheme, sample, DAY)).evaluation
        assert other is not None
        if trial.feature_tests(scheme):
            assert (other.verdict is Verdict.REFUSE) == (sample == "misses"), sample
            assert other.verdict is not Verdict.APPROVE, sample


KEYS = [question.name for question in trial.questions(parse.parse(TEXT))]
TYPED = st.dictionaries(
    st.sampled_from([*KEYS, *(f"k:{key}" for key in KEYS), *(f"d:{key}" for key in KEYS)]),
    st.text(max_size=12)
    | st.sampled_from(["1e9", "-1", "9999999999999.999999", "100%", "٣", "0001-01-01", "9999-12-31"]),
)


@settings(max_examples=40)
@given(typed=TYPED)
def test_whatever_is_typed_gives_an_answer_an_error_or_a_refusal(typed: dict[str, str]) -> None:
    tried = trial.attempt(parse.parse(TEXT), {"on": "2026-03-02", **typed})
    outcomes = [bool(tried.evaluation), bool(tried.refusal), any(each.error for each in tried.fields)]
    assert outcomes.count(True) == 1


def test_percent_and_money_are_read_exactly() -> None:
    scheme = parse.parse(TEXT)
    typed = trial.preset(scheme, "meets", DAY) | {"v:revenue_12m": "100,000.10", "asked": "25,000"}
    found = trial.attempt(scheme, typed).evaluation
    assert found is not None
    assert found.terms is not None
    assert (found.terms.amount.minor, found.terms.limit.minor) == (25_000_00, 30_000_00)  # 30 %, in steps of 100 yuan
    assert found.terms.rate == Decimal("0.0350")


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_drawing_has_each_edge_inside_its_frame(name: str) -> None:
    scheme = parse.parse(TEXTS[name])
    drawn, data = drawing.draw(scheme), diagram.diagram(scheme)
    assert [(arrow.line, arrow.label) for arrow in drawn.arrows] == [(edge.line, edge.label) for edge in data.edges]
    heights = [arrow.y for arrow in drawn.arrows]
    assert heights == sorted(set(heights))
    assert all(0 < head.x < drawn.width for head in drawn.heads)
    assert all(0 < y < drawn.height for arrow in drawn.arrows for y, _ in arrow.lines)
    assert len(drawn.heads) + len(drawn.others) == len(scheme.parties)


def test_losses_are_drawn_with_the_lender_in_them() -> None:
    drawn = drawing.draw(parse.parse(TEXT))
    assert [(each.who.zh, each.percent, each.said.zh) for each in drawn.bearings] == [
        ("贷款人", "60.00%", "60%"),
        ("数字化补偿资金池", "40.00%", "40%，以其届时可用资金为限"),
    ]


@pytest.mark.django_db
def test_many_parties_keep_their_order_and_do_not_take_forever() -> None:
    more = "".join(f"\n  p{number}: investor" for number in range(30))
    funded = ", ".join(f"{{by: p{number}, share: 1%}}" for number in range(30))
    text = TEXT.replace("  lender: bank\n", f"  lender: bank{more}\n")
    text += f"pools: {{pool: {{size: 100.00, funded: [{funded}]}}}}\n"
    look: Any = desk.look(text)
    assert look.draft is not None
    assert len(look.drawing.arrows) >= 30


@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_marked_pieces_join_to_the_sentences_and_the_rest_is_the_same(before: str, after: str) -> None:
    left, right = marked.compared(before, after)
    assert "".join(text for text, _ in left) == before
    assert "".join(text for text, _ in right) == after
    assert "".join(text for text, is_new in left if not is_new) == "".join(t for t, is_new in right if not is_new)


def test_only_the_figure_that_changed_is_marked() -> None:
    left, right = marked.compared("贷款人承担60%。", "贷款人承担50%。")
    assert left == (("贷款人承担", False), ("60%", True), ("。", False))
    assert right == (("贷款人承担", False), ("50%", True), ("。", False))
