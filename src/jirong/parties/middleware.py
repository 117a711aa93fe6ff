"""Who acts in this request: the staff membership the session chose, or the one a bearer token belongs to.

Runs before any view opens its transaction, so that row security sees the right party from the first query. A bad
token answers 401 at once; a session without a membership stays anonymous.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from jirong.kernel.errors import Forbidden, Refusal
from jirong.kernel.text import Text
from jirong.parties import actions
from jirong.parties.models import Role, Staff, Token
from jirong.store.identity import ANONYMOUS, SYSTEM, Actor, acting_as
from jirong.web import problem

MEMBERSHIPS = Staff.objects.select_related("party").annotate(
    is_operator=Exists(Role.objects.filter(party=OuterRef("party"), role="operator"))
)
OF_HASH = "SELECT token, scope, used_lately, is_operator, id, user_id, party_id, duties FROM parties_by_token(%s)"
MEMBERSHIP = ["id", "user_id", "party_id", "duties"]
"""What of a membership a request by token knows at once; the rest would be read when asked for."""
READS = ("GET", "HEAD", "OPTIONS")


class BadToken(Refusal):
    status = 401


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.staff`` and acts as them for the whole request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            staff = self._staff(request)
        except (BadToken, Forbidden) as refusal:
            return problem.response(request, refusal)
        actor = ANONYMOUS if staff is None else self._actor(staff)
        request.actor = actor  # type: ignore[attr-defined]
        request.staff = staff  # type: ignore[attr-defined]
        with acting_as(actor):
            return self.get_response(request)

    def _staff(self, request: HttpRequest) -> Staff | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            request.by_token = True  # type: ignore[attr-defined]
            return self._by_token(request, token.strip())
        if request.path.startswith("/static/") or not request.user.is_authenticated:
            return None
        with acting_as(SYSTEM), transaction.atomic():
            memberships = MEMBERSHIPS.filter(user=request.user.pk, ended_at=None)
            chosen = _chosen(request)
            staff = memberships.filter(party=chosen).first() if chosen else None
            return staff or memberships.order_by("pk").first()

    def _by_token(self, request: HttpRequest, token: str) -> Staff:
        found = _found(actions.token_hash(token))
        if found is None:
            raise BadToken(
                "token.invalid",
                Text("令牌无效或已过期", "The token is unknown or has expired"),
                remedy=Text("请重新生成令牌", "Create a new token"),
            )
        id, scope, used_lately, is_operator, *membership = found
        if not used_lately:  # kept to five minutes, so that most requests write nothing for it
            with acting_as(SYSTEM), transaction.atomic():
                Token.objects.filter(pk=id).update(last_used_at=Now())
        if scope == "read" and request.method not in READS:
            raise Forbidden(
                "token.read_only",
                Text("这个令牌只能读取", "This token may only read"),
                remedy=Text("请改用可读写的令牌", "Use a token that may write"),
            )
        staff = Staff.from_db(connection.alias, MEMBERSHIP, membership)
        staff.is_operator = is_operator  # type: ignore[attr-defined]  # as MEMBERSHIPS annotates it
        return staff

    def _actor(self, staff: Staff) -> Actor:
        is_operator: bool = staff.is_operator  # type: ignore[attr-defined]  # annotated in MEMBERSHIPS
        return Actor("operator" if is_operator else "party", staff.party_id, staff.user_id)


def _found(hashed: str) -> Any:
    """The row of ``OF_HASH``. The first statement of a request finds out whether its connection still stands."""
    try:
        return _asked(hashed)
    except (OperationalError, InterfaceError):
        connection.close()
        return _asked(hashed)


def _asked(hashed: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(OF_HASH, [hashed])
        return cursor.fetchone()


def _chosen(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.session.get("party", ""))
    except ValueError:
        return None
