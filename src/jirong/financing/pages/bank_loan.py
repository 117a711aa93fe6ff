"""A loan as its lender sees it: how it stands and what to do next, schedule, claims, class history, collection, losses."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from jirong.financing import deciding, queries
from jirong.financing.models import ClassChange, Contract, Loan
from jirong.financing.pages import bank_acts, bank_forms, bank_reads, bank_tables, bank_waterfall, shared
from jirong.financing.pages.bank_places import LENDERS
from jirong.financing.pages.bank_tables import CLASS_NAMES, CLASS_TONES, column
from jirong.instruments import practice
from jirong.kernel.errors import NotFound
from jirong.kernel.money import Money
from jirong.kernel.rules import RuleValue
from jirong.kernel.text import Text
from jirong.log import queries as log
from jirong.parties import guard, labels
from jirong.parties.models import Proposal
from jirong.schemes.explain.phrases import Names
from jirong.store import business_date, catalogue
from jirong.store.identity import Actor
from jirong.web import parts, tables
from jirong.web.api import actor_of

CLAIM_STATES = {
    "held": Text("持有", "Held"),
    "overdue": Text("逾期", "Overdue"),
    "offered": Text("待受让方接受", "Offered"),
    "moved": Text("已转出", "Passed on"),
    "settled": Text("已清偿", "Settled"),
    "written_off": Text("已核销", "Written off"),
    "void": Text("作废", "Void"),
}


def own_loan(actor: Actor, id: uuid.UUID) -> Loan:
    """The lender's own loan; another's does not exist here."""
    row = queries.access_loan(actor, id)
    if row.lender_id != actor.party:
        raise NotFound("loan.unknown", Text("没有这笔贷款", "There is no such loan"))
    return row


@guard.acting(*sorted(LENDERS))
def loan_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Everything about a loan on one page, its next action first."""
    actor, today = actor_of(request), business_date.today()
    row = own_loan(actor, id)
    now = queries.standing(row, today) if row.status in ("live", "overdue") else None
    ahead = queries.schedule(row, today) if row.status in ("new", "paying", "live", "overdue") else ()
    steps = list(queries.steps(row)[:60])
    grades = log.grades([step.action for step in steps])
    collection = bank_reads.collection(row)
    schedule = schedule_table(request, ahead)
    claims = claims_table(request, row)
    changes = list(ClassChange.objects.filter(debtor=row.borrower_id, lender=row.lender_id).order_by("-on", "-pk")[:24])
    context = {
        "loan": row, "today": today, "header": header(actor, row, now, today), "now": now,
        "chart": schedule_chart(ahead), "entries": [shared.entry(step, grades) for step in steps],
        "collection": collection_entries(collection, today), "classes": class_entries(changes, row, today),
        "waterfall": bank_waterfall.stands(row), "pending": proposals(actor, row), "acts": bank_acts.offered(row),
    }  # fmt: skip
    return tables.respond(request, "financing/bank_loan.html", schedule, claims, context=context)


def header(actor: Actor, row: Loan, now: practice.LoanState | None, today: datetime.date) -> parts.Header:
    firm = labels.name_of(row.borrower)
    code = row.loan_class
    figures = [
        parts.Figure(Text("本金余额", "Principal left"), row.held_minor, "money"),
        parts.Figure(Text("今天应还", "Due today"), now.due_amount if now else None, "money"),
        parts.Figure(Text("应计利息", "Accrued interest"), now.accrued if now else None, "money"),
        parts.Figure(Text("逾期天数", "Days late"), now.days_past_due if now else None),
        parts.Figure(
            Text("五级分类", "Class"), CLASS_NAMES[code], href=bank_tables.book_url(**{"class": code}, running=1)
        ),
        parts.Figure(Text("利率", "Rate"), Decimal(row.rate_e6) / 1_000_000, "rate"),
        parts.Figure(Text("放款日", "Paid out"), row.started, "date"),
        parts.Figure(Text("借款人", "Borrower"), firm, href=reverse("party", args=[row.borrower_id])),
    ]
    if row.contract_id:
        figures.append(
            parts.Figure(
                Text("合同", "Contract"),
                Text("打开合同", "open it"),
                href=reverse("bank_contract", args=[row.contract_id]),
            )
        )
    return parts.Header(
        title=Text(f"{firm.zh}的贷款", f"Loan to {firm.en}"), kind=Text("贷款", "Loan"), status=shared.loan_status(row, today),
        next_action=next_action(row, today), figures=figures,
    )  # fmt: skip


