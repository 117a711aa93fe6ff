"""The firm's first page of credit: one number, what it is made of, what would raise it, what is due, what to sign.

The number is what the firm can have today, to the fen: everything free on its live lines, and the best one offer (one
that waits for its signature, or what a policy would answer now). Offers exclude each other, so only the best counts.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.financing.models import Application, Contract, Policy
from jirong.financing.pages import firm_look, firm_reads, shared
from jirong.financing.pages.firm_look import Preview
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import guard, labels
from jirong.parties import queries as parties
from jirong.schemes.evaluate import Standing, Verdict
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web.api import actor_of

FIRMS = ("firm", "core")
RAISES = 4
"""How many ways to more are named; the rest is on the products' page."""


@dataclass(frozen=True)
class Source:
    """A part of the number: a line's free rest, an offer, or a foreseen answer."""

    kind: str
    title: Text
    lender: Text
    amount: Money
    annual: Decimal | None
    url: str


@dataclass(frozen=True)
class Todo:
    label: Text
    url: str
    detail: Text | str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Available:
    """What a firm can have today: lines and the ``best`` one offer as ``sources``, and what they were found from."""

    policies: Sequence[Policy]
    taken: dict[uuid.UUID, tuple[str, uuid.UUID]]
    seen: Sequence[Preview]
    waiting: Sequence[Application]
    best: Source | None
    sources: Sequence[Source]
    held_back: Sequence[Contract] = ()
    """Lines with something left that may not be drawn while something is late."""


def available(actor: Actor, today: datetime.date) -> Available:
    """Look at the firm's lines and offers, and at what every open policy would answer it now; nothing is written."""
    assert actor.party is not None
    policies = firm_reads.open_policies(actor)
    taken = firm_reads.held_policies(actor)
    seen = firm_look.previews(firm_look.look(actor.party, policies, today), policies)
    waiting = firm_reads.offers(actor, today)
    best = _best([*map(_offered, waiting), *(_foreseen(each) for each in seen if each.fits and _is_free(each, taken))])
    lines = firm_reads.lines(actor, today)
    free = [_line(row) for row in lines if not row.late]  # type: ignore[attr-defined]
    held_back = firm_reads.held_back(lines)
    return Available(policies, taken, seen, waiting, best, [*free, *([best] if best else [])], held_back)


@guard.acting(*FIRMS)
def home(request: HttpRequest) -> HttpResponseBase:
    """«今天可用», a button, and under it why, what would raise it, what is due next, what waits."""
    actor, today = actor_of(request), business_date.today()
    now = available(actor, today)
    sources = now.sources
    total = Money(sum(source.amount.minor for source in sources))
    dues = firm_reads.next_dues(actor, today)
    context = {
        "today": today, "total": total, "annual": weighted(sources), "sources": sources,
        "why": _why(now, total), "step": _step(now, dues),
        "todos": todos(now.waiting, parties.waiting_count(actor), dues, now.held_back, firm_reads.to_join(actor)), "dues": dues,
        "raises": _raises(now.seen, now.taken), "mixed": len({source.annual for source in sources}) > 1,
        "products": len(now.policies),
    }  # fmt: skip
    return render(request, "financing/firm_home.html", context)


def weighted(sources: Sequence[Source]) -> Decimal | None:
    """The yearly rate of all of them together, each counted by its amount; None where one has none."""
    if not sources or any(source.annual is None for source in sources):
        return None
    total = sum(source.amount.minor for source in sources)
    return sum((Decimal(source.amount.minor) * (source.annual or 0) for source in sources), Decimal(0)) / total


def _is_free(each: Preview, taken: dict[uuid.UUID, tuple[str, uuid.UUID]]) -> bool:
    """Nothing is held or under way with that policy; a draft is nothing yet."""
    return taken.get(each.policy.pk, ("draft",))[0] == "draft"


def _best(found: Sequence[Source]) -> Source | None:
    """The largest; of equal ones the cheapest, and an offer before a foreseen answer."""
    return min(
        found,
        key=lambda source: (-source.amount.minor, source.annual or Decimal(1), source.kind != "offer"),
        default=None,
    )


