"""A scheme's triggers while a contract runs: judged on facts read anew, executed once when they begin and when they end.

What may be looked at is what the firm's consent allows on the day: a consent withdrawn leaves the trigger not known. An
unknown trigger does nothing and lifts nothing; that it is not known is told, with what would make it known. Everything a
trigger did stands in the contract's timeline with the answers of its tests.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from jirong.engine import triggers
from jirong.engine.kinds import credit_line, loan
from jirong.engine.triggers import Effects, Standing
from jirong.financing import deciding, inputs, runtime
from jirong.financing.models import PARTITIONS, Contract, Loan, Policy, Step
from jirong.financing.models_conduct import Call, Watch
from jirong.instruments import practice
from jirong.kernel import rates
from jirong.kernel.errors import Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.log.actions import concern
from jirong.schemes.evaluate import Facts
from jirong.schemes.evaluate import triggers as judging
from jirong.schemes.model import responses
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import SYSTEM, acting_as

RUNNING = ("live", "overdue")
RUNNING_UNDER = """
SELECT c.id FROM financing_contract c
WHERE c.policy_id = ANY(%s) AND c.status <> 'closed' AND (get_byte(uuid_send(c.borrower_id), 15) & 63) = ANY(%s) AND (
    EXISTS (SELECT FROM parties_consent o WHERE o.grantor_id = c.borrower_id)
    OR EXISTS (SELECT FROM facts_fact f WHERE f.subject_id = c.borrower_id)
    OR EXISTS (SELECT FROM facts_fact f WHERE f.counterparty_id = c.borrower_id)
    OR EXISTS (SELECT FROM financing_figure f WHERE f.subject_id = c.borrower_id)
    OR EXISTS (SELECT FROM financing_watch w WHERE w.contract_id = c.id)
)
ORDER BY c.id
"""
"""Contracts of these policies whose debtors' loans are closed in these parts (``runtime.partition_of``). A debtor that never
let anybody look and of whom nothing was ever told (a book taken over) leaves every trigger unknown: it is not asked.
"""
assert PARTITIONS == 64, "the statement takes a debtor's last six bits"
MOVES = (responses.CutRate, responses.RaiseRate)
NOT_CARRIED = (responses.Open, responses.PayInterest, responses.PayLoss)


@dataclass(frozen=True, slots=True)
class Turned:
    """A trigger that changed its standing, and what that did."""

    place: int
    before: Standing
    now: Standing
    effects: Effects

    def as_dict(self) -> dict[str, Any]:
        effects = self.effects
        return {
            "place": self.place, "before": self.before.value, "now": self.now.value, "freeze": effects.freeze,
            "holds": sorted(effects.hold), "lifted": sorted(effects.unhold),
            "rates": {str(id): str(rate) for id, rate in effects.rates.items()},
            "calls": [{"party": call.party, "to": call.to, "due": call.due.isoformat()} for call in effects.calls],
        }  # fmt: skip


def check_carried(scheme: Scheme) -> None:
    """Refuse a loan scheme with responses that only a pool, an insurer or another scheme can carry out."""
    for place, trigger in enumerate(scheme.triggers):
        if any(isinstance(response, NOT_CARRIED) for response in trigger.then):
            raise Invalid(
                "financing.response_not_carried",
                Text(
                    f"第{place + 1}个触发条件的响应须由资金池或保险方案执行，贷款合同不能执行",
                    f"A response of trigger {place + 1} is for a pool or an insurer; a loan cannot carry it out",
                ),
                remedy=Text(
                    "请把该响应写入资金池或保险方案", "Put that response into the pool's or the insurer's scheme"
                ),
                where="scheme",
                details={"path": f"triggers/{place}"},
            )


def watch(contract: Contract, act: uuid.UUID, on: datetime.date) -> list[Turned]:
    """Judge every trigger of a contract (locked by the caller) and do what those that turned say; what turned."""
    scheme = deciding.scheme_behind(contract.policy)
    if not scheme.triggers or contract.status == "closed":
        return []
    found = judging.watch(scheme, _facts(scheme, contract, on), on=on, lpr=rates.lpr_history())
    with acting_as(SYSTEM):
        rows = {row.place: row for row in Watch.objects.select_for_update().filter(contract=contract)}
    turned = []
    for place, watched in enumerate(found):
        row = rows.get(place) or Watch(contract=contract, place=place, standing=Standing.QUIET.value, since=on)
        rows[place] = row
        before = Standing(row.standing)
        now = triggers.turn(before, watched.fires, row.since, watched.trigger.lasts, on)
        row.on, row.answers, row.action = on, [answer.as_dict() for answer in watched.answers], act
        if now is not before:
            row.standing, row.since = now.value, on
            effects = _turn(contract, scheme, rows, place, before, now, derived_id(act, contract.pk, place), on)
            turned.append(Turned(place, before, now, effects))
        with acting_as(SYSTEM):
            row.save()
    _call_in(contract, act, on)
    return turned


def watch_all(
    lender: uuid.UUID,
    on: datetime.date,
    act: uuid.UUID,
    report: Callable[[uuid.UUID, Exception], None],
    partitions: Iterable[int] | None = None,
) -> dict[str, int]:
    """Every contract of a lender (of these partitions of its debtors) whose scheme has triggers, for the close of
    business: one that cannot be judged is reported and the others go on. Counts of what was looked at, what turned, and
    errors.
    """
    counts = {"watched": 0, "turned": 0, "errors": 0}
    for id in to_watch(lender, partitions):
        try:
            with transaction.atomic():
                counts["turned"] += len(watch(runtime.lock_contract(id), act, on))
            counts["watched"] += 1
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one contract stays with it
            counts["errors"] += 1
            report(id, error)
    return counts


def to_watch(lender: uuid.UUID, partitions: Iterable[int] | None = None) -> list[uuid.UUID]:
    """The lender's contracts that run under a scheme with triggers (of these partitions of their debtors)."""
    with acting_as(SYSTEM):
        signed = Policy.objects.filter(lender=lender).select_related("scheme")
        policies = [row.pk for row in signed if deciding.scheme_behind(row).triggers]
        if not policies:
            return []
        with connection.cursor() as cursor:
            cursor.execute(RUNNING_UNDER, [policies, list(range(PARTITIONS) if partitions is None else partitions)])
            return [id for (id,) in cursor.fetchall()]


