"""The calculator over HTTP: a loan's schedule, two offers compared, a claim discounted, an ACTUS contract's events.

Public: nothing is read or kept, nobody logs in. A request may be at most :data:`BODY_BYTES_MAX` long, which is asked
before it is read, and everything inside is bounded (1,200 instalments, 10,000 scheduled times), so an answer never
takes long. The page at ``/tools/calculator`` and ``jirong instruments schedule`` give the same figures.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.throttling import BaseThrottle
from pydantic import Field

from jirong.instruments.actus import documents
from jirong.instruments.practice import calculate
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.web import api

BODY_BYTES_MAX = 65_536

router = Router(tags=["tools"])


class TooLong(Invalid):
    status = 413


class Bound(BaseThrottle):
    """Lets through what says how long it is, and is not too long."""

    def allow_request(self, request: HttpRequest) -> bool:
        length = request.headers.get("Content-Length") or ""
        if not length.isdecimal() or len(length) > 9 or int(length) > BODY_BYTES_MAX:
            raise TooLong(
                "request.too_large",
                Text(
                    f"测算请求须注明长度，且不超过 {BODY_BYTES_MAX:,} 字节",
                    f"A calculation must state its length, at most {BODY_BYTES_MAX:,} bytes",
                ),
                remedy=Text("请每次只测算一份合约", "Send one contract at a time"),
                where="body",
            )
        return True


def _text(description: str, example: str = "") -> Any:
    return Field(default="", description=description, examples=[example] if example else None)


class OfferIn(api.Schema):
    """A loan's terms as a person types them: every value a string, rates in percent, amounts in yuan."""

    principal: str = Field(description="本金 / amount lent", examples=["40000.00"])
    start: str = Field(description="起息日 / first day of interest", examples=["2026-01-15"])
    repayment: str = Field(description="annuity, linear, interest_first, bullet or irregular", examples=["annuity"])
    rate: str = _text("固定年利率（%） / fixed yearly rate in percent", "5.85")
    base: str = _text("浮动利率基准 LPR-1Y 或 LPR-5Y / base of a floating rate, instead of rate")
    bp: str = _text("加减基点 / basis points on the base")
    reset: str = _text("重定价 january, anniversary, never / when a floating rate is fixed anew")
    months: str = _text("期限（月） / tenor in months; or maturity", "12")
    maturity: str = _text("到期日 / last day")
    basis: str = _text("计息基础 MONTHS, A360, A365, 30E360 / how interest counts time")
    every_months: str = _text("还款间隔（月） / months between due dates")
    first_due: str = _text("首个还款日 / first due date")
    interest_only: str = _text("前若干期只还息 / so many first periods without principal")
    due_shift: str = _text("遇节假日 none, following, following_with_interest / a due date on a holiday")
    plan: str = _text("不规则还款计划 / irregular principal, 2026-05-01=200000,2026-11-01=300000")
    grace_days: str = _text("免罚息宽限天数 / days after a due date without penalty")
    penalty_factor: str = _text("罚息倍数 / overdue rate as a multiple of the rate, 1.5 unless given")
    compound: str = _text("对逾期利息计复利 yes, no / penalty on overdue interest")
    early_fee: str = _text("提前还款违约金（%） / percent of the principal repaid early")
    fee: str = _text("放款时费用 / a fee at the start")
    fee_each: str = _text("每期费用 / a fee with every instalment")


class LoanIn(OfferIn):
    """An offer and what is supposed to happen to it."""

    early_on: str = _text("提前还款日 / day principal is repaid early")
    early_amount: str = _text("提前还本金额，不填为全部 / principal repaid early, all of it if not given")
    early_then: str = _text("之后 lower（少还）或 shorten（缩期） / lower instalments or a shorter tenor")
    late_from: str = _text("自第几期起逾期 / the first instalment paid late")
    late_days: str = _text("逾期天数 / days until all that is late is paid")


class CompareIn(api.Schema):
    """Two offers."""

    first: OfferIn
    second: OfferIn


class DiscountIn(api.Schema):
    """A claim sold before it is due."""

    amount: str = Field(description="票面金额 / amount of the claim", examples=["1000000.00"])
    rate: str = Field(description="贴现年利率（%） / yearly rate in percent", examples=["3.85"])
    on: str = Field(description="贴现日 / day of the sale", examples=["2026-01-15"])
    due: str = Field(description="到期日 / due date", examples=["2026-07-15"])
    basis: str = _text("A360 或 A365 / day count", "A360")


class ActusIn(api.Schema):
    """A contract's ACTUS terms, with what was observed."""

    terms: dict[str, Any] = Field(
        description="ACTUS terms by the dictionary's names, numbers as numbers or strings; any of the 18 types",
        examples=[{"contractType": "PAM", "contractRole": "RPA", "statusDate": "2026-01-01",
                   "initialExchangeDate": "2026-01-15", "maturityDate": "2027-01-15", "notionalPrincipal": "1000000",
                   "nominalInterestRate": "0.045", "dayCountConvention": "A360", "currency": "CNY"}],
    )  # fmt: skip
    data_observed: dict[str, Any] = Field(
        default_factory=dict, alias="dataObserved", description='{"LPR-1Y": {"2027-01-15": "0.03"}}'
    )
    events_observed: list[dict[str, Any]] = Field(
        default_factory=list, alias="eventsObserved", description='[{"time": "2026-05-01", "type": "PP", "value": "1"}]'
    )
    to: str = Field(default="", description="end of the view, itself included", examples=["2027-12-31"])
    carry_forward: bool = Field(
        default=False, alias="carryForward", description="use the last known market value where one is missing"
    )


def _given(body: OfferIn | DiscountIn) -> dict[str, str | None]:
    return {name: str(value) for name, value in body.model_dump().items()}


@router.post("/tools/schedule", auth=None, throttle=Bound(), response=dict[str, Any])
def schedule(request: HttpRequest, body: LoanIn) -> dict[str, Any]:
    """A loan's instalments, total cost and yearly rate (人民银行公告〔2021〕第3号); ``course`` tells what is really paid
    when something is supposed to happen.
    """
    return calculate.loan(_given(body)).as_dict()


@router.post("/tools/compare", auth=None, throttle=Bound(), response=dict[str, Any])
def compare(request: HttpRequest, body: CompareIn) -> dict[str, Any]:
    """Two offers side by side, fees included: which is cheaper, in all and a year, and by how much."""
    return calculate.compare(_given(body.first), _given(body.second)).as_dict()


@router.post("/tools/discount", auth=None, throttle=Bound(), response=dict[str, Any])
def discount(request: HttpRequest, body: DiscountIn) -> dict[str, Any]:
    """What selling a claim brings, and what that costs a year."""
    return calculate.discounted(_given(body)).as_dict()


@router.post("/tools/actus", auth=None, throttle=Bound(), response=dict[str, Any])
def actus(request: HttpRequest, body: ActusIn) -> dict[str, Any]:
    """All events of a contract of any of the 18 ACTUS types."""
    document = {
        "terms": body.terms,
        "dataObserved": body.data_observed,
        "eventsObserved": body.events_observed,
        "to": body.to,
    }
    return documents.answer(document, carry_forward=body.carry_forward).as_dict()
