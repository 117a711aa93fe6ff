"""The one way to write: ``@action`` makes a function an action of the house.

An action is keyword-only, names its ``actor`` and carries a client-supplied ``id``. Calling it opens one transaction,
writes one log entry and runs the function; doing it twice with the same id and body returns the first outcome, the
same id with another body is refused. An outcome is a JSON-safe dict. Everything raised inside undoes everything.
"""

from __future__ import annotations

import functools
import inspect
import json
import typing
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, connection, transaction

from jirong.kernel import limits
from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.text import Text
from jirong.log import signing, statement
from jirong.log.models import Salt
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.trust import canonical

Outcome = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SuppliedSignature:
    """A signature the actor made with its own key: base64 of 64 raw bytes, and the id of the registered key."""

    value: str
    key: str


@dataclass(frozen=True, slots=True)
class Registered:
    """An action of the house: ``function`` is what was written, ``perform`` the action round it."""

    code: str
    title: Text
    function: Callable[..., Outcome]
    perform: Callable[..., Outcome]
    own_key: bool
    two_people: bool
    public: bool


REGISTRY: dict[str, Registered] = {}


@dataclass
class Running:
    """The action under way: what it concerns is added as it becomes known."""

    id: uuid.UUID
    grade: str = ""
    concerns: set[uuid.UUID] = field(default_factory=set)


_running: ContextVar[Running | None] = ContextVar("jirong_action", default=None)
_maker: ContextVar[int | None] = ContextVar("jirong_maker", default=None)
_alone: ContextVar[bool] = ContextVar("jirong_alone", default=False)


def concern(*parties: uuid.UUID | None) -> None:
    """Let ``parties`` read the entry (and so the receipt) of the action under way."""
    running = _running.get()
    if running is None:
        raise RuntimeError("concern() belongs inside an action")
    running.concerns.update(party for party in parties if party)


def is_vouched(actor: Actor) -> bool:
    """Whether more than one person's log-in stands behind the action under way: the party's own key signed it, or
    another person prepared it.
    """
    running = _running.get()
    own = running is not None and running.grade == "own"
    return own or _maker.get() not in (None, actor.user) or actor.role == "system"


@contextmanager
def alone() -> Iterator[None]:
    """Inside, an action is all its transaction does, and whoever calls it lets a refusal undo the whole of it."""
    token = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(token)


@contextmanager
def checked_by(maker: int) -> Iterator[None]:
    """Inside, an action was prepared by user ``maker`` and is being approved by another (see ``proposals``)."""
    token = _maker.set(maker)
    try:
        yield
    finally:
        _maker.reset(token)


def action(
    code: str, title: Text, *, own_key: bool = False, two_people: bool = False, public: bool = True
) -> Callable[[Callable[..., Outcome]], Callable[..., Outcome]]:
    """Make a keyword-only function ``(*, actor, id, …) -> Outcome`` an action.

    ``own_key`` asks for the actor's own signature wherever its party has a key of its own (law 10); ``two_people``
    lets a party act only through a proposal that another person approved; ``public`` actions have an API operation.
    The performing function also takes ``signature=``. Arguments annotated ``PersonalText`` are logged as salted hashes.
    """

    def decorate(function: Callable[..., Outcome]) -> Callable[..., Outcome]:
        names = set(inspect.signature(function).parameters)
        if not {"actor", "id"} <= names:
            raise TypeError(f"action {code} must take actor and id")

        @functools.wraps(function)
        def perform(*, actor: Actor, id: uuid.UUID, signature: SuppliedSignature | None = None, **body: Any) -> Outcome:
            if _running.get() is not None:
                raise RuntimeError(f"action {code} was called inside another: a write is one action")
            complete = _with_defaults(function, body)
            _check_lengths(function, complete)
            # Inside a request that is this action alone, its transaction is the action's: no savepoint is needed.
            try:
                with transaction.atomic(savepoint=not _alone.get()):
                    return _once(REGISTRY[code], actor, id, signature, complete)
            except DataError as error:
                raise _does_not_fit(error) from error

        if code in REGISTRY:
            raise TypeError(f"two actions are called {code}")
        REGISTRY[code] = Registered(code, title, function, perform, own_key, two_people, public)
        perform.action_code = code  # type: ignore[attr-defined]
        return perform

    return decorate


def statement_bytes(code: str, *, actor: Actor, id: uuid.UUID, **body: Any) -> bytes:
    """The exact bytes an actor signs to do ``code`` with ``body`` (for the signing panel and for clients)."""
    complete = _with_defaults(REGISTRY[code].function, body)
    if any(isinstance(value, statement.Personal) for value in complete.values()):
        raise ValueError("a statement with personal values is signed by the platform's key only")
    return statement.build(code, id, actor.party, complete, statement.Salts())


def _does_not_fit(error: DataError) -> Invalid:
    """What no check of ours caught but a column could not hold: the last word is still a refusal, not a defect."""
    said = str(error).strip().splitlines()[0]
    return Invalid(
        "value.does_not_fit",
        Text(f"有一项内容过长或超出可记录的范围（{said}）", f"A value is too long or out of the range kept ({said})"),
        remedy=Text("请核对各项长度与数值后重新提交", "Check lengths and numbers and send it again"),
    )


def _with_defaults(function: Callable[..., Outcome], body: dict[str, Any]) -> dict[str, Any]:
    """The body as it is logged: every argument by name, defaults filled in, so that one request has one form."""
    try:
        bound = inspect.signature(function).bind(actor=None, id=None, **body)
    except TypeError as error:
        raise TypeError(f"{function.__module__}.{function.__name__}: {error}") from None
    bound.apply_defaults()
    hidden = personal(function)
    return {
        name: statement.Personal(value) if name in hidden and value is not None else value
        for name, value in bound.arguments.items()
        if name not in ("actor", "id")
    }


