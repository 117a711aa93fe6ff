"""The scheme, the facts and the day, and how a clause finds a feature and says its answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from jirong.kernel import calendar
from jirong.kernel.money import Money
from jirong.kernel.rates import RateHistory
from jirong.kernel.text import Text
from jirong.schemes.evaluate.facts import MISSING, Answer, Facts, Known, Standing
from jirong.schemes.explain import phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.sentences import Writer
from jirong.schemes.grammar import Clause
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import Span


@dataclass(frozen=True, slots=True)
class Context:
    """What an evaluation works with."""

    scheme: Scheme
    names: Names
    facts: Facts
    lpr: RateHistory
    on: dt.date

    def unknown(self, key: str, within: Span | None) -> tuple[Text, Text] | None:
        """Why the feature ``key`` cannot be used and what would help; None when it can."""
        found = self.facts.features.get(key, MISSING)
        if found.known is Known.PRESENT:
            return stale(found.fresh_on, within, self.on)
        return _WHY[found.known]

    def number(self, key: str) -> Decimal | None:
        """The feature as a number; None when it is something else."""
        value = self.facts.features.get(key, MISSING).value
        return value if isinstance(value, Decimal) else None

    def silence(self, own: str | None) -> Standing:
        """What the scheme says happens when something is unknown; a person decides where it says nothing."""
        policy = own or self.scheme.when_missing
        return Standing.UNKNOWN_ASK if policy == "ask" else Standing.UNKNOWN_REFER

    def answer(
        self,
        clause: Clause,
        code: str,
        standing: Standing,
        rule: Text,
        reason: Text,
        change: Text | None = None,
        key: str = "",
    ) -> Answer:
        """An answer at the clause's place, citing its source."""
        section = clause.spot.path.partition("/")[0] or key
        return Answer(
            path=clause.spot.below(key) if key else clause.spot.path,
            line=clause.spot.of(key).line,
            code=code,
            standing=standing,
            rule=phrases.capital(rule),
            reason=phrases.capital(reason),
            change=phrases.capital(change) if change else None,
            source=Writer(self.scheme, section).cite(clause, key),
        )

    def money(self, amount: Decimal) -> Money:
        """An amount in major units as money of the scheme, half up."""
        return Money.rounded(amount, self.scheme.unit)


_WHY: dict[Known, tuple[Text, Text]] = {
    Known.MISSING: (Text("没有这项资料", "there are no facts for it"), Text("补充这项资料", "supply it")),
    Known.WITHHELD: (
        Text("没有读取授权，或授权已撤回", "consent to read it is absent or was withdrawn"),
        Text("授权读取这项资料", "consent to its being read"),
    ),
    Known.CONTRADICTORY: (
        Text("不同来源的资料互相矛盾", "its sources contradict each other"),
        Text("说明差异并补充证明", "explain the difference and bring proof"),
    ),
}


def stale(fresh_on: dt.date | None, within: Span | None, on: dt.date) -> tuple[Text, Text] | None:
    """Why facts of ``fresh_on`` are too old on ``on``; None when they are not. Facts of the future are refused too."""
    if fresh_on is None:
        return None
    day = phrases.date(fresh_on)
    if fresh_on > on:
        return (
            Text(f"资料日期{day.zh}晚于评估日", f"its facts are dated {day.en}, after the day of assessment"),
            Text("更正资料日期", "correct their date"),
        )
    if within is None or fresh_on >= earliest(on, within):
        return None
    allowed = phrases.span(within)
    return (
        Text(f"资料截至{day.zh}，已超过{allowed.zh}", f"its facts end on {day.en}, older than {allowed.en}"),
        Text("更新这项资料", "bring it up to date"),
    )


def earliest(on: dt.date, within: Span) -> dt.date:
    """The oldest date still within ``within`` of ``on``; months and years by the calendar, hours as whole days."""
    months = within.months
    if months is None:
        return on - dt.timedelta(days=within.days_at_most)
    return calendar.add_months(on, -months) if months < 12 * on.year else dt.date.min
