"""Eligibility: what law and good practice ask before a note is issued, passed on or financed.

Each check is a pure function of the dated rulebook, the business date and a few facts; it answers with one
:class:`~jirong.engine.reasons.Reason`, whether it holds or not, so that an approval explains itself as a refusal
does. The facts come as small values (:class:`Evidence`, :class:`Standing`, :class:`Finance`) that the caller fills
from what it has verified; a check never guesses a fact that is missing.

Periods are calendar months and calendar days; the day on which a period starts is not counted (民法典 201).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from jirong.engine.claims import Claim
from jirong.engine.reasons import Reason
from jirong.kernel import calendar
from jirong.kernel.money import CNY, Money, Unit
from jirong.kernel.rules import Effect, Rulebook
from jirong.kernel.text import Text


class BuyerSize(StrEnum):
    """The buyer's size class on the day of the contract (支付条例 3); ``public`` is 机关、事业单位."""

    LARGE = "large"
    PUBLIC = "public"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Backing:
    """How much of an invoice's unpaid balance stands behind a lot; ``invoice`` is the invoice's stable key."""

    invoice: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one invoice: the two parties, what is unpaid and unused of it, delivery and acceptance.

    ``unpaid_minor`` already excludes what other notes use of it; ``matched`` means order = delivery = invoice;
    ``accepted_on`` is ``None`` while the goods were not accepted (a prepayment); ``red_letter`` names a cancelling
    invoice.
    """

    invoice: str
    buyer: UUID
    seller: UUID
    unpaid_minor: int
    accepted_on: dt.date | None
    matched: bool
    unit: Unit = CNY
    red_letter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """How an invoice that a lot stands on is today: its amount as last corrected, what notes and transfers use of it,
    and the red-letter invoice that reverses it, if any.
    """

    invoice: str
    gross_minor: int
    used_minor: int
    red_letter: str | None = None

    @property
    def gone(self) -> bool:
        return self.red_letter is not None or self.used_minor > self.gross_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Why an issuer might be barred: notes unpaid at maturity, bonds in default, persistent overdue bills."""

    overdue_notes: int = 0
    bond_default: bool = False
    bills_overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What buyer and seller agreed on paying: the buyer's size, whether the seller is an SME, days, payment by note."""

    buyer_size: BuyerSize
    seller_is_sme: bool
    agreed_days: int | None = None
    note_agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finance:
    """What a funder brings to a pledge or discount: its licence, the registration, its own reviews."""

    licensed: bool
    registration: str | None
    registered_on: dt.date | None
    background_checked: bool
    term_reviewed: bool = False


def tenor(rules: Rulebook, start: dt.date, due: dt.date) -> Reason:
    """T1: due no later than so many calendar months after the note starts."""
    rule = rules.at("note.tenor_max", start)
    latest = calendar.add_months(start, rule.whole)
    return Reason(
        code="note.tenor_too_long",
        holds=start < due <= latest,
        effect=rule.effect,
        text=Text(
            f"{start}开立、{due}到期；最长{rule.whole}个月，最迟{latest}到期",
            f"Issued {start}, due {due}; at most {rule.whole} months, so due by {latest}",
        ),
        rule=rule,
        inputs={"start": str(start), "due": str(due), "latest": str(latest)},
        remedy=Text(f"请把到期日定在{start}之后、{latest}或之前", f"Set the due date after {start} and by {latest}"),
    )


def long_tenor_reviewed(
    rules: Rulebook, start: dt.date, due: dt.date, *, reviewed: bool | None, effect: Effect
) -> Reason:
    """T2: beyond six months the bank records a review of the term before it finances (``None``: nobody asked yet)."""
    rule = rules.at("note.tenor_review", start)
    usual = calendar.add_months(start, rule.whole)
    return Reason(
        code="note.tenor_not_reviewed",
        holds=due <= usual or bool(reviewed),
        effect=effect,
        text=Text(
            f"期限{'未超过' if due <= usual else '超过'}{rule.whole}个月（{usual}），"
            "超过时银行须先审查期限合理性与行业惯例",
            f"The tenor is {'within' if due <= usual else 'beyond'} {rule.whole} months ({usual}); "
            "beyond it the bank must first review whether the term is reasonable and customary",
        ),
        rule=rule,
        inputs={"due": str(due), "usual_until": str(usual), "reviewed": reviewed},
        remedy=Text(
            "请由融资银行记录期限合理性审查，或缩短期限", "Have the bank record its review, or shorten the term"
        ),
    )


