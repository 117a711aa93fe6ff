"""The HTTP API's common speech: one class to assemble, one form of error, ids, pages, amounts and sentences.

Rooms write ninja routers with what is here; :class:`JirongAPI` gathers them. Every error is problem+json and stands
in the OpenAPI document; an error rolls the request's transaction back. A write carries its action's id as the
``Idempotency-Key`` header or as ``id`` in the body; sending it twice answers the first outcome. Amounts are strings
("1000.00"), never JSON numbers.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import ninja
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Header, NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security.base import AuthBase
from ninja.utils import check_csrf
from pydantic import ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from jirong.kernel.errors import Forbidden, Invalid, Refusal
from jirong.kernel.money import CNY, UNITS, Money
from jirong.kernel.text import Text
from jirong.store import retry
from jirong.web import openapi, paging, problem
from jirong.web.exemplify import exemplify
from jirong.web.invalid import from_validation
from jirong.web.parsing import StrictParser

logger = logging.getLogger("jirong.api")

Item = TypeVar("Item")


class Schema(ninja.Schema):
    """Base of request bodies: unknown members are refused, so that a misspelt one is never ignored in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


# Values at the edge ----------------------------------------------------------------------------------------------


def _read_amount(value: Any) -> Money:
    if isinstance(value, Money):
        return value
    if isinstance(value, str):
        return Money.parse(value)
    raise Invalid(
        "money.not_a_string",
        Text("金额须为字符串", "An amount must be a string"),
        remedy=Text('请写成 "1000.00" 这样的字符串', 'Write it as a string such as "1000.00"'),
    )


def _read_rate(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    try:
        found = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except ArithmeticError:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Invalid(
            "rate.unreadable",
            Text("利率须为小数字符串", "A rate must be a decimal string"),
            remedy=Text('3.50 % 写作 "0.0350"', 'Write 3.50 % as "0.0350"'),
        )
    return found


def _read_text(value: Any) -> Text:
    return value if isinstance(value, Text) else Text.from_dict(value)


Amount = Annotated[
    Money,
    PlainValidator(_read_amount),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,16}(\.[0-9]{1,2})?$", "examples": ["1000.00"]}),
]
"""Yuan as a string with up to two decimals; inside, :class:`Money`."""

Rate = Annotated[
    Decimal,
    PlainValidator(_read_rate),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,3}(\.[0-9]{1,6})?$", "examples": ["0.0350"]}),
]
"""A yearly rate as a fraction of one, as a decimal string with up to the six decimals it is kept with."""

Sentence = Annotated[
    Text,
    PlainValidator(_read_text),
    PlainSerializer(Text.as_dict, return_type=dict[str, str]),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
            "required": ["zh", "en"],
            "examples": [{"zh": "待签收", "en": "Awaiting acceptance"}],
        }
    ),
]
"""A sentence in both languages."""


class AmountOf(Schema):
    """An amount of any unit: ``{"amount": "1000.00", "unit": "CNY"}``."""

    amount: str = Field(examples=["1000.00"])
    unit: str = Field(default=CNY.code, examples=["CNY"])

    @classmethod
    def of(cls, money: Money) -> AmountOf:
        return cls(amount=str(money), unit=money.unit.code)


# Requests and amounts ------------------------------------------------------------------------------------------


def actor_of(request: HttpRequest) -> Any:
    """The actor the middleware found for this request."""
    return request.actor  # type: ignore[attr-defined]


def money(minor: int, unit: str = CNY.code) -> str:
    """Minor units as the API writes an amount."""
    return str(Money(minor, UNITS[unit]))


# Ids -------------------------------------------------------------------------------------------------------------

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="The action's id (a UUID) where the body has none; the same id twice answers the first outcome.",
        examples=["01890a5d-ac96-774b-bcce-b302099a8057"],
        max_length=64,
    ),
]


def action_id(key: str | None, body_id: uuid.UUID | None = None) -> uuid.UUID:
    """The action's id from the header, the body, or both if they agree; refuses none, two, and what is no UUID."""
    from_header = _as_uuid(key) if key is not None else None
    if from_header is None and body_id is None:
        raise Invalid(
            "action.id_missing",
            Text("缺少操作编号", "The action's id is missing"),
            remedy=Text(
                "请在 Idempotency-Key 头或正文 id 中给出一个新的 UUID；重试时沿用同一个",
                "Send a new UUID as the Idempotency-Key header or as id in the body; use the same one to retry",
            ),
            where="Idempotency-Key",
        )
    if from_header is not None and body_id is not None and from_header != body_id:
        raise Invalid(
            "action.id_differs",
            Text("Idempotency-Key 与正文 id 不一致", "The Idempotency-Key and the body's id differ"),
            remedy=Text("请只给一个，或让两者相同", "Send one of them, or the same in both"),
            where="Idempotency-Key",
        )
    found = from_header or body_id
    assert found is not None
    return found


