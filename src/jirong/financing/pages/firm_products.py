"""Products: what lenders lend under, compared, and requirement by requirement whether the firm fits now.

The answer shown is the very evaluation a decision would make of today's facts, read as the firm's own and written
nowhere. A figure that decides leads to the facts behind it.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.financing import deciding
from jirong.financing.models import Policy
from jirong.financing.pages import firm_look, firm_reads, firm_tables, shared
from jirong.financing.pages.firm_look import Look, Preview
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import guard, labels
from jirong.schemes import explain as explaining
from jirong.schemes.evaluate import Known, Standing, Verdict
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.titles import FIELDS
from jirong.store import business_date
from jirong.web import parts, tables
from jirong.web.api import actor_of

FIRMS = ("firm", "core")
FITS = {Verdict.APPROVE: "fits", Verdict.ASK: "lacks", Verdict.REFER: "refer", Verdict.REFUSE: "not"}
STANDINGS = {
    "met": Text("已满足", "met"),
    "failed": Text("未满足", "not met"),
    "ask": Text("不清楚", "unknown"),
    "refer": Text("不清楚，须人工判断", "unknown; people judge"),
}


TRUE_RATE = Text("全部利息和费用按内部收益率法折算", "all interest and fees, by internal rate of return")


@guard.acting(*FIRMS)
def product_list(request: HttpRequest) -> HttpResponseBase:
    """Every product with today's answer, the best first."""
    actor, today = actor_of(request), business_date.today()
    assert actor.party is not None
    policies = firm_reads.open_policies(actor)
    seen = firm_look.previews(firm_look.look(actor.party, policies, today), policies)
    taken = firm_reads.held_policies(actor)
    rows = [_row(each, place, taken.get(each.policy.pk)) for place, each in enumerate(seen)]
    fit = sum(row.fit == "fits" for row in rows)
    return tables.respond(
        request, "financing/firm_products.html", firm_tables.ProductTable(request, rows), context={"fit": fit, "rows": len(rows)}
    )


def _row(each: Preview, place: int, taken: tuple[str, uuid.UUID] | None) -> firm_tables.Product:
    scheme, policy = each.scheme, each.policy
    return firm_tables.Product(
        id=policy.pk, title=shared.title_of(policy), lender=labels.name_of(policy.lender), fit=FITS[each.verdict],
        status=fit_status(each, taken), amount=each.amount, annual=each.annual,
        first=Money.parse(each.told["first_amount"]) if each.told else None, tenor=shared.tenor(scheme),
        repay=shared.repay_words(scheme), security=shared.security_words(scheme), needs=_needs(scheme),
        automatic=policy.automatic, place=place,
    )  # fmt: skip


def fit_status(each: Preview, taken: tuple[str, uuid.UUID] | None = None) -> parts.Status:
    """Whether the firm fits, with what stands in the way; what it has already comes first."""
    if taken and taken[0] == "held":
        return parts.Status(Text("已有额度", "You have a limit"), Text("直接提款即可", "simply draw on it"), "good")
    if taken and taken[0] != "draft":
        return parts.Status(shared.APPLICATION_STATES[taken[0]], tone="wait")
    lacking = each.open_answers()
    if each.verdict is Verdict.APPROVE:
        by = Text("一秒钟自动答复", "answered at once") if each.policy.automatic else Text("由贷款人员审批", "the lender's people decide")
        return parts.Status(firm_tables.FITS["fits"], by, "good")
    first = lacking[0].reason if lacking else ""
    tone = "bad" if each.verdict is Verdict.REFUSE else "wait"
    return parts.Status(firm_tables.FITS[FITS[each.verdict]], first, tone)


def _needs(scheme: Scheme) -> Text:
    """What is read by consent, and the papers to be on file."""
    read = [shared.kind_title(code) for clause in scheme.consent if clause.of == "borrower" for code in clause.read]
    names = explaining.Names(scheme, shared.registry())
    papers = [
        names.evidence(item.evidence)
        for test in scheme.eligible
        for item in (test.any_of if isinstance(test, AnyOf) else (test,))
        if isinstance(item, EvidenceTest)
    ]
    return labels.joined(dict.fromkeys([*read, *papers]))


