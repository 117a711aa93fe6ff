"""Every public action as an operation, made from the action's own signature: ``POST /api/actions/<code>``.

The request's fields are the action's arguments, the answer is its outcome, the id comes as ``Idempotency-Key`` (or
``id`` in the body). An action that takes two people answers 202 with a proposal, which another person approves. Own
keys sign the bytes that ``POST /api/statements/<code>`` shows for the same body. So an action cannot be forgotten
here, nor differ from what pages and jobs do.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import inspect
import types
import typing
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field, create_model

from jirong.kernel.ids import derived_id
from jirong.kernel.limits import Length
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import actions
from jirong.log.actions import Registered, SuppliedSignature
from jirong.parties import proposals
from jirong.web import api

BY_HAND = {"facts.import", "proposal.make", "proposal.reject"}
"""Actions whose operation is written by hand: a file's bytes do not travel as JSON, proposals are made by asking."""

ANY_LENGTH = Length(0, 500)
"""Of a text whose action says nothing of its length."""

EXAMPLES: dict[Any, Any] = {
    uuid.UUID: "01890a5d-ac96-774b-bcce-b302099a8057",
    datetime.date: "2026-01-08",
    str: "text",
    int: 30,
    bool: True,
}


class SignatureIn(api.Schema):
    """A signature by the party's own registered key over the statement's bytes, base64 of 64 bytes."""

    value: str = Field(max_length=100, examples=["qk0…=="])
    key: str = Field(max_length=64, examples=["5f1d…"])


class Done(ninja.Schema):
    """The action happened (now or the first time it was asked)."""

    id: uuid.UUID
    action: str = Field(examples=["note.issue"])
    outcome: dict[str, Any]
    receipt: str = Field(examples=["/api/receipts/01890a5d-ac96-774b-bcce-b302099a8057"])


class Proposed(ninja.Schema):
    """The action waits for another person's approval."""

    proposal: uuid.UUID
    action: str
    state: str = Field(examples=["proposed"])


class Statement(ninja.Schema):
    """The exact bytes to sign: canonical JSON as text, in base64, and their SHA-256."""

    text: str
    bytes: str
    sha256: str


def operations() -> Router:
    """A router with an operation, and a statement, for every public action."""
    router = Router()
    for registered in sorted(actions.REGISTRY.values(), key=lambda item: item.code):
        if registered.public and registered.code not in BY_HAND:
            _add(router, registered)
    return router


def _add(router: Router, registered: Registered) -> None:
    body = body_of(registered)
    answers: dict[int, Any] = {200: Done} | ({202: Proposed} if registered.two_people else {})
    options: dict[str, Any] = {
        "summary": f"{registered.title.zh} / {registered.title.en}",
        "description": inspect.getdoc(registered.function) or registered.title.en,
        "tags": [registered.code.partition(".")[0]],
    }
    router.post(
        f"/actions/{registered.code}", response=answers, operation_id=f"do_{_identifier(registered.code)}", **options
    )(_performer(registered, body))
    if actions.personal(registered.function):
        return  # signed by the platform's key alone: nobody can rebuild salted bytes
    router.post(
        f"/statements/{registered.code}",
        response=Statement,
        operation_id=f"statement_{_identifier(registered.code)}",
        **{**options, "summary": f"待签内容：{registered.title.zh} / Bytes to sign: {registered.title.en}"},
    )(_stater(registered, body))


def _performer(registered: Registered, body: Any) -> Callable[..., Any]:
    def perform(request: HttpRequest, payload: Any, idempotency_key: api.IdempotencyKey = None) -> Any:
        actor = request.actor  # type: ignore[attr-defined]
        id = api.action_id(idempotency_key, payload.id)
        arguments = arguments_of(registered, payload)
        if registered.two_people and actor.role != "system":
            outcome = proposals.propose(
                actor=actor,
                id=derived_id(id, "propose"),
                code=registered.code,
                action_id=id,
                body=proposals.body_of(**arguments),
            )
            return Status(202, {"proposal": id, "action": registered.code, "state": outcome["state"]})
        with actions.alone():
            outcome = registered.perform(actor=actor, id=id, signature=supplied(payload.signature), **arguments)
        return Status(200, done(registered.code, id, outcome))

    perform.__annotations__["payload"] = body
    return perform


