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
from jirong.financing.pages import firm_look, firm_reads, firm_tables, reasons, shared
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
TRUE_RATE = Text("全部利息和费用按内部收益率法折算", "all interest and fees, by internal rate of return")


CHAPTERS = {"scheme": Text("概要", "In brief")}
SHOWN = ("scheme",)
"""Chapters that stand open; a phone shows what matters first and the rest on demand."""


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
        request,
        "financing/firm_products.html",
        firm_tables.ProductTable(request, rows),
        context={"fit": fit, "rows": len(rows)},
    )


def _row(each: Preview, place: int, taken: tuple[str, uuid.UUID] | None) -> firm_tables.Product:
    scheme, policy = each.scheme, each.policy
    return firm_tables.Product(
        id=policy.pk, title=shared.title_of(policy), lender=labels.name_of(policy.lender),
        fit="refer" if each.short else FITS[each.verdict],
        status=fit_status(each, taken), amount=each.amount, annual=each.annual,
        first=Money.parse(each.told["first_amount"]) if each.fits else None, tenor=shared.tenor_briefly(scheme),
        repay=shared.repay_briefly(scheme), security=shared.security_briefly(scheme), needs=_needs(scheme),
        automatic=policy.automatic, place=place,
    )  # fmt: skip


def fit_status(each: Preview, taken: tuple[str, uuid.UUID] | None = None) -> parts.Status:
    """Whether the firm fits, with what stands in the way; what it has already comes first."""
    if taken and taken[0] == "held":
        return parts.Status(Text("已有额度", "You have a limit"), Text("直接提款即可", "simply draw on it"), "good")
    if taken and taken[0] != "draft":
        return parts.Status(shared.APPLICATION_STATES[taken[0]], tone="wait")
    lacking = each.open_answers()
    if each.short:
        return parts.Status(
            Text("符合要求", "You fit"),
            Text("贷款人本期额度已用完，等有余额再申请", "the lender has nothing left to lend now"),
            "wait",
        )
    if each.verdict is Verdict.APPROVE:
        by = (
            Text("一秒钟自动答复", "answered at once")
            if each.policy.automatic
            else Text("由贷款人员审批", "the lender's people decide")
        )
        return parts.Status(firm_tables.FITS["fits"], by, "good")
    first = lacking[0].reason if lacking else ""
    tone = "bad" if each.verdict is Verdict.REFUSE else "wait"
    return parts.Status(firm_tables.FITS[FITS[each.verdict]], first, tone)


def _needs(scheme: Scheme) -> Text:
    """How many kinds of facts are read by consent, and how many papers are to be on file; the product's page names them."""
    read = {code for clause in scheme.consent if clause.of == "borrower" for code in clause.read}
    papers = {
        item.evidence
        for test in scheme.eligible
        for item in (test.any_of if isinstance(test, AnyOf) else (test,))
        if isinstance(item, EvidenceTest)
    }
    said = [Text(f"{len(read)}类资料", f"{len(read)} kinds of facts")] if read else []
    said += [Text(f"{len(papers)}份材料", f"{len(papers)} paper{'s' if len(papers) > 1 else ''}")] if papers else []
    return labels.joined(said)


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
    computed = [answer for answer in each.evaluation.answers if answer.path.startswith(("limit", "price", "assess"))]
    context = {
        "policy": row, "header": _header(row, each, taken), "requirements": reasons.brief(requirements(each, found)),
        "asks": firm_reads.asks(actor, row, today), "others": _others(each.scheme, row), "today": today,
        "chapters": [(CHAPTERS.get(key) or FIELDS[key], lines, key in SHOWN) for key, lines in chapters.items()],
        "scheme": row.scheme, "steps": [_answer(answer.as_dict(), each, found) for answer in computed],
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
        parts.Figure(
            Text("利息合计", "Interest in all"), Money.parse(each.told["interest"]) if each.told else None, "money"
        ),
        parts.Figure(
            Text("首期还款", "First payment"), Money.parse(each.told["first_amount"]) if each.told else None, "money"
        ),
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


def requirements(each: Preview, found: Look) -> list[parts.Finding]:
    """Each test of the scheme: met, not met or unknown, with the fact that decides and the way to it; the open first."""
    kept = [
        answer
        for answer in each.evaluation.answers
        if answer.path.startswith("eligible") or answer.standing is Standing.FAILED
    ]
    order = {"bar": 0, "warn": 1, "pass": 2}
    return sorted((_answer(answer.as_dict(), each, found) for answer in kept), key=lambda item: order[item.verdict])


def _answer(answer: dict[str, Any], each: Preview, found: Look) -> parts.Finding:
    return reasons.finding(answer, each.scheme, looked_at(each.scheme, found), own=True)


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
