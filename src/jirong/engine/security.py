"""What a scheme asks to be given as security, and what of it is still missing.

A :class:`Demand` is one pledge sentence of a scheme, a :class:`Given` one thing as it is pledged to the lender now.
:func:`findings` answers every demand in the order in which people do it (record and pledge, sign, value, bring under
control, register), then whether all together carries the debt. The findings are the reasons a payout is refused with;
the first that does not hold is also the state sentence of the contract's security ("待中登登记 · 还差登记号").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from uuid import UUID

from jirong.engine.cover import FULL, Cover, Support, cover_of
from jirong.engine.reasons import Reason
from jirong.kernel.money import Money
from jirong.kernel.rules import Effect, Rulebook, RuleValue
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Where a kind of thing is registered; ``constitutes``: without it the security does not exist at all."""

    name: Text
    constitutes: bool
    rule: str
    lacking: Text


ZHONGDENG = Text("中登网", "the register of movables and rights")
REGISTERS = {
    "zhongdeng": ZHONGDENG,
    "land": Text("不动产登记机构", "the land register"),
    "cnipa": Text("国家知识产权局", "CNIPA"),
    "samr": Text("市场监督管理部门", "the company register"),
    "control": Text("账户控制", "control of the account"),
}
_NUMBER = Text("还差登记号", "the registration number is missing")
_MOVABLES = Text("待中登登记", "Awaiting registration in the movables register")


def _register(name: Text, rule: str, *, constitutes: bool = True, lacking: Text = _NUMBER) -> Register:
    return Register(name=name, constitutes=constitutes, rule=rule, lacking=lacking)


