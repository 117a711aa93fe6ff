"""Published ACTUS cases beside the engine: every field of every event, and where they first part.

A case file is a JSON object of cases by id, each with ``terms``, ``to``, ``dataObserved``, ``eventsObserved`` and the
``results`` to come out. Its numbers are strings, integers and floats mixed, its dates have 16 or 19 characters. A
number agrees when |found − expected| ≤ tolerance × max(1, |expected|, and for amounts the initial notional); all else
agrees when it is equal, the number of events included. Nothing is skipped: a case the engine refuses has failed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from jirong.instruments import actus
from jirong.instruments.actus import instants, refusals, terms
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text

TOLERANCE = Decimal("1e-9")
FILE_BYTES_MAX = 64 * 1024 * 1024

_FIELDS: tuple[tuple[str, str], ...] = (
    ("eventDate", "time"),
    ("eventType", "type"),
    ("payoff", "payoff"),
    ("currency", "currency"),
    ("notionalPrincipal", "notional"),
    ("nominalInterestRate", "rate"),
    ("accruedInterest", "accrued"),
    ("exerciseAmount", "exercise_amount"),
    ("exerciseDate", "exercise_date"),
)
"""Published name → name in :class:`jirong.instruments.actus.Event`, in the order differences are looked for."""

_DATES = ("eventDate", "exerciseDate")
_AMOUNTS = ("payoff", "notionalPrincipal", "accruedInterest", "exerciseAmount")


@dataclass(frozen=True, slots=True)
class Case:
    """One published case as it stands in its file; ``source`` names the file."""

    source: str
    identifier: str
    terms: Mapping[str, Any]
    results: Sequence[Mapping[str, Any]]
    to: str | None = None
    observed: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Mapping[str, Any]] = ()

    @property
    def kind(self) -> str:
        return str(self.terms.get("contractType", "?")).strip()


@dataclass(frozen=True, slots=True)
class Difference:
    """The first event that differs: its number from 1, the field, and both values as text."""

    event: int
    name: str
    expected: str
    found: str
    expected_event: Mapping[str, str] | None
    found_event: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went: no difference and no refusal means it passed; ``events`` counts the published ones."""

    case: Case
    difference: Difference | None = None
    refusal: Refusal | None = None

    @property
    def passed(self) -> bool:
        return self.difference is None and self.refusal is None


def read_cases(text: str, source: str) -> list[Case]:
    """The cases of one file's text; raises :class:`Invalid` for anything that is not such a file."""
    try:
        body = json.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise _not_cases(source, str(error)) from None
    if not isinstance(body, Mapping) or not all(_is_case(item) for item in body.values()):
        raise _not_cases(source, "no {terms, results}")
    return [
        Case(
            source,
            str(item.get("identifier") or name),
            item["terms"],
            item["results"],
            item.get("to") or None,
            item.get("dataObserved") or {},
            item.get("eventsObserved") or (),
        )
        for name, item in body.items()
    ]


def replay(case: Case, tolerance: Decimal = TOLERANCE) -> Outcome:
    """Evaluate one case and compare; a refusal is an outcome, not an error."""
    try:
        found = actus.evaluate(case.terms, case.observed, case.events, case.to)
        return Outcome(case, compare(case.results, found, tolerance, initial_notional(case.terms)))
    except Refusal as refusal:
        return Outcome(case, refusal=refusal)


def compare(
    expected: Sequence[Mapping[str, Any]], found: Sequence[actus.Event], tolerance: Decimal, notional: Decimal
) -> Difference | None:
    """The first difference between published events and the engine's, in order; None when they agree."""
    for i, (one, other) in enumerate(zip(expected, found, strict=False)):
        for published, name in _FIELDS:
            ours = getattr(other, name)
            if not _agrees(published, one, ours, tolerance, notional):
                return Difference(
                    i + 1, published, _shown(one.get(published)), _shown(ours), _row(one), _event_row(other)
                )
    if len(expected) == len(found):
        return None
    i = min(len(expected), len(found))
    return Difference(
        i + 1,
        "events",
        str(len(expected)),
        str(len(found)),
        _row(expected[i]) if i < len(expected) else None,
        _event_row(found[i]) if i < len(found) else None,
    )


def initial_notional(raw: Mapping[str, Any]) -> Decimal:
    """The contract's notional, or the largest of its children's."""
    notional = raw.get("notionalPrincipal")
    if notional is not None:
        return abs(terms.number("notionalPrincipal", notional))
    children = [item.get("object") for item in raw.get("contractStructure") or () if isinstance(item, Mapping)]
    return max((initial_notional(one) for one in children if isinstance(one, Mapping)), default=Decimal(0))


def _agrees(published: str, row: Mapping[str, Any], ours: object, tolerance: Decimal, notional: Decimal) -> bool:
    """A field the file does not state is not compared, but an exercise date not stated is one there is none of."""
    stated = row.get(published)
    if stated is None or stated == "":
        contingent = "exerciseAmount" in row
        return ours is None if published == "exerciseDate" and contingent else True
    if published in _DATES:
        return instants.parse_instant(stated, published) == ours
    if published in ("eventType", "currency"):
        return str(stated).strip() == ours
    if not isinstance(ours, Decimal):
        return False
    number = terms.number(published, stated)
    scale = max(Decimal(1), abs(number), notional if published in _AMOUNTS else Decimal(0))
    return abs(ours - number) <= tolerance * scale


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.15g}"
    return "–" if value is None else str(value).replace(" 00:00:00", "")


