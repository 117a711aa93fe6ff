"""Applications and their answers: the decision with its why, offers side by side, signed, declined or withdrawn."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from jirong.engine.kinds.loan import Product
from jirong.financing import asking, deciding, product, queries
from jirong.financing.models import Application, Contract, Decision
from jirong.financing.pages import firm_apply, firm_forms, firm_reads, firm_tables, reasons, shared
from jirong.financing.pages.firm_tables import Offered
from jirong.instruments import practice
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import queries as log
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.web import display, parts, tables
from jirong.web.api import actor_of

FIRMS = ("firm", "core")
OPEN = ("asked", "referred", "offered", "joining")
OFFERED = ("offered", "joining")
COMPARED = 4
"""How many offers stand side by side; more are in the list below them."""
VERDICTS = {
    "approve": Text("批准", "Approved"),
    "refuse": Text("未通过", "Refused"),
    "ask": Text("请补充资料", "Asked to supply something"),
    "refer": Text("转人工审批", "Referred to people"),
}
VERDICT_TONES = {"approve": "good", "refuse": "bad", "ask": "wait", "refer": "wait"}


@guard.acting(*FIRMS)
def application_list(request: HttpRequest) -> HttpResponseBase:
    rows = firm_reads.dated(firm_reads.applications(actor_of(request)), business_date.today())
    return tables.respond(request, "financing/firm_applications.html", firm_tables.ApplicationTable(request, rows))


@guard.acting(*FIRMS)
def offer_list(request: HttpRequest) -> HttpResponseBase:
    """Every offer that waits, side by side: the same columns for each lender, the cheapest marked."""
    today = business_date.today()
    found = [offered(row, today) for row in firm_reads.offers(actor_of(request), today)]
    least = min((each.annual for each in found), default=None)
    alone = sum(each.annual == least for each in found) == 1
    rows = [replace(each, cheapest=alone and len(found) > 1 and each.annual == least) for each in found]
    context = {"side": rows[:COMPARED], "attributes": _attributes(rows[:COMPARED])}
    return tables.respond(request, "financing/firm_offers.html", firm_tables.OfferTable(request, rows), context=context)


def offered(row: Application, today: datetime.date) -> Offered:
    """An offer as signed terms say, and what the same sum would cost in the two usual ways of repaying."""
    terms: dict[str, Any] = row.terms  # type: ignore[attr-defined]
    made, amount = product.from_json(terms["product"]), Money.parse(terms["amount"])
    assert row.offered_until is not None
    return Offered(
        id=row.pk, title=shared.title_of(row.policy), lender=labels.name_of(row.policy.lender), amount=amount,
        limit=Money.parse(terms["limit"]), rate=Decimal(terms["rate"]), annual=Decimal(terms["annual_rate"]),
        repay=shared.REPAYMENTS[made.repayment.value], months=months_words(made), first=Money.parse(terms["first_amount"]),
        last=Money.parse(terms["last_amount"]), interest=Money.parse(terms["interest"]),
        by_annuity=interest_by(made, amount, practice.Repayment.ANNUITY, today),
        by_principal=interest_by(made, amount, practice.Repayment.LINEAR, today), until=row.offered_until,
        status=shared.application_status(row, today),
    )  # fmt: skip


def months_words(made: Product) -> Text:
    if made.months:
        return Text(f"{made.months}个月", f"{made.months} months")
    return Text(f"{made.days}天", f"{made.days} days")


def interest_by(made: Product, amount: Money, way: practice.Repayment, on: datetime.date) -> Money | None:
    """All interest, were the sum repaid month by month in this way at the same rate; None for less than a month."""
    if not made.months:
        return None
    other = replace(made, repayment=way, every_months=1, basis=practice.Basis.MONTHS)
    return practice.schedule(other.begun(amount, on)).interest


def _attributes(rows: Sequence[Offered]) -> list[tuple[Text, str, list[Any]]]:
    """The comparison line by line: what, how it is shown, one value an offer."""
    lines: list[tuple[Text, str, Any]] = [
        (Text("金额", "Amount"), "money", lambda row: row.amount),
        (Text("真实年化", "True yearly rate"), "rate", lambda row: row.annual),
        (Text("合同利率", "Contract rate"), "rate", lambda row: row.rate),
        (Text("期限", "Tenor"), "text", lambda row: row.months),
        (Text("还款方式", "Repayment"), "text", lambda row: row.repay),
        (Text("首期还款", "First payment"), "money", lambda row: row.first),
        (Text("末期还款", "Last payment"), "money", lambda row: row.last),
        (Text("利息合计", "Interest in all"), "money", lambda row: row.interest),
        (Text("本息合计", "Principal and interest"), "money", lambda row: row.total),
        (Text("若按等额本息，利息", "Interest if in equal instalments"), "money", lambda row: row.by_annuity),
        (Text("若按等额本金，利息", "Interest if in equal parts of principal"), "money", lambda row: row.by_principal),
        (Text("有效至", "Open until"), "date", lambda row: row.until),
    ]
    return [(label, kind, [value(row) for row in rows]) for label, kind, value in lines]


# One application ----------------------------------------------------------------------------------------------------


@guard.acting(*FIRMS)
def application_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The answer with its reasons and remedies, every decision so far with its why, and what may be done now."""
    actor, today = actor_of(request), business_date.today()
    row = firm_reads.access_application(actor, id)
    if row.state == "draft":
        return redirect("firm_ask", id)
    decided = list(queries.decisions(row))
    newest = decided[0] if decided else None
    contract = Contract.objects.filter(application=row).first() if row.state == "signed" else None
    row.terms = newest.terms if newest else None  # type: ignore[attr-defined]
    scheme = deciding.scheme_behind(row.policy)
    grades = log.grades([row.pk, *(each.pk for each in decided)])
    why = reasons.why_of(newest, row.policy, own=True) if newest else None
    context = {
        "row": row, "header": _header(row, contract, today), "decision": newest, "why": why,
        "open": [item for item in why.findings if item.verdict != "pass"] if why else [],
        "offer": offered(row, today) if row.state in OFFERED else None, "contract": contract,
        "words": firm_apply.words(row, scheme, row.accept_rate, len(row.consents)), "entries": _entries(row, decided, contract, grades),
        "history": [(each, VERDICTS[each.verdict], reasons.why_of(each, row.policy, own=True)) for each in decided[1:]],
        "asked": [ask for ask in firm_reads.asks(actor, row.policy, today) if not ask.given] if row.state == "asked" else [],
        "receipts": firm_reads.receipts(actor, row.pk),
        "others": firm_reads.offers(actor, today) if row.state == "offered" else [],
        "crumbs": [parts.Crumb(Text("申请与方案", "Applications"), reverse("firm_applications")), parts.Crumb(shared.title_of(row.policy))],
    }  # fmt: skip
    return render(request, "financing/firm_application.html", context)


