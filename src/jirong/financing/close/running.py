"""Driving a close: which lenders, which days, part after part, with progress; and going on where a run was killed.

Who does the parts is a :class:`~jirong.financing.close.crew.Crew`: this process, or one a core for a large book.
"""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef

from jirong.financing.actions import applications, closing
from jirong.financing.close import apart
from jirong.financing.close.crew import Crew
from jirong.financing.models import Application, CloseError, CloseRun, Contract, Decision, Loan, Policy
from jirong.kernel.ids import derived_id
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as

Told = Callable[[str, int, int], None]
"""Told of each part done: the step, how many of its parts are done, of how many."""


@dataclass
class Closed:
    """One lender's day: what each step counted, and the errors left."""

    lender: uuid.UUID
    on: datetime.date
    run: uuid.UUID
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)


def quiet(step: str, done: int, of: int) -> None:
    """Say nothing of the progress."""


def lenders() -> list[uuid.UUID]:
    """Who has a day to close: loans, limits that run, or offers that may lapse."""
    with acting_as(SYSTEM), transaction.atomic():
        found = Loan.objects.exclude(status__in=["new", "paying"]).order_by("lender").values_list("lender", flat=True)
        lending = set(found.distinct())
        signed = Policy.objects.exclude(lender__in=lending).filter(
            Exists(Contract.objects.filter(policy=OuterRef("pk")).exclude(status="closed"))
            | Exists(Application.objects.filter(policy=OuterRef("pk"), state__in=applications.OFFERED))
        )
        return sorted(lending | set(signed.values_list("lender", flat=True)))


@apart.driving()
def close(lender: uuid.UUID, on: datetime.date, told: Told = quiet, crew: Crew | None = None) -> Closed:
    """Close one day of one lender, or what is left of it; asking again changes nothing."""
    id = derived_id(lender, "close", on)
    with acting_as(SYSTEM), transaction.atomic():
        known = CloseRun.objects.filter(pk=id).exists()
    if not known:
        closing.begin(actor=SYSTEM, id=id, lender=lender, on=on)
    return resume(id, told, crew)


@apart.driving()
def resume(id: uuid.UUID, told: Told = quiet, crew: Crew | None = None) -> Closed:
    """Do every part of a run that is not done, partition by partition, and finish it."""
    with acting_as(SYSTEM), transaction.atomic():
        run = CloseRun.objects.get(pk=id)
        done = set(run.parts.values_list("step", "partition"))
    parts = {
        partition: left
        for partition in range(run.partitions)
        if (left := [step for step in run.steps if (step, partition) not in done])
    }
    count = Counter(step for step, _ in done)

    def tell(step: str) -> None:
        count[step] += 1
        told(step, count[step], run.partitions)

    # A book of one part is done before a process has started.
    (crew if crew is not None and len(parts) > 1 else Crew()).work(id, parts, tell)
    if run.state != "done":
        closing.finish(actor=SYSTEM, id=derived_id(id, "finish"), run=id)
    return _closed(run)


def days_to_close(lender: uuid.UUID, until: datetime.date) -> Iterator[datetime.date]:
    """The days not closed yet, up to ``until``: from the day after the last close, or from the first pay-out, limit or
    offer.
    """
    with acting_as(SYSTEM), transaction.atomic():
        last = CloseRun.objects.filter(lender=lender).order_by("-on").values_list("on", flat=True).first()
        day = last + datetime.timedelta(days=1) if last else _first_day(lender)
    while day is not None and day <= until:
        yield day
        day += datetime.timedelta(days=1)


def _first_day(lender: uuid.UUID) -> datetime.date | None:
    offers = Decision.objects.filter(
        application__policy__lender=lender, application__state__in=applications.OFFERED, pk=F("application__decision")
    )
    found = (
        Loan.objects.filter(lender=lender).aggregate(day=Min("started"))["day"],
        Contract.objects.filter(lender=lender).exclude(status="closed").aggregate(day=Min("opened_on"))["day"],
        offers.aggregate(day=Min("on"))["day"],
    )
    return min((day for day in found if day is not None), default=None)


@apart.driving()
def close_until(until: datetime.date, told: Told = quiet, crew: Crew | None = None) -> list[Closed]:
    """Close every lender's days up to ``until`` in order, unfinished runs first, then the other rooms' own day."""
    closed = [resume(id, told, crew) for id in unfinished()]
    for lender in lenders():
        closed += [close(lender, day, told, crew) for day in list(days_to_close(lender, until))]
    return closed


def begin_due(until: datetime.date) -> list[uuid.UUID]:
    """Begin the next day of every lender that has days to close up to ``until`` and no run to go on with; the runs.

    What :func:`close_until` does first, so that there is something to watch before it has started.
    """
    with acting_as(SYSTEM), transaction.atomic():
        busy = set(CloseRun.objects.exclude(state="done").values_list("lender", flat=True))
    begun = []
    for lender in lenders():
        day = None if lender in busy else next(days_to_close(lender, until), None)
        if day is not None:
            begun.append(derived_id(lender, "close", day))
            closing.begin(actor=SYSTEM, id=begun[-1], lender=lender, on=day)
    return begun


def other_rooms() -> dict[str, Any]:
    """Let every room that has a day of its own to close do so (its application offers ``close_day``)."""
    found = {}
    for config in apps.get_app_configs():
        own = getattr(config, "close_day", None)
        if own is not None:
            found[config.label] = own()
    return found


def today() -> datetime.date:
    with acting_as(SYSTEM), transaction.atomic():
        return business_date.today()


def unfinished() -> list[uuid.UUID]:
    """Runs that were begun and not finished, oldest day first."""
    with acting_as(SYSTEM), transaction.atomic():
        return list(CloseRun.objects.exclude(state="done").order_by("on", "pk").values_list("pk", flat=True))


def status() -> list[dict[str, Any]]:
    """The latest run of each lender, by name and id, with its parts and errors."""
    with acting_as(SYSTEM), transaction.atomic():
        found = CloseRun.objects.order_by("lender", "-on").distinct("lender").select_related("lender")
        return [
            {
                "lender": str(run.lender), "party": str(run.lender_id), "on": run.on.isoformat(), "state": run.state,
                "parts": run.parts.count(), "of": len(run.steps) * run.partitions, "errors": run.errors.count(),
            }
            for run in found
        ]  # fmt: skip


def _closed(run: CloseRun) -> Closed:
    result = Closed(run.lender_id, run.on, run.pk)
    with acting_as(SYSTEM), transaction.atomic():
        for part in sorted(run.parts.all(), key=lambda part: run.steps.index(part.step)):
            totals = result.counts.setdefault(part.step, {})
            for name, count in part.counts.items():
                totals[name] = totals.get(name, 0) + count
        for error in CloseError.objects.filter(run=run).order_by("pk"):
            result.errors.append(
                {"step": error.step, "loan": str(error.loan), "code": error.code, "reason": error.reason}
            )
    return result
