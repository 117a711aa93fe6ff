"""What the lender's two-person actions say, in sentences: the maker's panel and the checker's show the very same words.

Each function takes the actor and the action's decoded arguments, so a proposal that was stored reads as it was shown.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from jirong.financing import queries
from jirong.financing.models import Application, Loan, Policy, SchemeVersion
from jirong.financing.pages import bank_forms, shared
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import labels, wording
from jirong.store.identity import Actor
from jirong.web.display import Label

Arguments = Mapping[str, Any]
Words = Callable[[Actor, Arguments], Sequence[Label]]


def register() -> None:
    for code, words in WORDS.items():
        wording.register(code, wording.Wording(words, url=URLS[code]))


def decide(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    row = queries.access_application(actor, arguments["application"])
    return decide_words(row, approve=arguments["approve"], amount=arguments.get("amount"), note=arguments["note"])


def decide_words(row: Application, *, approve: bool, amount: Money | None, note: str) -> list[Label]:
    """The decision on a referred file as it is signed."""
    firm, scheme = labels.name_of(row.borrower), row.policy.scheme
    asked = f"{Money(row.asked_minor).grouped()} 元" if row.asked_minor is not None else "未填金额"
    asked_en = f"CNY {Money(row.asked_minor).grouped()}" if row.asked_minor is not None else "no amount stated"
    said = Text(
        f"对{firm.zh}在《{scheme.title}》（{scheme}）下的申请（{asked}）：",
        f"On the application of {firm.en} under {scheme.title_en} ({scheme}, {asked_en}):",
    )
    if not approve:
        ruled = Text("拒绝。", "Refused.")
    elif amount is None:
        ruled = Text("同意，额度和利率按方案计算。", "Approved; limit and rate as the scheme computes them.")
    else:
        ruled = Text(
            f"同意，额度不超过 {amount.grouped()} 元，利率按方案计算。",
            f"Approved, limit at most CNY {amount.grouped()}; the rate as the scheme computes it.",
        )
    return [said, ruled, Text(f"理由：{note}", f"Because: {note}")]


def _named(actor: Actor, arguments: Arguments) -> tuple[Loan, Text]:
    row = queries.access_loan(actor, arguments["loan_id"])
    firm = labels.name_of(row.borrower)
    left = Money(row.held_minor).grouped()
    return row, Text(
        f"{firm.zh}的贷款，本金余额 {left} 元（{row.started} 放款）：",
        f"The loan to {firm.en}, principal left CNY {left} (paid out {row.started}):",
    )


def extend(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    _row, loan = _named(actor, arguments)
    rate = arguments.get("rate")
    priced = Text("利率不变。", "The rate stays.") if rate is None else _at(rate)
    until = arguments["maturity"]
    return [
        loan,
        Text(f"展期至 {until}，余额按更长的期限重新排定。", f"Extended to {until}; the rest is spread anew."),
        priced,
    ]


def restructure(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    _row, loan = _named(actor, arguments)
    way, months = bank_forms.WAYS[arguments["repay"]], arguments["months"]
    words: list[Label] = [
        loan,
        Text(
            f"所欠本金自今日起按{way.zh}、{months} 个月重新偿还。",
            f"The principal owed is repaid anew from today over {months} months: {way.en}.",
        ),
        _at(arguments["rate"]),
    ]
    if arguments.get("capitalise_interest"):
        words.append(Text("欠息转为本金。", "Unpaid interest becomes principal."))
    return [*words, Text("观察期内至少归为关注类。", "It is at least special mention while under observation.")]


def waive(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    _row, loan = _named(actor, arguments)
    bucket, amount = bank_forms.BUCKETS[arguments["bucket"]], arguments["amount"].grouped()
    return [
        loan,
        Text(
            f"减免已到期的{bucket.zh} {amount} 元，以后不再追索。",
            f"{bucket.en} of CNY {amount} that fell due is forgiven for good.",
        ),
    ]


def accelerate(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    _row, loan = _named(actor, arguments)
    return [loan, Text("宣布全部未到期本金今日到期。", "All principal not yet due is declared due today.")]


def share_loss(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    from jirong.financing.pages import bank_waterfall

    row, loan = _named(actor, arguments)
    drawn = bank_waterfall.preview(row)
    return [
        loan,
        *(drawn.words if drawn else [Text("确认损失，要求分担方代偿。", "The loss is final; its bearers are called.")]),
    ]


def call_again(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    _row, loan = _named(actor, arguments)
    unable = [
        Text(f"{name.zh}无力支付，其部分按方案移转。", f"{name.en} cannot pay; its part moves on as the scheme says.")
        for name in labels.names(arguments.get("unable") or ()).values()
    ]
    again = Text("对银行未付的分担款再次要求代偿。", "The parts whose banks did not pay are called again.")
    return [loan, again, *unable]


def write_off(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    row, loan = _named(actor, arguments)
    held = sum(claim.outstanding_minor for claim in queries.claims_of(row) if claim.creditor == actor.party)
    amount = Money(held).grouped()
    return [
        loan,
        Text(f"将本方持有的债权 {amount} 元在账上核销。", f"Our claims of CNY {amount} are written off in our books."),
        Text("债务人的还款义务不因此免除。", "The debtor owes them still."),
    ]


def sign_policy(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    version = SchemeVersion.objects.get(pk=arguments["scheme"])
    names = labels.names([stand.party for stand in arguments["parties_named"]])
    words: list[Label] = [
        Text(
            f"签署《{version.title}》（{version}）作为本行授信政策。",
            f"Sign {version.title_en} ({version}) as our lending policy.",
        ),
        Text(f"方案哈希 {version.sha256}。", f"Hash of the scheme: {version.sha256}."),
        Text(f"最多承诺 {arguments['budget'].grouped()} 元。", f"Commit at most CNY {arguments['budget'].grouped()}."),
        Text("条款全部满足时自动批准。", "Approve automatically when every clause is met.")
        if arguments.get("automatic", True)
        else Text("每份申请转人工审批。", "Every application goes to our people."),
    ]
    for stand in arguments["parties_named"]:
        party = names.get(stand.party, labels.UNKNOWN)
        words.append(Text(f"方案中的“{stand.name}”为{party.zh}。", f"“{stand.name}” in the scheme is {party.en}."))
    return words


def _at(rate: Decimal) -> Text:
    return Text(f"年利率 {shared.percent(rate)}。", f"The rate is {shared.percent(rate)} a year.")


def _loan_url(outcome: Mapping[str, Any]) -> str:
    return reverse("bank_loan", args=[uuid.UUID(str(outcome["loan"]))]) if outcome.get("loan") else ""


def _desk_url(outcome: Mapping[str, Any]) -> str:
    return f"{reverse('bank_desk')}?file={outcome['application']}" if outcome.get("application") else ""


def _policy_url(outcome: Mapping[str, Any]) -> str:
    return reverse("bank_policy", args=[uuid.UUID(str(outcome["policy"]))]) if outcome.get("policy") else ""


def scheme_title(policy: Policy | None) -> Text:
    return shared.title_of(policy) if policy else Text("没有方案", "no scheme")


WORDS: dict[str, Words] = {
    "application.decide": decide,
    "credit.extend": extend,
    "credit.restructure": restructure,
    "credit.waive": waive,
    "credit.accelerate": accelerate,
    "credit.share_loss": share_loss,
    "credit.call_again": call_again,
    "credit.write_off": write_off,
    "policy.sign": sign_policy,
}
URLS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    **dict.fromkeys(WORDS, _loan_url),
    "application.decide": _desk_url,
    "policy.sign": _policy_url,
}