def true_trade(
    rules: Rulebook, date: dt.date, backings: Sequence[Backing], evidence: Sequence[Evidence],
    *, buyer: UUID, seller: UUID, amount_minor: int, unit: Unit = CNY,
) -> Reason:  # fmt: skip
    """B1: the amount stands wholly on matched invoices between these two parties, within what is unpaid of each."""
    rule = rules.at("note.true_trade", date)
    known = {item.invoice: item for item in evidence}
    faults = [fault for backing in backings if (fault := _backing_fault(backing, known, buyer, seller, unit))]
    if len({backing.invoice for backing in backings}) != len(backings):
        faults.append(Text("同一张发票重复列示", "an invoice is listed twice"))
    backed = sum(backing.amount_minor for backing in backings)
    if backed != amount_minor:
        told, asked = Money(backed, unit).grouped(), Money(amount_minor, unit).grouped()
        faults.append(Text(f"贸易背景合计{told}，与金额{asked}不符", f"the trade behind it is {told}, not {asked}"))
    return Reason(
        code="note.exceeds_invoice",
        holds=not faults,
        effect=rule.effect,
        text=_listed(
            faults, Text("金额全部对应已核验且未付的发票", "The whole amount stands on verified, unpaid invoices")
        ),
        rule=rule,
        inputs={
            "amount": str(Money(amount_minor, unit)),
            "backings": {backing.invoice: str(Money(backing.amount_minor, unit)) for backing in backings},
            "unpaid": {item.invoice: str(Money(item.unpaid_minor, item.unit)) for item in evidence},
        },
        remedy=Text(
            "请选用双方之间已匹配且有未付余额的发票，并减少金额",
            "Use matched invoices with an unpaid balance, or lower the amount",
        ),
    )


def no_prepayment(rules: Rulebook, date: dt.date, evidence: Sequence[Evidence]) -> Reason:
    """B2: goods delivered and accepted on or before the day of issue; an order alone carries no note."""
    rule = rules.at("note.no_prepayment", date)
    early = [item.invoice for item in evidence if item.accepted_on is None or item.accepted_on > date]
    return Reason(
        code="note.prepayment",
        holds=bool(evidence) and not early,
        effect=rule.effect,
        text=Text(
            f"尚未验收：{'、'.join(early)}" if early else "货物均已交付并验收",
            f"Not yet accepted: {', '.join(early)}" if early else "All goods were delivered and accepted",
        ),
        rule=rule,
        inputs={item.invoice: str(item.accepted_on) if item.accepted_on else None for item in evidence},
        remedy=Text("请在买方验收后再开立", "Issue after the buyer has accepted the goods"),
    )


def may_issue(rules: Rulebook, date: dt.date, standing: Standing) -> Reason:
    """S1: no new note while the issuer is unpaid at maturity, in bond default or persistently overdue on bills."""
    rule = rules.at("note.stop_issuing", date)
    grounds = [
        text
        for found, text in (
            (standing.overdue_notes, Text("有到期未付的链单", "a note unpaid at maturity")),
            (standing.bond_default, Text("债券违约", "a bond in default")),
            (standing.bills_overdue, Text("票据持续逾期", "bills persistently overdue")),
        )
        if found
    ]
    return Reason(
        code="note.issuing_stopped",
        holds=not grounds,
        effect=rule.effect,
        text=_listed(grounds, Text("开立人没有到期未付等停开情形", "Nothing stops the issuer from issuing")),
        rule=rule,
        inputs={
            "overdue_notes": standing.overdue_notes,
            "bond_default": standing.bond_default,
            "bills_overdue": standing.bills_overdue,
        },
        remedy=Text("结清逾期款项后即可恢复开立", "Issuing reopens once what is overdue has been paid"),
    )


def payment_clash(
    rules: Rulebook, date: dt.date, due: dt.date, trade: Trade, evidence: Sequence[Evidence], *, consent: bool | None
) -> Reason:
    """支付条例 9–11: a note due after the SME should have been paid in cash warns and asks for its recorded consent."""
    rule = rules.at("sme.no_disguised_extension", date)
    cash_due = cash_due_on(rules, date, trade, evidence)
    late = cash_due is not None and due > cash_due
    return Reason(
        code="note.payment_term_clash",
        holds=not late,
        effect=Effect.WARN,
        text=Text(
            f"不用链单时最迟应在{cash_due}付款，链单{due}到期，晚{(due - cash_due).days}天；{_consent(consent).zh}"
            if late and cash_due
            else "链单到期日不晚于法定或约定的付款期限",
            f"Without the note payment would fall due by {cash_due}; the note is due {due}, "
            f"{(due - cash_due).days} days later; {_consent(consent).en}"
            if late and cash_due
            else "The note falls due no later than payment would",
        ),
        rule=rule,
        inputs={
            "due": str(due),
            "due_without_note": str(cash_due) if cash_due else None,
            "consent": consent,
            "note_agreed_in_contract": trade.note_agreed,
        },
        remedy=Text(
            "请取得供应商书面同意，或把到期日提前", "Record the supplier's consent, or bring the due date forward"
        ),
    )