def _header(row: Application, contract: Contract | None, today: datetime.date) -> parts.Header:
    terms: dict[str, Any] | None = row.terms  # type: ignore[attr-defined]
    figures = [parts.Figure(Text("申请", "Asked for"), row.asked_minor, "money")]
    if terms:
        figures += [
            parts.Figure(Text("可批", "Offered"), Money.parse(terms["amount"]), "money"),
            parts.Figure(Text("合同利率", "Contract rate"), Decimal(terms["rate"]) if terms["rate"] else None, "rate"),
        ]
    if terms and "annual_rate" in terms:
        figures += [
            parts.Figure(Text("真实年化", "True yearly rate"), Decimal(terms["annual_rate"]), "rate"),
            parts.Figure(Text("首期还款", "First payment"), Money.parse(terms["first_amount"]), "money"),
            parts.Figure(Text("利息合计", "Interest in all"), Money.parse(terms["interest"]), "money"),
        ]
    lender = labels.name_of(row.policy.lender)
    figures.append(parts.Figure(Text("贷款人", "Lender"), lender, href=reverse("party", args=[row.policy.lender_id])))
    return parts.Header(
        title=shared.title_of(row.policy), kind=Text("融资申请", "Application"), status=shared.application_status(row, today),
        next_action=_next(row, contract, today), actions=_also(row), figures=figures,
    )  # fmt: skip