def next_action(row: Loan, today: datetime.date) -> parts.Action | None:
    """What a lender does next with a loan in this state."""

    def url(act: str) -> str:
        return reverse("bank_act", args=[row.pk, act])

    late = row.oldest_due is not None and row.oldest_due < today
    if row.status in ("live", "overdue") and late:
        return parts.Action(Text("记录催收", "Record a collection step"), url("collect"), icon="sign")
    if row.status == "defaulted":
        return parts.Action(Text("核销", "Write off"), url("write_off"), icon="sign")
    if row.status == "paying":
        return parts.Action(Text("查看付款指令", "See the payment"), f"{reverse('payments')}?state=instructed")
    return None


def schedule_table(request: HttpRequest, ahead: Sequence[practice.Instalment]) -> bank_tables.Rows:
    rows = [
        {"number": line.number, "due": line.due, "principal": line.principal, "interest": line.interest, "amount": line.amount,
         "balance": line.balance}
        for line in ahead
    ]  # fmt: skip
    columns = [
        column("number", Text("期次", "No."), "number"), column("due", Text("到期日", "Due"), "date", primary=True),
        column("principal", Text("本金（元）", "Principal (CNY)"), "money"), column("interest", Text("利息（元）", "Interest (CNY)"), "money"),
        column("amount", Text("应还（元）", "Payment (CNY)"), "money"), column("balance", Text("剩余本金（元）", "Left (CNY)"), "money", optional=True),
    ]  # fmt: skip
    return bank_tables.Rows(
        request, rows, columns, name="schedule", title=Text("还款计划", "Schedule"), empty=Text("没有尚未到期的还款", "Nothing is still to fall due"),
    )  # fmt: skip


def claims_table(request: HttpRequest, row: Loan) -> bank_tables.Rows:
    found = queries.claims_of(row)
    names = labels.names(claim.creditor for claim in found)
    rows = [
        {
            "kind": shared.CLAIM_KINDS.get(claim.kind, Text(claim.kind, claim.kind)), "due": claim.due, "creditor": names.get(claim.creditor, labels.UNKNOWN),
            "amount": claim.amount_minor, "outstanding": claim.outstanding_minor, "settled": claim.settled_minor,
            "written": claim.written_off_minor or None, "state": CLAIM_STATES.get(claim.state, Text(claim.state, claim.state)),
        }
        for claim in found
    ]  # fmt: skip
    columns = [
        column("kind", Text("债权", "Claim"), primary=True), column("due", Text("到期日", "Due"), "date"),
        column("creditor", Text("持有人", "Holder"), optional=True), column("amount", Text("金额（元）", "Amount (CNY)"), "money"),
        column("settled", Text("已还（元）", "Paid (CNY)"), "money"), column("outstanding", Text("未还（元）", "Unpaid (CNY)"), "money"),
        column("written", Text("已核销（元）", "Written off (CNY)"), "money", optional=True), column("state", Text("状态", "State")),
    ]  # fmt: skip
    return bank_tables.Rows(
        request,
        rows,
        columns,
        name="claims",
        title=Text("债权", "Claims"),
        empty=Text("放款后才有债权", "Claims begin at pay-out"),
    )


def schedule_chart(ahead: Sequence[practice.Instalment]) -> parts.Chart | None:
    if not ahead:
        return None
    rows = [(line.due, line.principal, line.interest) for line in ahead]
    columns = (Text("到期日", "Due"), Text("本金", "Principal"), Text("利息", "Interest"))
    return parts.Chart("schedule-chart", Text("还款计划", "Schedule"), "stack", columns, rows, Text("元", "CNY"))


def collection_entries(found: Sequence[Any], today: datetime.date) -> list[parts.Entry]:
    entries = []
    for step in found:
        detail = Text(step.note, step.note)
        if step.promised_on:
            amount = f" {Money(step.promised_minor).grouped()} 元" if step.promised_minor else ""
            broken = step.promised_on < today
            detail = Text(
                f"{step.note} · 承诺 {step.promised_on} 还款{amount}{'，已过' if broken else ''}",
                f"{step.note} · promised for {step.promised_on}{', passed' if broken else ''}",
            )
        entries.append(
            parts.Entry(
                step.recorded_at,
                bank_forms.COLLECTION[step.kind],
                Text(f"营业日 {step.on}", f"business date {step.on}"),
                detail,
            )
        )
    return entries


