"""What the firm has borrowed: limits, loans, drawing and repaying, each with its effect shown before it is signed."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from jirong.engine.kinds.loan import Product
from jirong.financing import deciding, product, queries, runtime, secured
from jirong.financing.models import Contract, Loan
from jirong.financing.pages import firm_forms, firm_reads, firm_tables, shared
from jirong.instruments import practice
from jirong.instruments.practice import cost
from jirong.kernel.errors import Refusal
from jirong.kernel.money import UNITS, Money
from jirong.kernel.text import Text
from jirong.log import queries as log
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.web import parts, tables
from jirong.web.api import actor_of

FIRMS = ("firm", "core")
RUNNING = firm_reads.RUNNING


@guard.acting(*FIRMS)
def contract_list(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    rows = firm_reads.drawable(actor, firm_reads.contracts(actor), business_date.today())
    return tables.respond(request, "financing/firm_contracts.html", firm_tables.ContractTable(request, rows))


@guard.acting(*FIRMS)
def loan_list(request: HttpRequest) -> HttpResponseBase:
    rows = firm_reads.dated(firm_reads.loans(actor_of(request)), business_date.today())
    return tables.respond(request, "financing/firm_loans.html", firm_tables.LoanTable(request, rows))


# A limit ------------------------------------------------------------------------------------------------------------


@guard.acting(*FIRMS)
def contract_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The limit, what is drawn under it, and what happened."""
    actor, today = actor_of(request), business_date.today()
    (row,) = firm_reads.with_late([firm_reads.access_contract(actor, id)], today)
    rows = firm_reads.dated(firm_reads.loans(actor).filter(contract=row), today)
    steps = list(queries.steps_of_contract(row)[:50])
    grades = log.grades(step.action for step in steps)
    context = {
        "row": row, "header": _contract_header(row, actor.party == row.borrower_id, today),
        "entries": [shared.entry(step, grades) for step in steps if step.kind not in shared.QUIET], "terms": _terms(row), "scheme": row.policy.scheme,
        "receipts": firm_reads.receipts(actor, row.pk, row.application_id),
        "crumbs": [parts.Crumb(Text("合同与额度", "Contracts"), reverse("firm_contracts")), parts.Crumb(shared.title_of(row.policy))],
    }  # fmt: skip
    return tables.respond(
        request, "financing/firm_contract.html", firm_tables.DrawingTable(request, rows), context=context
    )


def _contract_header(row: Contract, own: bool, today: datetime.date) -> parts.Header:
    left, limit = firm_tables.free_minor(row, today), row.limit_minor - row.lowered_minor
    figures = [
        parts.Figure(Text("额度", "Limit"), limit, "money"),
        parts.Figure(Text("可提", "May be drawn"), left, "money"),
        parts.Figure(Text("已用", "In use"), row.in_use_minor, "money"),
        parts.Figure(Text("真实年化", "True yearly rate"), row.annual_rate, "rate"),
        parts.Figure(Text("合同利率", "Contract rate"), row.rate, "rate"),
        parts.Figure(Text("签署日", "Signed on"), row.opened_on, "date"),
        parts.Figure(Text("可提款至", "To be drawn by"), row.ends, "date"),
        parts.Figure(Text("贷款人", "Lender"), labels.name_of(row.lender), href=reverse("party", args=[row.lender_id])),
    ]
    return parts.Header(
        title=shared.title_of(row.policy), kind=Text("融资合同", "Contract"), status=shared.contract_status(row, today),
        next_action=_draw_action(row, own, left, today), figures=figures,
        actions=_others(row, own),
    )  # fmt: skip