def _next(row: Application, contract: Contract | None, today: datetime.date) -> parts.Action | None:
    if row.state == "offered":
        late = row.offered_until is not None and row.offered_until < today
        why_not: Text | str = (
            Text("方案已过有效期，谢绝后可重新申请", "the offer has lapsed; decline it and apply again") if late else ""
        )
        return parts.Action(
            Text("核对并签署", "Check and sign"), reverse("firm_sign", args=[row.pk]), "sign", why_not=why_not
        )
    if row.state == "asked":
        return parts.Action(Text("再次提交", "Submit again"), reverse("firm_resubmit", args=[row.pk]), "sign")
    if contract is not None:
        return parts.Action(Text("看合同", "See the contract"), reverse("firm_contract", args=[contract.pk]), "right")
    if row.state in ("refused", "lapsed", "declined", "withdrawn"):
        return parts.Action(
            Text("看产品要求", "See the requirements"), reverse("firm_product", args=[row.policy_id]), "right"
        )
    return None


def _also(row: Application) -> list[parts.Action]:
    if row.state not in OPEN:
        return []
    label = Text("谢绝", "Decline") if row.state in OFFERED else Text("撤回", "Withdraw")
    return [parts.Action(label, reverse("firm_withdraw", args=[row.pk]))]


def _entries(
    row: Application, decided: Sequence[Decision], contract: Contract | None, grades: Any
) -> list[parts.Entry]:
    """The signature, the decisions and the asking, newest first."""
    found = [
        parts.Entry(
            at=each.recorded_at, what=VERDICTS[each.verdict],
            who=Text("自动审批", "Automatic") if each.automatic else labels.name_of(row.policy.lender), detail=each.note,
            tone=VERDICT_TONES[each.verdict], receipt_url=reverse("receipt", args=[each.pk]) if each.pk in grades else "",
            grade=grades.get(each.pk, ""),
        )
        for each in decided
    ]  # fmt: skip
    if contract is not None:
        url = reverse("firm_contract", args=[contract.pk])
        found.insert(0, parts.Entry(contract.recorded_at, Text("签署合同", "Contract signed"), tone="good", url=url))
    receipt = reverse("receipt", args=[row.pk]) if row.pk in grades else ""
    return [
        *found,
        parts.Entry(row.recorded_at, Text("提交申请", "Submitted"), receipt_url=receipt, grade=grades.get(row.pk, "")),
    ]


# Acting on it -------------------------------------------------------------------------------------------------------


