"""What every check is given: the scheme, its names, the law of its day, the rates, what is known outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from jirong.kernel.rates import RateHistory
from jirong.kernel.rules import Effect, Rulebook, RuleValue
from jirong.kernel.text import Text
from jirong.schemes.explain.phrases import Names
from jirong.schemes.findings import Finding, Severity
from jirong.schemes.grammar import Clause
from jirong.schemes.kinds import KINDS, Kind
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import Registry

Findings = Iterator[Finding]


@dataclass(frozen=True, slots=True)
class Context:
    """The arguments of a check; ``rulebook`` and ``lpr`` may be absent, and then law and rates are not checked."""

    scheme: Scheme
    names: Names
    registry: Registry
    rulebook: Rulebook | None
    lpr: RateHistory | None
    on: dt.date

    @property
    def kind(self) -> Kind:
        return KINDS[self.scheme.instrument.kind]

    def law(self, rule_id: str) -> RuleValue | None:
        """The rule in force on the day, or None where the rulebook has no such rule or it is not yet in force."""
        if self.rulebook is None or rule_id not in self.rulebook:
            return None
        return self.rulebook.find(rule_id, self.on)


def error(code: str, clause: Clause, key: str, reason: Text, remedy: Text) -> Finding:
    """An error at ``clause``'s ``key`` (the clause itself when the key is empty)."""
    return _finding(Severity.ERROR, code, clause, key, reason, remedy)


def warning(code: str, clause: Clause, key: str, reason: Text, remedy: Text) -> Finding:
    """A warning at ``clause``'s ``key``."""
    return _finding(Severity.WARNING, code, clause, key, reason, remedy)


def by_law(rule: RuleValue, code: str, clause: Clause, key: str, reason: Text, remedy: Text) -> Finding:
    """A finding as grave as the rule says, with its clause and whether its text was read."""
    severity = Severity.ERROR if rule.effect is Effect.BAR else Severity.WARNING
    found = _finding(severity, code, clause, key, reason, remedy)
    return Finding(
        found.severity, found.code, found.mark, found.path, reason, remedy, clause=rule.citation, verified=rule.verified
    )


def _finding(severity: Severity, code: str, clause: Clause, key: str, reason: Text, remedy: Text) -> Finding:
    path = clause.spot.below(key) if key else clause.spot.path
    return Finding(severity, f"scheme.{code}", clause.spot.of(key), path, reason, remedy)