def holds_of(contract: Contract) -> frozenset[str]:
    """What triggers in force hold back apart from drawing: ``release`` of collateral, ``new_contracts``, ``issuing``."""
    scheme = deciding.scheme_behind(contract.policy)
    return frozenset(
        response.freeze
        for row in _firing(contract)
        for response in scheme.triggers[row.place].then
        if isinstance(response, responses.Freeze) and response.freeze != triggers.NEW_DRAWS
    )


def shifted(contract: Contract, kept: dict[str, Any], loan_id: uuid.UUID) -> dict[str, Any]:
    """The product of a new drawing while triggers move rates: cut or raised as the running loans were; each trigger
    remembers by how much, so that its end takes it back.
    """
    scheme = deciding.scheme_behind(contract.policy)
    if not any(isinstance(response, MOVES) for trigger in scheme.triggers for response in trigger.then):
        return kept
    signed = rate = Decimal(kept["rate"])
    for row in _firing(contract):
        position = triggers.Position(limit_minor=contract.limit_minor, rates={loan_id: rate}, cap=_cap(contract))
        after = triggers.begin(scheme.triggers[row.place], position, row.since).rates.get(loan_id, rate)
        if after != rate:
            row.moved = row.moved | {str(loan_id): str(after - rate)}
            with acting_as(SYSTEM):
                row.save(update_fields=["moved"])
        rate = after
    if rate == signed:
        return kept
    return kept | {"rate": str(rate.normalize())} | _floating_on(kept, signed, rate)


def _floating_on(kept: dict[str, Any], signed: Decimal, rate: Decimal) -> dict[str, Any]:
    """A floating rate goes on floating by as many points more or fewer; where no whole points give the moved rate (it
    stands at its floor or cap), the drawing keeps that rate, as a running loan's moved rate is kept.
    """
    floating = kept.get("floating")
    if floating is None:
        return {}
    points = rates.in_bp(rate - signed)
    low, high = Decimal(floating["floor"]), Decimal(floating.get("cap") or 1)
    if points != points.to_integral_value() or not all(low < each < high for each in (signed, rate)):
        return {"floating": None}
    return {"floating": floating | {"plus_bp": floating["plus_bp"] + int(points)}}


def _facts(scheme: Scheme, contract: Contract, on: datetime.date) -> Facts:
    names, papers = inputs.names_watched(scheme)
    return deciding.facts_named(scheme, contract.policy, contract.borrower_id, names, papers, on)


def _turn(
    contract: Contract, scheme: Scheme, rows: Mapping[int, Watch], place: int, before: Standing, now: Standing,
    act: uuid.UUID, on: datetime.date,
) -> Effects:  # fmt: skip
    """Carry out what beginning or ending says, and write it into the timeline."""
    trigger, row = scheme.triggers[place], rows[place]
    position = _position(contract, any(each.froze for each in rows.values()))
    effects = Effects()
    if now is Standing.FIRING:
        # Frozen by the lender already, it needs no freezing; then its end lifts nothing either.
        found = _position(contract, contract.status == "frozen")
        effects = triggers.begin(trigger, found, on)
        row.moved = {str(id): str(rate - found.rates[id]) for id, rate in effects.rates.items()}
    elif before is Standing.FIRING:
        still = [scheme.triggers[each.place] for each in rows.values() if each.standing == Standing.FIRING.value]
        moved = {uuid.UUID(id): Decimal(shift) for id, shift in row.moved.items()}
        effects, row.moved = triggers.end(trigger, position, still, moved), {}
    _apply(contract, effects, trigger, place, act, on)
    if effects.freeze is True:
        row.froze = True
    elif effects.freeze is False:
        with acting_as(SYSTEM):
            Watch.objects.filter(contract=contract).update(froze=False)
        for each in rows.values():
            each.froze = False
    word = {Standing.FIRING: "trigger.begins", Standing.QUIET: "trigger.ends", Standing.UNKNOWN: "trigger.unknown"}[now]
    told = _parties(contract, effects.told)
    _record(contract, row, trigger, act, word, on, told)
    concern(contract.borrower_id, contract.lender_id, *told)
    return effects


