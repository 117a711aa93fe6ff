"""The fields of the calculator's pages, and how the address holds them.

A page's state is its query string: sending the address sends the calculation. A field that another makes meaningless
(the fixed rate of a floating loan) is left out of both the calculation and the address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from jirong.kernel import calendar
from jirong.kernel.errors import Refusal
from jirong.web.display import Label

Choices = tuple[tuple[str, Label], ...]
VALUE_LENGTH_MAX = 60_000

REPAYMENTS: Choices = (
    ("annuity", _("等额本息")),
    ("linear", _("等额本金")),
    ("interest_first", _("先息后本")),
    ("bullet", _("到期一次还本付息")),
    ("irregular", _("不规则还款")),
)
BASES: Choices = (("", _("固定利率")), ("LPR-1Y", _("LPR 1 年期 ± 基点")), ("LPR-5Y", _("LPR 5 年期以上 ± 基点")))
RESETS: Choices = (("january", _("每年 1 月 1 日")), ("anniversary", _("每年对月对日")), ("never", _("不重定价")))
COUNTS: Choices = (
    ("", _("按惯例")),
    ("MONTHS", _("整月按月，零头 A/360")),
    ("A360", _("按天，A/360")),
    ("A365", _("按天，A/365")),
    ("30E360", "30E/360"),
)
SHIFTS: Choices = (
    ("none", _("不顺延")),
    ("following", _("顺延，不另计息")),
    ("following_with_interest", _("顺延，并计息")),
)
AFTERWARDS: Choices = (("lower", _("期限不变，每期少还")), ("shorten", _("每期不变，期限缩短")))
COMPOUND: Choices = (("yes", _("对逾期利息计复利")), ("no", _("不计复利")))


@dataclass(frozen=True)
class Input:
    """A field: ``kind`` is ``text``, ``money``, ``percent``, ``whole``, ``date``, ``choice`` or ``lines``; ``only`` is
    the state in which it means anything (a class of the page's style sheet).
    """

    name: str
    label: Label
    kind: str = "text"
    unit: Label = ""
    choices: Choices = ()
    hint: Label = ""
    only: str = ""


@dataclass(frozen=True)
class Bound:
    """A field with what was typed, and what is wrong with it."""

    input: Input
    prefix: str
    value: str
    error: Refusal | None

    @property
    def name(self) -> str:
        return self.prefix + self.input.name

    @property
    def error_id(self) -> str:
        return f"error-{self.name}"

    @property
    def shown(self) -> Label:
        """The value in words, for print."""
        return dict(self.input.choices).get(self.value, self.value)


@dataclass(frozen=True)
class Group:
    """Fields under a heading; ``open`` where one of them says something."""

    title: Label
    fields: Sequence[Bound]
    note: Label = ""
    open: bool = False


@dataclass(frozen=True)
class Preset:
    """A named beginning: a link to a filled page."""

    label: Label
    values: Mapping[str, str] = field(default_factory=dict)
    current: bool = False
    query: str = ""


PRINCIPAL = Input("principal", _("借款金额"), "money", _("元"))
START = Input("start", _("起息日"), "date")
MONTHS = Input("months", _("期限"), "whole", _("个月"), only="not-irregular")
REPAYMENT = Input("repayment", _("还款方式"), "choice", choices=REPAYMENTS)
BASE = Input("base", _("利率类型"), "choice", choices=BASES)
RATE = Input("rate", _("年利率"), "percent", "%", only="fixed")
BP = Input("bp", _("加减基点"), "whole", "bp", only="floating", hint=_("可为负"))
RESET = Input("reset", _("重定价日"), "choice", choices=RESETS, only="floating")
PLAN = Input(
    "plan", _("还本计划"), "lines", only="irregular",
    hint=_("每行一笔：日期 金额，例如 2026-05-01 200000；合计等于借款金额"),
)  # fmt: skip
FEE = Input("fee", _("放款时费用"), "money", _("元"))
FEE_EACH = Input("fee_each", _("每期费用"), "money", _("元"))
INTEREST_ONLY = Input("interest_only", _("只还息期数"), "whole", _("期"))
BASIS = Input("basis", _("计息方式"), "choice", choices=COUNTS)

LOAN = (PRINCIPAL, START, REPAYMENT, MONTHS, PLAN, BASE, RATE, BP, RESET)
COSTS = (FEE, FEE_EACH)
DATES = (
    Input("maturity", _("到期日"), "date", only="not-irregular", hint=_("与期限二选一")),
    Input("first_due", _("首个还款日"), "date"),
    Input("every_months", _("还款间隔"), "whole", _("个月")),
    INTEREST_ONLY,
    Input("due_shift", _("遇节假日"), "choice", choices=SHIFTS),
    BASIS,
)
EARLY = (
    Input("early_on", _("提前还款日"), "date"),
    Input("early_amount", _("提前还本金额"), "money", _("元"), hint=_("不填为全部结清")),
    Input("early_then", _("之后"), "choice", choices=AFTERWARDS),
    Input("early_fee", _("违约金"), "percent", "%", hint=_("按提前还本金额")),
)
LATE = (
    Input("late_from", _("自第几期起逾期"), "whole", _("期")),
    Input("late_days", _("逾期天数"), "whole", _("天"), hint=_("届时一次还清")),
    Input("grace_days", _("宽限天数"), "whole", _("天")),
    Input("penalty_factor", _("罚息倍数"), "percent", _("倍"), hint=_("不填为 1.5")),
    Input("compound", _("复利"), "choice", choices=COMPOUND),
)
NAME = Input("name", _("名称"))
OFFER = (NAME, PRINCIPAL, START, REPAYMENT, MONTHS, BASE, RATE, BP, FEE, FEE_EACH, INTEREST_ONLY, BASIS)
OFFER_REPAYMENTS = tuple(pair for pair in REPAYMENTS if pair[0] != "irregular")
DISCOUNT = (
    Input("amount", _("份额金额"), "money", _("元")),
    RATE,
    Input("on", _("贴现日"), "date"),
    Input("due", _("到期日"), "date"),
    Input("basis", _("计息方式"), "choice", choices=(("A360", _("按天，A/360")), ("A365", _("按天，A/365")))),
)

DEFAULTS = {
    "reset": "january", "due_shift": "none", "early_then": "lower", "compound": "yes", "repayment": "annuity",
    "basis": "", "base": "",
}  # fmt: skip
"""What a choice says when the address says nothing; left out of the address."""


def read(query: Mapping[str, str], inputs: Iterable[Input], prefix: str = "") -> dict[str, str]:
    """The typed values by field, absent ones empty or the choice's first meaning."""
    found = {}
    for each in inputs:
        value = query.get(prefix + each.name, "").replace("\r\n", "\n").strip()[: VALUE_LENGTH_MAX + 1]
        found[each.name] = value or DEFAULTS.get(each.name, "")
    return found


def meant(values: Mapping[str, str]) -> dict[str, str]:
    """The values that mean something beside the others."""
    left_out = {"rate"} if values.get("base") else {"bp", "reset"}
    left_out |= {"months", "maturity"} if values.get("repayment") == "irregular" else {"plan"}
    if not values.get("early_on"):
        left_out |= {"early_then"}
    return {name: value for name, value in values.items() if name not in left_out}


def query_of(values: Mapping[str, str], prefix: str = "", base: Mapping[str, str] = DEFAULTS) -> str:
    """The values as a query string; what is empty or goes without saying is left out."""
    kept = {name: value for name, value in values.items() if value and value != base.get(name, "")}
    kept |= {"repayment": values["repayment"]} if values.get("repayment") else {}
    return urlencode({prefix + name: value for name, value in kept.items()})


def bind(inputs: Iterable[Input], values: Mapping[str, str], refusal: Refusal | None, prefix: str = "") -> list[Bound]:
    """Fields as they are shown, the refusal at the one it names."""
    return [
        Bound(each, prefix, values[each.name], refusal if refusal and refusal.where == prefix + each.name else None)
        for each in inputs
    ]


def presets(today: dt.date) -> list[Preset]:
    """The usual ways of borrowing, from today."""
    start = today.isoformat()
    loan = {"principal": "1000000", "start": start, "months": "12", "rate": "4.35"}
    parts = [(date_after(today, months), amount) for months, amount in ((4, "200000"), (7, "300000"), (12, "500000"))]
    plan = "\n".join(f"{day} {amount}" for day, amount in parts)
    floating = {**loan, "repayment": "annuity", "rate": "", "base": "LPR-5Y", "bp": "45", "months": "60"}
    found = [
        (_("等额本息"), {**loan, "repayment": "annuity"}),
        (_("等额本金"), {**loan, "repayment": "linear"}),
        (_("先息后本"), {**loan, "repayment": "interest_first"}),
        (_("到期一次还本付息"), {**loan, "repayment": "bullet", "months": "6"}),
        (_("不规则还款"), {**loan, "repayment": "irregular", "months": "", "plan": plan}),
        (_("LPR 加点，按年重定价"), floating),
        (_("前 3 期只还息"), {**loan, "repayment": "annuity", "interest_only": "3"}),
        (_("服务费按期收"), {**loan, "repayment": "annuity", "fee": "5000", "fee_each": "1500"}),
        (
            _("提前还款"),
            {**loan, "repayment": "annuity", "early_on": date_after(today, 5), "early_amount": "300000",
             "early_fee": "1"},
        ),
        (_("逾期罚息"), {**loan, "repayment": "annuity", "late_from": "3", "late_days": "45", "grace_days": "3"}),
    ]  # fmt: skip
    return [Preset(label, values, query=query_of(values)) for label, values in found]


def date_after(day: dt.date, months: int) -> str:
    return calendar.add_months(day, months).isoformat()


def said(groups: Iterable[Group], values: Mapping[str, str]) -> list[Bound]:
    """The fields that say something and mean it, for print."""
    kept = meant(values)
    return [each for group in groups for each in group.fields if each.value and each.input.name in kept]
