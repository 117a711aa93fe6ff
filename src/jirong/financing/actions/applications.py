"""Asking for credit: a draft that saves itself, the instant decision, the referral, the answer to an offer."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from jirong.engine import capacity
from jirong.engine.intents import Transfer
from jirong.financing import asking, deciding, owing, product, signing, watching
from jirong.financing import joint as joints
from jirong.financing.actions import checks
from jirong.financing.actions.common import Outcome, acting, only
from jirong.financing.models import OPEN_APPLICATIONS, Application, Contract, Decision, Policy
from jirong.kernel.errors import Conflict, Invalid, NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.ledger import intents as ledger
from jirong.log.actions import action, concern
from jirong.schemes.evaluate import Verdict
from jirong.schemes.model.responses import Freeze
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

OFFER_DAYS = 7
OFFERED = ("offered", "joining")
"""An offer stands, its limit set aside; in the second the firm has signed it and joint debtors have still to."""
STATE = {Verdict.REFUSE: "refused", Verdict.REFER: "referred", Verdict.ASK: "asked", Verdict.APPROVE: "offered"}


@action("application.save", Text("保存融资申请", "Save an application"))
def save_application(
    *, actor: Actor, id: uuid.UUID, policy: uuid.UUID, application: uuid.UUID | None = None,
    amount: Money | None = None, use: str = "", months: int | None = None, payee: uuid.UUID | None = None,
    purpose: str = "", joint: list[uuid.UUID] | None = None,
) -> Outcome:  # fmt: skip
    """Begin a draft (its id is the action's) or overwrite one; nothing is asked yet. These are all the fields a firm
    fills in: everything else the platform reads by consent.
    """
    borrower = acting(actor)
    row = _own(actor, application) if application else Application(id=id, borrower_id=borrower)
    if row.state not in ("draft", "asked"):
        raise _not_now(row)
    checks.terms(borrower, amount, months, joint or [])
    row.policy = _open_policy(policy)
    joints.check_named(deciding.scheme_behind(row.policy), joint or [])
    row.asked_minor = amount.minor if amount else None
    row.use, row.months, row.payee, row.purpose = use, months, payee, purpose
    row.joint = joint or []
    with acting_as(SYSTEM):
        row.save()
    return {"application": str(row.pk), "state": row.state}


@action("application.submit", Text("提交融资申请", "Submit an application"), own_key=True)
def submit_application(
    *, actor: Actor, id: uuid.UUID, application: uuid.UUID, policy: uuid.UUID, amount: Money | None = None,
    use: str = "", months: int | None = None, payee: uuid.UUID | None = None, purpose: str = "",
    joint: list[uuid.UUID] | None = None, accept_rate: Decimal | None = None, scheme: str | None = None,
    consents: list[uuid.UUID] | None = None,
) -> Outcome:  # fmt: skip
    """Ask for the decision on a draft, which comes at once. The firm signs the very terms that ``application.apply``
    signs; where the draft says otherwise it is refused. ``scheme`` is the SHA-256 of the scheme's version as the firm
    read it, ``consents`` what it lets itself be judged by. With ``accept_rate`` it signs already now for an offer of the
    amount asked, at no dearer a rate a year: then the contract stands and the payment is instructed in this very step.
    """
    row = _own(actor, application)
    if row.state not in ("draft", "asked"):
        raise _not_now(row)
    checks.accepted_rate(accept_rate)
    given = {
        "policy": policy, "amount": amount, "use": use, "months": months, "payee": payee, "purpose": purpose,
        "joint": joint, "accept_rate": accept_rate, "scheme": scheme, "consents": consents,
    }  # fmt: skip
    asking.sign(row, given, business_date.today())
    return _decide(row, id, by_hand=None, note="")


@action("application.apply", Text("申请融资", "Apply for credit"), own_key=True)
def apply(
    *, actor: Actor, id: uuid.UUID, policy: uuid.UUID, amount: Money | None = None, use: str = "",
    months: int | None = None, payee: uuid.UUID | None = None, purpose: str = "",
    joint: list[uuid.UUID] | None = None, accept_rate: Decimal | None = None, scheme: str | None = None,
    consents: list[uuid.UUID] | None = None,
) -> Outcome:  # fmt: skip
    """Save and submit in one signed step; the application's id is the action's. ``scheme`` and ``consents`` as in
    ``application.submit``.
    """
    checks.terms(acting(actor), amount, months, joint or [])
    checks.accepted_rate(accept_rate)
    row = Application(
        id=id, policy=_open_policy(policy), borrower_id=acting(actor), asked_minor=amount.minor if amount else None,
        use=use, months=months, payee=payee, purpose=purpose, joint=joint or [],
    )  # fmt: skip
    given = {
        "policy": policy, "amount": amount, "use": use, "months": months, "payee": payee, "purpose": purpose,
        "joint": joint, "accept_rate": accept_rate, "scheme": scheme, "consents": consents,
    }  # fmt: skip
    asking.sign(row, given, business_date.today())
    with acting_as(SYSTEM):
        row.save(force_insert=True)
    return _decide(row, derived_id(id, "decision"), by_hand=None, note="")


@action("application.decide", Text("审批融资申请", "Decide an application"), own_key=True, two_people=True)
def decide_application(
    *, actor: Actor, id: uuid.UUID, application: uuid.UUID, approve: bool, note: str, amount: Money | None = None
) -> Outcome:
    """The lender's two people decide a referred file: refuse, or approve what is unknown on their own knowledge. What
    the scheme refuses nobody approves; ``amount`` may lower the limit.
    """
    row = _locked(application)
    only(actor, row.policy.lender_id, "贷款人", "the lender")
    if row.state != "referred":
        raise _not_now(row)
    if not note.strip():
        raise Invalid("application.note", Text("请写明审批意见", "Say why"), where="note")
    return _decide(row, id, by_hand=(approve, amount), note=note)


@action("application.sign", Text("签署融资合同", "Sign the contract"), own_key=True)
def sign_offer(
    *, actor: Actor, id: uuid.UUID, application: uuid.UUID, relays: uuid.UUID | None = None,
    limit: Money | None = None, rate: Decimal | None = None, offer: str | None = None,
) -> Outcome:  # fmt: skip
    """The firm takes the offer: the limit is used, the contract stands; drawn once, it is paid out now. ``relays`` is
    a running loan of another bank that this one takes over: its lender is paid first, the firm the rest. ``limit``,
    ``rate`` and ``offer`` (the SHA-256 of all its terms) are what the firm read; another offer is not signed. The firm is
    judged again first: where what was known then is so no more, the answer is a new decision and nothing is signed. With
    joint debtors the contract stands once each of them has signed too (``application.join``).
    """
    row = _own(actor, application)
    if row.state != "offered":
        raise _not_now(row)
    _refuse_lapsed(row)
    asking.refuse_changed(row)
    decision = _decision(row)
    asking.refuse_other_offer(decision, limit=limit, rate=rate, offer=offer)
    if (anew := _judged_anew(row, decision, id)) is not None:
        return anew
    row.relays = relays
    return _signed(row, decision, id)


@action("application.join", Text("共同借款人签署", "Sign as a joint debtor"), own_key=True)
def join_application(
    *, actor: Actor, id: uuid.UUID, application: uuid.UUID, asked: str, limit: Money, rate: Decimal, offer: str
) -> Outcome:
    """A joint debtor signs what was asked (``asked``, the hash of its terms) and what is offered, and owes the whole
    from the last of these signatures on, when the contract stands. Until then it owes nothing.
    """
    party = acting(actor)
    row = _to_join(application, party)
    _refuse_lapsed(row)
    asking.refuse_changed(row)
    asking.refuse_other_asked(row, asked)
    decision = _decision(row)
    asking.refuse_other_offer(decision, limit=limit, rate=rate, offer=offer)
    if (anew := _judged_anew(row, decision, id)) is not None:
        return anew
    row.joined = [*row.joined, party]
    return _signed(row, decision, id)


@action("application.refuse_joint", Text("拒绝共同借款", "Refuse to owe jointly"))
def refuse_joint(*, actor: Actor, id: uuid.UUID, application: uuid.UUID) -> Outcome:
    """A joint debtor does not sign: the offer ends, and what was set aside is free again."""
    row = _to_join(application, acting(actor))
    release(row, id)
    row.state = "declined"
    with acting_as(SYSTEM):
        row.save(update_fields=["state"])
    concern(row.borrower_id, row.policy.lender_id)
    return {"application": str(row.pk), "state": row.state}


@action("application.withdraw", Text("撤回申请或谢绝方案", "Withdraw an application or decline an offer"))
def withdraw_application(*, actor: Actor, id: uuid.UUID, application: uuid.UUID) -> Outcome:
    """The firm wants no more of it; what was set aside is free again. A draft is thrown away: nobody else hears of it."""
    row = _own(actor, application)
    if row.state not in ("draft", *OPEN_APPLICATIONS):
        raise _not_now(row)
    was = row.state
    if was in OFFERED:
        release(row, id)
    row.state = "discarded" if was == "draft" else "declined" if was in OFFERED else "withdrawn"
    with acting_as(SYSTEM):
        row.save(update_fields=["state"])
    if was != "draft":
        concern(row.policy.lender_id)
    return {"application": str(row.pk), "state": row.state}


def release(row: Application, act: uuid.UUID) -> None:
    """Free what an offer had set aside of the lender's budget."""
    ledger.post([capacity.release(_reserved(row))], journal=act, on=business_date.today())


def lapse(lender: uuid.UUID, on: datetime.date, act: uuid.UUID) -> int:
    """Let the lender's offers that nobody took by ``on`` lapse; part of the close of business. How many."""
    with acting_as(SYSTEM):
        late = Application.objects.select_for_update(of=("self",)).select_related("policy__scheme")
        rows = list(late.filter(policy__lender=lender, state__in=OFFERED, offered_until__lt=on).order_by("pk"))
    for row in rows:
        release(row, derived_id(act, row.pk))
        row.state = "lapsed"
        with acting_as(SYSTEM):
            row.save(update_fields=["state"])
        concern(row.borrower_id, lender)
    return len(rows)


def _signed(row: Application, decision: Decision, act: uuid.UUID) -> Outcome:
    """What the latest signature makes of an offer: a contract, or one that waits for joint debtors."""
    waits = joints.waiting(row)
    if not waits:
        done = signing.sign(row, decision, act, _reserved(row), relays=row.relays)
        with acting_as(SYSTEM):
            Application.objects.filter(pk=row.pk).update(joined=row.joined)
        return {"application": str(row.pk), "state": "signed"} | done
    row.state = "joining"
    with acting_as(SYSTEM):
        row.save(update_fields=["state", "joined", "relays"])
    concern(row.borrower_id, row.policy.lender_id, *row.joint)
    return {"application": str(row.pk), "state": row.state, "waits_for": [str(party) for party in waits]}


def _judged_anew(row: Application, decision: Decision, act: uuid.UUID) -> Outcome | None:
    """A new decision where the offer no longer follows from what is known and consented to today; ``None`` where it
    does. What the old one had set aside is free first; whoever had signed the old one signs the new.
    """
    judged = deciding.judge(row.policy, row, business_date.today(), reserved=_limit_of(row))
    if deciding.carries(judged, decision):
        return None
    release(row, derived_id(act, "release"))
    row.state, row.joined, row.relays = "asked", [], None
    return _decide(row, derived_id(act, "decision"), by_hand=None, note="", sign=False)


def _decide(
    row: Application, decision: uuid.UUID, *, by_hand: tuple[bool, Money | None] | None, note: str, sign: bool = True
) -> Outcome:
    today = business_date.today()
    policy, borrower = row.policy, row.borrower_id
    asking.refuse_changed(row)
    joints.check_complete(deciding.scheme_behind(policy), policy, row.joint)
    _refuse_late(row, today)
    _refuse_second(row)
    _refuse_frozen(row)
    judged = deciding.judge(policy, row, today)
    verdict, terms = judged.evaluation.verdict, judged.evaluation.terms
    scheme = deciding.scheme_behind(policy)
    if by_hand is not None:
        verdict, terms_json = _by_hand(by_hand, judged, row)
    else:
        if verdict is Verdict.APPROVE and not policy.automatic:
            verdict = Verdict.REFER
        terms_json = judged.evaluation.as_dict()["terms"] if terms else None
    looked_at = dict(judged.inputs)
    if judged.rating and judged.rating.keep:
        looked_at["assessment"] = str(judged.rating.keep(decision))
    if verdict is Verdict.APPROVE:
        rate = Decimal(terms_json["rate"])
        made = product.product_of(scheme, rate, row.months, on=today, level=terms_json["level"], use=row.use or None)
        amount = Money.parse(terms_json["amount"])
        terms_json |= deciding.told(scheme, made, amount, today)
        terms_json["product"] = product.as_json(made, rate)
    kept = Decision(
        id=decision, application=row, lender_id=policy.lender_id, borrower_id=borrower, on=today,
        verdict=verdict.value, automatic=by_hand is None, terms=terms_json,
        answers=deciding.answers_json(judged), inputs=looked_at, sha256=judged.sha256,
        note=note,
    )  # fmt: skip
    row.state, row.decision = STATE[verdict], decision
    if verdict is Verdict.APPROVE:
        row.offered_until = today + datetime.timedelta(days=OFFER_DAYS)
    _store(row, kept)
    concern(borrower, policy.lender_id)
    answered = {
        "application": str(row.pk), "decision": str(decision), "state": row.state, "terms": terms_json,
        "asked": row.asked_sha256,
    }  # fmt: skip
    if verdict is not Verdict.APPROVE:
        return answered | {"why": _open_answers(kept), "next": deciding.next_step(row)}
    _post_reserve(row, kept)
    if sign and row.accept_rate is not None and _accepted(row, terms_json):
        return answered | _signed(row, kept, derived_id(decision, "sign"))
    return answered


def _by_hand(asked: tuple[bool, Money | None], judged: deciding.Judged, row: Application) -> tuple[Verdict, Any]:
    approve, amount = asked
    if not approve:
        return Verdict.REFUSE, None
    if judged.evaluation.verdict is Verdict.REFUSE:
        raise Conflict(
            "application.scheme_refuses",
            Text("方案条款不允许批准此申请", "The scheme does not allow this to be approved"),
            remedy=Text("请拒绝，或等待条件满足后重新申请", "Refuse it, or let the firm apply again later"),
            details={"answers": deciding.answers_json(judged)},
        )
    terms = judged.evaluation.terms
    if terms is None:
        raise Conflict(
            "application.no_terms",
            Text("缺少计算额度或利率所需的资料，不能批准", "What the limit or the rate rests on is not known"),
            remedy=Text("请企业补充后重新提交", "Let the firm supply it and submit again"),
            details={"answers": deciding.answers_json(judged)},
        )
    body = judged.evaluation.as_dict()["terms"]
    if amount is not None:
        if not 0 < amount.minor <= terms.limit.minor:
            raise Invalid(
                "application.amount", Text(f"最高{terms.limit.grouped()}", f"At most {terms.limit.grouped()}"),
                where="amount",
            )  # fmt: skip
        body |= {"amount": str(amount), "limit": str(amount)}
    return Verdict.APPROVE, body


def _store(row: Application, kept: Decision) -> None:
    try:
        with acting_as(SYSTEM), transaction.atomic():
            row.save()
            kept.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            "application.another_open",
            Text("贵单位在该政策下已有未完结的申请", "Your firm has an open application under this policy"),
            remedy=Text("请先完成或撤回那一份", "Finish or withdraw that one first"),
        ) from None