def class_entries(found: Sequence[ClassChange], row: Loan, today: datetime.date) -> list[parts.Entry]:
    """Each change with its rules; one that rests on a clause nobody has read says so."""
    book = catalogue.rulebook()
    entries = []
    for change in found:
        rules = [rule for id in change.rules if id in book.rules and (rule := book.find(id, change.on)) is not None]
        said = labels.joined(_rule_words(rule) for rule in rules) if rules else ""
        before, after = CLASS_NAMES[change.before], CLASS_NAMES[change.after]
        days = f"逾期{change.days_past_due}天" if change.days_past_due > 0 else "无逾期"
        days_en = f"{change.days_past_due} days late" if change.days_past_due > 0 else "nothing late"
        entries.append(
            parts.Entry(
                change.recorded_at, Text(f"{before.zh} → {after.zh}", f"{before.en} → {after.en}"),
                Text(f"{change.on} 日终，{days}", f"close of {change.on}, {days_en}"), said,
                tone="bad" if CLASS_TONES[change.after] == "bad" else "plain",
            )
        )  # fmt: skip
    return entries


def _rule_words(rule: RuleValue) -> Text:
    """The rule's name, and that nobody has read its text where that is so."""
    title = rule.rule.title
    return title if rule.verified else Text(f"{title.zh}（条文尚未核对）", f"{title.en} (text not yet verified)")


def proposals(actor: Actor, row: Loan) -> list[Proposal]:
    """Prepared actions on the loan that await a checker."""
    found = Proposal.objects.filter(party=actor.party, state="proposed", body__loan_id=str(row.pk))
    return list(found.order_by("-recorded_at"))


@guard.acting(*sorted(LENDERS))
def contract_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """A limit with its drawings, its terms in words and what happened."""
    actor, today = actor_of(request), business_date.today()
    row = queries.access_contract(actor, id)
    if row.lender_id != actor.party:
        raise NotFound("contract.unknown", Text("没有这份合同", "There is no such contract"))
    loans = bank_tables.BookTable(request, _drawn(actor, row, today))
    steps = list(queries.steps_of_contract(row)[:60])
    grades = log.grades([step.action for step in steps])
    context = {
        "contract": row, "today": today, "header": contract_header(row, today), "joint": _joint(row),
        "entries": [shared.entry(step, grades) for step in steps], "words": _stands(row),
    }  # fmt: skip
    return tables.respond(request, "financing/bank_contract.html", loans, context=context)


def contract_header(row: Contract, today: datetime.date) -> parts.Header:
    firm, limit = labels.name_of(row.borrower), row.limit_minor - row.lowered_minor
    frozen, closed = row.status == "frozen", row.status == "closed"
    actions = [] if closed else [
        parts.Action(Text("调低额度", "Lower the limit"), reverse("bank_lower", args=[row.pk])),
        parts.Action(Text("核查触发条件", "Judge the triggers"), reverse("bank_watch", args=[row.pk])),
        parts.Action(
            Text("解冻", "Unfreeze") if frozen else Text("冻结", "Freeze"), reverse("bank_freeze", args=[row.pk])
        ),
    ]  # fmt: skip
    return parts.Header(
        title=Text(f"{firm.zh}的融资合同", f"Contract with {firm.en}"), kind=shared.title_of(row.policy),
        status=shared.contract_status(row, today), actions=actions,
        figures=[
            parts.Figure(Text("额度", "Limit"), limit, "money"),
            parts.Figure(Text("已用", "In use"), row.in_use_minor, "money"),
            parts.Figure(Text("可用", "Free"), max(0, limit - row.in_use_minor), "money"),
            parts.Figure(Text("利率", "Rate"), row.rate, "rate"),
            parts.Figure(Text("真实年化", "True annual rate"), row.annual_rate, "rate"),
            parts.Figure(Text("签约日", "Signed"), row.opened_on, "date"),
            parts.Figure(Text("可提款至", "May be drawn until"), row.ends, "date"),
            parts.Figure(Text("借款人", "Borrower"), firm, href=reverse("party", args=[row.borrower_id])),
            parts.Figure(Text("申请与决定", "Application"), Text("打开", "open"), href=f"{reverse('bank_desk')}?file={row.application_id}"),
            parts.Figure(Text("政策", "Policy"), Text(f"{row.policy.scheme}", f"{row.policy.scheme}"), href=reverse("bank_policy", args=[row.policy_id])),
        ],
    )  # fmt: skip


def _drawn(actor: Actor, row: Contract, today: datetime.date) -> Any:
    return queries.loans(actor, contract=row.pk).annotate(today=bank_reads.as_day(today))


def _joint(row: Contract) -> list[Text]:
    names = labels.names(row.borrowers)
    return [names.get(id, labels.UNKNOWN) for id in row.borrowers if id != row.borrower_id]


def _stands(row: Contract) -> list[tuple[Text, Text]]:
    """Who stands for each name of the scheme in this contract."""
    names = labels.names(uuid.UUID(party) for party in row.parties.values())
    said = Names(deciding.scheme_behind(row.policy), shared.registry())
    return [
        (said.party(name), names.get(uuid.UUID(party), labels.UNKNOWN)) for name, party in sorted(row.parties.items())
    ]