def cash_due_on(rules: Rulebook, date: dt.date, trade: Trade, evidence: Sequence[Evidence]) -> dt.date | None:
    """The earliest day an SME seller had to be paid by without the note; ``None`` where the regulation is silent."""
    accepted = [item.accepted_on for item in evidence if item.accepted_on]
    if not trade.seller_is_sme or trade.buyer_size is BuyerSize.SMALL or not accepted:
        return None
    if trade.buyer_size is BuyerSize.LARGE:
        days = trade.agreed_days if trade.agreed_days is not None else rules.at("sme.large_days", date).whole
    else:
        usual, cap = rules.at("sme.public_days", date).whole, rules.at("sme.public_days_max", date).whole
        days = min(trade.agreed_days if trade.agreed_days is not None else usual, cap)
    return min(accepted) + dt.timedelta(days=days)


def set_off_waived(rules: Rulebook, date: dt.date, *, waived: bool) -> Reason:
    """民法典 549: without the debtor's waiver an assignee may meet a set-off; warn and let the price show it."""
    rule = rules.at("civil.set_off", date)
    return Reason(
        code="note.set_off_open",
        holds=waived,
        effect=Effect.WARN,
        text=Text(
            "债务人已确认不主张抵销" if waived else "债务人未确认放弃抵销，受让人可能被主张抵销",
            "The debtor has waived set-off" if waived else "The debtor has not waived set-off; an assignee may meet it",
        ),
        rule=rule,
        inputs={"waived": waived},
        remedy=Text("请债务人确认不主张抵销", "Ask the debtor to confirm that it claims no set-off"),
    )


def may_pass(rules: Rulebook, date: dt.date, lot: Claim) -> Reason:
    """民法典 440, 445: a pledged lot is not passed on without the pledgee; a frozen or due lot neither."""
    rule = rules.at("civil.receivable_pledge", date)
    fault: Text | None = None
    if lot.pledgee:
        fault = Text(
            "该份额已质押，未经质权人同意不得转让或再次融资",
            "The lot is pledged; without the pledgee it cannot be passed on",
        )
    elif lot.frozen_by:
        why = why_frozen(lot.frozen_by, lot.background)
        fault = Text(f"{why.zh}，该份额暂停流转", f"{why.en}; the lot cannot be passed on")
    elif date >= lot.due:
        fault = Text(f"该份额{lot.due}到期，不再流转", f"The lot fell due on {lot.due} and is no longer passed on")
    return Reason(
        code="note.lot_pledged" if lot.pledgee else "note.lot_frozen" if lot.frozen_by else "note.lot_due",
        holds=fault is None,
        effect=Effect.BAR,
        text=fault or Text("该份额未质押、未冻结、未到期", "The lot is neither pledged, frozen nor due"),
        rule=rule,
        inputs={"pledgee": str(lot.pledgee) if lot.pledgee else None, "frozen_by": lot.frozen_by, "due": str(lot.due)},
        remedy=Text(
            "请先解押或处理红字发票；到期后等待兑付",
            "Release the pledge or clear the red-letter invoice; once due, await payment",
        ),
    )


def why_frozen(frozen_by: str, background: Sequence[str]) -> Text:
    """What took a frozen lot's ground away: a red-letter invoice, or the invoice itself, corrected below what is used."""
    if any(number_of(key) == frozen_by for key in background):
        return Text(
            f"发票{frozen_by}更正后低于已开立的金额",
            f"Invoice {frozen_by} was corrected to less than what was issued on it",
        )
    return Text(f"贸易背景已被红字发票{frozen_by}冲销", f"The trade behind it was cancelled by red-letter {frozen_by}")


def number_of(invoice: str) -> str:
    """The number that people quote of an invoice's key ``seller:number``."""
    return invoice.partition(":")[2] or invoice


def background_stands(rules: Rulebook, date: dt.date, grounds: Sequence[Ground]) -> Reason:
    """B1 as long as the lot lives: what it stands on was neither reversed nor corrected below what is used of it."""
    rule = rules.at("note.true_trade", date)
    gone = [why_frozen(item.red_letter or number_of(item.invoice), [item.invoice]) for item in grounds if item.gone]
    return Reason(
        code="note.background_gone",
        holds=not gone,
        effect=rule.effect,
        text=_listed(gone, Text("份额的贸易背景仍然成立", "The trade behind the lot still stands")),
        rule=rule,
        inputs={item.invoice: {"gross_minor": item.gross_minor, "used_minor": item.used_minor} for item in grounds},
        remedy=Text(
            "请卖方更正发票或红字发票后再办理；到期付款义务不变",
            "Let the seller correct the invoice or the red letter first; what is due at maturity stays due",
        ),
    )