KINDS: dict[str, tuple[str, Register]] = {
    "receivables": ("zhongdeng", _register(_MOVABLES, "civil.receivable_pledge")),
    "future_receivables": ("zhongdeng", _register(_MOVABLES, "civil.receivable_pledge")),
    "stock": ("zhongdeng", _register(_MOVABLES, "collateral.movables_registration", constitutes=False)),
    "equipment": ("zhongdeng", _register(_MOVABLES, "collateral.movables_registration", constitutes=False)),
    "patents": (
        "cnipa",
        _register(Text("待专利质押登记", "Awaiting registration of the patent pledge"), "civil.ip_pledge"),
    ),
    "land": (
        "land",
        _register(
            Text("待不动产抵押登记", "Awaiting registration of the mortgage"),
            "collateral.land_registration",
            lacking=Text("还差不动产登记证明号", "the certificate number is missing"),
        ),
    ),
    "shares": (
        "samr",
        _register(
            Text("待股权出质登记", "Awaiting registration of the pledge of shares"), "collateral.share_registration"
        ),
    ),
    "accounts": (
        "control",
        _register(
            Text("待账户控制", "Awaiting control of the account"),
            "collateral.account_control",
            lacking=Text("还差控制协议编号", "the control agreement's number is missing"),
        ),
    ),
}
"""Kind of thing (a scheme's word) → the register it goes to and what registering does. Lots of notes are claims; their
pledge lives with the note.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One pledge a scheme asks for; parties are ids."""

    kind: str
    by: UUID | None
    said: Text
    cover: Fraction | None = None
    before_payment: bool = True
    valued_by: UUID | None = None
    watched_by: UUID | None = None
    call_below: Fraction | None = None
    top_up_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A thing pledged to the lender as it stands: ``state`` is ``offered``, ``signed`` or ``registered``.

    ``value_minor`` is what of its value counts for this lender (after haircut and rank).
    """

    id: UUID
    kind: str
    by: UUID
    state: str
    value_minor: int
    valued_by: UUID | None = None
    valued_on: dt.date | None = None
    valid_until: dt.date | None = None
    watched_by: UUID | None = None
    registered_until: dt.date | None = None


def support_of(given: Given, demands: Sequence[Demand]) -> Support:
    """What a thing carries under the demand it answers; a thing nobody asked for counts at its value."""
    demand = next((item for item in demands if _answers(given, item)), None)
    cover = (demand.cover if demand else None) or FULL
    return Support(value_minor=given.value_minor, cover=cover, call_below=demand.call_below if demand else None)


def standing_cover(demands: Sequence[Demand], given: Sequence[Given], debt_minor: int, on: dt.date) -> Cover:
    """The cover of a debt by everything that stands (perfected where the demand wants that)."""
    return cover_of([support_of(item, demands) for item in given if _stands(item, demands, on)], debt_minor)


def findings(
    demands: Sequence[Demand], given: Sequence[Given], *, debt_minor: int, on: dt.date, rules: Rulebook
) -> tuple[Reason, ...]:
    """Every demand answered, first to last, as bars of a payout that would bring the debt to ``debt_minor``."""
    found: list[Reason] = []
    for demand in demands:
        found += _of_demand(demand, [item for item in given if _answers(item, demand)], on, rules)
    if any(demand.cover for demand in demands):
        found.append(cover_finding(standing_cover(demands, given, debt_minor, on)))
    return tuple(found)


def cover_finding(cover: Cover) -> Reason:
    """Whether all together carries the debt."""
    short, carries, debt = (
        Money(minor).grouped() for minor in (cover.short_minor, cover.carries_minor, cover.debt_minor)
    )
    holds = cover.short_minor == 0
    return Reason(
        code="security.cover",
        holds=holds,
        effect=Effect.BAR,
        text=Text(f"押品足值：可担保{carries}，债务{debt}", f"Covered: it carries {carries} of debt, {debt} is owed")
        if holds
        else Text(f"押品不足：可担保{carries}，债务{debt}，缺{short}", f"Cover is short: it carries {carries}, {debt} is owed, {short} is lacking"),
        inputs={"carries": str(Money(cover.carries_minor)), "debt": str(Money(cover.debt_minor)), "short": str(Money(cover.short_minor))},
        remedy=None if holds else Text("请补充押品或减少用款", "Give more security or draw less"),
    )  # fmt: skip


def _answers(given: Given, demand: Demand) -> bool:
    return given.kind == demand.kind and (demand.by is None or given.by == demand.by)


def _stands(given: Given, demands: Sequence[Demand], on: dt.date) -> bool:
    demand = next((item for item in demands if _answers(given, item)), None)
    needs_register = KINDS[given.kind][1].constitutes or (demand is not None and demand.before_payment)
    if needs_register:
        return given.state == "registered" and not _ended(given.registered_until, on)
    return given.state in ("signed", "registered")


def _ended(until: dt.date | None, on: dt.date) -> bool:
    return until is not None and until < on


def _of_demand(demand: Demand, given: Sequence[Given], on: dt.date, rules: Rulebook) -> list[Reason]:
    """The findings on one demand; the best of several things answers for it."""
    demand = replace(demand, said=Text(demand.said.zh, demand.said.en[:1].upper() + demand.said.en[1:]))
    if not given:
        text = Text(f"尚未提供{demand.said.zh}作担保", f"{demand.said.en} have not been given as security")
        return [
            _finding(
                "security.none", False, text, remedy=Text("请登记押品并提出质押或抵押", "Record the asset and offer it")
            )
        ]
    signed = [item for item in given if item.state != "offered"]
    said = demand.said
    found = [_finding("security.signed", bool(signed),
                      Text(f"{said.zh}：担保协议已签署", f"{said.en}: the agreement is signed") if signed
                      else Text(f"{said.zh}：担保协议待对方签署", f"{said.en}: the agreement awaits the lender's signature"),
                      remedy=Text("请贷款人复核签署", "The lender is to check and sign"))]  # fmt: skip
    if not signed:
        return found
    found += _valued(demand, signed, on)
    if demand.watched_by is not None:
        rule = rules.find("collateral.warehouse_control", on)
        found.append(_any("security.watched", signed, lambda item: item.watched_by == demand.watched_by,
                          Text(f"{said.zh}由约定的监管方控制", f"{said.en}: under the agreed warehouse's control"),
                          Text(f"{said.zh}尚未由约定的监管方控制", f"{said.en}: not yet under the agreed warehouse's control"),
                          Text("请在押品上指定监管方并由其入库确认", "Name the warehouse; it confirms the goods"), rule))  # fmt: skip
    if demand.before_payment:
        found.append(_registered(demand, signed, on, rules))
    return found


def _valued(demand: Demand, signed: Sequence[Given], on: dt.date) -> list[Reason]:
    said = demand.said
    found = [
        _any("security.valued", signed, lambda item: item.valued_on is not None and not _ended(item.valid_until, on),
             Text(f"{said.zh}已估值且在有效期内", f"{said.en}: valued, and the valuation is in force"),
             Text(f"{said.zh}没有有效的估值", f"{said.en}: there is no valuation in force"),
             Text("请评估机构出具估值", "An appraiser is to value it")),
    ]  # fmt: skip
    if demand.valued_by is not None:
        found.append(
            _any("security.valued_by", signed, lambda item: item.valued_by == demand.valued_by,
                 Text(f"{said.zh}由方案指定的机构评估", f"{said.en}: valued by the appraiser the scheme names"),
                 Text(f"{said.zh}不是由方案指定的机构评估", f"{said.en}: not valued by the appraiser the scheme names"),
                 Text("请由方案指定的评估机构出具估值", "The appraiser the scheme names is to value it")),
        )  # fmt: skip
    return found


def _registered(demand: Demand, signed: Sequence[Given], on: dt.date, rules: Rulebook) -> Reason:
    register, how = KINDS[demand.kind]
    held = [item for item in signed if item.state == "registered"]
    rule, said = rules.find(how.rule, on), demand.said
    if held and all(_ended(item.registered_until, on) for item in held):
        text = Text(f"{said.zh}的登记已到期", f"{said.en}: the registration has run out")
        return _finding("security.registration_ended", False, text, Text("请办理展期", "Have it extended"), rule)
    where = REGISTERS[register]
    if held:
        return _finding(
            "security.registered",
            True,
            Text(f"{said.zh}已在{where.zh}登记", f"{said.en}: registered with {where.en}"),
            None,
            rule,
        )
    text = Text(f"{how.name.zh} · {how.lacking.zh}", f"{how.name.en} · {how.lacking.en}")
    remedy = Text(
        f"请债权人在{where.zh}办理登记后填报登记号", f"The holder registers it with {where.en} and records the number"
    )
    return _finding("security.unregistered", False, text, remedy, rule)


def _any(
    code: str, items: Sequence[Given], test: Callable[[Given], bool], yes: Text, no: Text, remedy: Text,
    rule: RuleValue | None = None,
) -> Reason:  # fmt: skip
    holds = any(test(item) for item in items)
    return _finding(code, holds, yes if holds else no, remedy, rule)


def _finding(
    code: str, holds: bool, text: Text, remedy: Text | None = None, rule: RuleValue | None = None, **inputs: Any
) -> Reason:
    return Reason(
        code=code, holds=holds, effect=Effect.BAR, text=text, rule=rule, inputs=inputs, remedy=None if holds else remedy
    )
