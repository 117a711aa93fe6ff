"""Refusals speak both languages and survive a trip to another process."""

from __future__ import annotations

import pickle

import pytest

from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from jirong.kernel.text import Text


def test_a_text_needs_both_languages() -> None:
    for zh, en in (("", "yes"), ("是", "")):
        with pytest.raises(ValueError, match="both languages"):
            Text(zh, en)


def test_the_edge_picks_a_language() -> None:
    text = Text("是", "yes")
    assert [text.in_language(code) for code in ("zh", "zh-hans", "ZH-CN", "en", "en-gb", "fr")] == [
        "是", "是", "是", "yes", "yes", "yes"
    ]  # fmt: skip
    assert Text.from_dict(text.as_dict()) == text
    assert str(text) == "是 / yes"


def test_placeholders_are_filled_in_their_own_language() -> None:
    filled = Text("{who}欠{sum}", "{who} owes {sum}").format(who=Text("甲", "A"), sum="{1.00}")
    assert filled == Text("甲欠{1.00}", "A owes {1.00}")


def test_a_refusal_tells_what_where_why_and_what_to_do() -> None:
    refusal = Conflict(
        "note.late", Text("已到期", "It is due"), remedy=Text("请等待", "Wait"), clause=Text("第一条", "Article 1"),
        where="line 3", details={"due": "2026-07-07"},
    )  # fmt: skip
    assert refusal.as_dict() == {
        "code": "note.late", "reason": {"zh": "已到期", "en": "It is due"}, "remedy": {"zh": "请等待", "en": "Wait"},
        "clause": {"zh": "第一条", "en": "Article 1"}, "where": "line 3", "details": {"due": "2026-07-07"},
    }  # fmt: skip
    assert str(refusal) == "note.late: It is due"
    assert Refusal("a.b", Text("否", "No")).as_dict() == {"code": "a.b", "reason": {"zh": "否", "en": "No"}}


def test_statuses() -> None:
    assert [kind.status for kind in (Refusal, Invalid, Forbidden, NotFound, Conflict)] == [422, 422, 403, 404, 409]


def test_a_refusal_crosses_processes_whole() -> None:
    refusal = NotFound("a.b", Text("无", "None"), remedy=Text("找", "Look"), where="x", details={"n": 1})
    back = pickle.loads(pickle.dumps(refusal))
    assert type(back) is NotFound
    assert back.as_dict() == refusal.as_dict()