@guard.acting(*FIRMS)
def resubmit(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Ask again with the same terms, once what was lacking is there."""
    actor = actor_of(request)
    row = firm_reads.access_application(actor, id)
    scheme, accept = deciding.scheme_behind(row.policy), row.accept_rate
    row.consents = [each.pk for each in firm_reads.standing(actor, row.policy, business_date.today())]
    act = acting.Act(
        code="application.submit", title=Text("再次提交申请", "Submit the application again"), submit=Text("签署并提交", "Sign and submit"),
        body=lambda values: {"application": id} | firm_apply.body_of(row, accept),
        words=lambda values: firm_apply.words(row, scheme, accept, len(row.consents)), done=lambda outcome: reverse("firm_application", args=[id]),
        said=Text("已重新答复", "Answered anew"), back=reverse("firm_application", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act, template="financing/firm_act.html")


@guard.acting(*FIRMS)
def sign(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Sign the contract: every term in words, each clause's answer, and what happens at once."""
    actor, today = actor_of(request), business_date.today()
    row = firm_reads.access_application(actor, id)
    if row.state != "offered" and "statement" not in request.POST:
        return redirect("firm_application", id)
    decision = queries.decisions(row).first()
    assert decision is not None
    assert decision.terms is not None
    decision.application, terms = row, decision.terms
    relayable = firm_reads.relayable(actor, row.policy)
    act = acting.Act(
        code="application.sign", title=Text("签署融资合同", "Sign the contract"), submit=Text("签署", "Sign"),
        form=(lambda *args, **options: firm_forms.Sign(*args, loans=relayable, **options)) if relayable else None,
        body=lambda values: {"application": id, "relays": values.get("relays")} | asking.offered(decision),
        words=lambda values: contract_words(row, terms, today),
        findings=lambda values: reasons.summed(reasons.why_of(decision, row.policy, own=True).findings),
        done=lambda outcome: _taken(request, row, outcome), back=reverse("firm_application", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act, template="financing/firm_act.html")


ANEW = Text(
    "签署前重新核对时资料或授权已有变化，原方案不再有效，未签署也未放款；请看新的答复",
    "Looked at again before signing, facts or consents had changed: the offer no longer stands, nothing was signed or "
    "paid; see the new answer",
)


def _taken(request: HttpRequest, row: Application, outcome: Mapping[str, Any]) -> str:
    """Where signing leads: the contract, the wait for joint borrowers, or a new answer where something had changed."""
    if "contract" in outcome:
        messages.success(request, display.say(Text("合同已签署", "The contract is signed")))
        return reverse("firm_contract", args=[outcome["contract"]])
    if outcome["state"] == "joining":
        said = Text(
            "已签署；共同借款人签署后合同成立", "Signed; the contract stands once the joint borrowers have signed"
        )
        messages.success(request, display.say(said))
    else:
        messages.warning(request, display.say(ANEW))
    return reverse("firm_application", args=[row.pk])


def contract_words(row: Application, terms: dict[str, Any], today: datetime.date) -> list[Text]:
    """What signing binds the firm to, in sentences."""
    made, lender = product.from_json(terms["product"]), labels.name_of(row.policy.lender)
    scheme, amount = deciding.scheme_behind(row.policy), Money.parse(terms["amount"])
    limit, rate = shared.yuan(Money.parse(terms["limit"])), shared.percent(Decimal(terms["rate"]))
    annual, way = shared.percent(Decimal(terms["annual_rate"])), shared.REPAYMENTS[made.repayment.value]
    months, asked = months_words(made), shared.yuan(amount)
    once = scheme.drawing is None or scheme.drawing.how == "once"
    first, interest = shared.yuan(Money.parse(terms["first_amount"])), shared.yuan(Money.parse(terms["interest"]))
    found = [
        Text(f"向{lender.zh}借款，额度{limit.zh}，方案“{row.policy.scheme.title}”（{row.policy.scheme}）。",
             f"Borrow from {lender.en}, limit {limit.en}, under “{row.policy.scheme.title_en}” ({row.policy.scheme})."),
        Text(f"合同年利率{rate}，真实年化{annual}（全部费用按内部收益率法）。",
             f"Rate {rate} a year; true yearly rate {annual} (internal rate of return of all costs)."),
        Text(f"每笔{months.zh}，{way.zh}；若今天全额提款，首期还{first.zh}，利息共{interest.zh}。",
             f"Each drawing for {months.en}, {way.en}; all drawn today: first payment {first.en}, interest {interest.en} in all."),
        *shared.conduct_words(made, scheme, today),
    ]  # fmt: skip
    if row.joint:
        found.append(
            Text(
                "共同借款人逐一签署同一份报价后，合同才成立。",
                "The contract stands only once every joint borrower has signed the same offer.",
            )
        )
    if once:
        found.append(
            Text(
                f"签署后立即提款{asked.zh}，付款指令随即发给银行。",
                f"{asked.en} is drawn at once and the bank is instructed to pay.",
            )
        )
    return found


@guard.acting(*FIRMS)
def withdraw(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Withdraw an application or decline an offer."""
    row = firm_reads.access_application(actor_of(request), id)
    if row.state not in OPEN and "statement" not in request.POST:
        return redirect("firm_application", id)
    lender, title = labels.name_of(row.policy.lender), shared.title_of(row.policy)
    declines = row.state in OFFERED
    act = acting.Act(
        code="application.withdraw", title=Text("谢绝方案", "Decline the offer") if declines else Text("撤回申请", "Withdraw the application"),
        submit=Text("确认谢绝", "Decline") if declines else Text("确认撤回", "Withdraw"), body=lambda values: {"application": id},
        words=lambda values: [
            Text(f"不再接受{lender.zh}的“{title.zh}”方案，为本单位预留的额度立即释放。",
                 f"We decline the offer of {lender.en} (“{title.en}”); what was set aside is free at once.")
            if declines else
            Text(f"撤回向{lender.zh}提出的“{title.zh}”申请，可随时重新申请。",
                 f"We withdraw the application to {lender.en} (“{title.en}”); we may apply again at any time."),
        ],
        done=lambda outcome: reverse("firm_application", args=[id]),
        said=Text("已谢绝", "Declined") if declines else Text("已撤回", "Withdrawn"), back=reverse("firm_application", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act, template="financing/firm_act.html")
