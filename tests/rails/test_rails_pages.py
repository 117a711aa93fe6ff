"""What payments are called on screen, and a pretended bank that one refusal does not stop."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from jirong.kernel.errors import Conflict
from jirong.kernel.text import Text
from jirong.rails import actions, sandbox, views


def test_every_purpose_some_room_answers_to_has_a_name() -> None:
    assert set(actions._answered) <= set(views.PURPOSES)


def test_an_answer_the_house_refuses_does_not_hold_up_the_others(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ids = [uuid.UUID(int=n) for n in range(3)]

    class Waiting:
        def order_by(self, *_: str) -> Any:
            return [SimpleNamespace(pk=id, batch_id=None) for id in ids]

    def answer(id: uuid.UUID) -> bool:
        if id == ids[1]:
            raise Conflict("payment.contradicts", Text("已有不同结果", "answered differently"))
        return True

    monkeypatch.setattr(sandbox, "waiting", Waiting)
    monkeypatch.setattr(sandbox, "answer", answer)
    assert sandbox.answer_all() == 2
    assert "payment.contradicts" in caplog.text
