"""A contract's terms, read once and checked together.

Values come as people and files write them: strings or numbers, blanks around them, dates of 10, 16 or 19 characters,
a single value where a list is meant. Reading gives each term its kind (:mod:`.dictionary`); checking refuses terms no
contract can have side by side: an end before the start, a negative notional, a missing term the type needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from jirong.instruments.actus import dictionary, instants, refusals
from jirong.instruments.actus.dictionary import Kind
from jirong.instruments.actus.instants import Cycle, Period
from jirong.kernel.text import Text

EXPONENT_MAX = 30
"""Numbers beyond 10^±30 are typing errors, not terms."""

ARRAY_LENGTH_MAX = 1_000
STRUCTURE_LENGTH_MAX = 1_000

_NUMBER_FORM = Text("数字，例如 1000 或 0.05", "a number such as 1000 or 0.05")


@dataclass(frozen=True, slots=True)
class Reference:
    """One element of ``contractStructure``: what is referred to, how and as what.

    ``type`` is CNT (a whole contract), CID (a contract's id) or MOC (a market code); ``role`` is UDL, FIL, SEL, COVE
    or COVI. ``terms`` is the child's raw terms for CNT; ``code`` the id or market code otherwise.
    """

    type: str
    role: str
    code: str | None
    terms: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one contract by the dictionary's names, each of its kind; undefined terms are absent."""

    kind: str
    values: Mapping[str, Any]

    def has(self, name: str) -> bool:
        return name in self.values

    def date(self, name: str) -> datetime | None:
        return self.values.get(name)

    def need_date(self, name: str) -> datetime:
        return self._need(name)  # type: ignore[no-any-return]

    def number(self, name: str) -> Decimal | None:
        """The number, the dictionary's default, or None."""
        return cast("Decimal | None", self.values.get(name, dictionary.DEFAULT_NUMBERS.get(name)))

    def need_number(self, name: str) -> Decimal:
        found = self.number(name)
        return cast(Decimal, self._need(name)) if found is None else found

    def text(self, name: str) -> str | None:
        return self.values.get(name)

    def need_text(self, name: str) -> str:
        return self._need(name)  # type: ignore[no-any-return]

    def choice(self, name: str) -> str:
        """The choice or the dictionary's default; refuses when there is neither."""
        found = self.values.get(name, dictionary.DEFAULT_CHOICES.get(name))
        return cast(str, self._need(name) if found is None else found)

    def cycle(self, name: str) -> Cycle | None:
        return self.values.get(name)

    def need_cycle(self, name: str) -> Cycle:
        return self._need(name)  # type: ignore[no-any-return]

    def period(self, name: str) -> Period:
        """The period, none at all being zero days."""
        return cast(Period, self.values.get(name, Period(0, 0)))

    def list(self, name: str) -> tuple[Any, ...]:
        return cast("tuple[Any, ...]", self.values.get(name, ()))

    def references(self, role: str) -> tuple[Reference, ...]:
        """The children of that role, in their order."""
        return tuple(ref for ref in self.list("contractStructure") if ref.role == role)

    def with_values(self, **changes: object) -> Terms:
        """The same terms with some given, or removed by None; for a parent that sets its child's role."""
        merged = {k: v for k, v in {**self.values, **changes}.items() if v is not None}
        return replace(self, values=merged)

    def _need(self, name: str) -> Any:
        if name not in self.values:
            raise refusals.missing(self.kind, name)
        return self.values[name]


def parse(raw: Mapping[str, Any], **defaults: object) -> Terms:
    """Read and check one contract's terms; ``defaults`` fill raw terms that are absent (a child's status date).

    Raises :class:`jirong.kernel.errors.Invalid` naming the term, the value and what would be valid.
    """
    named = _named({**defaults, **{k: v for k, v in raw.items() if not _is_undefined(v)}})
    if "contractType" not in named:
        raise refusals.missing("ACTUS", "contractType", _CHOOSE_TYPE)
    kind = _choice("contractType", named["contractType"])
    applicable = dictionary.APPLICABLE[kind]
    values = {name: _READERS[dictionary.KINDS[name]](name, v) for name, v in named.items() if name in applicable}
    terms = Terms(kind, values)
    for name in dictionary.REQUIRED[kind]:
        if not terms.has(name):
            raise refusals.missing(kind, name)
    _check_order(terms)
    _check_support(terms)
    return terms


_CHOOSE_TYPE = Text(
    f"请填写以下之一：{'、'.join(dictionary.CONTRACT_TYPES)}", f"Use one of: {', '.join(dictionary.CONTRACT_TYPES)}"
)


def unknown_names(raw: Mapping[str, Any]) -> list[str]:
    """Names the dictionary's functions do not use: a misspelling to point out, or a term for information only."""
    return sorted(name for name in raw if str(name).strip().casefold() not in dictionary.NAMES_FOLDED)


def _named(raw: Mapping[str, Any]) -> dict[str, Any]:
    folded = ((dictionary.NAMES_FOLDED.get(str(name).strip().casefold()), value) for name, value in raw.items())
    return {name: value for name, value in folded if name is not None}


def _is_undefined(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip().casefold() in ("", "null"))


def number(name: str, value: object) -> Decimal:
    """A finite decimal from a string, int, float or Decimal; a float is read as it prints."""
    if isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool):
        try:
            found = Decimal(str(value).strip())
        except InvalidOperation:
            raise refusals.unreadable(name, value, _NUMBER_FORM) from None
        if found.is_finite() and (not found or abs(found.adjusted()) <= EXPONENT_MAX):
            return found
    raise refusals.unreadable(name, value, _NUMBER_FORM)


