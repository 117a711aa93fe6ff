"""The operator's day: close the business date, move it on, and check that log and ledger are whole."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jirong.kernel.text import Text
from jirong.ledger import check as ledger_check
from jirong.log import check as log_check
from jirong.notes import closing, forms
from jirong.parties import acting, guard
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as
from jirong.web import display
from jirong.web.api import actor_of


@require_POST
@guard.acting("operator")
def close(request: HttpRequest) -> HttpResponseBase:
    """Close the current business date; repeating it changes nothing."""
    done = closing.close(actor_of(request))
    said = Text(
        f"{done.on}日终完成：链单{done.notes}张，贷款{done.loans}笔，出错{len(done.errors)}项",
        f"{done.on} is closed: {done.notes} notes, {done.loans} loans, {len(done.errors)} errors",
    )
    (messages.error if done.errors else messages.success)(request, display.say(said))
    return redirect("home_operator")


@guard.acting("operator")
def advance(request: HttpRequest) -> HttpResponseBase:
    today = business_date.today()
    act = acting.Act(
        code="business_date.advance",
        title=Text("推进营业日", "Advance the business date"),
        lead=Text(f"当前营业日 {today}；先完成日终再推进", f"The business date is {today}; close the day first"),
        submit=Text("签署并推进", "Sign and advance"),
        form=lambda *args, **kwargs: forms.AdvanceDay(*args, today=today, **kwargs),
        body=lambda values: {"to": values["to"]},
        words=lambda values: [
            Text(
                f"营业日从 {today} 推进到 {values['to']}，只进不退。",
                f"Move the business date from {today} to {values['to']}; it never goes back.",
            )
        ],
        done=lambda outcome: reverse("home_operator"),
        said=Text("营业日已推进", "The business date moved on"),
        back=reverse("home_operator"),
    )
    return acting.respond(request, act)


@guard.acting("operator")
def whole(request: HttpRequest) -> HttpResponseBase:
    """Derive log and ledger again and name every row that differs."""
    asked = request.method == "POST"
    context: dict[str, Any] = {"asked": asked}
    if asked:
        with acting_as(SYSTEM):
            context |= {"log_findings": log_check.check(), "ledger_findings": ledger_check.check()}
    return render(request, "notes/whole.html", context)
