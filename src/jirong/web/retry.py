"""Running a write again when PostgreSQL ended it for another's sake (see ``store.retry``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jirong.kernel.errors import Refusal
from jirong.store import retry
from jirong.web.middleware import RefusalMiddleware

TRIES = 4


class RetryMiddleware(RefusalMiddleware):
    """The last of the middlewares: those before it have accepted the request (log-in, CSRF) by the time it runs.

    A view that may write runs in one transaction, and again while that ends in a deadlock. A refusal undoes it and is
    answered here, as ``RefusalMiddleware`` answers those of views that only read. A view that makes transactions of its
    own (``transaction.non_atomic_requests``) is left to itself.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method in ("GET", "HEAD", "OPTIONS") or _is_apart(view):
            return None
        for left in reversed(range(TRIES)):
            try:
                with transaction.atomic():
                    return view(request, *args, **kwargs)
            except Refusal as refusal:
                return self.process_exception(request, refusal)
            except OperationalError as error:
                if not left or not retry.is_transient(error):
                    raise
        return None


def _is_apart(view: Callable[..., HttpResponseBase]) -> bool:
    """Whether the view opted out of one transaction a request; Django keeps that on the view itself."""
    return DEFAULT_DB_ALIAS in getattr(view, "_non_atomic_requests", ())
