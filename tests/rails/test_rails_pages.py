"""What payments are called on screen."""

from __future__ import annotations

from jirong.rails import actions, views


def test_every_purpose_some_room_answers_to_has_a_name() -> None:
    assert set(actions._answered) <= set(views.PURPOSES)
