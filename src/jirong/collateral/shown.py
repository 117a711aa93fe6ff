"""How assets, agreements and a contract's security are put on screen: states as sentences, reasons as findings."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from jirong.collateral.demands import TITLES
from jirong.collateral.models import Agreement, Asset, Sale, Secured, Step
from jirong.collateral.queries import Encumbrance
from jirong.engine import security
from jirong.engine.cover import Cover
from jirong.engine.reasons import Reason
from jirong.kernel.money import Money, round_half_up
from jirong.kernel.text import Text
from jirong.log import queries as log
from jirong.parties import labels
from jirong.web import parts

METHODS = {
    "cost": Text("成本法", "Cost"),
    "market": Text("市场法", "Market"),
    "income": Text("收益法", "Income"),
    "invoice": Text("按已确认应收账款", "Confirmed receivable"),
    "quantity_price": Text("数量×单价", "Quantity × price"),
    "balance": Text("账户余额", "Balance"),
    "other": Text("其他方法", "Other"),
}
FORMS = {"pledge": Text("质押", "Pledge"), "mortgage": Text("抵押", "Mortgage")}
MOVES = {"in": Text("入库", "In"), "out": Text("出库", "Out"), "count": Text("盘点", "Count")}
HOW = {
    "auction": Text("拍卖", "Auction"),
    "sale": Text("变卖", "Sale"),
    "agreed": Text("协议折价", "As agreed with the owner"),
}
STATES = {
    "offered": Text("待债权人签署", "Awaiting the holder's signature"),
    "signed": Text("已签署", "Signed"),
    "registered": Text("已登记", "Registered"),
    "released": Text("已解除", "Released"),
    "refused": Text("对方谢绝", "Declined"),
    "withdrawn": Text("已撤回", "Withdrawn"),
    "realised": Text("已处置受偿", "Realised"),
}
SALE_STATES = {
    "agreed": Text("待付款方付款", "Awaiting the payer"),
    "instructed": Text("待银行答复", "Awaiting the bank"),
    "paid": Text("已付清", "Paid"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}
STEPS = {
    "recorded": Text("登记押品", "Recorded"),
    "shown": Text("出示押品", "Shown"),
    "valued": Text("估值", "Valued"),
    "retired": Text("停用押品", "Retired"),
    "stock_in": Text("入库", "Stock in"),
    "stock_out": Text("出库", "Stock out"),
    "stock_count": Text("盘点", "Counted"),
    "offered": Text("提出担保", "Offered as security"),
    "signed": Text("签署担保", "Security signed"),
    "refused": Text("谢绝担保", "Declined"),
    "withdrawn": Text("撤回担保", "Withdrawn"),
    "registered": Text("办妥登记", "Registered"),
    "extended": Text("登记展期", "Registration extended"),
    "cancelled": Text("注销登记", "Registration cancelled"),
    "released": Text("解除担保", "Released"),
    "part_released": Text("部分解除", "Released in part"),
    "debt_stated": Text("填报债务余额", "Debt stated"),
    "drawn": Text("核对担保后放款", "Paid out, security checked"),
    "called": Text("要求补充押品", "Top-up called"),
    "met": Text("押品已补足", "Cover restored"),
    "sale_agreed": Text("约定处置", "Sale agreed"),
    "sale_paying": Text("处置价款付款指令", "Proceeds instructed"),
    "sale_withdrawn": Text("撤回处置", "Sale withdrawn"),
    "sold": Text("处置完成", "Sold"),
}
STEP_TONES = {"called": "bad", "registered": "good", "met": "good", "sold": "good", "released": "good"}


RENEW_DAYS = 90
"""The register takes an extension in the last ninety days of a term (应收账款质押登记办法第十三条, as it stood)."""


def asset_status(row: Asset, live: Sequence[Agreement], today: datetime.date) -> parts.Status:
    """Where an asset stands and what it waits for, from what the viewer may see of it."""
    if row.state != "held":
        ended = Text("已处置", "Sold") if row.state == "sold" else Text("已停用", "Retired")
        return parts.Status(ended, tone="plain")
    if row.valued_on is None:
        return parts.Status(Text("待估值", "Awaiting valuation"), _wait_for_value(row), "wait")
    if row.valid_until and row.valid_until < today:
        return parts.Status(
            Text("估值已过期", "The valuation has run out"), Text("还差新的估值", "a new one is needed"), "wait"
        )
    for agreement in live:
        waits = agreement_status(agreement, row.kind, today)
        if waits.tone in ("wait", "bad"):
            return waits
    if row.promised_minor > row.usable_minor:
        short = Money(row.promised_minor - row.usable_minor).grouped()
        return parts.Status(
            Text("价值不足", "Worth less than it secures"), Text(f"缺{short}元", f"CNY {short} lacking"), "bad"
        )
    left = Money(row.usable_minor - row.promised_minor).grouped()
    if row.promised_minor:
        return parts.Status(
            Text("已设担保", "Given as security"), Text(f"余{left}元可用", f"CNY {left} still free"), "good"
        )
    return parts.Status(Text("可用", "Free"), Text(f"可担保{left}元", f"CNY {left} may be given"), "good")


def _wait_for_value(row: Asset) -> Text:
    if row.watcher_id and row.quantity is None:
        return Text("还差监管方入库确认", "the warehouse is to take the goods in")
    return Text("还差评估机构或贷款人估值", "an appraiser or the lender is to value it")


def agreement_status(row: Agreement, kind: str, today: datetime.date) -> parts.Status:
    """The agreement's own sentence; unregistered it names the register and the number that is missing."""
    if row.state == "offered":
        holder = labels.name_of(row.holder)
        return parts.Status(STATES["offered"], Text(f"等待{holder.zh}签署", f"{holder.en} is to sign"), "wait")
    if row.state == "signed":
        how = security.KINDS[kind][1]
        return parts.Status(how.name, how.lacking, "wait")
    if row.state == "registered":
        until = row.registered_until
        if until and until < today:
            return parts.Status(
                Text("登记已到期", "The registration has run out"), Text(f"{until}到期", f"ended {until}"), "bad"
            )
        if until and (until - today).days <= RENEW_DAYS:
            days = (until - today).days
            return parts.Status(
                STATES["registered"], Text(f"{days}天后到期，请展期", f"runs out in {days} days; extend it"), "wait"
            )
        where = security.REGISTERS[row.register]
        words = Text(f"{where.zh} {row.register_number}", f"{where.en} {row.register_number}")
        return parts.Status(STATES["registered"], words, "good")
    if row.state in ("released", "realised") and row.register_number and not _cancelled(row):
        return parts.Status(
            STATES[row.state], Text("还差注销登记", "the registration is still to be cancelled"), "wait"
        )
    return parts.Status(STATES[row.state])


