"""A write that PostgreSQL ended for another's sake is run again; one that failed of itself is not."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.core.handlers.base import BaseHandler
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from jirong.kernel.errors import Conflict
from jirong.kernel.text import Text
from jirong.web.retry import TRIES, RetryMiddleware


def deadlock() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = psycopg.errors.DeadlockDetected("deadlock detected")
    return error


def run(view: Any, method: str = "post") -> Any:
    request = getattr(RequestFactory(), method)("/api/actions/x")
    return RetryMiddleware(lambda _: HttpResponse()).process_view(request, view, (), {})


@pytest.mark.parametrize("deadlocks", [0, 1, TRIES - 1])
def test_a_deadlock_is_tried_again(db: None, deadlocks: int) -> None:
    calls = []

    def view(request: Any) -> HttpResponse:
        calls.append(request)
        if len(calls) <= deadlocks:
            raise deadlock()
        return HttpResponse("done")

    assert run(view).content == b"done"
    assert len(calls) == deadlocks + 1


def test_endless_deadlocks_are_an_error(db: None) -> None:
    def view(request: Any) -> HttpResponse:
        raise deadlock()

    with pytest.raises(OperationalError):
        run(view)


def test_a_refusal_is_answered_and_not_tried_again(db: None) -> None:
    calls = []

    def view(request: Any) -> HttpResponse:
        calls.append(1)
        raise Conflict("test.no", Text("不行", "no"))

    assert run(view).status_code == 409
    assert calls == [1]


def test_reads_are_left_to_django(db: None) -> None:
    assert run(lambda request: HttpResponse(), "get") is None


def test_a_view_that_makes_its_own_transactions_is_run_once_and_outside_of_ours(transactional_db: None) -> None:
    seen = []

    @transaction.non_atomic_requests
    def apart(request: Any) -> HttpResponse:
        seen.append(connection.in_atomic_block)
        return HttpResponse()

    def together(request: Any) -> HttpResponse:
        seen.append(connection.in_atomic_block)
        return HttpResponse()

    assert run(apart) is None
    assert seen == []
    # As Django's handler does with what a middleware leaves to it.
    BaseHandler().make_view_atomic(apart)(RequestFactory().post("/"))
    run(together)
    assert seen == [False, True]
