"""One value, one sequence of bytes: JSON Canonicalization Scheme (RFC 8785).

Whoever signs and whoever checks must hash the same bytes, so a statement is always encoded the one way RFC 8785
allows: no white space, keys in the order of their UTF-16 code units, the shortest escapes, numbers as ECMAScript
writes them. Only what JSON carries without loss is accepted: integers beyond ±(2⁵³ − 1), floats that are not finite
and lone surrogates are refused. Money and rates travel as strings; a float here can only be a statistic.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

INTEGER_MAX = 2**53 - 1
"""Largest integer every JSON reader holds exactly (RFC 7493 §2.2)."""
DEPTH_MAX = 64
"""Deepest nesting accepted; statements are flat, and a reader must not be felled by brackets."""

_quote = json.JSONEncoder(ensure_ascii=False).encode


def encode(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON-safe ``value`` (dict with str keys, list or tuple, str, int, float, bool, None).

    Raises :class:`Invalid` for a value JSON cannot carry exactly, naming its path (``$.body.amount``);
    ``TypeError`` for a Python type that is not JSON at all (a Decimal, a UUID, a model).
    """
    parts: list[str] = []
    _write(value, "$", 0, parts.append)
    return "".join(parts).encode()


def digest(value: Any) -> str:
    """SHA-256 of :func:`encode`, as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(encode(value)).hexdigest()


def parse(data: bytes | str) -> Any:
    """Read JSON strictly: UTF-8 without a mark, no duplicate key, no NaN or Infinity, nothing unsafe to carry.

    The bytes need not be canonical (:func:`is_canonical` asks that); whatever this returns, :func:`encode` accepts.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise _unreadable(f"第 {error.start} 字节不是 UTF-8", f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise _unreadable(f"第 {error.lineno} 行第 {error.colno} 列：{error.msg}", f"{where}: {error.msg}") from None
    except (RecursionError, ValueError) as error:  # ValueError: an integer of thousands of digits
        raise _unreadable("嵌套过深或数字过长", "nested too deeply or a number too long") from error
    encode(value)
    return value


def is_canonical(data: bytes) -> bool:
    """Whether ``data`` is exactly the canonical encoding of the value it holds."""
    try:
        return encode(parse(data)) == data
    except Invalid:
        return False


def number(value: float) -> str:
    """A finite double as ECMAScript's ``Number::toString`` writes it (ECMA-262 §6.1.6.1.20; RFC 8785 §3.2.2.3)."""
    if value == 0:
        return "0"  # minus zero too
    sign = "-" if value < 0 else ""
    digits, point = _shortest(abs(value))
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    exponent = f"e{point - 1:+d}"
    return sign + digits[0] + ("." + digits[1:] if count > 1 else "") + exponent


def _shortest(value: float) -> tuple[str, int]:
    """The fewest digits that read back as ``value``, and where the decimal point stands before them.

    ``repr`` already finds the shortest round trip (and the closest of several), which is what ECMAScript asks;
    only its layout differs.
    """
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    return digits.rstrip("0"), len(whole) - leading + int(exponent or 0)


def _write(value: Any, path: str, depth: int, emit: Any) -> None:
    if value is None or value is True or value is False:
        emit("null" if value is None else "true" if value else "false")
    elif isinstance(value, str):
        emit(_string(value, path))
    elif isinstance(value, int):
        emit(_integer(value, path))
    elif isinstance(value, float):
        emit(_float(value, path))
    elif depth >= DEPTH_MAX:
        raise _unsafe(path, f"嵌套超过 {DEPTH_MAX} 层", f"is nested deeper than {DEPTH_MAX}")
    elif isinstance(value, Mapping):
        _object(value, path, depth, emit)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        _array(value, path, depth, emit)
    else:
        raise TypeError(f"{path}: a {type(value).__name__} is not JSON; give its string form")


def _object(value: Mapping[Any, Any], path: str, depth: int, emit: Any) -> None:
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{path}: the key {key!r} is not a string")
    emit("{")
    separator = ""
    for key in sorted(value, key=_utf16):
        emit(separator + _string(key, path) + ":")
        _write(value[key], f"{path}.{key}", depth + 1, emit)
        separator = ","
    emit("}")


def _array(value: Sequence[Any], path: str, depth: int, emit: Any) -> None:
    emit("[")
    for index, item in enumerate(value):
        if index:
            emit(",")
        _write(item, f"{path}[{index}]", depth + 1, emit)
    emit("]")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _string(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _unsafe(path, "含有孤立的代理码元", "holds a lone surrogate") from None
    return _quote(str(value))


def _integer(value: int, path: str) -> str:
    if abs(value) > INTEGER_MAX:
        raise _unsafe(path, "超出 ±(2^53 − 1)", "lies beyond ±(2^53 − 1)")
    return str(int(value))


def _float(value: float, path: str) -> str:
    if not math.isfinite(value):
        raise _unsafe(path, "不是有限的数", "is not a finite number")
    text = number(value)
    # Written without an exponent it reads back as an integer, which could not then be told from an inexact one.
    if abs(value) > INTEGER_MAX and "e" not in text:
        raise _unsafe(path, "超出 ±(2^53 − 1)", "lies beyond ±(2^53 − 1)")
    return text


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _unreadable(f"键“{twice}”重复", f"the key “{twice}” appears twice")
    return result


def _no_constant(name: str) -> Any:
    raise _unreadable(f"{name} 不是 JSON 数字", f"{name} is not a JSON number")


def _unreadable(zh: str, en: str) -> Invalid:
    return Invalid(
        "canonical.unreadable",
        Text(f"不是可读的 JSON：{zh}", f"This is not readable JSON: {en}"),
        remedy=Text("请提交 UTF-8 编码、键不重复的 JSON", "Send UTF-8 JSON whose keys do not repeat"),
    )


def _unsafe(path: str, zh: str, en: str) -> Invalid:
    return Invalid(
        "canonical.unsafe",
        Text(f"{path} 处的值{zh}，无法原样签名", f"The value at {path} {en} and cannot be signed exactly"),
        remedy=Text("金额和大整数请用字符串表示", "Give amounts and large integers as strings"),
        where=path,
    )
