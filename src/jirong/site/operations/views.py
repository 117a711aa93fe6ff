"""The day of everybody closed at once, and the processes that keep the house going."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jirong.financing.close import apart, running, starting
from jirong.kernel.text import Text
from jirong.notes import queries as notes
from jirong.parties import guard, labels
from jirong.site.operations import processes
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as
from jirong.web import display, parts


@require_GET
@guard.acting("operator")
def day(request: HttpRequest) -> HttpResponseBase:
    """What closing the day will do, and how each lender's last close went."""
    today = business_date.today()
    with acting_as(SYSTEM), transaction.atomic():
        lenders = running.lenders()
        open_days = {lender: len(list(running.days_to_close(lender, today))) for lender in lenders}
    under_way = apart.is_under_way()
    context = {
        "today": today, "notes": notes.to_close(today), "under_way": under_way, "rows": _rows(open_days, under_way),
    }  # fmt: skip
    return render(request, "operations/day.html", context)


def _rows(open_days: dict[Any, int], under_way: bool) -> list[dict[str, Any]]:
    runs = {row["party"]: row for row in running.status()}
    names = labels.names(open_days)
    return [
        {"name": names.get(lender, labels.UNKNOWN), "lender": lender, "run": runs.get(str(lender)), "days": days,
         "status": _status(runs.get(str(lender)), days, under_way)}
        for lender, days in open_days.items()
    ]  # fmt: skip


def _status(run: dict[str, Any] | None, days: int, under_way: bool) -> parts.Status:
    if run is not None and run["state"] != "done":
        if under_way:
            return parts.Status(Text("日终进行中", "Closing"), tone="wait")
        return parts.Status(Text("日终中断", "Interrupted"), Text("再执行一次即可续作", "close again to go on"), "bad")
    if days:
        return parts.Status(
            Text("待日终", "To be closed"), Text(f"{days}天", labels.counted(days, "day", "days")), "wait"
        )
    if run is not None and run["errors"]:
        return parts.Status(
            Text("已日终", "Closed"),
            Text(f"{run['errors']}笔出错", labels.counted(run["errors"], "error", "errors")),
            "bad",
        )
    return parts.Status(Text("已日终", "Closed"), tone="good")


# Each part of a close is an action with a transaction of its own: what is done stays done if this is killed.
@transaction.non_atomic_requests
@require_POST
@guard.acting("operator")
def close(request: HttpRequest) -> HttpResponseBase:
    """Begin to close every lender's days up to today, then every other room's, in a process of its own; asking again
    changes nothing.
    """
    messages.success(request, display.say(starting.close_until(running.today())))
    return redirect("operator_day")


@require_GET
@guard.acting("operator")
def process_list(request: HttpRequest) -> HttpResponseBase:
    return render(request, "operations/processes.html", {"processes": processes.processes(timezone.now())})