def _line(row: Contract) -> Source:
    left = Money(firm_reads.left_minor(row))
    return Source(
        "line",
        shared.title_of(row.policy),
        labels.name_of(row.lender),
        left,
        row.annual_rate,
        reverse("firm_draw", args=[row.pk]),
    )


def _offered(row: Application) -> Source:
    terms: dict[str, Any] = row.terms  # type: ignore[attr-defined]
    return Source(
        "offer", shared.title_of(row.policy), labels.name_of(row.policy.lender), Money.parse(terms["amount"]),
        Decimal(terms["annual_rate"]), reverse("firm_application", args=[row.pk]),
    )  # fmt: skip


def _foreseen(each: Preview) -> Source:
    assert each.amount is not None
    return Source(
        "foreseen", shared.title_of(each.policy), labels.name_of(each.policy.lender), each.amount, each.annual,
        reverse("firm_product", args=[each.policy.pk]),
    )  # fmt: skip


KINDS = {
    "line": (Text("额度里还能提", "Left on a line"), Text("随时可提，当天到账以银行为准", "may be drawn at any time")),
    "offer": (Text("已批准，等您签署", "Approved, to be signed"), Text("签署后按合同放款", "paid out once signed")),
    "foreseen": (
        Text("按今天的资料，申请即可获批", "On today's facts an application would be approved"),
        Text(
            "这是预先算出的结果，贷款人还没有看您的资料；以申请时的答复为准",
            "computed in advance; no lender has read your facts; the answer to an application counts",
        ),
    ),
}  # fmt: skip


def _why(now: Available, total: Money) -> parts.Why:
    """What the number is made of, and which lines it leaves out because something is late."""
    sources, seen = now.sources, now.seen
    findings = [_held_back(row) for row in now.held_back]
    for source in sources:
        label, note = KINDS[source.kind]
        rate = f"{shared.percent(source.annual)}" if source.annual is not None else "—"
        amount = shared.yuan(source.amount)
        findings.append(
            parts.Finding(
                Text(f"{label.zh}：{amount.zh}", f"{label.en}: {amount.en}"), "pass",
                Text(
                    f"{source.lender.zh}“{source.title.zh}”，真实年化{rate}；{note.zh}",
                    f"{source.lender.en}, “{source.title.en}”, true yearly rate {rate}; {note.en}",
                ),
            )
        )  # fmt: skip
    shown = shared.yuan(total)
    if not sources and now.held_back:
        outcome = Text(
            "有款项逾期未还，额度暂停提款，今天没有可用的钱",
            "Something is late, so the limits are held back: nothing today",
        )
        return parts.Why(outcome, findings, tone="bad")
    if not sources:
        outcome = Text(
            f"{len(seen)}个产品里，今天没有一个能直接获批", f"Of {len(seen)} products none would be approved today"
        )
        return parts.Why(outcome, findings, tone="wait")
    parts_words = " + ".join(source.amount.grouped() for source in sources)
    outcome = Text(
        f"今天可用{shown.zh} = {parts_words}；各家方案只算最好的一个",
        f"{shown.en} today = {parts_words}; of several offers only the best counts",
    )
    return parts.Why(outcome, findings, tone="good")


def _held_back(row: Contract) -> parts.Finding:
    left, lender = shared.yuan(firm_reads.left_minor(row)), labels.name_of(row.lender)
    return parts.Finding(
        Text(f"{lender.zh}额度里的{left.zh}不计入", f"{left.en} left on the limit of {lender.en} is not counted"), "bar",
        shared.late_words(row.late),  # type: ignore[attr-defined]
        remedy=Text("还清逾期款项后恢复", "paid, it may be drawn again"),
    )  # fmt: skip


