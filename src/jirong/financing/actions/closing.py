"""The close of business as actions: a lender's plan, a run, each part of it, its end."""

from __future__ import annotations

import datetime
import time
import uuid

from django.db.models import Count
from django.utils import timezone

from jirong.financing import watching
from jirong.financing.actions import applications
from jirong.financing.actions.common import Outcome, house_only, in_role
from jirong.financing.close import debiting, grading, raising
from jirong.financing.close.raising import Part
from jirong.financing.models import PARTITIONS, CloseError, ClosePart, ClosePlan, CloseRun, Loan
from jirong.instruments.portfolio.classes import CLASSES
from jirong.kernel.errors import Conflict, Invalid, Refusal
from jirong.kernel.text import Text
from jirong.log.actions import action
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

STEPS = ("raise", "debit", "overdue", "watch", "classify", "provide")
"""In the order they are done unless a lender's plan says otherwise. ``watch`` judges the triggers of every contract whose
scheme has any, on facts read anew.
"""
SMALL_BOOK = 5_000
"""Books of fewer loans are closed in one part a step."""


@action("close.plan", Text("设定日终计划", "Set a lender's close"), own_key=True)
def set_plan(
    *, actor: Actor, id: uuid.UUID, steps: list[str], provision_bp: list[int], mandates: bool = False
) -> Outcome:
    """The lender's own steps in order, what it provides for each of the five classes in basis points of principal, and
    whether it collects what falls due by debit.
    """
    lender = in_role(actor, "bank", "factor", "lessor")
    if not steps or len(set(steps)) != len(steps) or set(steps) - set(STEPS):
        raise Invalid(
            "close.steps", Text("日终步骤有误", "The steps are not known, or repeated"), where="steps",
            remedy=Text(f"可选：{'、'.join(STEPS)}", f"Choose among {', '.join(STEPS)}"),
        )  # fmt: skip
    if len(provision_bp) != len(CLASSES) or not all(0 <= bp <= 10_000 for bp in provision_bp):
        raise Invalid(
            "close.provision", Text("须为五级各给一个0至10000的基点数", "Give five figures of 0 to 10000"),
            where="provision_bp",
        )  # fmt: skip
    with acting_as(SYSTEM):
        ClosePlan.objects.update_or_create(
            lender_id=lender, defaults={"steps": steps, "provision_bp": provision_bp, "mandates": mandates}
        )
    return {"lender": str(lender), "steps": steps}


@action("close.begin", Text("开始日终", "Begin a close"), public=False)
def begin(*, actor: Actor, id: uuid.UUID, lender: uuid.UUID, on: datetime.date) -> Outcome:
    """A run for ``lender`` on ``on``; days are closed in order and never before they have come. Offers past their day
    lapse, and what they had set aside is free again.
    """
    house_only(actor)
    today = business_date.today(str(lender))
    refuse_early(on, today)
    with acting_as(SYSTEM):
        later = CloseRun.objects.filter(lender=lender, on__gt=on).exists()
        if later:
            raise Conflict("close.out_of_order", Text("之后的日期已日终", "A later day is closed already"))
        plan = ClosePlan.objects.filter(lender=lender).first()
        size = Loan.objects.filter(lender=lender).aggregate(count=Count("pk"))["count"]
        steps = list(plan.steps) if plan else list(STEPS)
        partitions = PARTITIONS if size >= SMALL_BOOK else 1
        CloseRun.objects.create(id=id, lender_id=lender, on=on, steps=steps, partitions=partitions)
    lapsed = applications.lapse(lender, on, id)
    return {"run": str(id), "on": on.isoformat(), "steps": steps, "partitions": partitions, "lapsed": lapsed}


def refuse_early(on: datetime.date, today: datetime.date) -> None:
    """No day is closed before it has come."""
    if on > today:
        raise Conflict(
            "close.too_early", Text(f"{on}尚未到来，当前营业日为{today}", f"{on} has not come; it is {today}"),
            remedy=Text("请先推进营业日", "Advance the business date first"),
        )  # fmt: skip


@action("close.part", Text("日终分区", "Close a part"), public=False)
def do_part(*, actor: Actor, id: uuid.UUID, run: uuid.UUID, step: str, partition: int) -> Outcome:
    """One step for one partition, wholly or not at all; a loan that cannot be closed is reported and left out."""
    house_only(actor)
    started = time.perf_counter()
    with acting_as(SYSTEM):
        row = CloseRun.objects.get(pk=run)
    per_part = PARTITIONS // row.partitions
    part = Part(row.lender_id, range(partition * per_part, (partition + 1) * per_part), row.on, id)

    def report(loan: uuid.UUID, error: Exception) -> None:
        code = error.code if isinstance(error, Refusal) else "close.unexpected"
        reason = error.reason if isinstance(error, Refusal) else Text(f"程序错误：{error!r}", f"A fault: {error!r}")
        with acting_as(SYSTEM):
            CloseError.objects.create(run=row, step=step, loan=loan, code=code, reason=reason.as_dict())

    counts = _work(step, part, report)
    with acting_as(SYSTEM):
        ClosePart.objects.create(
            run=row, step=step, partition=partition, counts=counts, seconds=time.perf_counter() - started
        )
    return {"run": str(run), "step": step, "partition": partition, "counts": counts}


@action("close.finish", Text("完成日终", "Finish a close"), public=False)
def finish(*, actor: Actor, id: uuid.UUID, run: uuid.UUID) -> Outcome:
    """Every part is done: the day is closed, with or without errors to look at."""
    house_only(actor)
    with acting_as(SYSTEM):
        row = CloseRun.objects.select_for_update().get(pk=run)
        if row.parts.count() != len(row.steps) * row.partitions:
            raise Conflict("close.unfinished", Text("仍有分区未完成", "Parts of it are not done"))
        row.state, row.finished_at = "done", timezone.now()
        row.save(update_fields=["state", "finished_at"])
        return {"run": str(run), "state": row.state, "errors": row.errors.count()}


def _work(step: str, part: Part, report: raising.Report) -> dict[str, int]:
    match step:
        case "raise":
            return raising.raise_dues(part, report)
        case "debit":
            return debiting.debit(part, report)
        case "overdue":
            return grading.mark_overdue(part)
        case "classify":
            return grading.classify(part)
        case "watch":
            return watching.watch_all(part.lender, part.on, part.action, report, part.partitions)
    assert step == "provide", step
    return grading.provide(part, report)