def _as_uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Invalid(
            "action.id_unreadable",
            Text("操作编号不是 UUID", "The action's id is not a UUID"),
            remedy=Text("请使用 UUID（建议第 7 版）", "Use a UUID, version 7 for preference"),
            where="Idempotency-Key",
        ) from error


# Pages -----------------------------------------------------------------------------------------------------------


class PageParams(ninja.Schema):
    """Query parameters of a list."""

    after: str | None = Field(default=None, max_length=2000, description="The cursor the page before gave as next.")
    limit: int = Field(default=50, ge=1, le=paging.PAGE_ROWS_MAX)


class PageOf(ninja.Schema, Generic[Item]):
    """Rows and the cursor of the next page; ``next`` is null on the last."""

    items: list[Item]
    next: str | None = Field(examples=["eyJ…"])


def page(
    rows: QuerySet[Any] | Sequence[Any],
    params: PageParams,
    *,
    order: Sequence[str] = ("-recorded_at", "-id"),
    show: Callable[[Any], Any] | None = None,
) -> dict[str, Any]:
    """One page for a ``PageOf[...]`` response; ``show`` turns a row into its schema's values."""
    found = paging.page(rows, order, after=params.after, limit=params.limit)
    return {"items": [show(row) if show else row for row in found.items], "next": found.next}


# Who calls -------------------------------------------------------------------------------------------------------

Finder = Callable[[HttpRequest], Any]
"""Answers who the request acts as, or ``None``; the room of parties provides it."""


class Bearer(AuthBase):
    """A token in the ``Authorization`` header."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, find: Finder) -> None:
        self.find = find
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        if not request.headers.get("Authorization", "").lower().startswith("bearer "):
            return None
        found = self.find(request)
        if not found:
            raise problem.GENERIC[401]
        return found


class Session(AuthBase):
    """A log-in session's cookie; what changes anything needs the page's CSRF token besides."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __init__(self, find: Finder) -> None:
        self.find = find
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        if request.headers.get("Authorization"):
            return None
        found = self.find(request)
        if found and check_csrf(request) is not None:
            get_token(request)
            raise Forbidden(
                "auth.csrf",
                Text("缺少或不符的 CSRF 令牌", "The CSRF token is missing or does not match"),
                remedy=Text("请带上 X-CSRFToken 头，或改用 Bearer 令牌", "Send X-CSRFToken, or use a bearer token"),
            )
        return found


# The API ---------------------------------------------------------------------------------------------------------


class JirongAPI(NinjaAPI):
    """A ninja API whose every error is a declared problem document."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("parser", StrictParser())
        super().__init__(**options)
        self.add_exception_handler(Refusal, _refused)
        self.add_exception_handler(ValidationError, _invalid)
        self.add_exception_handler(Http404, _not_found)
        self.add_exception_handler(HttpError, _http_error)
        self.add_exception_handler(Exception, _failed)

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        openapi.declare_errors(schema)
        exemplify(schema)
        return schema


def _refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    _roll_back()
    return problem.response(request, refusal)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    return _refused(request, from_validation(error.errors))


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return _refused(request, problem.GENERIC[404])


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    # What the parser refused arrives wrapped; its own words say more than "bad request".
    if isinstance(error.__cause__, Refusal):
        return _refused(request, error.__cause__)
    _roll_back()
    return problem.from_status(request, HttpResponse(status=error.status_code))


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    if retry.is_transient(error):
        raise error  # the whole request is run again
    if retry.is_outage(error):
        return _refused(request, problem.GENERIC[503])
    found = problem.defect()
    logger.error("defect %s at %s %s", found.details["number"], request.method, request.path, exc_info=error)
    return _refused(request, found)


def _roll_back() -> None:
    # Ninja answers an exception itself, so Django would see success and commit what had been written before it.
    connection = transaction.get_connection()
    if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
        transaction.set_rollback(True)
