"""Climate capacity: wind and sunshine become yearly output, output becomes cash, cash what a debt may be served with.

Wind: a year's energy of a generic power curve over the Rayleigh distribution of the mean wind (the distribution for
which IEC 61400-12-1 states yearly energy), less losses, at the output exceeded in nine years of ten: the discount
grows with the wind's volatility. The mean is the lowest of the last three years, so a single good year earns nothing.
Sunshine: hours × a conversion to full-load hours × installed solar capacity; a firm without panels gains nothing by it.
Cash: output × price, less curtailment, running costs and debts already served. Capacity: cash over the life ÷ cover.
The score is full-load hours a year of everything installed, which compares sites of any size.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal

from jirong.assessment.methods import wording
from jirong.assessment.methods.base import Judged, Lacking, Method, Values, plausible
from jirong.assessment.methods.values import Effect, Reason
from jirong.kernel.text import Text

HOURS = Decimal(8760)
_QUARTER_PI = Decimal("0.7853981633974483096156608458")
_EXACT = Context(prec=28)
_HALF = Decimal("0.5")
_FEN, _PRICE_STEP = Decimal("0.01"), Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateTerms:
    """``curve``: (wind speed in m/s, output as a part of rated) at whole speeds; the rest are fractions and years."""

    curve: tuple[tuple[Decimal, Decimal], ...]
    losses: Decimal
    uncertainty: Decimal
    uncertainty_per_volatility: Decimal
    z: Decimal
    """Standard deviations to the output exceeded in nine years of ten."""
    solar_conversion: Decimal
    curtailment: Decimal
    running_cost: Decimal
    life_years: Decimal
    cover: Decimal
    wind_bar: Decimal
    barred_level: str
    volatility_bar: Decimal


@dataclass(frozen=True, slots=True)
class _Site:
    """What a site yields a year."""

    wind_hours: Decimal
    discount: Decimal
    solar_hours: Decimal
    output: Decimal
    """kWh a year."""
    hours: Decimal
    cash: Decimal
    """Yuan a year after costs and debts already served."""


@dataclass(frozen=True)
class Climate(Method):
    terms: ClimateTerms

    def judge(self, values: Values, as_of: dt.date) -> Judged | Lacking:
        wind, volatility, sunshine, wind_kw, solar_kw = (_number(values, name) for name in _NAMES[:5])
        if wind_kw + solar_kw <= 0:
            said = Text("没有装机容量，无法测算发电量", "nothing is installed, so there is no output to compute")
            return Lacking((Reason(Effect.LACKING, "wind_capacity_kw", said),))
        site, capacity = self._site(values), self._capacity(values)
        score = wording.rounded(site.hours, 2)
        level = self.terms.barred_level if wind < self.terms.wind_bar else None
        figures = {
            "debt_service_capacity": capacity,
            "yearly_output_kwh": wording.rounded(site.output, 0),
            "yearly_cash": wording.rounded(site.cash, 2),
        }
        reasons = (
            *self._sky(wind, volatility, sunshine, solar_kw, site),
            *self._money(site, capacity),
            *self._changes(values, capacity, as_of),
        )
        return Judged(score, reasons, figures=figures, level=level)

    def _capacity(self, values: Values) -> Decimal:
        """Yuan of debt the cash of the life can serve; never below zero."""
        return max(Decimal(0), wording.rounded(self._site(values).cash * self.terms.life_years / self.terms.cover, 2))

    def _site(self, values: Values) -> _Site:
        wind, volatility, sunshine, wind_kw, solar_kw, price, served = (_number(values, name) for name in _NAMES)
        terms = self.terms
        discount = 1 - terms.z * (terms.uncertainty + terms.uncertainty_per_volatility * volatility)
        wind_hours = full_load_hours(wind, terms.curve) * (1 - terms.losses) * max(discount, Decimal(0))
        solar_hours = sunshine * terms.solar_conversion
        output = wind_kw * wind_hours + solar_kw * solar_hours
        income = output * (1 - terms.curtailment) * price
        cash = income * (1 - terms.running_cost) - served
        return _Site(wind_hours, discount, solar_hours, output, output / (wind_kw + solar_kw), cash)

    def _sky(
        self, wind: Decimal, volatility: Decimal, sunshine: Decimal, solar_kw: Decimal, site: _Site
    ) -> list[Reason]:
        head, terms = self.head, self.terms
        bar, mean = (head.input("wind_mean_3y_min").shown(value) for value in (terms.wind_bar, wind))
        windy = wind >= terms.wind_bar
        zh, en = ("达到", "at or above") if windy else ("低于", "below")
        said = Text(
            f"近3年各年平均风速最低为{mean.zh}，{zh}{bar.zh}",
            f"the lowest yearly mean wind of three is {mean.en}, {en} {bar.en}",
        )
        steady = volatility <= terms.volatility_bar
        shown, off = head.input("wind_volatility").shown(volatility), wording.figure(1 - site.discount, "percent", None)
        swing = Text(
            f"风速波动率{shown.zh}，发电量按九成把握折减{off.zh}",
            f"wind volatility {shown.en}: output is cut by {off.en} to what nine years in ten exceed",
        )
        hours = head.input("sunshine_hours").shown(sunshine)
        gained = wording.grouped(wording.rounded(solar_kw * site.solar_hours, 0))
        sun = Text(
            f"年均光照{hours.zh}，光伏年发电{gained}千瓦时",
            f"{hours.en} of sunshine a year give {gained} kWh from panels",
        )
        if solar_kw <= 0:
            sun = Text(
                f"年均光照{hours.zh}，没有光伏装机，不计入发电量",
                f"{hours.en} of sunshine a year, but no panels to use it",
            )
        return [
            Reason(Effect.HELPED if windy else Effect.HURT, "wind_mean_3y_min", said),
            Reason(Effect.HELPED if steady else Effect.HURT, "wind_volatility", swing),
            Reason(Effect.HELPED if solar_kw > 0 else Effect.NOTED, "sunshine_hours", sun),
        ]

    def _money(self, site: _Site, capacity: Decimal) -> list[Reason]:
        output, hours = (wording.grouped(wording.rounded(value, 0)) for value in (site.output, site.hours))
        cash, able = (wording.figure(value, "money", None) for value in (site.cash, capacity))
        years, cover = wording.points(self.terms.life_years), wording.points(self.terms.cover)
        return [
            Reason(Effect.NOTED, "yearly_output_kwh", Text(
                f"保守年发电量{output}千瓦时，等效满发{hours}小时",
                f"a cautious year's output of {output} kWh, {hours} full-load hours")),
            Reason(Effect.HELPED if site.cash > 0 else Effect.HURT, "debt_service_capacity", Text(
                f"年净现金流{cash.zh}，{years}年、按{cover}倍保障，可用于还款{able.zh}",
                f"net cash of {cash.en} a year over {years} years at {cover} times cover can serve {able.en}")),
        ]  # fmt: skip

    def _changes(self, values: Values, capacity: Decimal, as_of: dt.date) -> list[Reason]:
        """One input changed at a time and the whole computed again: below zero, cash does not move the capacity."""
        return [*self._windier(values, as_of), *self._unburdened(values, capacity), *self._dearer(values, capacity)]

    def _windier(self, values: Values, as_of: dt.date) -> list[Reason]:
        terms = self.terms
        if _number(values, "wind_mean_3y_min") >= terms.wind_bar:
            return []
        site = self._site({**values, "wind_mean_3y_min": terms.wind_bar})
        level = self.head.levels.of(wording.rounded(site.hours, 2), as_of)
        bar = self.head.input("wind_mean_3y_min").shown(terms.wind_bar)
        zh, en = f"连续3年每年平均风速都达到{bar.zh}", f"three years in a row at {bar.en} or more"
        if level == terms.barred_level:
            said = Text(f"{zh}，等级仍为{level}", f"even {en} the level stays {level}")
        else:
            said = Text(f"{zh}后可升至{level}级", f"{en} would lift the level to {level}")
        return [Reason(Effect.CHANGE, "wind_mean_3y_min", said)]

    def _unburdened(self, values: Values, capacity: Decimal) -> list[Reason]:
        if _number(values, "debt_service_12m") <= 0:
            return []
        more = self._capacity({**values, "debt_service_12m": Decimal(0)}) - capacity
        said = Text("即使结清现有债务，仍没有还款能力", "even with present debts repaid there is no capacity")
        if more > 0:
            shown = wording.figure(more, "money", None)
            said = Text(
                f"结清现有债务后还款能力可增加{shown.zh}", f"with present debts repaid the capacity grows by {shown.en}"
            )
        return [Reason(Effect.CHANGE, "debt_service_12m", said)]

    def _dearer(self, values: Values, capacity: Decimal) -> list[Reason]:
        """What one fen more a kWh adds; where it adds nothing, the price from which there is any capacity."""
        price, item = _number(values, "power_price"), self.head.input("power_price")
        more = Decimal(0)
        if plausible(item, price + _FEN):
            more = self._capacity({**values, "power_price": price + _FEN}) - capacity
        if more > 0:
            shown = wording.figure(more, "money", None)
            said = Text(f"电价提高1分，还款能力增加{shown.zh}", f"one fen more a kWh adds {shown.en} of capacity")
            return [Reason(Effect.CHANGE, "power_price", said)]
        least = self._least_price(values)
        if capacity > 0 or least is None:
            return []
        bar = item.shown(least)
        said = Text(f"电价达到{bar.zh}才有还款能力", f"there is capacity only from a price of {bar.en}")
        return [Reason(Effect.CHANGE, "power_price", said)]

    def _least_price(self, values: Values) -> Decimal | None:
        """The lowest price, to a hundredth of a fen, at which there is any capacity; None where no plausible one is."""
        kept = self._site(values).output * (1 - self.terms.curtailment) * (1 - self.terms.running_cost)
        if kept <= 0:
            return None
        least = (_number(values, "debt_service_12m") / kept).quantize(_PRICE_STEP, rounding=ROUND_CEILING)
        if self._capacity({**values, "power_price": least}) <= 0:
            least += _PRICE_STEP
        usable = plausible(self.head.input("power_price"), least)
        return least if usable and self._capacity({**values, "power_price": least}) > 0 else None


_NAMES = (
    "wind_mean_3y_min", "wind_volatility", "sunshine_hours",
    "wind_capacity_kw", "solar_capacity_kw", "power_price", "debt_service_12m",
)  # fmt: skip


def full_load_hours(mean: Decimal, curve: tuple[tuple[Decimal, Decimal], ...]) -> Decimal:
    """Hours a year at rated power that give the same energy as a Rayleigh wind of this ``mean`` (m/s) over ``curve``."""
    if mean <= 0:
        return Decimal(0)
    return HOURS * sum((_share(speed, mean) * part for speed, part in curve), Decimal(0))


def _share(speed: Decimal, mean: Decimal) -> Decimal:
    """How much of the time the wind is within half a metre a second of ``speed``."""
    return _above(speed - _HALF, mean) - _above(speed + _HALF, mean)


def _above(speed: Decimal, mean: Decimal) -> Decimal:
    ratio = _EXACT.divide(max(speed, Decimal(0)), mean)
    return _EXACT.exp(-_QUARTER_PI * ratio * ratio)


def _number(values: Values, name: str) -> Decimal:
    value = values[name]
    assert isinstance(value, Decimal)
    return value
