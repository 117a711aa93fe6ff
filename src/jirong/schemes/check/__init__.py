"""What cannot work is refused with its line, the reason and the remedy; what looks unwise is a warning.

:func:`check` speaks about a scheme that was read; :func:`examine` reads a text and checks whatever could be read of
it, so that one look shows every mistake. A check never stops at the first finding.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from jirong.kernel.rates import RateHistory
from jirong.kernel.rules import Rulebook
from jirong.kernel.text import Text
from jirong.schemes import findings, parse
from jirong.schemes.check.consent import consents
from jirong.schemes.check.context import Context
from jirong.schemes.check.economics import economics
from jirong.schemes.check.forms import forms
from jirong.schemes.check.known import known
from jirong.schemes.check.law import law
from jirong.schemes.check.levels import levels
from jirong.schemes.check.parties import parties
from jirong.schemes.check.roles import roles
from jirong.schemes.check.sense import sense
from jirong.schemes.check.shares import shares
from jirong.schemes.explain.phrases import Names
from jirong.schemes.findings import Finding
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import NOTHING_KNOWN, Registry

__all__ = ["Examination", "check", "examine"]

_CHECKS = (parties, roles, forms, shares, levels, law, economics, sense, known, consents)


@dataclass(frozen=True, slots=True)
class Examination:
    """``scheme`` only when no finding is an error; ``draft`` is whatever could be read (for drawing and forms)."""

    scheme: Scheme | None
    draft: Scheme | None
    findings: tuple[Finding, ...]


def check(
    scheme: Scheme,
    rulebook: Rulebook | None = None,
    *,
    lpr: RateHistory | None = None,
    registry: Registry = NOTHING_KNOWN,
    on: dt.date | None = None,
) -> list[Finding]:
    """Every finding, in the order of the text; law and rates of ``on`` (by default the day it takes effect)."""
    day = on or scheme.effective
    begins = lpr.quotes[0].on if lpr else day
    context = Context(scheme, Names(scheme, registry), registry, rulebook, lpr if begins <= day else None, day)
    early = [] if begins <= day else _before_lpr(scheme, begins)
    return findings.in_order([*early, *(found for part in _CHECKS for found in part(context))])


def examine(
    text: str | bytes,
    rulebook: Rulebook | None = None,
    *,
    lpr: RateHistory | None = None,
    registry: Registry = NOTHING_KNOWN,
    on: dt.date | None = None,
) -> Examination:
    """Read and check in one; what could not be read is not also reported as missing."""
    reading = parse.read(text)
    found = list(reading.findings)
    if reading.draft is not None:
        checked = check(reading.draft, rulebook, lpr=lpr, registry=registry, on=on)
        found += [finding for finding in checked if not _follows(finding, reading.spoiled)]
    found = findings.in_order(found)
    return Examination(None if findings.errors(found) else reading.draft, reading.draft, tuple(found))


def _before_lpr(scheme: Scheme, begins: dt.date) -> list[Finding]:
    """A price on the LPR needs one on the day; rates are not checked before there were any."""
    base = scheme.price.base if scheme.price else None
    if base is None or base.lpr is None:
        return []
    reason = Text(
        f"价格以LPR为基准，而LPR自{begins}才有", f"The price rests on the LPR, and there is none before {begins}"
    )
    remedy = Text(f"请把生效日期改为{begins}或之后", f"Let it take effect on {begins} or later")
    return [findings.error("scheme.before_lpr", scheme.spot.of("effective"), "effective", reason, remedy)]


def _follows(finding: Finding, spoiled: frozenset[str]) -> bool:
    """Whether the finding only repeats that something could not be read."""
    if any(_within(finding.path, path) or _within(path, finding.path) for path in spoiled):
        return True
    if finding.code.startswith("scheme.consent_") and any(path.startswith("consent") for path in spoiled):
        return True
    about_parties = "part" in finding.code or "level" in finding.code
    return about_parties and any(path.partition("/")[0] in ("parties", "assess") for path in spoiled)


def _within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}/") or not outer
