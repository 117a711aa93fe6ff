"""The instruments' events as rows: JSON and back, exact."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jirong.instruments import practice
from jirong.instruments.practice import Bucket
from jirong.kernel.money import Money, Unit

PLAIN = ("Payment",)
"""Events a book's columns can tell, as long as each pays exactly what was due."""


def write(event: practice.Event) -> dict[str, Any]:
    """What is kept of an event beside its day and its type."""
    match event:
        case practice.Payment() | practice.FeeCharged():
            return {"minor": event.amount.minor}
        case practice.EarlyRepayment():
            return {"minor": event.principal.minor if event.principal else None, "then": event.then.value}
        case practice.RateSet():
            return {"rate": str(event.rate)}
        case practice.Waiver():
            return {"bucket": event.bucket.value, "minor": event.amount.minor}
        case practice.Extension():
            rate = None if event.rate is None else str(event.rate)
            return {"maturity": event.maturity.isoformat(), "rate": rate}
        case practice.Acceleration():
            return {}
    assert isinstance(event.rate, practice.FixedRate), "a restructuring agrees on a rate"
    return {
        "repayment": event.repayment.value, "rate": str(event.rate.rate), "months": event.months,
        "every_months": event.every_months, "capitalise": sorted(bucket.value for bucket in event.capitalise),
    }  # fmt: skip


def read(kind: str, on: datetime.date, body: Mapping[str, Any], unit: Unit) -> practice.Event:
    """The event a row keeps."""
    match kind:
        case "Payment":
            return practice.Payment(on, Money(body["minor"], unit))
        case "FeeCharged":
            return practice.FeeCharged(on, Money(body["minor"], unit))
        case "EarlyRepayment":
            minor = body["minor"]
            principal = None if minor is None else Money(minor, unit)
            return practice.EarlyRepayment(on, principal, practice.Reamortise(body["then"]))
        case "RateSet":
            return practice.RateSet(on, Decimal(body["rate"]))
        case "Waiver":
            return practice.Waiver(on, Bucket(body["bucket"]), Money(body["minor"], unit))
        case "Extension":
            rate = None if body["rate"] is None else Decimal(body["rate"])
            return practice.Extension(on, datetime.date.fromisoformat(body["maturity"]), rate)
        case "Acceleration":
            return practice.Acceleration(on)
    assert kind == "Restructuring", kind
    return practice.Restructuring(
        on=on, repayment=practice.Repayment(body["repayment"]), rate=practice.FixedRate(Decimal(body["rate"])),
        months=body["months"], every_months=body["every_months"],
        capitalise=frozenset(Bucket(name) for name in body["capitalise"]),
    )  # fmt: skip


def breaks_columns(event: practice.Event) -> bool:
    """Whether a loan that saw this event has left the plain majority."""
    return type(event).__name__ not in PLAIN