@functools.cache
def personal(function: Callable[..., Outcome]) -> frozenset[str]:
    hints = typing.get_type_hints(function, include_extras=True)
    return frozenset(name for name, hint in hints.items() if statement.PERSONAL in getattr(hint, "__metadata__", ()))


@functools.cache
def lengths(function: Callable[..., Outcome]) -> dict[str, limits.Length]:
    """How long the action's texts may be, by argument."""
    return limits.lengths(typing.get_type_hints(function, include_extras=True))


def _check_lengths(function: Callable[..., Outcome], body: dict[str, Any]) -> None:
    for name, length in lengths(function).items():
        value = body[name].value if isinstance(body[name], statement.Personal) else body[name]
        if value is not None:
            length.check(value, name)


def _once(
    registered: Registered,
    actor: Actor,
    id: uuid.UUID,
    supplied: SuppliedSignature | None,
    body: dict[str, Any],
) -> Outcome:
    """Take the id, or answer what it already did. A second taker waits here until the first has committed."""
    # As the house, like the next statement (the keys), so that the identity is told once for both.
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT statement, outcome FROM log_take(%s)", [id])
        earlier = cursor.fetchone()
    if earlier is not None:
        return _repeat(id, *earlier, registered=registered, actor=actor, body=body)
    _require_two_people(registered, actor)
    salts = statement.Salts()
    signed = statement.build(registered.code, id, actor.party, body, salts)
    signature = _signature(registered, actor, supplied, signed)
    running = Running(id, signature.grade, {actor.party} if actor.party else set())
    token = _running.set(running)
    try:
        with acting_as(actor):
            outcome = registered.function(actor=actor, id=id, **_plain(body))
    finally:
        _running.reset(token)
    _record(registered, actor, running, signed, signature, outcome, salts)
    return outcome


def _require_two_people(registered: Registered, actor: Actor) -> None:
    if not registered.two_people or actor.role == "system":
        return
    if _maker.get() in (None, actor.user):
        raise Forbidden(
            "action.needs_checker",
            Text(
                f"“{registered.title.zh}”须由两人完成：一人经办、一人复核",
                f"“{registered.title.en}” takes two people: a maker and a checker",
            ),
            remedy=Text("请先提交复核", "Propose it for approval first"),
        )


def _repeat(
    id: uuid.UUID, signed: str, outcome: str, *, registered: Registered, actor: Actor, body: dict[str, Any]
) -> Outcome:
    """The first outcome, if what is asked now is what was signed then."""
    with acting_as(SYSTEM):
        salts = statement.Salts(dict(Salt.objects.filter(entry=id).values_list("path", "salt")))
    if statement.build(registered.code, id, actor.party, body, salts).decode() != signed:
        raise Conflict(
            "action.id_reused",
            Text("这个操作编号已用于另一项内容不同的操作", "This id was already used for an action with another body"),
            remedy=Text("请换一个新的编号再提交", "Submit again with a new id"),
            details={"id": str(id)},
        )
    first: Outcome = canonical.parse(outcome)
    return first


def _signature(
    registered: Registered, actor: Actor, supplied: SuppliedSignature | None, signed: bytes
) -> signing.Signature:
    if actor.party is None:
        if actor.role != "system":
            raise Forbidden(
                "action.no_party",
                Text("请先登录并选择代表的单位", "Log in and choose the party you act for first"),
            )
        return signing.Signature("", "", "system")
    keyring = signing.keyring()
    if supplied is not None:
        with acting_as(SYSTEM):
            fits = keyring.check_own(actor.party, signed, supplied.value, supplied.key)
        if not fits:
            raise Invalid(
                "signature.wrong",
                Text(
                    "签名与所提交的内容或登记的密钥不符", "The signature does not fit the request or the registered key"
                ),
                remedy=Text("请用登记的密钥对所示内容重新签名", "Sign the shown bytes again with the registered key"),
            )
        return signing.Signature(supplied.value, supplied.key, "own")
    held = keyring.held_by(actor.party)  # reads as the house
    if registered.own_key and held.own:
        raise Forbidden(
            "signature.own_key_required",
            Text(
                f"“{registered.title.zh}”须用贵单位自己的密钥签名",
                f"“{registered.title.en}” must be signed with your party's own key",
            ),
            remedy=Text("请在签名面板确认并签名后再提交", "Confirm and sign in the signing panel, then submit"),
        )
    kept = held.sign(signed)
    if kept is None:
        raise Forbidden(
            "signature.no_key",
            Text("贵单位尚未登记密钥", "Your party has no registered key"),
            remedy=Text("请先登记密钥", "Register a key first"),
        )
    return kept


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    return {n: v.value if isinstance(v, statement.Personal) else v for n, v in body.items()}


def _record(
    registered: Registered,
    actor: Actor,
    running: Running,
    signed: bytes,
    signature: signing.Signature,
    outcome: Outcome,
    salts: statement.Salts,
) -> None:
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "SELECT log_record(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[], %s::jsonb)",
            [
                running.id,
                registered.code,
                actor.party,
                actor.user,
                signed.decode(),
                signature.value,
                signature.key,
                signature.grade,
                canonical.encode(outcome).decode(),
                sorted(running.concerns),
                json.dumps(salts.by_path),
            ],
        )