def _draw_action(row: Contract, own: bool, left: int, today: datetime.date) -> parts.Action | None:
    """Drawing, or why it is not possible now."""
    if row.status == "closed" or (row.how == "once" and row.draws):
        return None
    why_not: Text | str = ""
    wanted = row.limit_minor if row.how == "once" else max(1, row.least_minor)
    if not own:
        why_not = Text("由第一借款人提款", "the first borrower draws")
    elif row.status == "frozen":
        why_not = Text("额度已冻结，请联系贷款人", "the limit is frozen; ask the lender")
    elif row.ends < today:
        why_not = Text(f"提款期已于{row.ends}结束", f"drawing ended on {row.ends}")
    elif row.late:  # type: ignore[attr-defined]
        why_not = shared.late_words(row.late)  # type: ignore[attr-defined]
    elif left < max(1, row.least_minor):
        least = shared.yuan(row.least_minor)
        why_not = Text(
            f"可提不足最低一笔{least.zh}，还款后恢复",
            f"less is left than the least drawing, {least.en}; repaying frees it",
        )
    elif waits := secured.lacking(row, wanted, today):
        why_not = waits[0].text
    return parts.Action(Text("提款", "Draw"), reverse("firm_draw", args=[row.pk]), "bank", why_not=why_not)


def _others(row: Contract, own: bool) -> list[parts.Action]:
    """Where the contract came from, and what secures it."""
    found = []
    if secured.wants_pledge(row):
        found.append(parts.Action(Text("担保", "Security"), reverse("security", args=[row.pk])))
    if own:
        url = reverse("firm_application", args=[row.application_id])
        found.append(parts.Action(Text("看申请和审批理由", "The application and why"), url))
    return found


def _terms(row: Contract) -> list[Text]:
    """How each drawing is repaid, in sentences."""
    made = product.from_json(row.product)
    way = shared.REPAYMENTS[made.repayment.value]
    long = (
        Text(f"{made.months}个月", f"{made.months} months")
        if made.months
        else Text(f"{made.days}天", f"{made.days} days")
    )
    found = [
        Text(f"每笔最长{long.zh}，{way.zh}。", f"Each drawing for at most {long.en}, {way.en}."),
        *shared.conduct_words(made, deciding.scheme_behind(row.policy), row.opened_on),
    ]
    if len(row.borrowers) > 1:
        found.append(
            Text(
                f"{len(row.borrowers)}家共同借款，各自对全部债务负责。",
                f"{len(row.borrowers)} borrow jointly, each owes all.",
            )
        )
    return found