def _position(contract: Contract, frozen: bool) -> triggers.Position:
    with acting_as(SYSTEM):
        loans = Loan.objects.filter(contract=contract, status__in=RUNNING).values_list("pk", "rate_e6")
        running = {pk: Decimal(rate).scaleb(-6) for pk, rate in loans}
    return triggers.Position(
        limit_minor=contract.limit_minor, lowered_minor=contract.lowered_minor, frozen=frozen,
        holds=frozenset(holds_of(contract)), rates=running, cap=_cap(contract),
    )  # fmt: skip


def _apply(
    contract: Contract, effects: Effects, trigger: responses.Trigger, place: int, act: uuid.UUID, on: datetime.date
) -> None:
    if effects.freeze is not None:
        event = credit_line.Freeze(id=derived_id(act, "freeze"), frozen=effects.freeze)
        runtime.take_line(contract, event, on, kind="freeze" if effects.freeze else "unfreeze")
    if effects.lower_to_minor is not None:
        lower = credit_line.Lower(id=derived_id(act, "lower"), to_minor=effects.lower_to_minor)
        runtime.take_line(contract, lower, on, kind="lower", minor=effects.lower_to_minor)
    for id, rate in sorted(effects.rates.items()):
        _change(id, practice.RateSet(on, rate), derived_id(act, "rate", id), on, kind="reprice")
    for number, call in enumerate(effects.calls):
        (party,) = _parties(contract, (call.party,)) or (contract.lender_id,)
        with acting_as(SYSTEM):
            Call.objects.create(
                id=derived_id(act, "call", number), contract=contract, place=place, party_id=party, name=call.party,
                to=call.to, on=on, due=call.due, action=act,
            )  # fmt: skip
        concern(party)


def _change(id: uuid.UUID, change: Any, act: uuid.UUID, on: datetime.date, *, kind: str) -> None:
    """A new term of a running loan, closed up to today first."""
    running = runtime.lock_loan(id)
    if running.state.status not in loan.RUNNING:
        return
    runtime.take(running, loan.CloseDay(id=derived_id(act, "catch up")), on, kind="close_day", quiet=True)
    if running.state.status in loan.RUNNING:
        runtime.take(running, loan.Change(id=act, by=None, change=change), on, kind=kind)


def _call_in(contract: Contract, act: uuid.UUID, on: datetime.date) -> None:
    """Calls to repay at once whose day has come: what is not yet due falls due."""
    with acting_as(SYSTEM):
        due = list(
            Call.objects.select_for_update(of=("self",)).filter(
                contract=contract, to="accelerated", done_on__isnull=True, due__lte=on
            )
        )
        loans = list(
            Loan.objects.filter(contract=contract, status__in=RUNNING).order_by("pk").values_list("pk", flat=True)
        )
    for call in due:
        for id in loans:
            _change(id, practice.Acceleration(on), derived_id(call.pk, id), on, kind="accelerate")
        call.done_on = on
        with acting_as(SYSTEM):
            call.save(update_fields=["done_on"])


def _firing(contract: Contract) -> list[Watch]:
    """The contract's triggers in force, in the order of the scheme."""
    with acting_as(SYSTEM):
        return list(Watch.objects.filter(contract=contract, standing=Standing.FIRING.value).order_by("place"))


def _cap(contract: Contract) -> Decimal | None:
    price = deciding.scheme_behind(contract.policy).price
    return price.cap if price else None


def _parties(contract: Contract, names: tuple[str, ...]) -> list[uuid.UUID]:
    return [uuid.UUID(contract.parties[name]) for name in names if name in contract.parties]


def _record(
    contract: Contract, row: Watch, trigger: responses.Trigger, act: uuid.UUID, word: str, on: datetime.date,
    told: list[uuid.UUID],
) -> None:  # fmt: skip
    """The timeline's entry: the trigger's name and the answer of each of its tests."""
    title = trigger.title or Text(f"{trigger.level}级风险", f"level {trigger.level} risk")
    with acting_as(SYSTEM):
        Step.objects.create(
            action=act, contract=contract, kind=word, on=on, seen_by=sorted({*contract.seen_by, *told}),
            reasons=[
                {
                    "code": f"{word}.{answer['code']}", "holds": answer["standing"] == "met", "effect": "apply",
                    "text": {
                        "zh": f"{title.zh}：{answer['reason']['zh']}", "en": f"{title.en}: {answer['reason']['en']}",
                    },
                    "inputs": {"rule": answer["rule"], "path": answer["path"], "standing": answer["standing"]},
                    **({"remedy": answer["change"]} if "change" in answer else {}),
                }
                for answer in row.answers
            ],
        )  # fmt: skip
