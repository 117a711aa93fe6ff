"""What the API hands out as a receipt is the file that verifies."""

from __future__ import annotations

from typing import Any

from django.test import RequestFactory

from jirong.log import receipts, sequencer
from jirong.log.api import get_receipt
from jirong.store.identity import acting_as
from jirong.trust import verify


def test_the_body_of_the_answer_verifies_as_it_is(firm: Any) -> None:
    id = firm.transfer("批次")
    sequencer.sequence()
    with acting_as(firm.actor):
        answer = get_receipt(RequestFactory().get("/"), id)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert verify.verify(answer.content, receipts.trust()).ok
