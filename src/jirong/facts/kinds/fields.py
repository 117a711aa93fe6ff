"""What a fact kind is made of: fields that read themselves, and what is kept of a row for counting.

A reader takes the text of a cell and gives the JSON-safe value or refuses. A measure takes a checked row and gives a
whole number of millionths, so that sums are exact and alike in every engine; a kind has at most four, named ``a`` to
``d`` (see :mod:`jirong.facts.tally`).

A measure is a flow, which may be added up (sales, hours run), or a level, which stands at a moment (a balance, a
headcount) and never is: two balances of one day are not twice the money. Which of them is said here and nowhere else.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from jirong.kernel import uscc
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text

TEXT_MAX = 200
MICRO = 10**6
"""Measures are whole millionths."""
MEASURE_MAX = Decimal(10**12)
AS_SHOWN = uscc.Override(uscc.EvidenceType.REGISTRY, "register of parties")
Reader = Callable[[str, str], Any]
Check = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
"""A row's own rule: refuses, or gives the values that are kept in another form."""


@dataclass(frozen=True, slots=True)
class Field:
    """``read(text, where)`` gives the JSON-safe value or refuses; ``aliases`` are other headers seen in files."""

    name: str
    title: Text
    read: Reader
    required: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a row, in millionths: ``how`` it is read of ``field`` (and ``other``, ``values``); a flow, or a
    ``level``.

    Written as data, not as code, so that a column of rows can be measured at once
    (:mod:`jirong.facts.generate.columns`); a test holds the two equal.
    """

    how: str
    field: str
    other: str = ""
    values: tuple[str, ...] = ()
    level: bool = False

    def __call__(self, row: Mapping[str, Any]) -> int | None:
        """None where the row does not give it: not said is not zero."""
        if any(not row.get(name) for name in (self.field, self.other) if name):
            return None
        said = row[self.field]
        match self.how:
            case "number":
                return micro(Decimal(said), self.field)
            case "product":
                return micro(Decimal(said) * Decimal(row[self.other]), self.field)
            case "is_one":
                return MICRO if said in self.values else 0
        day = datetime.date.fromisoformat(row[self.field])
        return MICRO * {"month": day.year * 12 + day.month - 1, "day": day.day, "ordinal": day.toordinal()}[self.how]


@dataclass(frozen=True, slots=True)
class FactKind:
    """``key``, ``on`` and ``amount`` name the fields that become the row's number, date and amount.

    ``by`` says who may state it: ``subject``, ``counterparty``, or a role of a party (which then needs a source right
    or the subject's consent). ``public`` facts may be read without consent. In a ``state`` kind only the latest
    statement about each ``thing`` counts, and every figure is a level of that thing. In any other kind all documents
    count: their amounts and flows are added up, of a level the latest document tells. ``months`` is how far back it is
    ever looked at.
    """

    code: str
    title: Text
    fields: tuple[Field, ...]
    key: str
    on: str
    amount: str | None = None
    subject: str = "seller"
    counterparty: str | None = "buyer"
    check: Check | None = None
    by: tuple[str, ...] = ("subject", "counterparty")
    public: bool = False
    state: bool = False
    thing: str = ""
    label: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    months: int = 36

    def __post_init__(self) -> None:
        if self.state and any(measure.level for measure in self.measures):
            raise ValueError(f"{self.code}: in a state every figure is a level; it is not said of single measures")

    @property
    def apart(self) -> bool:
        """Whether the tally keeps a row a document: it must be told which is the latest, or which was taken back."""
        return self.state or any(measure.level for measure in self.measures)

    @property
    def one_answer(self) -> bool:
        """Whether there is one true answer about a firm on a day (its registration, its staff), so that sources which
        state different figures of one day disagree, whatever their documents' numbers; two warehouses need not.
        """
        return self.state and not self.thing

    @property
    def row_name(self) -> str:
        """The field that names a row of the tally kept apart: a state's thing, else the document; empty for none."""
        if self.state:
            return self.thing
        return self.key if self.apart else ""

    def is_level(self, column: str) -> bool:
        """Whether ``column`` of the tally (``amount``, ``a`` to ``d``) must not be added up over time."""
        return self.state or (column != "amount" and self.measures["abcd".index(column)].level)

    def has(self, column: str) -> bool:
        """Whether documents of this kind have a figure in ``column`` of the tally."""
        return self.amount is not None if column == "amount" else column in tuple("abcd")[: len(self.measures)]

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def may_lack(self, column: str) -> bool:
        """Whether a row need not give what the tally keeps in ``column`` (``amount``, ``a`` to ``d``)."""
        if column == "amount":
            return self.amount is not None and not self.field(self.amount).required
        place = "abcd".index(column)
        if place >= len(self.measures):
            return False
        measure = self.measures[place]
        return not all(self.field(name).required for name in (measure.field, measure.other) if name)


def text(raw: str, where: str) -> str:
    if len(raw) > TEXT_MAX:
        raise Invalid("fact.too_long", Text(f"超过{TEXT_MAX}个字", f"longer than {TEXT_MAX} characters"), where=where)
    if not raw.isprintable():
        raise Invalid("fact.unprintable", Text("含有不可见字符", "holds invisible characters"), where=where)
    return raw


def date(raw: str, where: str) -> str:
    """ISO form of 2026-01-08, 2026/1/8, 20260108 or 2026年1月8日."""
    found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", raw, re.ASCII)
    try:
        if found:
            return datetime.date(*map(int, found.groups())).isoformat()
    except ValueError:
        pass
    raise Invalid(
        "fact.date",
        Text(f"“{raw[:40]}”不是有效日期", f"“{raw[:40]}” is not a date"),
        remedy=Text("请写成 2026-01-08", "Write it as 2026-01-08"),
        where=where,
    )


def amount(raw: str, where: str) -> str:
    return str(Money.parse(raw, where=where))


def quantity(raw: str, where: str) -> str:
    return _quantity(raw, where, negative=False)


def signed_quantity(raw: str, where: str) -> str:
    """A quantity that the document may take back; the row's own rule says when."""
    return _quantity(raw, where, negative=True)


def _quantity(raw: str, where: str, *, negative: bool) -> str:
    value = _decimal(raw)
    exponent = value.as_tuple().exponent
    too_low = value.is_finite() and value < (-MEASURE_MAX if negative else 0)
    if not value.is_finite() or too_low or value > MEASURE_MAX or not isinstance(exponent, int) or exponent < -6:
        raise Invalid(
            "fact.quantity",
            Text(f"“{raw[:40]}”不是有效数量", f"“{raw[:40]}” is not a quantity"),
            remedy=Text("请填写不小于零、最多6位小数的数字", "Give a number of at least zero with at most 6 decimals"),
            where=where,
        )
    return format(value.normalize(), "f")


def share(raw: str, where: str) -> str:
    """A fraction; "38.5%" and "0.385" are the same. Between −100 % and 1,000 %."""
    cleaned = raw.strip()
    value = _decimal(cleaned.removesuffix("%")) / (100 if cleaned.endswith("%") else 1)
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not -1 <= value <= 10 or not isinstance(exponent, int) or exponent < -6:
        raise Invalid(
            "fact.share",
            Text(f"“{raw[:40]}”不是有效比例", f"“{raw[:40]}” is not a share"),
            remedy=Text("请写成 38.5% 或 0.385", "Write it as 38.5% or 0.385"),
            where=where,
        )
    return format(value.normalize(), "f")


def _decimal(raw: str) -> Decimal:
    try:
        return Decimal(raw.replace(",", ""))
    except InvalidOperation:
        return Decimal("NaN")


def code(raw: str, where: str) -> str:
    """A credit code as the document shows it; whether it conforms was judged when its party was registered."""
    return uscc.check(raw, override=AS_SHOWN, where=where).code


@dataclass(frozen=True, slots=True)
class Choice:
    """One of ``names`` (code → 中文, several joined by ``/``); either form is read, the code is kept."""

    names: Mapping[str, str]

    def __call__(self, raw: str, where: str) -> str:
        known = {form: key for key, shown in self.names.items() for form in (key, *shown.split("/"))}
        if raw not in known:
            shown = "、".join(item.partition("/")[0] for item in self.names.values())
            raise Invalid(
                "fact.choice",
                Text(f"“{raw[:20]}”不在可选之列", f"“{raw[:20]}” is not one of the choices"),
                remedy=Text(f"可选：{shown}", f"Choose one of: {', '.join(self.names)}"),
                where=where,
            )
        return known[raw]

    def titles(self) -> dict[str, Text]:
        """Each code as a person reads it."""
        return {key: Text(shown.partition("/")[0], key.replace("_", " ")) for key, shown in self.names.items()}


def choice(**names: str) -> Choice:
    """A reader of one of ``names``."""
    return Choice(names)


flag = choice(yes="是/有/true/True/1", no="否/无/false/False/0")


def number(name: str) -> Measure:
    """The field's quantity, share or amount."""
    return Measure("number", name)


def level(name: str) -> Measure:
    """The field's quantity or amount, where it stands at a moment: a balance, arrears, a headcount."""
    return Measure("number", name, level=True)


def product(one: str, other: str) -> Measure:
    """The product of two fields, half up to the millionth: a score times its count, a speed times itself."""
    return Measure("product", one, other)


def is_one(name: str, *values: str) -> Measure:
    """1 where the field is one of ``values``, else 0."""
    return Measure("is_one", name, values=values)


def month_of(name: str) -> Measure:
    """Months since year 0 of a date field; with :func:`day_of` it gives whole months to another day."""
    return Measure("month", name)


def day_of(name: str) -> Measure:
    """The day of the month of a date field."""
    return Measure("day", name)


def ordinal(name: str) -> Measure:
    """A date field as a day number (1 is 0001-01-01)."""
    return Measure("ordinal", name)


def micro(value: Decimal, where: str) -> int:
    """``value`` in millionths, half up; refuses what could not be summed."""
    if abs(value) > MEASURE_MAX:
        raise Invalid(
            "fact.too_large",
            Text("数值超出可统计的范围（1万亿）", "The figure is beyond what can be summed, 1e12"),
            remedy=Text("请核对单位与位数", "Check its unit and digits"),
            where=where,
        )
    scaled = value * MICRO
    return int(scaled.to_integral_value(rounding="ROUND_HALF_UP"))


def positive(name: str) -> Check:
    """A row's own rule: the field is more than zero."""

    def check(row: Mapping[str, Any]) -> None:
        if Decimal(row[name]) <= 0:
            raise Invalid("fact.not_positive", Text("应大于零", "should be more than zero"), where=name)

    return check