def _limit_of(row: Application) -> Money:
    terms = _decision(row).terms
    assert terms is not None
    return Money.parse(terms["limit"])


def _reserved(row: Application) -> Transfer:
    """The reservation of the offered limit in the policy's budget."""
    policy = row.policy
    name, reservation = deciding.budget_name(policy), derived_id(row.decision or row.pk, "budget")
    return capacity.reserve(name, _limit_of(row).minor, reservation, owner=policy.lender_id)


def _post_reserve(row: Application, kept: Decision) -> None:
    ledger.post([_reserved(row)], journal=derived_id(kept.pk, "budget", "journal"), on=kept.on)


def _accepted(row: Application, terms: dict[str, Any]) -> bool:
    assert row.accept_rate is not None
    enough = row.asked_minor is None or Money.parse(terms["amount"]).minor >= row.asked_minor
    return enough and Decimal(terms["rate"]) <= row.accept_rate


def _open_answers(kept: Decision) -> list[dict[str, Any]]:
    """What stood in the way, for the firm: each clause that did not hold or is not known."""
    return [answer for answer in kept.answers if answer["standing"] in ("failed", "ask", "refer")]


def _decision(row: Application) -> Decision:
    assert row.decision is not None, "only a decided application has one"
    with acting_as(SYSTEM):
        found = Decision.objects.get(pk=row.decision)
    found.application = row
    return found