def _cancelled(row: Agreement) -> bool:
    return any(entry.kind == "cancelled" for entry in row.entries.all())


def security_status(found: Iterable[Reason], called: bool) -> parts.Status:
    """A contract's security in a sentence: the first thing that is missing."""
    if called:
        return parts.Status(
            Text("要求补充押品", "Top-up called"), Text("押品已跌破约定比例", "cover fell below its bar"), "bad"
        )
    lacking = next((reason for reason in found if reason.bars), None)
    if lacking is None:
        return parts.Status(Text("担保齐备", "Security complete"), Text("可以放款", "it may be paid out"), "good")
    return parts.Status(lacking.text, lacking.remedy or "", "wait")


def call_status(row: Any) -> parts.Status | None:
    """A standing call, for a list whose rows carry ``open_calls``."""
    call = next(iter(row.open_calls), None)
    if call is None:
        return None
    short = Money(call.short_minor).grouped()
    return parts.Status(
        Text(f"还差{short}元", f"CNY {short} short"), Text(f"{call.due}前补足", f"by {call.due}"), "bad"
    )


def sale_status(row: Sale) -> parts.Status:
    tones = {"agreed": "wait", "instructed": "wait", "paid": "good"}
    return parts.Status(SALE_STATES[row.state], tone=tones.get(row.state, "plain"))


def secured_title(row: Secured) -> Text:
    return Text(row.title, row.title_en)


def kind_title(kind: str) -> Text:
    """A kind of asset as a heading."""
    title = TITLES[kind]
    return Text(title.zh, title.en[:1].upper() + title.en[1:])


# Drawings ----------------------------------------------------------------------------------------------------------


