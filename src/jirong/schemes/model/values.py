"""The kinds of single values clauses are made of, as annotated types."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import vocabulary as words
from jirong.schemes.scalars import MoneyShape, NameShape, NumberShape, PercentShape, WordShape
from jirong.schemes.shapes import Either, TableOf

PARTY_NAME = NameShape(r"[a-z][a-z0-9_]{0,39}", "borrower", Text("方案中的一方", "a party of the scheme"))
FEATURE_NAME = NameShape(r"[a-z][a-z0-9_.-]{0,79}", "overdue_12m", Text("特征名", "the name of a feature"))
USE_NAME = NameShape(r"[a-z][a-z0-9_]{0,39}", "wages", Text("用途名", "the name of a use"))
LEVEL_NAME = NameShape(r"[A-Za-z0-9][A-Za-z0-9+_-]{0,11}", "A", Text("等级名", "the name of a level"))
SLUG = NameShape(r"[a-z][a-z0-9-]{0,63}", "upgrade-loan", Text("小写字母与连字符组成的代号", "a lower-case name"))
PINNED = NameShape(
    r"[a-z][a-z0-9-]{0,63}@[1-9]\d{0,3}",
    "effect-scorecard@2",
    Text("带版本的代号（名称@版本）", "a name with its version (name@version)"),
)

Party = Annotated[str, PARTY_NAME]
Feature = Annotated[str, FEATURE_NAME]
Use = Annotated[str, USE_NAME]
Pinned = Annotated[str, PINNED]

Share = Annotated[Decimal, PercentShape()]
"""0 % to 100 % of a whole."""
Rate = Annotated[Decimal, PercentShape(0, 1000)]
"""Percent a year, or a cover that may exceed the whole."""
Signed = Annotated[Decimal, PercentShape(-1000, 1000)]
BasisPoints = Annotated[Decimal, NumberShape(-10_000, 10_000)]
Times = Annotated[Decimal, NumberShape(0, 1_000)]

MoneyByLevel = TableOf(LEVEL_NAME, MoneyShape())
RateByLevel = TableOf(LEVEL_NAME, PercentShape(0, 1000))
BpByLevel = TableOf(LEVEL_NAME, NumberShape(-10_000, 10_000))
BpByUse = TableOf(USE_NAME, NumberShape(-10_000, 10_000))
ScoreByLevel = TableOf(LEVEL_NAME, NumberShape(-1_000_000, 1_000_000))

Ceiling = Annotated[str | Money, Either(WordShape(words.UP_TO), MoneyShape())]
"""How far a bearer of losses answers: ``means`` (what it then has) or an amount."""
