"""Invented values for the design page, one set a component."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.web import parts

STATEMENT = (
    b'{"action":"note.accept","actor":"01890a5d-ac96-774b-bcce-b302099a8057","body":{"lot":"LD2026-00042"},'
    b'"id":"01890a5d-ac96-774b-bcce-b302099a8058"}'
)


def statuses() -> list[parts.Status]:
    return [
        parts.Status(Text("草稿", "Draft")),
        parts.Status(
            Text("待中登登记", "Awaiting registration"), Text("还差登记号", "registration number missing"), "wait"
        ),
        parts.Status(Text("持有中", "Held"), Text("未质押，可转让", "free to transfer"), "good"),
        parts.Status(Text("逾期 3 天", "3 days overdue"), Text("核心企业未足额付款", "the core has paid short"), "bad"),
    ]


def header() -> parts.Header:
    return parts.Header(
        title=Text("LD2026-00042 · 一千万元链单份额", "LD2026-00042 · lot of CNY 10 million"),
        kind=Text("链单份额", "Chain note lot"),
        status=statuses()[1],
        next_action=parts.Action(Text("填写登记号", "Enter registration number"), "#", icon="sign"),
        actions=[
            parts.Action(Text("转让", "Transfer"), why_not=Text("质押中，不能转让", "Pledged; cannot be transferred")),
            parts.Action(Text("下载凭据", "Receipt"), "#", icon="receipt"),
        ],
        figures=figures(),
    )


def figures() -> list[parts.Figure]:
    return [
        parts.Figure(Text("金额", "Amount"), Money(10_000_000_00), "money"),
        parts.Figure(Text("融资", "Loan"), Money(8_000_000_00), "summary", href="#"),
        parts.Figure(Text("利率", "Rate"), Decimal("0.035"), "rate"),
        parts.Figure(Text("到期日", "Due"), dt.date(2026, 7, 7), "date"),
        parts.Figure(Text("级次", "Tier"), 1),
        parts.Figure(Text("持有人", "Holder"), Text("远帆纺织", "Yuanfan Textiles")),
    ]


def clauses() -> dict[str, parts.Clause]:
    return {
        "pledge": parts.Clause(
            Text(
                "以应收账款出质的，质权自办理出质登记时设立。",
                "A pledge of receivables is created when the pledge is registered.",
            ),
            Text("《民法典》第 445 条", "Civil Code, art. 445"),
            dt.date(2021, 1, 1),
        ),
        "tenor": parts.Clause(
            Text("凭证付款期限原则上不超过 6 个月。", "The tenor of a certificate is in principle at most 6 months."),
            Text("银发〔2025〕77 号 第 11 条", "Yinfa [2025] No. 77, art. 11"),
            dt.date(2025, 6, 15),
            verified=False,
        ),
    }


def findings() -> list[parts.Finding]:
    rules = clauses()
    return [
        parts.Finding(
            Text("期限不超过 6 个月", "Tenor of at most 6 months"),
            "pass",
            Text("180 天，2026-07-07 到期", "180 days, due 2026-07-07"),
            [parts.Figure(Text("开立日", "Issued"), dt.date(2026, 1, 8), "date")],
            rules["tenor"],
        ),
        parts.Finding(
            Text("付款期与 60 日规定", "Due date against the 60-day rule"),
            "warn",
            Text("验收后 60 日为 2026-03-09，链单晚于该日", "60 days from acceptance end 2026-03-09, before it"),
            remedy=Text("取得供应商书面同意后可以继续", "May go on with the supplier's recorded consent"),
        ),
        parts.Finding(
            Text("质押须先登记", "Registration before a pledge"),
            "bar",
            Text("还没有中登登记号", "There is no registration number yet"),
            clause=rules["pledge"],
            remedy=Text("在中登网登记后填写登记号", "Register, then enter the number"),
        ),
    ]


def why() -> parts.Why:
    return parts.Why(
        outcome=Text("暂不能放款：还差登记号。", "Not yet payable: the registration number is missing."),
        tone="wait",
        findings=findings(),
        inputs=[
            parts.Figure(Text("份额金额", "Lot"), Money(10_000_000_00), "money"),
            parts.Figure(Text("质押率", "Advance rate"), Decimal("0.8"), "percent"),
        ],
        would_change=[
            Text("填写登记号后即可放款 8,000,000.00 元。", "With the number entered, CNY 8,000,000.00 can be paid."),
            Text("期限缩短到 60 日内则无需供应商同意。", "Within 60 days no consent of the supplier is needed."),
        ],
    )


def entries() -> list[parts.Entry]:
    def at(day: int, hour: int) -> dt.datetime:
        return dt.datetime(2026, 1, day, hour, 12, tzinfo=timezone.get_current_timezone())

    return [
        parts.Entry(
            at(8, 15),
            Text("质押给工业银行", "Pledged to Industrial Bank"),
            Text("远帆纺织 · 李岚", "Yuanfan Textiles · Li Lan"),
            Text("等待登记号", "Waiting for the registration number"),
            tone="wait",
            receipt_url="#",
            grade="own",
        ),
        parts.Entry(
            at(8, 11), Text("签收", "Accepted"), Text("远帆纺织", "Yuanfan Textiles"), tone="good", grade="platform"
        ),
        parts.Entry(
            at(8, 9), Text("开立，10,000,000.00 元", "Issued, CNY 10,000,000.00"), Text("锦绣服装", "Jinxiu Garments")
        ),
    ]


def strands() -> list[parts.Strand]:
    """A note of ten million that went down three tiers in a morning; the last part was discounted a month later."""
    day, later = dt.date(2026, 1, 8), dt.date(2026, 2, 9)
    names = {
        "cloth": Text("远帆纺织", "Yuanfan Textiles"),
        "yarn": Text("恒丰纱厂", "Hengfeng Yarn"),
        "fibre": Text("同泰化纤", "Tongtai Fibre"),
        "bank": Text("城商行乙", "City Bank B"),
    }
    held, pledged = Text("持有中", "Held"), Text("已质押给银行甲", "Pledged to bank A")
    sold = Text("已贴现，无追索", "Discounted without recourse")
    return [
        parts.Strand("1", day, Money(10_000_000_00), names["cloth"], state=pledged, tone="wait", url="#1"),
        parts.Strand("2", day, Money(3_000_000_00), names["yarn"], "1", held, "good", "#2"),
        parts.Strand("3", day, Money(1_200_000_00), names["fibre"], "2", sold, "plain", "#3"),
        parts.Strand("4", later, Money(1_200_000_00), names["bank"], "3", held, "good", "#4"),
    ]


def chart() -> parts.Chart:
    months = [f"2026-{month:02d}" for month in range(1, 9)]
    falling = (120, 240, 180, 420, 300, 510, 1000, 260)
    paid = (120, 240, 180, 400, 300, 480, 0, None)
    return parts.Chart(
        name="maturities",
        title=Text("到期与已付", "Falling due and paid"),
        kind="bar",
        columns=[Text("月份", "Month"), Text("到期", "Due"), Text("已付", "Paid")],
        rows=[
            [month, Money(due * 1_000_000), None if got is None else Money(got * 1_000_000)]
            for month, due, got in zip(months, falling, paid, strict=True)
        ],
        unit=Text("元", "CNY"),
    )


def signing(grade: str = "platform", barred: bool = False) -> parts.Signing:
    return parts.Signing(
        title=Text("签收链单份额", "Accept the lot"),
        words=[
            Text("远帆纺织签收份额 LD2026-00042，1000 万元。", "Yuanfan Textiles accepts lot LD2026-00042."),
            Text("付款人锦绣服装，2026-07-07 到期。", "Jinxiu Garments pays CNY 10,000,000.00 on 2026-07-07."),
        ],
        statement=STATEMENT,
        action_id="01890a5d-ac96-774b-bcce-b302099a8058",
        submit_url="/design/form",
        submit_label=Text("签署并签收", "Sign and accept"),
        grade=grade,
        findings=findings() if barred else findings()[:2],
        cancel_url="#",
    )


def context() -> dict[str, Any]:
    return {
        "statuses": statuses(),
        "header": header(),
        "why": why(),
        "entries": entries(),
        "chart": chart(),
        "strands": strands(),
        "signing": signing(),
        "signing_barred": signing(barred=True),
        "tabs": [
            parts.Tab(Text("概况", "Overview"), "#", current=True),
            parts.Tab(Text("贸易背景", "Background"), "#", count=3),
            parts.Tab(Text("流转", "Lineage"), "#"),
            parts.Tab(Text("资金", "Payments"), "#", count=0),
        ],
        "crumbs": [
            parts.Crumb(Text("链单", "Notes"), "#"),
            parts.Crumb("LD2026-00007", "#"),
            parts.Crumb("LD2026-00042"),
        ],
        "amount": Money(8_000_000_00),
        "amounts": [Money(12345), Money(8_000_000_00), Money(123_456_789_012), Money(-99_999_999_99), None],
        "rise": Decimal("0.0123"),
        "fall": Decimal("-0.0045"),
        "rate": Decimal("0.0385"),
        "today": dt.date(2026, 7, 7),
        "refusal": Invalid(
            "note.exceeds_invoice",
            Text("开立金额超过发票未付余额 1,200,000.00 元", "The amount exceeds the invoice's unpaid 1,200,000.00"),
            remedy=Text("请减少金额，或另选发票", "Lower the amount or choose another invoice"),
            where="amount",
        ),
    }