def _step(now: Available, dues: Sequence[firm_reads.Due]) -> parts.Action:
    """The one button: pay what is late and holds a limit back, sign what is offered, draw, apply, see what is lacking."""
    sources, best = now.sources, now.best
    late = next((due for due in dues if due.late), None)
    if now.held_back and late:
        return parts.Action(
            Text("还清逾期款项", "Pay what is late"), reverse("firm_repay", args=[late.loan.pk]), "bank"
        )
    if best and best.kind == "offer":
        return parts.Action(Text("核对并签署", "Check and sign"), best.url, "sign")
    line = next((source for source in sources if source.kind == "line"), None)
    if line and (best is None or line.amount.minor >= best.amount.minor):
        return parts.Action(Text("提款", "Draw"), line.url, "bank")
    if best:
        return parts.Action(Text("申请，一秒钟答复", "Apply; answered in a second"), best.url, "bank")
    return parts.Action(Text("看看还差什么", "See what is lacking"), reverse("firm_products"), "search")


def todos(
    waiting: Sequence[Application],
    proposals: int,
    dues: Sequence[firm_reads.Due],
    held_back: Sequence[Contract],
    joins: Sequence[Application] = (),
) -> list[Todo]:
    """What waits for somebody of the firm: what is late first, with what it holds back, then signatures."""
    found = [
        Todo(
            Text(f"逾期未还：{due.amount.grouped()} 元", f"Overdue: CNY {due.amount.grouped()}"), reverse("firm_repay", args=[due.loan.pk]),
            Text(f"{labels.name_of(due.loan.lender).zh}，{due.on}到期", f"{labels.name_of(due.loan.lender).en}, due {due.on}"), True,
        )
        for due in dues if due.late
    ]  # fmt: skip
    for line in held_back:
        left, why = shared.yuan(firm_reads.left_minor(line)), shared.late_words(line.late)  # type: ignore[attr-defined]
        label = Text(f"{left.zh}额度暂停提款", f"{left.en} of a limit is held back")
        found.append(Todo(label, reverse("firm_contract", args=[line.pk]), why, True))
    for row in joins:
        borrower = labels.name_of(row.borrower)
        label = Text(f"{borrower.zh}请贵单位共同借款", f"{borrower.en} asks you to borrow jointly")
        until = Text(f"{row.offered_until}前签署或拒绝", f"sign or refuse by {row.offered_until}")
        found.append(Todo(label, reverse("firm_join", args=[row.pk]), until, True))
    for row in waiting:
        terms, lender = row.terms, labels.name_of(row.policy.lender)  # type: ignore[attr-defined]
        amount = Money.parse(terms["amount"]).grouped()
        label = Text(f"签署{lender.zh}的方案：{amount} 元", f"Sign the offer of {lender.en}: CNY {amount}")
        found.append(
            Todo(
                label,
                reverse("firm_application", args=[row.pk]),
                Text(f"{row.offered_until}前有效", f"until {row.offered_until}"),
                True,
            )
        )
    if proposals:
        found.append(Todo(Text(f"{proposals}项待同事复核", f"{proposals} to approve"), reverse("inbox"), urgent=True))
    return found


def _raises(seen: Sequence[Preview], taken: dict[uuid.UUID, tuple[str, uuid.UUID]]) -> list[Todo]:
    """What would raise the number: what holds the best limit, then what other policies still lack, nearest first."""
    found: dict[str, Todo] = {}
    for each in seen:
        if taken.get(each.policy.pk, ("draft",))[0] == "held":
            continue
        url = reverse("firm_product", args=[each.policy.pk])
        title = shared.title_of(each.policy)
        lacking = each.open_answers()
        holds = (
            [answer for answer in each.evaluation.answers if answer.code == "limit" and answer.change]
            if each.fits
            else []
        )
        for answer in [*holds, *(lacking if each.verdict is not Verdict.APPROVE and len(lacking) <= 2 else [])]:
            if answer.change and answer.change.zh not in found:
                detail = Text(f"{title.zh}：{answer.reason.zh}", f"{title.en}: {answer.reason.en}")
                found[answer.change.zh] = Todo(answer.change, url, detail, answer.standing is Standing.FAILED)
    return list(found.values())[:RAISES]
