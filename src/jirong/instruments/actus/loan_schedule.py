"""When loans have events: the schedules the maturities share (ACTUS techspecs §7.1 PAM and §7.2 LAM).

A cycle starts on its anchor date, else one cycle after the initial exchange. Interest runs to maturity and includes
it; resets, scaling, capitalisation and redemption stop short of it. What the terms put before the initial exchange
does not happen. Where the specification and the published cases differ in form, the cases are followed:
``docs/instruments.md`` lists each such reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import model, refusals, schedule
from jirong.instruments.actus.instants import Cycle
from jirong.instruments.actus.model import Contract, Due, EventType
from jirong.instruments.actus.schedule import Slot
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Maturity:
    """The end of a loan: ``scheduled`` counts cycles, ``slot`` is when it is paid.

    Only an end the engine computed is moved to a business day; one the terms give is meant as it stands.
    """

    slot: Slot
    scheduled: datetime

    @classmethod
    def given(cls, contract: Contract, date: datetime) -> Maturity:
        return cls(contract.fixed(date), date)

    @classmethod
    def computed(cls, contract: Contract, date: datetime) -> Maturity:
        return cls(contract.conventions.slot(date), date)


def anchor(contract: Contract, anchor_name: str, cycle_name: str) -> datetime | None:
    """First time of a schedule: its anchor, else the initial exchange plus one cycle, else there is none."""
    given, cycle = contract.terms.date(anchor_name), contract.terms.cycle(cycle_name)
    if given is not None or cycle is None:
        return given
    begin = contract.terms.need_date("initialExchangeDate")
    return cycle.period.after(begin, month_end=contract.conventions.month_end)


def cyclic(
    contract: Contract, anchor_name: str, cycle_name: str, end: datetime, *, include_end: bool
) -> list[datetime]:
    """Unshifted times S(anchor, cycle, end); empty when neither term is defined."""
    first = anchor(contract, anchor_name, cycle_name)
    if first is None:
        return []
    cycle = contract.terms.cycle(cycle_name)
    month_end = contract.conventions.month_end
    return schedule.times(first, cycle, end, include_end=include_end, month_end=month_end, where=cycle_name)


def dues(contract: Contract, kind: EventType, times: Iterable[datetime], maturity: Maturity) -> list[Due]:
    """Cyclic times as due events, moved to business days, each time once; maturity keeps its own slot.

    A time moved out of the contract's life has no event; what it would have paid falls due with maturity.
    """
    conventions, begin = contract.conventions, contract.terms.need_date("initialExchangeDate")
    slots: dict[datetime, Slot] = {}
    for time in times:
        slot = maturity.slot if time == maturity.scheduled else conventions.slot(time)
        if begin <= slot.time <= maturity.slot.time:
            slots.setdefault(slot.time, slot)
    return [Due(kind, slot) for slot in slots.values()]


def exchange_dues(contract: Contract, maturity: Maturity) -> list[Due]:
    """Initial exchange and maturity, with trades, analyses and credit events."""
    initial = contract.fixed(contract.terms.need_date("initialExchangeDate"))
    ends = [Due(EventType.IED, initial), Due(EventType.MD, maturity.slot)]
    credit = [due for due in model.credit_dues(contract) if due.time <= maturity.slot.time]
    return ends + model.trade_dues(contract) + model.analysis_dues(contract) + credit


def interest_times(contract: Contract, end: datetime) -> list[datetime]:
    """§7.1 IP before capitalisation: the cycle and maturity; nothing without a rate."""
    if not contract.terms.has("nominalInterestRate"):
        return []
    found = cyclic(contract, "cycleAnchorDateOfInterestPayment", "cycleOfInterestPayment", end, include_end=True)
    return found or [end]


def interest_dues(contract: Contract, times: Iterable[datetime], maturity: Maturity) -> list[Due]:
    """IP, or IPCI up to the end of capitalisation, which adds a last capitalisation of its own."""
    until = contract.terms.date("capitalizationEndDate")
    if until is None:
        return dues(contract, EventType.IP, times, maturity)
    times = list(times)
    capitalised = dues(contract, EventType.IPCI, [t for t in times if t < until], maturity)
    capitalised.append(Due(EventType.IPCI, contract.fixed(until)))
    return capitalised + dues(contract, EventType.IP, [t for t in times if t > until], maturity)


def capitalisation_dues(contract: Contract, maturity: Maturity) -> list[Due]:
    """§7.6 and §7.7 IPCI of call money and undefined maturities: every cycle, maturity excepted."""
    if not contract.terms.has("nominalInterestRate"):
        return []
    times = cyclic(
        contract,
        "cycleAnchorDateOfInterestPayment",
        "cycleOfInterestPayment",
        maturity.scheduled,
        include_end=False,
    )
    return dues(contract, EventType.IPCI, times, maturity)


def reset_dues(contract: Contract, maturity: Maturity) -> list[Due]:
    """§7.1 RR and RRF: the first reset after the status date takes the rate already fixed, if there is one."""
    times = cyclic(contract, "cycleAnchorDateOfRateReset", "cycleOfRateReset", maturity.scheduled, include_end=False)
    found = dues(contract, EventType.RR, times, maturity)
    fixed = contract.terms.number("nextResetRate")
    if fixed is None:
        return found
    ahead = [due for due in found if due.time > contract.start]
    first = min(ahead, key=lambda due: due.time, default=None)
    return [Due(EventType.RRF, due.slot, fixed) if due is first else due for due in found]


def scaling_dues(contract: Contract, maturity: Maturity) -> list[Due]:
    """§7.1 SC: none where nothing is scaled."""
    if contract.terms.choice("scalingEffect")[:2] == "00":
        return []
    names = ("cycleAnchorDateOfScalingIndex", "cycleOfScalingIndex")
    return dues(contract, EventType.SC, cyclic(contract, *names, maturity.scheduled, include_end=False), maturity)


def base_dues(contract: Contract, maturity: Maturity) -> list[Due]:
    """§7.2 IPCB: only where interest is calculated on a lagged notional."""
    if contract.terms.choice("interestCalculationBase") != "NTL":
        return []
    names = ("cycleAnchorDateOfInterestCalculationBase", "cycleOfInterestCalculationBase")
    return dues(contract, EventType.IPCB, cyclic(contract, *names, maturity.scheduled, include_end=False), maturity)


def fee_dues(contract: Contract, maturity: Maturity) -> list[Due]:
    """§7.1 FP: the cycle and maturity; none without a fee."""
    if not contract.terms.need_number("feeRate"):
        return []
    names = ("cycleAnchorDateOfFee", "cycleOfFee")
    return dues(contract, EventType.FP, cyclic(contract, *names, maturity.scheduled, include_end=True), maturity)


def prepayment_dues(contract: Contract, maturity: Maturity) -> list[Due]:
    """§7.1 PP and PY: prepayments that were observed, each with its penalty if there is one.

    With an optionality cycle a prepayment counts on its dates only; without one, from the anchor on. A prepayment
    the contract does not allow is refused.
    """
    found: list[Due] = []
    dates = _prepayment_dates(contract, maturity)
    for event in contract.happened("PP"):
        if event.time <= contract.start or event.time >= maturity.scheduled:
            continue
        _check_prepayment(contract, event.time, event.value, dates)
        slot = contract.fixed(event.time)
        found.append(Due(EventType.PP, slot, event.value))
        if contract.terms.choice("penaltyType") != "O":
            found.append(Due(EventType.PY, slot))
    return found


def _prepayment_dates(contract: Contract, maturity: Maturity) -> set[datetime] | None:
    if contract.terms.cycle("cycleOfOptionality") is None:
        return None
    names = ("cycleAnchorDateOfOptionality", "cycleOfOptionality")
    times = cyclic(contract, *names, maturity.scheduled, include_end=False)
    return {due.time for due in dues(contract, EventType.PP, times, maturity)}


def _check_prepayment(contract: Contract, time: datetime, amount: Decimal, dates: set[datetime] | None) -> None:
    if contract.terms.choice("prepaymentEffect") == "N":
        raise refusals.impossible(
            "prepaymentEffect",
            "N",
            Text(
                f"合约不允许提前还款，但 {time.date()} 有提前还款",
                f"no prepayment is allowed, yet one is on {time.date()}",
            ),
            Text("请填写 A 或 M，或删除该还款事件", "Give A or M, or leave the prepayment out"),
        )
    if amount < 0:
        raise refusals.impossible(
            "eventsObserved.value",
            amount,
            Text("提前还款金额不得为负", "a prepayment may not be negative"),
            Text("请填写大于零的金额", "Give an amount above zero"),
        )
    first = contract.terms.date("cycleAnchorDateOfOptionality")
    if (dates is not None and time not in dates) or (dates is None and first is not None and time < first):
        raise refusals.impossible(
            "eventsObserved.time",
            time.isoformat(),
            Text("不在可提前还款的日期内", "it is no date on which prepayment is allowed"),
            Text(
                "请核对 cycleAnchorDateOfOptionality 与 cycleOfOptionality",
                "See cycleAnchorDateOfOptionality and cycleOfOptionality",
            ),
        )


def redemption_anchor(contract: Contract) -> datetime | None:
    return anchor(contract, "cycleAnchorDateOfPrincipalRedemption", "cycleOfPrincipalRedemption")


def redemption_times(contract: Contract, end: datetime) -> list[datetime]:
    """§7.2 PR: the cycle, ``end`` excepted."""
    names = ("cycleAnchorDateOfPrincipalRedemption", "cycleOfPrincipalRedemption")
    return cyclic(contract, *names, end, include_end=False)


def maturity_after(contract: Contract, payments: int) -> datetime:
    """§7.2 Md: the date of the last of ``payments`` redemptions still due after the status date."""
    cycle = contract.terms.need_cycle("cycleOfPrincipalRedemption")
    first, month_end = redemption_anchor(contract), contract.conventions.month_end
    assert first is not None, "a redemption cycle gives an anchor"
    if payments > schedule.TIMES_MAX:
        raise schedule.too_long("nextPrincipalRedemptionPayment", payments)
    past = 0
    if first < contract.start:
        past = _count_before(first, cycle, contract.start, month_end)
    return cycle.period.after(first, past + payments - 1, month_end=month_end)


def _count_before(first: datetime, cycle: Cycle, stop: datetime, month_end: bool) -> int:
    bare = Cycle(cycle.period, long_stub=False)
    return len(schedule.times(first, bare, stop, include_end=False, month_end=month_end))


def interest_before_redemption(contract: Contract, end: datetime) -> list[datetime]:
    """§7.4 IP: the interest cycle up to one redemption cycle before the first redemption, then with each redemption."""
    first = redemption_anchor(contract)
    assert first is not None, "a redemption cycle gives an anchor"
    cycle = contract.terms.need_cycle("cycleOfPrincipalRedemption")
    stop = cycle.period.after(first, -1, month_end=contract.conventions.month_end)
    names = ("cycleAnchorDateOfInterestPayment", "cycleOfInterestPayment")
    begin = anchor(contract, *names)
    early: list[datetime] = []
    if begin is not None and begin <= min(stop, end):
        early = cyclic(contract, *names, min(stop, end), include_end=True)
    return sorted({*early, *redemption_times(contract, end), end})