def _row(published: Mapping[str, Any]) -> dict[str, str]:
    return {name: _shown(published.get(name)) for name, _ in _FIELDS if name in published}


def _event_row(event: actus.Event) -> dict[str, str]:
    shown = {published: getattr(event, name) for published, name in _FIELDS}
    return {published: _shown(value) for published, value in shown.items() if value is not None}


def summary(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    """(passed, all) by contract type, in the order of the registry."""
    counts = {kind: [0, 0] for kind in actus.CONTRACT_TYPES}
    for outcome in outcomes:
        count = counts.setdefault(outcome.case.kind, [0, 0])
        count[0] += outcome.passed
        count[1] += 1
    return {kind: (passed, total) for kind, (passed, total) in counts.items() if total}


def report(outcomes: Sequence[Outcome], tolerance: Decimal) -> str:
    """Cases passed by type, then each failure with the first event that differs."""
    lines = [f"{kind:<6} {passed:>4} / {total}" for kind, (passed, total) in summary(outcomes).items()]
    passed = sum(outcome.passed for outcome in outcomes)
    events = sum(len(outcome.case.results) for outcome in outcomes)
    lines.append(f"{'all':<6} {passed:>4} / {len(outcomes)} cases at tolerance {tolerance}; {events} events compared")
    for outcome in outcomes:
        lines += _failure(outcome)
    return "\n".join(lines)


def _failure(outcome: Outcome) -> list[str]:
    head = f"\nFAILED {outcome.case.identifier} ({outcome.case.kind}, {outcome.case.source})"
    if outcome.refusal is not None:
        return [f"{head}: refused, {outcome.refusal.code}", f"  {outcome.refusal.reason.en}"]
    difference = outcome.difference
    if difference is None:
        return []
    where = f"{head}: event {difference.event}, {difference.name}"
    sides = (
        (" expected", difference.expected, difference.expected_event),
        (" found", difference.found, difference.found_event),
    )
    rows = [f" {label:<9} {value:<24} {_inline(row)}" for label, value, row in sides]
    return [where, *rows]


def _inline(row: Mapping[str, str] | None) -> str:
    return "(no event)" if row is None else "  ".join(f"{name}={value}" for name, value in row.items())


def as_json(outcomes: Sequence[Outcome], tolerance: Decimal) -> dict[str, Any]:
    """The same for machines: totals by type and one entry for each failure."""
    return {
        "tolerance": str(tolerance),
        "cases": len(outcomes),
        "passed": sum(outcome.passed for outcome in outcomes),
        "events": sum(len(outcome.case.results) for outcome in outcomes),
        "by_type": {kind: {"passed": p, "cases": n} for kind, (p, n) in summary(outcomes).items()},
        "failures": [_failure_json(outcome) for outcome in outcomes if not outcome.passed],
    }


def _failure_json(outcome: Outcome) -> dict[str, Any]:
    body: dict[str, Any] = {
        "case": outcome.case.identifier,
        "type": outcome.case.kind,
        "file": outcome.case.source,
    }
    if outcome.refusal is not None:
        return body | {"refusal": outcome.refusal.as_dict()}
    difference = outcome.difference
    assert difference is not None, "a failure has a refusal or a difference"
    return body | {
        "event": difference.event,
        "field": difference.name,
        "expected": difference.expected,
        "found": difference.found,
        "expected_event": difference.expected_event,
        "found_event": difference.found_event,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``jirong instruments replay``."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="published case files (JSON)")
    parser.add_argument(
        "--tolerance", type=_tolerance, default=TOLERANCE, help="relative tolerance of numbers (default 1e-9)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Read, replay, print; 0 when every case passed, 1 when one failed, 2 when a file could not be read."""
    try:
        cases = [case for name in args.files for case in read_cases(_read(name), Path(name).name)]
    except Refusal as refusal:
        print(f"{refusal.reason}\n{refusal.remedy or ''}".rstrip(), file=sys.stderr)
        return 2
    outcomes = [replay(case, args.tolerance) for case in cases]
    if args.json:
        print(json.dumps(as_json(outcomes, args.tolerance), ensure_ascii=False, indent=2))
    else:
        print(report(outcomes, args.tolerance))
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m jirong.instruments.replay", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def _read(name: str) -> str:
    path = Path(name)
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise _not_cases(name, f"> {FILE_BYTES_MAX} bytes")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _not_cases(name, str(error)) from None


def _tolerance(text: str) -> Decimal:
    try:
        found = terms.number("tolerance", text)
    except Invalid as refusal:
        raise argparse.ArgumentTypeError(refusal.reason.en) from None
    if found < 0:
        raise argparse.ArgumentTypeError("a tolerance is not negative")
    return found


def _is_case(item: object) -> bool:
    return (
        isinstance(item, Mapping)
        and isinstance(item.get("terms"), Mapping)
        and isinstance(item.get("results"), Sequence)
        and all(isinstance(row, Mapping) for row in item["results"])
    )


def _not_cases(source: str, detail: str) -> Invalid:
    return Invalid(
        "replay.file_unreadable",
        Text(
            f"{source} 不是案例文件：{refusals.shown(detail)}", f"{source} is not a case file: {refusals.shown(detail)}"
        ),
        remedy=Text(
            "请给出 JSON 文件：{案例编号: {terms, to, dataObserved, eventsObserved, results}}",
            "Give a JSON file: {case id: {terms, to, dataObserved, eventsObserved, results}}",
        ),
        where=source,
    )


if __name__ == "__main__":
    raise SystemExit(main())