@guard.acting(*FIRMS)
def draw(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Draw on a limit: how much, and what it will cost, before it is signed."""
    actor, today = actor_of(request), business_date.today()
    (row,) = firm_reads.with_late([firm_reads.access_contract(actor, id)], today)
    made, left = product.from_json(row.product), firm_tables.free_minor(row, today)
    scheme = deciding.scheme_behind(row.policy)
    entrusted = scheme.uses is not None and scheme.uses.pay == "entrusted"
    vendor = entrusted and not (scheme.uses and scheme.uses.to in row.parties)
    relayable = firm_reads.relayable(actor, row.policy)
    days = made.days if made.repayment is practice.Repayment.BULLET else None

    def form(*args: Any, **options: Any) -> forms.Form:
        return firm_forms.Draw(*args, days=days, vendor=vendor, loans=relayable, **options)

    free = shared.yuan(left)
    act = acting.Act(
        code="contract.draw", title=Text("提款", "Draw"), submit=Text("签署并提款", "Sign and draw"), form=form,
        start={"amount": str(Money(left)) if left else ""}, lead=Text(f"可提{free.zh}", f"{free.en} may be drawn"),
        body=lambda values: _draw_body(id, values), words=lambda values: _draw_words(row, made, values, today),
        findings=lambda values: _draw_findings(row, actor.party == row.borrower_id, values["amount"], today),
        done=lambda outcome: reverse("firm_loan", args=[outcome["loan"]]),
        said=Text("提款指令已发给银行", "The bank is instructed to pay"), back=reverse("firm_contract", args=[id]),
        next_label=Text("下一步：看费用并签署", "Next: see the cost and sign"),
    )  # fmt: skip
    return acting.respond(request, act, template="financing/firm_act.html")


def _draw_body(id: uuid.UUID, values: acting.Values) -> dict[str, Any]:
    payee = values["payee"][0] if values.get("payee") else None
    return {
        "contract": id,
        "amount": values["amount"],
        "payee": payee,
        "days": values.get("days"),
        "relays": values.get("relays"),
    }


def _draw_words(row: Contract, made: Product, values: acting.Values, today: datetime.date) -> list[Text]:
    days, amount, lender = values.get("days"), values["amount"], labels.name_of(row.lender)
    if days:
        made = replace(made, days=days, months=None)
    plan = practice.schedule(made.begun(amount, today))
    told = cost.cost(cost.Offer(Text("提款", "drawing"), plan))
    shown, first, last = shared.yuan(amount), plan.instalments[0], plan.instalments[-1]
    annual, interest = shared.percent(told.annual.effective), shared.yuan(told.interest)
    found = [
        Text(f"从{lender.zh}的额度提款{shown.zh}，合同年利率{shared.percent(row.rate)}，真实年化{annual}。",
             f"Draw {shown.en} on the limit of {lender.en} at {shared.percent(row.rate)} a year; true yearly rate {annual}."),
        Text(f"{last.due}一次还本付息{last.amount.grouped()}元，其中利息{interest.zh}。",
             f"{last.amount.grouped()} is repaid at once on {last.due}, of it interest {interest.en}.")
        if len(plan) == 1 else
        Text(f"共{len(plan)}期：首期{first.due}还{first.amount.grouped()}元，末期{last.due}还{last.amount.grouped()}元，利息共{interest.zh}。",
             f"{len(plan)} payments: first {first.amount.grouped()} on {first.due}, last {last.amount.grouped()} on {last.due}; "
             f"interest {interest.en} in all."),
        Text("以上按今天放款计；实际以银行付款日为准。", "As if paid out today; the day the bank pays counts."),
    ]  # fmt: skip
    if values.get("payee"):
        to = labels.names(values["payee"]).get(values["payee"][0], labels.UNKNOWN)
        found.append(Text(f"款项直接付给{to.zh}。", f"The money is paid straight to {to.en}."))
    return found


def _draw_findings(row: Contract, own: bool, amount: Money, today: datetime.date) -> list[parts.Finding]:
    """The limit's own rules, as the action will judge them."""
    left, least, step = firm_tables.free_minor(row, today), row.least_minor, row.multiple_minor
    free, low, late = shared.yuan(left), shared.yuan(least), row.late  # type: ignore[attr-defined]
    rows = [
        (
            not late,
            Text("没有逾期未还的款项", "Nothing is late"),
            shared.late_words(late) if late else Text("没有逾期", "nothing is late"),
        ),
        (
            amount.minor <= left,
            Text("不超过可提额度", "Within what is left"),
            Text(f"可提{free.zh}", f"{free.en} is left"),
        ),
        (
            amount.minor >= least,
            Text("不低于最低一笔", "At least the least drawing"),
            Text(f"最低{low.zh}", f"at least {low.en}"),
        ),
    ]
    if len(row.borrowers) > 1:
        rows.append((own, Text("由第一借款人提款", "The first borrower draws"), labels.name_of(row.borrower)))
    if step > 1:
        each = shared.yuan(step)
        rows.append(
            (
                amount.minor % step == 0,
                Text("金额成整", "In whole steps"),
                Text(f"须为{each.zh}的整数倍", f"in multiples of {each.en}"),
            )
        )
    return [parts.Finding(rule, "pass" if holds else "bar", reason) for holds, rule, reason in rows]


# A loan -------------------------------------------------------------------------------------------------------------


@guard.acting(*FIRMS)
def loan_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """What is owed today, what comes, what was paid, and everything that happened with its receipt."""
    actor, today = actor_of(request), business_date.today()
    row = firm_reads.access_loan(actor, id)
    now = queries.standing(row, today) if row.status in RUNNING else None
    plan = list(queries.schedule(row, today)) if row.status in (*RUNNING, "new", "paying") else []
    claims = queries.claims_of(row)
    steps = list(queries.steps(row)[:50])
    grades = log.grades(step.action for step in steps)
    context = {
        "row": row, "header": _loan_header(row, now, today), "chart": _chart(plan), "paid": paid_lines(claims),
        "entries": [shared.entry(step, grades) for step in steps if step.kind not in shared.QUIET],
        "payouts": _payouts(row), "now": now, "receipts": firm_reads.receipts(actor, row.pk),
        "crumbs": [parts.Crumb(Text("贷款", "Loans"), reverse("firm_loans")), parts.Crumb(labels.name_of(row.lender))],
    }  # fmt: skip
    return tables.respond(
        request, "financing/firm_loan.html", firm_tables.ScheduleTable(request, plan), context=context
    )


def _loan_header(row: Loan, now: practice.LoanState | None, today: datetime.date) -> parts.Header:
    unit = UNITS[row.unit]
    ends = practice.payoff(now.terms, _events(row), max(today, now.as_of)).amount if now else None
    figures = [
        parts.Figure(Text("今天到期应还", "Due today"), now.due_amount if now else None, "money"),
        parts.Figure(Text("今天结清", "Ends it today"), ends, "money"),
        parts.Figure(Text("下次还款", "Next payment"), now.next_due.amount if now and now.next_due else None, "money"),
        parts.Figure(Text("下次还款日", "Next due"), row.next_due, "date"),
        parts.Figure(Text("未还本金", "Principal left"), Money(row.principal_left_minor, unit), "money"),
        parts.Figure(Text("借款", "Borrowed"), Money(row.principal_minor, unit), "money"),
        parts.Figure(Text("合同利率", "Contract rate"), Decimal(row.rate_e6) / runtime.RATE_SCALE, "rate"),
        parts.Figure(Text("贷款人", "Lender"), labels.name_of(row.lender), href=reverse("party", args=[row.lender_id])),
    ]
    pay = (
        parts.Action(Text("还款", "Repay"), reverse("firm_repay", args=[row.pk]), "bank")
        if row.status in RUNNING
        else parts.Action(Text("还欠款", "Pay what is owed"), reverse("firm_recover", args=[row.pk]), "bank")
        if row.status in ("defaulted", "written_off")
        else None
    )
    also = (
        [parts.Action(Text("看合同", "The contract"), reverse("firm_contract", args=[row.contract_id]))]
        if row.contract_id
        else []
    )
    title = Text(f"{labels.name_of(row.lender).zh}的贷款", f"Loan of {labels.name_of(row.lender).en}")
    return parts.Header(
        title=title,
        kind=Text("贷款", "Loan"),
        status=shared.loan_status(row, today),
        next_action=pay,
        actions=also,
        figures=figures,
    )


def _events(row: Loan) -> list[practice.Event]:
    return firm_reads.events_of([row])[row.pk]


def _chart(plan: list[practice.Instalment]) -> parts.Chart | None:
    if len(plan) < 2:
        return None
    rows = [(line.due.isoformat(), line.principal, line.interest) for line in plan]
    columns = (Text("还款日", "Due"), Text("本金", "Principal"), Text("利息", "Interest"))
    return parts.Chart("plan", Text("每期还多少", "Each payment"), "stack", columns, rows, unit=Text("元", "CNY"))


def paid_lines(claims: list[Any]) -> list[tuple[Text, int, int]]:
    """What fell due of each kind, paid and still open, in minor units."""
    sums: dict[str, list[int]] = {}
    for claim in claims:
        kept = sums.setdefault(claim.kind, [0, 0])
        kept[0] += claim.settled_minor
        kept[1] += claim.outstanding_minor
    return [(shared.CLAIM_KINDS.get(kind, Text(kind, kind)), paid, left) for kind, (paid, left) in sums.items()]


def _payouts(row: Loan) -> list[tuple[Text, int, Text]]:
    """Who was paid how much of it, and why."""
    whys = {"loan": Text("放款", "pay-out"), "relay": Text("结清原贷款", "ends an earlier loan")}
    names = labels.names(uuid.UUID(payee) for payee, _, _ in row.payouts)
    return [
        (names.get(uuid.UUID(payee), labels.UNKNOWN), minor, whys.get(why, Text(why, why)))
        for payee, minor, why in row.payouts
    ]


@guard.acting(*FIRMS)
def repay(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Pay what is due, or more: the effect on the plan is computed by the engine itself and shown first."""
    actor, today = actor_of(request), business_date.today()
    row = firm_reads.access_loan(actor, id)
    assert actor.party is not None
    now = queries.standing(row, today) if row.status in RUNNING else None
    start = now.due_amount if now and now.due_amount.minor else now.next_due.amount if now and now.next_due else None
    owed = practice.payoff(now.terms, _events(row), max(today, now.as_of)).amount if now else None
    party = actor.party
    act = acting.Act(
        code="credit.repay", title=Text("还款", "Repay"), submit=Text("确认还款", "Repay"), form=firm_forms.Repay,
        start={"amount": str(start) if start else ""}, lead=_lead(now, owed),
        body=lambda values: {"loan_id": id, "amount": values["amount"]}, words=lambda values: _repay_words(row, party, values, today),
        findings=lambda values: _repay_findings(row, party, values, today), done=lambda outcome: reverse("firm_loan", args=[id]),
        said=Text("还款指令已发给银行", "The bank is instructed to pay"), back=reverse("firm_loan", args=[id]),
        next_label=Text("下一步：看看会怎样", "Next: see what it changes"),
    )  # fmt: skip
    return acting.respond(request, act, template="financing/firm_act.html", context={"repay": True})


def _lead(now: practice.LoanState | None, owed: Money | None) -> Text:
    if now is None or owed is None:
        return Text("这笔贷款现在不用还", "Nothing is to be repaid now")
    due, all_of_it = shared.yuan(now.due_amount), shared.yuan(owed)
    return Text(f"今天到期应还{due.zh}；全部结清{all_of_it.zh}", f"{due.en} is due today; {all_of_it.en} ends the loan")


def _effect(row: Loan, party: uuid.UUID, values: acting.Values, today: datetime.date) -> firm_reads.Effect | Refusal:
    try:
        return firm_reads.repayment(row, party, values["amount"].minor, today)
    except Refusal as refusal:
        return refusal


def _repay_words(row: Loan, party: uuid.UUID, values: acting.Values, today: datetime.date) -> list[Text]:
    lender, amount = labels.name_of(row.lender), shared.yuan(values["amount"])
    found = [
        Text(f"向{lender.zh}还款{amount.zh}，由本单位账户支付。", f"Repay {lender.en} {amount.en} from our account.")
    ]
    effect = _effect(row, party, values, today)
    if isinstance(effect, Refusal):
        return found
    due = shared.yuan(min(effect.due, effect.paid))
    if effect.paid > effect.due:
        early = shared.yuan(effect.paid - effect.due)
        found.append(
            Text(f"其中到期应还{due.zh}，提前还{early.zh}。", f"Of it {due.en} is due and {early.en} is early.")
        )
    else:
        found.append(Text("全部用于已到期的款项。", "All of it pays what is due."))
    if effect.closes:
        return [*found, Text("还后贷款全部结清。", "The loan then ends.")]
    before, after = effect.before[0], effect.after[0]
    if before.amount == after.amount and not effect.saved.minor:
        left = len(effect.after)
        return [
            *found,
            Text(f"还款计划不变：下一期{after.due}还{after.amount.grouped()}元，还剩{left}期。",
                 f"The plan stays: next {after.amount.grouped()} on {after.due}; {left} remain."),
        ]  # fmt: skip
    saved = shared.yuan(effect.saved)
    return [
        *found,
        Text(f"下一期{after.due}由{before.amount.grouped()}元变为{after.amount.grouped()}元，还剩{len(effect.after)}期。",
             f"The next payment, {after.due}, goes from {before.amount.grouped()} to {after.amount.grouped()}; {len(effect.after)} remain."),
        Text(f"以后的利息少付{saved.zh}。", f"Interest to come is less by {saved.en}."),
    ]  # fmt: skip


def _repay_findings(row: Loan, party: uuid.UUID, values: acting.Values, today: datetime.date) -> list[parts.Finding]:
    """What the action would refuse, before it is asked; else how the sum is shared out."""
    effect = _effect(row, party, values, today)
    if isinstance(effect, Refusal):
        return [
            parts.Finding(
                Text("现在不能这样还", "It cannot be repaid so now"), "bar", effect.reason, remedy=effect.remedy or ""
            )
        ]
    return [parts.Finding(Text("怎样抵扣", "How it is shared out"), "pass", reason.text) for reason in effect.reasons]