def gauge(now: Cover, call_minor: int | None = None) -> dict[str, Any]:
    """What the cover gauge draws: debt against what is carried, on one scale, and where a call begins."""
    whole = max(now.debt_minor, now.carries_minor, call_minor or 0, 1) * 23 // 20
    return {
        "cover": now,
        "debt": _percent(now.debt_minor, whole),
        "carries": _percent(now.carries_minor, whole),
        "call": _percent(call_minor, whole) if call_minor else "",
        "ratio": None if now.ratio is None else round_half_up(now.ratio * 10_000) / Decimal(10_000),
        "tone": "bad" if now.called else "wait" if now.short_minor else "good",
    }


def _percent(minor: int, whole: int) -> str:
    return f"{minor * 1000 // whole / 10:.1f}%"


def value_chart(rows: Sequence[Any]) -> parts.Chart | None:
    """Valuations from the oldest: the value and what of it counts."""
    if not rows:
        return None
    standing = [row for row in reversed(rows) if not row.corrections.all()]
    day, value, counts = Text("估值日", "Valued on"), Text("估值", "Value"), Text("折后可用", "Counts")
    # One line where everything counts: two that coincide say nothing.
    cut = any(row.haircut for row in standing)
    points = [(row.on, Money(row.value_minor), *([Money(row.usable_minor)] if cut else [])) for row in standing]
    columns = (day, value, *([counts] if cut else []))
    kind = "line" if len(points) > 1 else "bar"
    return parts.Chart("valuations", Text("历次估值", "Valuations"), kind, columns, points, Text("元", "CNY"))


# Findings and the timeline -----------------------------------------------------------------------------------------


def finding(reason: Mapping[str, Any]) -> parts.Finding:
    verdict = "pass" if reason["holds"] else "bar" if reason["effect"] == "bar" else "warn"
    text, rule = Text.from_dict(reason["text"]), reason.get("rule")
    remedy = Text.from_dict(reason["remedy"]) if reason.get("remedy") and verdict != "pass" else ""
    if not rule:
        return parts.Finding(text, verdict, remedy=remedy)
    clause = parts.Clause(
        text=Text.from_dict(rule["clause"]), citation=Text.from_dict(rule["title"]),
        effective=datetime.date.fromisoformat(rule["since"]), verified=rule["verified"],
    )  # fmt: skip
    return parts.Finding(Text.from_dict(rule["title"]), verdict, text, clause=clause, remedy=remedy)


def findings(reasons: Iterable[Reason]) -> list[parts.Finding]:
    """What stands in the way first."""
    order = {"bar": 0, "warn": 1, "pass": 2}
    return sorted((finding(reason.as_dict()) for reason in reasons), key=lambda item: order[item.verdict])


def why(reasons: Sequence[Reason]) -> parts.Why | None:
    if not reasons:
        return None
    found = findings(reasons)
    barred = [item for item in found if item.verdict == "bar"]
    said = (
        Text(f"还差{len(barred)}项，补齐前不能放款", f"{len(barred)} thing(s) missing; nothing is paid out before")
        if barred
        else Text("各项要求均已满足，可以放款", "Every demand is met; it may be paid out")
    )
    return parts.Why(said, found, [item.remedy for item in barred if item.remedy], tone="bad" if barred else "good")


def entries(steps: Sequence[Step]) -> list[parts.Entry]:
    """The timeline, each step with its receipt where one may open it."""
    grades = log.grades(step.action for step in steps)
    return [
        parts.Entry(
            at=step.recorded_at,
            what=STEPS.get(step.kind, Text(step.kind, step.kind)),
            who=labels.name_of(step.by) if step.by else "",
            detail=_detail(step),
            tone=STEP_TONES.get(step.kind, "plain"),
            receipt_url=reverse("receipt", args=[step.action]) if step.action in grades else "",
            grade=grades.get(step.action, ""),
        )
        for step in steps
    ]


def _detail(step: Step) -> Text:
    words = Text.from_dict(step.said) if step.said else None
    amount = Money(step.amount_minor).grouped() if step.amount_minor else ""
    zh = " · ".join(filter(None, [words.zh if words else "", f"{amount} 元" if amount else "", f"营业日 {step.on}"]))
    en = " · ".join(filter(None, [words.en if words else "", f"CNY {amount}" if amount else "", f"business date {step.on}"]))  # fmt: skip
    return Text(zh, en)


def holder_words(item: Encumbrance) -> Text:
    """Who holds a right, or that it is not public yet."""
    return item.holder or Text("未公示的担保", "A right not yet public")
