"""The calculator: what a person typed in, everything there is to say about it out.

Three questions: what does this loan cost and when is what paid (:func:`loan`), which of two offers is cheaper
(:func:`compare`), what does selling a claim bring (:func:`discounted`). The page, the API and the command line ask
here, so they agree by construction. Values are strings as typed; every ``as_dict`` is JSON-safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jirong.instruments.practice import charges, forms, present
from jirong.instruments.practice import cost as costs
from jirong.instruments.practice.cost import AnnualRate, Comparison, Cost, Fee, Offer
from jirong.instruments.practice.course import Late, Step, Supposed, cost_of, course
from jirong.instruments.practice.events import EarlyRepayment, Reamortise
from jirong.instruments.practice.loans import schedule
from jirong.instruments.practice.state import Schedule
from jirong.instruments.practice.terms import Basis, LoanTerms
from jirong.kernel import daycount
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text

Values = Mapping[str, str | None]

CHARGES = ("fee", "fee_each")
SUPPOSED = ("early_on", "early_amount", "early_then", "late_from", "late_days")
OFFER_FIELDS = (*forms.FIELDS, *CHARGES)
LOAN_FIELDS = (*OFFER_FIELDS, *SUPPOSED)
DISCOUNT_FIELDS = ("amount", "rate", "on", "due", "basis")

_OFFER = Text("报价", "offer")


@dataclass(frozen=True, slots=True)
class LoanAnswer:
    """A loan calculated: the plan and what it costs; and, if something is supposed to happen, its course and cost."""

    offer: Offer
    planned: Cost
    steps: tuple[Step, ...]
    actual: Cost | None

    @property
    def plan(self) -> Schedule:
        return self.offer.schedule

    @property
    def cost(self) -> Cost:
        """What it costs as it goes."""
        return self.actual or self.planned

    @property
    def difference(self) -> Money:
        """What the course costs more (less, below zero) than the plan."""
        return self.cost.amount - self.planned.amount

    @property
    def saved(self) -> Money:
        """The same the other way round."""
        return -self.difference

    def as_dict(self) -> dict[str, Any]:
        body = present.as_dict(self.plan, self.planned)
        if self.actual is not None:
            body["course"] = present.course_as_dict(self.steps, self.actual, self.difference)
        return body


@dataclass(frozen=True, slots=True)
class OffersAnswer:
    """Two offers side by side."""

    first: LoanAnswer
    second: LoanAnswer
    comparison: Comparison

    @property
    def verdict(self) -> Text:
        """Which is cheaper and by how much, in one sentence."""
        return _verdict(self.comparison)

    def as_dict(self) -> dict[str, Any]:
        found = self.comparison
        return {
            "first": self.first.as_dict(),
            "second": self.second.as_dict(),
            "difference": str(found.difference),
            "cheaper_in_all": _which(found, found.cheaper_in_all),
            "cheaper_a_year": _which(found, found.cheaper_a_year),
            "verdict": self.verdict.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class DiscountAnswer:
    """A claim sold before it is due, and what that costs the seller a year."""

    discount: charges.Discount
    on: date
    due: date
    annual: AnnualRate

    def as_dict(self) -> dict[str, Any]:
        return {
            "amount": str(self.discount.amount),
            "days": self.discount.days,
            "charge": str(self.discount.charge),
            "proceeds": str(self.discount.proceeds),
            "annual_rate": present.annual_as_dict(self.annual),
        }


def loan(values: Values) -> LoanAnswer:
    """Calculate a loan from the fields :data:`LOAN_FIELDS`; raises :class:`Refusal` with ``where`` naming the field."""
    given = forms.texts(values, LOAN_FIELDS)
    offer = _offer(given, _OFFER)
    supposed = _supposed(given, offer.schedule.terms)
    if not supposed:
        return LoanAnswer(offer, _cost(offer), (), None)
    terms, upfront = offer.schedule.terms, _money(given, "fee")
    try:
        steps = course(terms, supposed, _money(given, "fee_each"))
    except Refusal as refusal:
        # That something is overdue on the day is the day's fault, not the amount's.
        amount = "early_on" if refusal.code == "loan.overdue_first" else "early_amount"
        raise _at(refusal, {"principal": amount, "on": "early_on"}) from None
    fees = (Fee(Text("放款时费用", "fee at the start"), terms.start, upfront),) if upfront else ()
    return LoanAnswer(offer, _cost(offer), steps, cost_of(_OFFER, terms, steps, fees))


def compare(first: Values, second: Values, names: tuple[Text, Text] | None = None) -> OffersAnswer:
    """Compare two offers, each from the fields :data:`OFFER_FIELDS`; ``where`` is ``first.rate`` and the like."""
    called = names or (Text("方案甲", "Offer A"), Text("方案乙", "Offer B"))
    answers = []
    for place, values, name in zip(("first", "second"), (first, second), called, strict=True):
        try:
            offer = _offer(forms.texts(values, OFFER_FIELDS), name)
            answers.append(LoanAnswer(offer, _cost(offer), (), None))
        except Refusal as refusal:
            raise _at(refusal, {refusal.where or "": f"{place}.{refusal.where}"}) from None
    one, two = answers
    return OffersAnswer(one, two, costs.compare(one.offer, two.offer))


def discounted(values: Values) -> DiscountAnswer:
    """What selling a claim brings, from the fields :data:`DISCOUNT_FIELDS`."""
    given = forms.texts(values, DISCOUNT_FIELDS)
    amount = Money.parse(forms.needed(given, "amount"), where="amount")
    forms.needed(given, "rate")
    on = forms.read_date(forms.needed(given, "on"), "on")
    due = forms.read_date(forms.needed(given, "due"), "due")
    if due <= on:
        raise Invalid(
            "terms.due",
            Text(f"到期日 {due} 不晚于贴现日 {on}", f"the due date {due} is not after the day of the discount {on}"),
            remedy=Text(f"请填写 {on} 之后的日期", f"Give a date after {on}"),
            where="due",
        )
    basis = forms.choice(Basis, given["basis"] or Basis.A360, "basis")
    count = daycount.A365 if basis is Basis.A365 else daycount.A360
    found = charges.discount(amount, forms.percent_of(given, "rate"), on, due, count)
    return DiscountAnswer(found, on, due, costs.annual_rate([(on, found.proceeds), (due, -amount)]))


def _offer(given: Mapping[str, str], name: Text) -> Offer:
    try:
        plan = schedule(forms.terms_from(given))
    except Refusal as refusal:
        raise _at(refusal, _PLACES) from None
    upfront, each = _money(given, "fee"), _money(given, "fee_each")
    fees = [Fee(Text("放款时费用", "fee at the start"), plan.terms.start, upfront)] if upfront else []
    if each:
        fees += [Fee(Text(f"第 {line.number} 期费用", f"fee {line.number}"), line.due, each) for line in plan]
    return Offer(name, plan, tuple(fees))


def _cost(offer: Offer) -> Cost:
    try:
        return costs.cost(offer)
    except Refusal as refusal:
        # Only fees that swallow the loan leave no rate of return.
        raise _at(refusal, {"cashflows": "fee"}) from None


def _supposed(given: Mapping[str, str], terms: LoanTerms) -> Supposed:
    early = late = None
    if given["early_on"]:
        then = forms.choice(Reamortise, given["early_then"] or Reamortise.LOWER, "early_then")
        early = EarlyRepayment(forms.read_date(given["early_on"], "early_on"), _early_amount(given), then)
    elif given["early_amount"]:
        forms.needed(given, "early_on")
    if given["late_from"] or given["late_days"]:
        for name in ("late_from", "late_days"):
            forms.needed(given, name)
        late = Late(forms.whole(given, "late_from") or 0, forms.whole(given, "late_days") or 0)
    return Supposed(early, late)


def _early_amount(given: Mapping[str, str]) -> Money | None:
    """The principal to repay early; all of it when nothing is typed."""
    amount = _money(given, "early_amount")
    if amount is not None and amount.minor <= 0:
        raise forms.unreadable("early_amount", given["early_amount"], Text("大于零的金额", "an amount above zero"))
    return amount


def _money(given: Mapping[str, str], name: str) -> Money | None:
    """An amount from zero up, None where nothing was typed."""
    if not given[name]:
        return None
    amount = Money.parse(given[name], where=name)
    if amount.minor < 0:
        raise forms.unreadable(name, given[name], Text("零或正数，例如 200.00", "zero or more, such as 200.00"))
    return amount


_PLACES = {"plus_bp": "bp", "date": "start", "interest_only_periods": "interest_only"}
"""Where a refusal names a term the form calls otherwise."""


def _at(refusal: Refusal, places: Mapping[str, str]) -> Refusal:
    """The same refusal, naming the field as the form does."""
    refusal.where = places.get(refusal.where or "", refusal.where)
    return refusal


def _which(comparison: Comparison, cheaper: Cost | None) -> str | None:
    if cheaper is None:
        return None
    return "first" if cheaper is comparison.first else "second"


def _verdict(found: Comparison) -> Text:
    whole, yearly = found.cheaper_in_all, found.cheaper_a_year
    gap = Money(abs(found.difference.minor), found.difference.unit).grouped()
    if whole is None and yearly is None:
        return Text("两个方案总成本与年化利率相同", "Both offers cost the same, in all and a year")
    if whole is not None and (yearly is None or yearly is whole):
        zh, en = ("，年化利率也更低", ", and its yearly rate is lower too") if yearly else ("", "")
        return Text(
            f"{whole.name.zh}更便宜：总成本少 {gap} 元{zh}", f"{whole.name.en} is cheaper: CNY {gap} less in all{en}"
        )
    assert yearly is not None
    if whole is None:
        return Text(
            f"总成本相同；{yearly.name.zh}年化利率更低",
            f"Both cost the same in all; {yearly.name.en} costs less a year",
        )
    return Text(
        f"{whole.name.zh}总成本少 {gap} 元，但{yearly.name.zh}年化利率更低：两者借款金额或占用时间不同，比较价格以年化利率为准",
        f"{whole.name.en} costs CNY {gap} less in all, but {yearly.name.en} costs less a year: the offers lend "
        "different amounts or for different times, and then the yearly rate is the price",
    )
