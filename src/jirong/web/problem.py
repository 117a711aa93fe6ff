"""Every error of the API as problem+json (RFC 9457), from a refusal, in the caller's language and in both.

``type`` is a stable address made of the refusal's code, ``title`` and ``detail`` are in the language the caller
accepts, ``reason``/``remedy``/``clause`` carry both. Errors nobody raised as a refusal (no such address, wrong
method, a defect) take the same form, so that a client needs one reader.
"""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from jirong.kernel.errors import Forbidden, Invalid, NotFound, Refusal
from jirong.kernel.text import Text

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: Text("请求有误", "Bad request"),
    401: Text("需要登录", "Log-in required"),
    403: Text("不允许", "Not allowed"),
    404: Text("未找到", "Not found"),
    405: Text("方法不支持", "Method not allowed"),
    409: Text("状态冲突", "Conflict"),
    413: Text("请求过大", "Request too large"),
    415: Text("媒体类型不支持", "Unsupported media type"),
    422: Text("无法受理", "Cannot be accepted"),
    429: Text("请求过于频繁", "Too many requests"),
    500: Text("平台内部错误", "Internal error"),
    503: Text("暂时不可用", "Temporarily unavailable"),
}


class Unauthenticated(Refusal):
    status = 401


class MethodNotAllowed(Refusal):
    status = 405


class TooMany(Refusal):
    status = 429


class Unavailable(Refusal):
    status = 503


class Defect(Refusal):
    """Our own fault; says nothing of its cause to the caller, only a number to quote."""

    status = 500


GENERIC: dict[int, Refusal] = {
    400: Invalid(
        "request.malformed",
        Text("请求无法读取", "The request cannot be read"),
        remedy=Text("请检查请求格式", "Check the form of the request"),
    ),
    401: Unauthenticated(
        "auth.required",
        Text("尚未登录，或令牌无效、已过期", "Not logged in, or the token is invalid or expired"),
        remedy=Text(
            "请登录，或在 Authorization 头中给出有效的 Bearer 令牌",
            "Log in, or send a valid bearer token in the Authorization header",
        ),
    ),
    403: Forbidden(
        "auth.forbidden",
        Text("当前身份不能做这件事", "You may not do this in your present role"),
        remedy=Text("请切换到有权的身份，或联系本单位管理员", "Act for a party that may, or ask your administrator"),
    ),
    404: NotFound(
        "not_found",
        Text("没有这个地址，或您看不到它", "There is nothing here, or nothing you may see"),
        remedy=Text("请核对地址与当前身份", "Check the address and whom you act for"),
    ),
    405: MethodNotAllowed(
        "method.not_allowed",
        Text("这个地址不支持该方法", "This address does not support that method"),
        remedy=Text("请查看 Allow 头中列出的方法", "See the methods listed in the Allow header"),
    ),
    413: Invalid(
        "request.too_large",
        Text("请求内容超过上限", "The request is larger than the limit"),
        remedy=Text("请分批提交", "Send it in parts"),
    ),
    429: TooMany(
        "request.too_many",
        Text("请求过于频繁", "Too many requests"),
        remedy=Text("请稍后重试", "Try again later"),
    ),
    503: Unavailable(
        "database.unavailable",
        Text("数据库暂时连不上", "The database cannot be reached just now"),
        remedy=Text(
            "请稍后用同一编号重试，重复提交不会重复入账；运营方请看 jirong db status",
            "Try again later with the same id, nothing is booked twice; the operator sees jirong db status",
        ),
    ),
}


def is_api(request: HttpRequest) -> bool:
    """Whether the caller is a program: its path is under the API's."""
    return request.path.startswith(getattr(settings, "JIRONG_API_PREFIX", "/api/"))


def language_of(request: HttpRequest) -> str:
    """``zh-hans`` or ``en``: what the caller accepts, Chinese unless English is preferred."""
    return translation.get_language_from_request(request)


def body(refusal: Refusal, language: str, *, status: int | None = None, instance: str = "") -> dict[str, Any]:
    """The problem document: RFC 9457's members, then the refusal's own in both languages."""
    code = refusal.status if status is None else status
    problem: dict[str, Any] = {
        "type": f"urn:jirong:problem:{refusal.code}",
        "title": TITLES.get(code, _phrase(code)).in_language(language),
        "status": code,
        "detail": refusal.reason.in_language(language),
    }
    if instance:
        problem["instance"] = instance
    return problem | refusal.as_dict()


def response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as an HTTP answer."""
    language = language_of(request)
    document = body(refusal, language, instance=request.path)
    answer = HttpResponse(
        json.dumps(document, ensure_ascii=False), status=refusal.status, content_type=f"{MEDIA_TYPE}; charset=utf-8"
    )
    answer.headers["Content-Language"] = language
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    patch_vary_headers(answer, ["Accept-Language"])
    return answer


def from_status(request: HttpRequest, found: HttpResponseBase) -> HttpResponse:
    """An error answer of Django's or ninja's own making in our form; keeps its telling headers."""
    code = found.status_code
    refusal = GENERIC.get(code) or (defect() if code >= 500 else _unknown(code))
    answer = response(request, refusal)
    answer.status_code = code
    for name in ("Allow", "Retry-After"):
        if name in found.headers:
            answer.headers[name] = found.headers[name]
    return answer


def defect(number: str = "") -> Defect:
    """A defect with a number that the log carries too."""
    number = number or uuid.uuid4().hex[:12]
    return Defect(
        "internal",
        Text(f"平台出错，编号 {number}", f"Something failed on our side, number {number}"),
        remedy=Text(
            "请稍后以同一幂等键重试；若仍失败，请把编号告知运营方",
            "Retry later with the same idempotency key; if it fails again, give the operator this number",
        ),
        details={"number": number},
    )


def _phrase(code: int) -> Text:
    phrase = HTTPStatus(code).phrase
    return Text(phrase, phrase)


def _unknown(code: int) -> Refusal:
    phrase = _phrase(code)
    return Invalid(f"http.{code}", phrase)
