"""Reads request bodies strictly: what the database could not hold, or JSON does not know, is refused at the door.

NUL characters, lone surrogates, NaN and Infinity, and members given twice all pass Python's reader and would fail
(or mean different things to different readers) later. A signed statement must have one reading only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.http.request import QueryDict
from ninja.parser import Parser

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

DEPTH_MAX = 64


class StrictParser(Parser):
    """Ninja's parser with our refusals."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            value = json.loads(request.body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise _malformed(error) from error
        _check(value, 0)
        return value

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        if isinstance(data, QueryDict):
            for values in data.lists():
                _check([values[0], *values[1]], 0)
        return super().parse_querydict(data, list_fields, request)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is given twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check(value: Any, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise _malformed(ValueError("nested too deep"))
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Invalid(
                "request.bad_character",
                Text("文本中有不允许的字符（空字符或不成对的代理字符）", "The text holds a NUL or a lone surrogate"),
                remedy=Text("请去掉该字符", "Remove that character"),
            )
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check(name, depth + 1)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)


def _malformed(error: Exception) -> Invalid:
    refusal = Invalid(
        "request.malformed",
        Text("请求正文不是有效的 JSON", "The request's body is not valid JSON"),
        remedy=Text("请发送 UTF-8 编码的 JSON，成员不重复", "Send JSON in UTF-8, no member twice"),
        where="body",
        details={"reason": str(error)[:200]},
    )
    refusal.status = 400
    return refusal