def _stater(registered: Registered, body: Any) -> Callable[..., Any]:
    def state(request: HttpRequest, payload: Any, idempotency_key: api.IdempotencyKey = None) -> Any:
        id = api.action_id(idempotency_key, payload.id)
        actor = request.actor  # type: ignore[attr-defined]
        signed = actions.statement_bytes(registered.code, actor=actor, id=id, **arguments_of(registered, payload))
        return statement_answer(signed)

    state.__annotations__["payload"] = body
    return state


def statement_answer(signed: bytes) -> dict[str, str]:
    return {
        "text": signed.decode(),
        "bytes": base64.b64encode(signed).decode(),
        "sha256": hashlib.sha256(signed).hexdigest(),
    }


def done(code: str, id: uuid.UUID, outcome: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "action": code, "outcome": outcome, "receipt": f"/api/receipts/{id}"}


def supplied(signature: SignatureIn | None) -> SuppliedSignature | None:
    return None if signature is None else SuppliedSignature(signature.value, signature.key)


def arguments_of(registered: Registered, payload: Any) -> dict[str, Any]:
    """The action's arguments from the request: nested schemas become the dataclasses the action takes.

    What was not sent takes the action's own default.
    """
    hints = typing.get_type_hints(registered.function)
    sent = payload.model_fields_set - {"id", "signature"}
    return {name: _value(hints[name], getattr(payload, name)) for name in sent}


def body_of(registered: Registered) -> Any:
    """The request's schema: one field an argument, with an example each."""
    hints = typing.get_type_hints(registered.function)
    lengths = actions.lengths(registered.function)
    fields: dict[str, Any] = {
        name: _field(hints[name], parameter, lengths.get(name, ANY_LENGTH))
        for name, parameter in inspect.signature(registered.function).parameters.items()
        if name not in ("actor", "id")
    }
    fields["id"] = (uuid.UUID | None, Field(default=None, description="The action's id, unless sent as a header."))
    fields["signature"] = (SignatureIn | None, None)
    return create_model(f"{_camel(registered.code)}In", __base__=api.Schema, **fields)


def _field(hint: Any, parameter: inspect.Parameter, length: Length) -> tuple[Any, Any]:
    edge = _edge(hint)
    example = EXAMPLES.get(hint)
    extra: dict[str, Any] = {"examples": [example]} if example is not None else {}
    if hint is str or hint == str | None:
        extra |= {"min_length": length.at_least, "max_length": length.at_most}
    if parameter.default is inspect.Parameter.empty:
        return edge, Field(**extra)
    return edge, Field(default=parameter.default, **extra)


def _edge(hint: Any) -> Any:
    """The type a field has at the API's edge."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return typing.Union[tuple(_edge(arg) for arg in args)]  # noqa: UP007 (built at run time)
    if origin is list:
        return typing.Annotated[list[_edge(args[0])], Field(max_length=10_000)]  # type: ignore[misc]
    if hint is Money:
        return api.Amount
    if hint is Decimal:
        return api.Rate
    if dataclasses.is_dataclass(hint) and hint is not Text:
        inner: dict[str, Any] = {name: (_edge(kind), ...) for name, kind in typing.get_type_hints(hint).items()}
        name = getattr(hint, "__name__", "Record")
        return create_model(f"{name}In", __base__=api.Schema, **inner)
    return hint


def _value(hint: Any, sent: Any) -> Any:
    args = typing.get_args(hint)
    if typing.get_origin(hint) is list:
        return [_value(args[0], item) for item in sent]
    if dataclasses.is_dataclass(hint) and hint not in (Money, Text) and sent is not None:
        hints = typing.get_type_hints(hint)
        return hint(**{name: _value(kind, getattr(sent, name)) for name, kind in hints.items()})  # type: ignore[operator]
    return sent


def _identifier(code: str) -> str:
    return code.replace(".", "_")


def _camel(code: str) -> str:
    return "".join(part.title() for part in code.replace("_", ".").split("."))
