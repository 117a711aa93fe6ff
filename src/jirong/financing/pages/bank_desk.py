"""The lender's desk: left what to do now, right the book's pulse or the file that is open; a file is decided here.

An open file is an address (``?file=…``). Its maker proposes, its checker sees exactly the words and bytes proposed, and
both stay on this page.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from jirong.financing import queries
from jirong.financing.pages import bank_figures, bank_file, bank_losses, bank_pulse, bank_reads
from jirong.financing.pages.bank_book import lender_of
from jirong.financing.pages.bank_places import LENDERS
from jirong.kernel.errors import NotFound, Refusal
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.parties import acting, guard, proposals
from jirong.parties import queries as parties
from jirong.parties.forms import Reject
from jirong.store import business_date
from jirong.store.ids import new_id
from jirong.web import display, parts, signing
from jirong.web.api import actor_of


@guard.acting(*sorted(LENDERS))
def desk(request: HttpRequest) -> HttpResponseBase:
    """The queue; with ``file`` that application beside it, to be decided where it stands."""
    actor, today = actor_of(request), business_date.today()
    context: dict[str, Any] = {
        "today": today,
        "todos": bank_reads.todos(actor, today),
        "waiting": parties.waiting_count(actor),
    }
    asked = request.GET.get("file", "")
    if not asked:
        return render(request, "financing/bank_desk.html", context)
    row = queries.access_application(actor, _id(asked))
    if row.policy.lender_id != actor.party:
        raise _no_file()
    file = bank_file.read(actor, row, today)
    context |= {"file": file, "open_file": row.pk}
    if row.state == "referred" and file.proposal is not None:
        return _check(request, file, context)
    if row.state == "referred":
        answer = acting.respond(request, bank_file.act(file), template="financing/bank_desk.html", context=context)
        # The maker stays at the desk; the proposal's own page says the same.
        return redirect(request.get_full_path()) if isinstance(answer, HttpResponseRedirect) else answer
    return render(request, "financing/bank_desk.html", context)


def _check(request: HttpRequest, file: bank_file.File, context: dict[str, Any]) -> HttpResponseBase:
    """The checker's side: sign what the maker proposed, or send it back with the reason."""
    actor, refusal, form = actor_of(request), None, Reject()
    assert file.proposal is not None
    if request.method == "POST":
        try:
            if "statement" in request.POST:
                signed = signing.read(request.POST)
                now = proposals.statement_of(actor=actor, proposal=file.proposal.pk)
                acting.require_shown(signed.statement, now)
                proposals.approve(actor=actor, proposal=file.proposal.pk, signature=acting.supplied(signed))
                messages.success(request, display.say(Text("已复核，决定生效", "Checked; the decision stands")))
                return redirect(request.get_full_path())
            form = Reject(request.POST)
            if form.is_valid():
                proposals.reject(
                    actor=actor, id=acting.action_id(request), proposal=file.proposal.pk, note=form.cleaned_data["note"]
                )
                messages.success(request, display.say(Text("已退回经办人", "Sent back to its maker")))
                return redirect(request.get_full_path())
        except NotFound:
            raise
        except Refusal as caught:
            refusal = caught
    panel, others, why_not = _panel(request, file)
    status = refusal.status if refusal else 422 if form.errors else 200
    context |= {
        "signing": panel, "other_keys": others, "why_not": why_not, "reject": form, "refusal": refusal,
        "reject_id": new_id(), "words": bank_file.proposed_words(actor, file),
    }  # fmt: skip
    return render(request, "financing/bank_desk.html", context, status=status)


def _panel(request: HttpRequest, file: bank_file.File) -> tuple[parts.Signing | None, list[str], Text | None]:
    actor, proposal = actor_of(request), file.proposal
    assert proposal is not None
    if proposal.maker == actor.user:
        return None, [], Text("须由另一位同事复核", "Another colleague must check it")
    if not parties.has_duty(actor, "checker"):
        return None, [], Text("您没有复核职责", "You have not the checker's duty")
    grade, key, others = acting.key_for(request, bank_reads.DECIDE)
    arguments = bank_file.proposed(file)
    panel = parts.Signing(
        title=Text("复核：审批融资申请", "Check: decide an application"),
        words=bank_file.proposed_words(actor, file),
        statement=log_actions.statement_bytes(bank_reads.DECIDE, actor=actor, id=proposal.pk, **arguments),
        action_id=str(proposal.pk),
        submit_url=request.get_full_path(),
        submit_label=Text("签署并生效", "Sign; it takes effect"),
        grade=grade,
        key_id=key,
        findings=file.open_findings if arguments["approve"] else (),
    )
    return panel, others, None


@guard.acting(*sorted(LENDERS))
def pulse(request: HttpRequest) -> HttpResponse:
    """The right side, asked for once the queue is drawn: how much is lent, how much of it badly, when it comes back."""
    lender, today = lender_of(request), business_date.today()
    cells = bank_figures.cells(lender, today)
    context = {
        "figures": bank_pulse.figures(cells),
        "ladder": bank_pulse.ladder_chart(bank_figures.ladder(lender, today), today),
        "empty": not cells,
    }
    return render(request, "financing/bank_pulse.html", context)


@guard.acting(*sorted(LENDERS))
def risk(request: HttpRequest) -> HttpResponse:
    """Below the pulse, asked for by itself: expected loss, rolls, the largest debtors."""
    lender, today = lender_of(request), business_date.today()
    cells = bank_figures.cells(lender, today)
    context = {
        "expected": bank_losses.expected(lender, today, cells),
        "rolls": bank_pulse.roll_lines(bank_figures.rolls(lender, today, months=3), today),
        "shares": bank_pulse.debtor_shares(bank_figures.debtors(lender, 6), sum(cell.minor for cell in cells)),
    }
    return render(request, "financing/bank_risk.html", context)


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise _no_file() from None


def _no_file() -> NotFound:
    return NotFound("application.unknown", Text("没有这份申请", "There is no such application"))
