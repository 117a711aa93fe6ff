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

from jirong.financing.close import running
from jirong.financing.models import Loan
from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.notes import queries as notes
from jirong.parties import guard, labels
from jirong.site.operations import processes
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as
from jirong.web import display, parts

PAGE_LOANS_MAX = 20_000
"""Books larger than this together are closed from the command line, which shows its progress and uses every core."""
COMMAND = "jirong close-of-business"


@require_GET
@guard.acting("operator")
def day(request: HttpRequest) -> HttpResponseBase:
    """What closing the day will do, and how each lender's last close went."""
    today = business_date.today()
    with acting_as(SYSTEM), transaction.atomic():
        loans = Loan.objects.count()
        lenders = running.lenders()
        open_days = {lender: len(list(running.days_to_close(lender, today))) for lender in lenders}
    context = {
        "today": today, "notes": notes.to_close(today), "loans": loans, "large": loans > PAGE_LOANS_MAX,
        "command": COMMAND, "rows": _rows(open_days),
    }  # fmt: skip
    return render(request, "operations/day.html", context)


def _rows(open_days: dict[Any, int]) -> list[dict[str, Any]]:
    runs = {row["lender"]: row for row in running.status()}
    names = labels.names(open_days)
    return [
        {"name": names.get(lender, labels.UNKNOWN), "lender": lender, "run": runs.get(str(lender)), "days": days,
         "status": _status(runs.get(str(lender)), days)}
        for lender, days in open_days.items()
    ]  # fmt: skip


def _status(run: dict[str, Any] | None, days: int) -> parts.Status:
    if run is not None and run["state"] != "done":
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
    """Close every lender's days up to today, then every other room's; asking again changes nothing."""
    with acting_as(SYSTEM), transaction.atomic():
        large = Loan.objects.count() > PAGE_LOANS_MAX
    if large:
        raise Refusal(
            "close.large",
            Text("账簿较大，须在命令行执行日终", "The books are large: close them from the command line"),
            remedy=Text(COMMAND, COMMAND),
        )
    closed = running.close_until(running.today())
    rooms = running.other_rooms()
    with transaction.atomic():
        _tell(request, closed, rooms)
    return redirect("home_operator")


def _tell(request: HttpRequest, closed: list[running.Closed], rooms: dict[str, Any]) -> None:
    """One sentence on what was closed, and one for each error, by name."""
    errors = sum(len(each.errors) for each in closed) + sum(len(room.get("errors", ())) for room in rooms.values())
    lenders, own = len({each.lender for each in closed}), rooms.get("notes", {})
    said = Text(
        f"日终完成：{lenders}家贷款人 {len(closed)} 个营业日，链单{own.get('notes', 0)}张，"
        f"质押贷款{own.get('loans', 0)}笔，出错{errors}项",
        f"Closed: {len(closed)} days of {lenders} lenders, {own.get('notes', 0)} notes, "
        f"{own.get('loans', 0)} loans against lots, {errors} errors",
    )
    (messages.error if errors else messages.success)(request, display.say(said))


@require_GET
@guard.acting("operator")
def process_list(request: HttpRequest) -> HttpResponseBase:
    return render(request, "operations/processes.html", {"processes": processes.processes(timezone.now())})
