"""From a statement's body back to an action's arguments, by the function's own type hints.

Used where a body waited (a proposal) or travels (the API's generic action call). Whatever does not fit is a refusal
that names the argument.
"""

from __future__ import annotations

import dataclasses
import datetime
import inspect
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from jirong.kernel.errors import Invalid
from jirong.kernel.money import UNITS, Money
from jirong.kernel.text import Text
from jirong.log import actions

_PLAIN = (str, int, bool)


def arguments(code: str, body: Mapping[str, Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
    """The performing function of action ``code`` and its arguments decoded from ``body``."""
    registered = actions.REGISTRY.get(code)
    if registered is None:
        raise Invalid("action.unknown", Text(f"没有“{code}”这种操作", f"There is no action “{code}”"), where="action")
    hints = typing.get_type_hints(registered.function)
    parameters = [n for n in inspect.signature(registered.function).parameters if n not in ("actor", "id")]
    unknown = sorted(set(body) - set(parameters))
    if unknown:
        raise _unfit(unknown[0], "未知参数", "is not an argument of this action")
    missing = [
        name
        for name in parameters
        if name not in body
        and inspect.signature(registered.function).parameters[name].default is inspect.Parameter.empty
    ]
    if missing:
        raise _unfit(missing[0], "缺少参数", "is missing")
    return registered.perform, {name: value(hints[name], body[name], name) for name in parameters if name in body}


def value(hint: Any, raw: Any, where: str) -> Any:
    """``raw`` (JSON) as ``hint``; raises :class:`Invalid` naming ``where``."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _optional(typing.get_args(hint), raw, where)
    if origin in (list, tuple):
        return _sequence(origin, typing.get_args(hint), raw, where)
    if origin is dict or hint in (Any, dict):
        return raw
    if hint in _PLAIN:
        if not isinstance(raw, hint) or (hint is int and isinstance(raw, bool)):
            raise _unfit(where, f"应为 {hint.__name__}", f"should be {hint.__name__}")
        return raw
    if dataclasses.is_dataclass(hint) and hint is not Money:
        return _record(hint, raw, where)
    return _parsed(hint, raw, where)


def _optional(choices: tuple[Any, ...], raw: Any, where: str) -> Any:
    if raw is None and type(None) in choices:
        return None
    (hint,) = [choice for choice in choices if choice is not type(None)]
    return value(hint, raw, where)


def _sequence(origin: Any, args: tuple[Any, ...], raw: Any, where: str) -> Any:
    if not isinstance(raw, list):
        raise _unfit(where, "应为列表", "should be a list")
    return origin(value(args[0], item, f"{where}[{i}]") for i, item in enumerate(raw))


def _record(hint: Any, raw: Any, where: str) -> Any:
    if not isinstance(raw, Mapping):
        raise _unfit(where, "应为对象", "should be an object")
    hints = typing.get_type_hints(hint)
    try:
        return hint(**{name: value(hints[name], item, f"{where}.{name}") for name, item in raw.items()})
    except (TypeError, KeyError):
        raise _unfit(where, "字段不全或有多余字段", "has missing or unknown fields") from None


def _parsed(hint: Any, raw: Any, where: str) -> Any:
    try:
        if hint is Money:
            return Money.parse(raw["amount"], UNITS[raw["unit"]], where=where)
        if hint is uuid.UUID:
            return uuid.UUID(raw)
        if hint is datetime.date:
            return datetime.date.fromisoformat(raw)
        if hint is Decimal:
            return Decimal(raw)
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
        raise _unfit(where, f"不是有效的 {hint.__name__}", f"is not a valid {hint.__name__}") from None
    raise TypeError(f"{where}: no decoding for {hint}")


def _unfit(where: str, zh: str, en: str) -> Invalid:
    return Invalid("action.argument", Text(f"{where}：{zh}", f"{where} {en}"), where=where)