def tiers(rules: Rulebook, date: dt.date, tier: int) -> Reason:
    """X1: how far a note travels stays reasonable; the rule names no number, so it shows the tier and warns at none."""
    rule = rules.at("note.reasonable_passing", date)
    return Reason(
        code="note.tier",
        holds=True,
        effect=rule.effect,
        text=Text(f"流转至第{tier}级", f"Passed on to tier {tier}"),
        rule=rule,
        inputs={"tier": tier},
    )


def may_finance(rules: Rulebook, date: dt.date, finance: Finance) -> tuple[Reason, ...]:
    """P2, R1 and B1 before money moves: a licensed funder, the registration, the funder's own look at the trade."""
    registered = bool(finance.registration) and finance.registered_on is not None and finance.registered_on <= date
    return (
        _plain(
            rules, "platform.licence", date, "finance.unlicensed", finance.licensed,
            Text("资金方持有相应牌照", "The funder is licensed"),
            Text("资金方没有相应牌照", "The funder has no licence for it"),
            Text("请由持牌机构融资", "Let a licensed institution finance it"), {"licensed": finance.licensed},
        ),
        _plain(
            rules, "note.registration", date, "finance.not_registered", registered,
            Text("已在动产融资统一登记公示系统登记", "Registered in the movable-property register"),
            Text("放款前尚未办理登记", "Not registered before the money moves"),
            Text("请先登记并填写登记编号", "Register first and give the registration number"),
            {"registration": finance.registration, "registered_on": str(finance.registered_on or "") or None},
        ),
        _plain(
            rules, "note.true_trade", date, "finance.background_unchecked", finance.background_checked,
            Text("资金方已审查贸易背景", "The funder has examined the trade behind the lot"),
            Text("资金方尚未审查贸易背景", "The funder has not examined the trade behind the lot"),
            Text("请先核对合同、发票与验收单", "Check contract, invoice and acceptance first"),
            {"background_checked": finance.background_checked},
        ),
    )  # fmt: skip


def no_interest_up_front(rules: Rulebook, date: dt.date, principal_minor: int, paid_out_minor: int) -> Reason:
    """民法典 670: a loan pays out its whole principal; interest is never taken from it beforehand."""
    return _plain(
        rules, "civil.no_interest_up_front", date, "loan.interest_up_front", principal_minor == paid_out_minor,
        Text("本金足额发放，未预扣利息", "The whole principal is paid out; no interest is taken up front"),
        Text("发放金额与本金不一致，利息不得预先扣除", "The pay-out is not the principal; no interest up front"),
        Text("请按本金足额发放", "Pay out the whole principal"),
        {"principal_minor": principal_minor, "paid_out_minor": paid_out_minor},
    )  # fmt: skip


def _plain(
    rules: Rulebook, rule_id: str, date: dt.date, code: str, holds: bool,
    good: Text, bad: Text, remedy: Text, inputs: dict[str, Any],
) -> Reason:  # fmt: skip
    rule = rules.at(rule_id, date)
    return Reason(
        code=code, holds=holds, effect=rule.effect, text=good if holds else bad, rule=rule, inputs=inputs, remedy=remedy
    )


def _backing_fault(backing: Backing, known: dict[str, Evidence], buyer: UUID, seller: UUID, unit: Unit) -> Text | None:
    item = known.get(backing.invoice)
    if item is None:
        return Text(f"没有发票{backing.invoice}的核验资料", f"nothing is known of invoice {backing.invoice}")
    if (item.buyer, item.seller, item.unit) != (buyer, seller, unit):
        return Text(
            f"发票{item.invoice}的买卖双方或币种不符",
            f"invoice {item.invoice} is between other parties or in another unit",
        )
    if item.red_letter:
        return Text(
            f"发票{item.invoice}已被红字发票{item.red_letter}冲销",
            f"invoice {item.invoice} was cancelled by {item.red_letter}",
        )
    if not item.matched:
        return Text(f"发票{item.invoice}三单不符", f"invoice {item.invoice} does not match its order and delivery")
    if not 0 < backing.amount_minor <= item.unpaid_minor:
        asked, unpaid = Money(backing.amount_minor, unit).grouped(), Money(item.unpaid_minor, unit).grouped()
        return Text(
            f"发票{item.invoice}可用未付余额{unpaid}，不足{asked}",
            f"invoice {item.invoice} has {unpaid} unpaid, less than {asked}",
        )
    return None


def _listed(faults: Sequence[Text], otherwise: Text) -> Text:
    if not faults:
        return otherwise
    en = "; ".join(fault.en for fault in faults)
    return Text("；".join(fault.zh for fault in faults), en[0].upper() + en[1:])


def _consent(consent: bool | None) -> Text:
    if consent is None:
        return Text("须由供应商确认是否同意", "the supplier is to say whether it consents")
    if consent:
        return Text("供应商已记录同意", "the supplier's consent is recorded")
    return Text("供应商未同意", "the supplier has not consented")
