"""How notes, lots, offers and loans are put on screen: their states as sentences, their reasons as findings.

A status names what it waits for and, where it matters, how many days are left on the business date. A finding is made
from the reason the engine gave (stored with the step, or just asked for), so that a page can never say otherwise.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from jirong.claims.models import ClaimRow
from jirong.engine import checks
from jirong.kernel.text import Text
from jirong.notes import backing
from jirong.notes.models import LotLoan, Note, Offer
from jirong.parties import labels
from jirong.store import catalogue
from jirong.web import parts

Names = Mapping[uuid.UUID, Text]

NOTE_STATES = {
    "offered": Text("待签收", "Awaiting acceptance"),
    "live": Text("存续", "Live"),
    "overdue": Text("已逾期", "Overdue"),
    "settled": Text("已兑付", "Settled"),
    "void": Text("已作废", "Void"),
}
LOT_STATES = {
    "offered": Text("待签收", "Awaiting acceptance"),
    "held": Text("持有中", "Held"),
    "overdue": Text("已逾期", "Overdue"),
    "settled": Text("已兑付", "Settled"),
    "moved": Text("已全部转出", "Wholly passed on"),
    "written_off": Text("已核销", "Written off"),
    "void": Text("已作废", "Void"),
}
OFFER_STATES = {
    "open": Text("待答复", "Awaiting an answer"),
    "taken": Text("已接受，待付款到账", "Taken; awaiting the bank"),
    "done": Text("已完成", "Done"),
    "refused": Text("已拒绝", "Refused"),
    "withdrawn": Text("已撤回", "Withdrawn"),
    "lapsed": Text("已失效", "Lapsed"),
}
PURPOSES = {
    "transfer": Text("转让付款", "Payment with a lot"),
    "pledge": Text("质押贷款", "Loan against a lot"),
    "discount": Text("贴现", "Discount"),
}
LOAN_STATES = {
    "new": Text("未放款", "Not paid out"),
    "paying": Text("放款中", "Being paid out"),
    "live": Text("还款期内", "Live"),
    "overdue": Text("已逾期", "Overdue"),
    "repaid": Text("已还清", "Repaid"),
    "void": Text("未放出，已作废", "Not paid out; void"),
}
STEPS = {
    "issue": Text("开立链单", "Issued"),
    "accept": Text("签收", "Accepted"),
    "decline": Text("拒收或撤回", "Declined or withdrawn"),
    "offer_transfer": Text("提出转让付款", "Offered in payment"),
    "ask_loan": Text("申请质押贷款", "Loan asked for"),
    "ask_discount": Text("申请贴现", "Discount asked for"),
    "take": Text("接受转让", "Transfer taken"),
    "buy": Text("贴现买入，待付款", "Discount taken, payment instructed"),
    "pledge": Text("质押", "Pledged"),
    "disburse": Text("放款指令", "Pay-out instructed"),
    "drop": Text("拒绝或撤回要约", "Offer refused or withdrawn"),
    "release": Text("解除质押", "Pledge released"),
    "pay": Text("到期付款指令", "Payment instructed"),
    "paid": Text("银行已付款", "Paid by the bank"),
    "unpaid": Text("银行未付款", "Not paid by the bank"),
    "collect": Text("还贷入账", "Booked on the loan"),
    "recourse": Text("要求回购", "Recourse called"),
    "freeze": Text("冻结", "Frozen"),
    "unfreeze": Text("解除冻结", "Freeze lifted"),
    "close_day": Text("日终", "Close of business"),
}
INPUTS = {
    "start": Text("开立日", "Issued"),
    "due": Text("到期日", "Due"),
    "latest": Text("最迟到期日", "Latest due date"),
    "usual_until": Text("通常期限至", "Usual until"),
    "due_without_note": Text("不用链单的最迟付款日", "Cash due without the note"),
    "amount": Text("金额", "Amount"),
    "registration": Text("登记编号", "Registration"),
    "registered_on": Text("登记日", "Registered on"),
    "tier": Text("级次", "Tier"),
    "owed_at_due": Text("到期本息", "Principal and interest at maturity"),
    "lot": Text("份额", "Lot"),
    "late_interest": Text("逾期利息", "Late interest"),
    "since": Text("起算日", "Since"),
    "date": Text("营业日", "Business date"),
    "overdue_notes": Text("到期未付链单", "Notes unpaid at maturity"),
}
NOBODY = labels.UNKNOWN


def days_words(due: datetime.date, today: datetime.date) -> Text:
    """How far off ``due`` is: in so many days, today, or so many days ago."""
    days = (due - today).days
    if days > 0:
        return Text(f"{due}到期，还有{days}天", f"due {due}, in {labels.counted(days, 'day', 'days')}")
    if days == 0:
        return Text(f"{due}到期，就是今天", f"due {due}, today")
    return Text(f"{due}到期，已过{-days}天", f"due {due}, {labels.counted(-days, 'day', 'days')} ago")


def note_status(note: Note, today: datetime.date) -> parts.Status:
    state = NOTE_STATES.get(note.status, Text(note.status, note.status))
    if note.status == "offered":
        payee = labels.name_of(note.payee)
        return parts.Status(state, Text(f"等待{payee.zh}答复", f"{payee.en} is to answer"), "wait")
    if note.status in ("live", "overdue"):
        tone = "bad" if note.status == "overdue" else "wait" if note.due <= today else "good"
        return parts.Status(state, days_words(note.due, today), tone)
    return parts.Status(state, tone="good" if note.status == "settled" else "plain")


def lot_status(lot: ClaimRow, names: Names, today: datetime.date) -> parts.Status:
    """Where a lot stands and what stands in its way."""
    state = LOT_STATES.get(lot.state, Text(lot.state, lot.state))
    if lot.state == "offered":
        holder = names.get(lot.creditor, Text("收款人", "the payee"))
        return parts.Status(state, Text(f"等待{holder.zh}签收", f"{holder.en} is to accept"), "wait")
    if lot.state == "overdue":
        return parts.Status(state, days_words(lot.due, today), "bad")
    if lot.state != "held":
        return parts.Status(state, tone="good" if lot.state == "settled" else "plain")
    if lot.frozen_by:
        return parts.Status(Text("暂停流转", "Frozen"), checks.why_frozen(lot.frozen_by, lot.background), "bad")
    if lot.pledgee:
        bank = names.get(lot.pledgee, NOBODY)
        return parts.Status(
            Text("已质押", "Pledged"),
            Text(f"质权人{bank.zh}，{days_words(lot.due, today).zh}", f"to {bank.en}, {days_words(lot.due, today).en}"),
            "wait",
        )
    if lot.reserved_minor:
        return parts.Status(
            Text("有要约待答复", "Offered"),
            Text("对方答复前，该部分不能另作他用", "the offered part waits for the answer"),
            "wait",
        )
    return parts.Status(Text("可用", "Free to use"), days_words(lot.due, today), "good")


def background(invoices: Iterable[str], today: datetime.date) -> Mapping[str, Any]:
    """Whether the invoices behind a lot or a note still stand, as a reason."""
    return checks.background_stands(catalogue.rulebook(), today, backing.grounds_of(invoices)).as_dict()


def background_gone(invoices: Iterable[str], today: datetime.date) -> Text | None:
    """What took the ground away, or ``None`` where it stands."""
    reason = background(invoices, today)
    return None if reason["holds"] else Text.from_dict(reason["text"])


def offer_status(offer: Offer, today: datetime.date) -> parts.Status:
    state = OFFER_STATES[offer.state]
    if offer.state == "open":
        to = labels.name_of(offer.to)
        if offer.expires_on < today:
            return parts.Status(
                Text("已过有效期", "Past its day"), Text("日终时失效", "lapses at the close of business"), "wait"
            )
        return parts.Status(
            state, Text(f"{to.zh}须在{offer.expires_on}前答复", f"{to.en} is to answer by {offer.expires_on}"), "wait"
        )
    tones = {"done": "good", "refused": "bad", "lapsed": "bad", "taken": "wait"}
    return parts.Status(state, tone=tones.get(offer.state, "plain"))


def loan_status(loan: LotLoan, today: datetime.date) -> parts.Status:
    state = LOAN_STATES[loan.status]
    if loan.status == "paying":
        return parts.Status(state, Text("待银行答复放款指令", "the bank is to answer the pay-out"), "wait")
    if loan.status in ("live", "overdue"):
        return parts.Status(state, days_words(loan.due, today), "bad" if loan.status == "overdue" else "good")
    return parts.Status(state, tone="good" if loan.status == "repaid" else "plain")


def finding(reason: Mapping[str, Any]) -> parts.Finding:
    """A reason (``engine.reasons.Reason.as_dict``) as a finding, with its clause."""
    verdict = "pass" if reason["holds"] else "bar" if reason["effect"] == "bar" else "warn"
    text, rule = Text.from_dict(reason["text"]), reason.get("rule")
    remedy = Text.from_dict(reason["remedy"]) if reason.get("remedy") and verdict != "pass" else ""
    clause = None
    if rule:
        clause = parts.Clause(
            text=Text.from_dict(rule["clause"]),
            citation=Text.from_dict(rule["title"]),
            effective=datetime.date.fromisoformat(rule["since"]),
            verified=rule["verified"],
        )
    title = Text.from_dict(rule["title"]) if rule else text
    inputs = [parts.Figure(INPUTS[key], value) for key, value in reason["inputs"].items() if key in INPUTS and value]
    return parts.Finding(title, verdict, text if rule else "", inputs, clause, remedy)


def findings(reasons: Iterable[Mapping[str, Any]]) -> list[parts.Finding]:
    """Bars first, then warnings, then what holds; of each rule the latest."""
    order = {"bar": 0, "warn": 1, "pass": 2}
    latest = {reason["code"]: finding(reason) for reason in reasons}
    return sorted(latest.values(), key=lambda item: order[item.verdict])


def panel(reasons: Iterable[Mapping[str, Any]]) -> list[parts.Finding]:
    """Reasons as a signing panel shows them."""
    return brief(findings(reasons))


def brief(found: Iterable[parts.Finding]) -> list[parts.Finding]:
    """For a signing panel: what bars or warns in full, what is met by its sentence alone."""
    return [parts.Finding(item.rule, "pass", item.reason) if item.verdict == "pass" else item for item in found]


def verdict(found: Iterable[parts.Finding]) -> tuple[Text, str]:
    """What the findings amount to in a sentence, and its tone."""
    verdicts = [item.verdict for item in found]
    if "bar" in verdicts:
        return Text("有规则不允许，不能继续", "A rule bars it"), "bad"
    warned = verdicts.count("warn")
    if warned:
        return Text(
            f"可以办理，有{warned}项警示", f"It may go on, with {labels.counted(warned, 'warning', 'warnings')}"
        ), "wait"
    return Text("各项规则均已满足", "Every rule is met"), "good"


def why(reasons: Iterable[Mapping[str, Any]]) -> parts.Why | None:
    """The drawer that explains, or nothing where there is nothing to explain."""
    found = findings(reasons)
    if not found:
        return None
    outcome, tone = verdict(found)
    return parts.Why(outcome, found, [item.remedy for item in found if item.remedy], tone=tone)
