"""A parameter in an address that no operation knows is refused: a misspelt filter must not quietly answer everything."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.operation import Operation

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text


def refuse_unknown(api: NinjaAPI) -> None:
    """Let every operation of ``api`` refuse query parameters it does not declare; called once all routers are added."""
    for router in api._get_bound_routers():  # ninja offers no other way to reach the operations it serves
        for view in router.path_operations.values():
            for operation in view.operations:
                operation._get_values = _checked(operation, operation._get_values)  # type: ignore[method-assign]


def _checked(operation: Operation, read: Callable[..., Any]) -> Callable[..., Any]:
    known = declared(operation)

    @functools.wraps(read)
    def values(request: HttpRequest, *rest: Any, **more: Any) -> Any:
        unknown = sorted(set(request.GET) - known)
        if unknown:
            raise _unknown(unknown[0], known)
        return read(request, *rest, **more)

    return values


def declared(operation: Operation) -> frozenset[str]:
    """The names of an operation's query parameters."""
    maps: list[Any] = [
        getattr(model, "__ninja_flatten_map__", None) or {}
        for model in operation.models
        if getattr(model, "__ninja_param_source__", "") == "query"
    ]
    return frozenset(name for each in maps for name in each)


def _unknown(name: str, known: frozenset[str]) -> Invalid:
    offered = "、".join(sorted(known)) or "无"
    return Invalid(
        "request.unknown_parameter",
        Text(f"这个地址没有参数“{name[:60]}”", f"This address has no parameter “{name[:60]}”"),
        remedy=Text(f"可用的参数：{offered}", f"Parameters it has: {', '.join(sorted(known)) or 'none'}"),
        where=name[:60],
    )