def _open_policy(id: uuid.UUID) -> Policy:
    found = Policy.objects.select_related("scheme").filter(pk=id).first()
    if found is None or found.state != "open":
        raise NotFound(
            "policy.not_open",
            Text("该政策不存在或尚未生效", "There is no such policy in force"),
            remedy=Text("请选择已签署生效的政策", "Choose one that everybody has signed"),
        )
    return found


def _own(actor: Actor, id: uuid.UUID) -> Application:
    row = _locked(id)
    if row.borrower_id != acting(actor):
        raise _unknown()
    return row


def _to_join(id: uuid.UUID, party: uuid.UUID) -> Application:
    """An application that waits for the party's signature as a joint debtor; another one it knows nothing of."""
    row = _locked(id)
    if party in row.joined or (party in row.joint and row.state == "signed"):
        raise _not_now(row)
    if party not in row.joint or row.state != "joining":
        raise _unknown()
    return row


def _locked(id: uuid.UUID) -> Application:
    with acting_as(SYSTEM):
        found = (
            Application.objects.select_for_update(of=("self",)).select_related("policy__scheme").filter(pk=id).first()
        )
    if found is None:
        raise _unknown()
    return found


def _refuse_late(row: Application, on: datetime.date) -> None:
    """Who is late with this lender is lent no more by it: what is approved could not be drawn."""
    lender = row.policy.lender_id
    late = owing.late_by_lender([row.borrower_id, *row.joint], on, lender).get(lender)
    if late is not None:
        raise Conflict(
            "application.owes_late",
            Text(f"在该贷款人处有贷款自{late.since}起逾期未还", f"A loan of this lender is unpaid since {late.since}"),
            remedy=Text("请先还清逾期款项再申请", "Pay what is late, then apply"),
            details={"late_since": str(late.since), "defaulted": late.defaulted},
        )


