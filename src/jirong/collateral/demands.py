"""What a scheme's ``security`` sentence demands of a contract, with its parties named, and how that is kept.

Pledges of lots are left out: a lot is a claim, and its pledge lives with its note. Guarantees and joint debts are
security in persons, which the engine's loan and the policy already carry.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from jirong.engine.security import KINDS, Demand
from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.model.conduct import Pledge
from jirong.schemes.model.scheme import Scheme

TITLES: dict[str, Text] = {kind: vocabulary.PLEDGE[kind] for kind in KINDS}


def of_scheme(scheme: Scheme, parties: Mapping[str, uuid.UUID]) -> tuple[Demand, ...]:
    """The demands of ``scheme``; ``parties`` gives its names their parties (a name without one demands nobody)."""
    items = scheme.security if isinstance(scheme.security, tuple) else ()
    return tuple(_demand(item, parties) for item in items if isinstance(item, Pledge) and item.pledge in KINDS)


def as_json(demands: Iterable[Demand]) -> list[dict[str, Any]]:
    return [
        {
            "kind": demand.kind, "by": _id(demand.by), "cover": _ratio(demand.cover),
            "before_payment": demand.before_payment, "valued_by": _id(demand.valued_by),
            "watched_by": _id(demand.watched_by), "call_below": _ratio(demand.call_below),
            "top_up_days": demand.top_up_days,
        }
        for demand in demands
    ]  # fmt: skip


def from_json(kept: Iterable[Mapping[str, Any]]) -> tuple[Demand, ...]:
    return tuple(
        Demand(
            kind=item["kind"], by=_uuid(item["by"]), said=TITLES[item["kind"]], cover=_fraction(item["cover"]),
            before_payment=item["before_payment"], valued_by=_uuid(item["valued_by"]),
            watched_by=_uuid(item["watched_by"]), call_below=_fraction(item["call_below"]),
            top_up_days=item["top_up_days"],
        )
        for item in kept
    )  # fmt: skip


def _demand(item: Pledge, parties: Mapping[str, uuid.UUID]) -> Demand:
    return Demand(
        kind=item.pledge,
        by=parties.get(item.by),
        said=TITLES[item.pledge],
        cover=None if item.cover is None else Fraction(item.cover),
        before_payment=item.registered == "before_payment",
        valued_by=parties.get(item.valued_by or ""),
        watched_by=parties.get(item.watched_by or ""),
        call_below=None if item.top_up_below is None else Fraction(item.top_up_below),
        top_up_days=item.top_up_within.days_at_most if item.top_up_within else None,
    )


def _id(party: uuid.UUID | None) -> str | None:
    return str(party) if party else None


def _uuid(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None


def _ratio(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