def _positive(name: str, value: object) -> Decimal:
    found = number(name, value)
    if found < 0:
        raise refusals.impossible(
            name,
            value,
            Text("不得为负数（方向由 contractRole 表示）", "it may not be negative (contractRole says the direction)"),
            Text("请填写大于或等于零的数字", "Give a number of zero or more"),
        )
    return found


def _text(name: str, value: object) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value).strip()
    raise refusals.unreadable(name, value, Text("文字", "a text"))


def _choice(name: str, value: object) -> str:
    options = dictionary.CHOICES[name]
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        folded = "".join(str(value).upper().split())
        if name == "scalingEffect":
            folded = folded.replace("O", "0")
        folded = dictionary.SYNONYMS.get(name, {}).get(folded, folded)
        if folded in options:
            return folded
    raise refusals.unreadable(name, value, Text(f"以下之一：{'、'.join(options)}", f"one of: {', '.join(options)}"))


def _many(read: Callable[[str, Any], Any]) -> Callable[[str, Any], tuple[Any, ...]]:
    """A reader of lists that takes one value for a list of one."""

    def read_list(name: str, value: object) -> tuple[Any, ...]:
        items = list(value) if isinstance(value, (list, tuple)) else [value]
        if len(items) > ARRAY_LENGTH_MAX:
            limit = Text(f"不超过 {ARRAY_LENGTH_MAX} 个值", f"no more than {ARRAY_LENGTH_MAX} values")
            raise refusals.unreadable(name, f"{len(items)} values", limit)
        return tuple(read(name, item) for item in items)

    return read_list


def _structure(name: str, value: object) -> tuple[Reference, ...]:
    items: list[Any] = list(value) if isinstance(value, (list, tuple)) else [value]
    form = Text(
        "由 {object, referenceType, referenceRole} 组成的列表", "a list of {object, referenceType, referenceRole}"
    )
    if len(items) > STRUCTURE_LENGTH_MAX or not all(isinstance(item, Mapping) for item in items):
        raise refusals.unreadable(name, value, form)
    return tuple(_reference(name, item, form) for item in items)


def _reference(name: str, item: Mapping[str, Any], form: Text) -> Reference:
    kind = str(item.get("referenceType", item.get("type", ""))).strip().upper()
    role = str(item.get("referenceRole", item.get("role", ""))).strip().upper()
    target = item.get("object")
    if kind == "CNT" and isinstance(target, Mapping):
        return Reference(kind, role, None, target)
    key = {"MOC": "marketObjectCode", "CID": "contractIdentifier"}.get(kind)
    if isinstance(target, Mapping) and key is not None:
        target = target.get(key, target.get("contractID"))
    if key is None or not isinstance(target, str) or not target.strip():
        raise refusals.unreadable(name, item, form)
    return Reference(kind, role, target.strip(), None)


_READERS: dict[Kind, Callable[[str, Any], Any]] = {
    Kind.DATE: lambda name, value: instants.parse_instant(value, name),
    Kind.DATES: _many(lambda name, value: instants.parse_instant(value, name)),
    Kind.NUMBER: number,
    Kind.NUMBERS: _many(number),
    Kind.POSITIVE: _positive,
    Kind.CYCLE: lambda name, value: instants.parse_cycle(value, name),
    Kind.CYCLES: _many(lambda name, value: instants.parse_cycle(value, name)),
    Kind.PERIOD: lambda name, value: instants.parse_period(value, name),
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _many(_choice),
    Kind.STRUCTURE: _structure,
}

_ORDERED = (
    ("initialExchangeDate", "maturityDate"),
    ("initialExchangeDate", "amortizationDate"),
    ("initialExchangeDate", "capitalizationEndDate"),
    ("capitalizationEndDate", "maturityDate"),
    ("purchaseDate", "maturityDate"),
    ("purchaseDate", "terminationDate"),
    ("exerciseDate", "maturityDate"),
)
"""Pairs of dates of which the first may not come after the second."""

_PAIRS = (("purchaseDate", "priceAtPurchaseDate"), ("terminationDate", "priceAtTerminationDate"))


def _check_order(terms: Terms) -> None:
    for first, second in _ORDERED:
        start, end = terms.date(first), terms.date(second)
        if start is not None and end is not None and end < start:
            raise refusals.impossible(
                second,
                end.isoformat(),
                Text(f"早于 {first}（{start.isoformat()}）", f"it comes before {first} ({start.isoformat()})"),
                Text(f"请填写不早于 {start.date()} 的日期", f"Give a date from {start.date()} on"),
            )
    for date_name, price_name in _PAIRS:
        if terms.has(date_name) and not terms.has(price_name):
            raise refusals.missing(terms.kind, price_name)


def _check_support(terms: Terms) -> None:
    """The dictionary knows interest in advance and post-fixing; the specification has no functions for them."""
    for name, only in (("cyclePointOfInterestPayment", "E"), ("cyclePointOfRateReset", "B")):
        if terms.has(name) and terms.choice(name) != only:
            remedy = Text(f"请删除该条款或填写 {only}", f"Leave the term out or give {only}")
            raise refusals.unsupported(name, terms.choice(name), remedy)