@guard.acting(*FIRMS)
def product_page(request: HttpRequest, policy: uuid.UUID) -> HttpResponseBase:
    """One product: what I would get, each requirement with the fact that decides, and all its terms in sentences."""
    actor, today = actor_of(request), business_date.today()
    assert actor.party is not None
    row = firm_reads.access_open_policy(actor, policy)
    found = firm_look.look(actor.party, [row], today)
    each = firm_look.preview(found, row)
    taken = firm_reads.held_policies(actor).get(row.pk)
    sentences = explaining.explain(each.scheme, shared.registry())
    chapters: dict[str, list[Any]] = {}
    for sentence in sentences:
        if sentence.section not in ("eligible", "consent"):
            chapters.setdefault(sentence.section, []).append(sentence)
    context = {
        "policy": row, "header": _header(row, each, taken), "requirements": requirements(each, found),
        "asks": firm_reads.asks(actor, row, today), "others": _others(each.scheme, row), "today": today,
        "chapters": [(FIELDS.get(section, section), lines) for section, lines in chapters.items()], "scheme": row.scheme,
        "steps": [_answer(answer.as_dict(), each, found) for answer in each.evaluation.answers if answer.path.startswith(("limit", "price", "assess"))],
        "crumbs": [parts.Crumb(Text("融资产品", "Products"), reverse("firm_products")), parts.Crumb(shared.title_of(row))],
        "apply": reverse("firm_apply", args=[row.pk]) if taken is None else "",
    }  # fmt: skip
    return render(request, "financing/firm_product.html", context)


def _header(row: Policy, each: Preview, taken: tuple[str, uuid.UUID] | None) -> parts.Header:
    terms = each.evaluation.terms
    figures = [
        parts.Figure(Text("我能得到", "I can have"), each.amount, "money"),
        parts.Figure(Text("真实年化", "True yearly rate"), each.annual, "rate", hint=TRUE_RATE),
        parts.Figure(Text("合同利率", "Contract rate"), each.rate, "rate"),
        parts.Figure(Text("期限", "Tenor"), shared.tenor(each.scheme)),
        parts.Figure(Text("还款", "Repayment"), shared.repay_words(each.scheme)),
        parts.Figure(Text("利息合计", "Interest in all"), Money.parse(each.told["interest"]) if each.told else None, "money"),
        parts.Figure(Text("首期还款", "First payment"), Money.parse(each.told["first_amount"]) if each.told else None, "money"),
        parts.Figure(Text("我的等级", "My level"), terms.level if terms else None),
        parts.Figure(Text("担保", "Security"), shared.security_words(each.scheme)),
        parts.Figure(Text("贷款人", "Lender"), labels.name_of(row.lender), href=reverse("party", args=[row.lender_id])),
    ]
    return parts.Header(
        title=shared.title_of(row), kind=Text("融资产品", "Product"), status=fit_status(each, taken),
        next_action=_next(row, taken), figures=figures,
    )  # fmt: skip


def _next(row: Policy, taken: tuple[str, uuid.UUID] | None) -> parts.Action:
    if taken is None:
        return parts.Action(Text("申请", "Apply"), reverse("firm_apply", args=[row.pk]), "sign", post=True)
    state, id = taken
    if state == "held":
        return parts.Action(Text("提款", "Draw"), reverse("firm_contract", args=[id]), "bank")
    if state == "draft":
        return parts.Action(Text("继续填写", "Go on with the application"), reverse("firm_ask", args=[id]), "sign")
    return parts.Action(Text("看申请", "See the application"), reverse("firm_application", args=[id]), "right")


def requirements(each: Preview, found: Look) -> list[dict[str, Any]]:
    """Each test of the scheme: met, not met or unknown, with the fact that decides and the way to it."""
    rows = []
    for answer in each.evaluation.answers:
        if not answer.path.startswith("eligible") and answer.standing is not Standing.FAILED:
            continue
        item = _answer(answer.as_dict(), each, found)
        rows.append({"finding": item, "standing": STANDINGS.get(answer.standing.value, ""), "state": answer.standing.value})
    order = {"failed": 0, "ask": 1, "refer": 1, "met": 2}
    return sorted(rows, key=lambda row: order.get(row["state"], 3))


def _answer(answer: dict[str, Any], each: Preview, found: Look) -> parts.Finding:
    return shared.finding(answer, each.scheme, looked_at(each.scheme, found), own=True)


def looked_at(scheme: Scheme, found: Look) -> dict[str, Any]:
    """What a look saw, in the form a decision keeps."""
    rating = found.ratings.get(scheme.assess.method) if scheme.assess else None
    return {
        "on": found.on.isoformat(),
        "features": {
            name: {
                "value": None if value.value is None else value.value if isinstance(value.value, bool) else str(value.value),
                "known": value.known.value, "fresh_on": value.fresh_on.isoformat() if value.fresh_on else None,
            }
            for name, value in found.values.items() if value.known is not Known.MISSING
        },
        "evidence": {name: day.isoformat() for name, day in found.papers.items()},
        "level": rating.level if rating else None,
        "assessed_on": rating.on.isoformat() if rating else None,
    }  # fmt: skip


def _others(scheme: Scheme, row: Policy) -> list[Text]:
    """Consents that other parties have to give, in words."""
    names = explaining.Names(scheme, shared.registry())
    who = deciding.stands_for(row, row.lender_id)
    found = []
    for clause in firm_reads.asks_of_others(row):
        if clause.of in who:
            of, kinds = names.party(clause.of), labels.joined(shared.kind_title(code) for code in clause.read)
            found.append(Text(f"{of.zh}须同意读取其{kinds.zh}", f"{of.en} has to let its {kinds.en} be read"))
    return found