def _refuse_second(row: Application) -> None:
    """One contract of a policy at a time: a firm draws on the one it has."""
    with acting_as(SYSTEM):
        held = Contract.objects.filter(policy=row.policy_id, borrower=row.borrower_id).exclude(status="closed")
        if held.filter(how__in=["revolving", "by_order", "in_parts"]).exists():
            raise Conflict(
                "application.has_contract",
                Text("贵单位在该政策下已有额度", "Your firm holds a limit under this policy already"),
                remedy=Text("请直接提款", "Draw on it"),
            )


def _refuse_frozen(row: Application) -> None:
    """A trigger of a contract the firm has under this policy may hold back new ones."""
    scheme = deciding.scheme_behind(row.policy)
    if not any(isinstance(item, Freeze) and item.freeze == "new_contracts" for t in scheme.triggers for item in t.then):
        return
    with acting_as(SYSTEM):
        held = list(
            Contract.objects.filter(policy=row.policy_id, borrower=row.borrower_id).select_related("policy__scheme")
        )
    if any("new_contracts" in watching.holds_of(contract) for contract in held):
        raise Conflict(
            "application.new_contracts_frozen",
            Text("该方案的触发条件生效中，暂停新签合同", "A trigger of the scheme is in force: no new contract"),
            remedy=Text(
                "请与贷款人联系，待触发条件解除后再申请", "Ask the lender, and apply once the trigger has ended"
            ),
        )


def _refuse_lapsed(row: Application) -> None:
    if row.offered_until and business_date.today() > row.offered_until:
        raise Conflict(
            "application.offer_lapsed",
            Text(f"报价已于{row.offered_until}失效", f"The offer lapsed on {row.offered_until}"),
            remedy=Text("请重新申请", "Apply again"),
        )


def _unknown() -> NotFound:
    return NotFound("application.unknown", Text("没有这份申请", "There is no such application"))


def _not_now(row: Application) -> Conflict:
    return Conflict(
        f"application.is_{row.state}",
        Text("申请当前状态不能进行此操作", f"The application is {row.state}; this cannot be done now"),
        remedy=Text("请刷新后按当前状态操作", "Reload and act on its present state"),
    )
