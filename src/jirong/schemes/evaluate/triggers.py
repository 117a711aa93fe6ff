"""Which triggers of a scheme hold on a day, and why; one whose facts are not known neither fires nor is passed over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from jirong.kernel.rates import RateHistory
from jirong.schemes.evaluate.context import Context
from jirong.schemes.evaluate.eligibility import answer
from jirong.schemes.evaluate.facts import Answer, Facts, Standing
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.who import CONDITION
from jirong.schemes.model.responses import Trigger
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import NOTHING_KNOWN, Registry


@dataclass(frozen=True, slots=True)
class Watched:
    """A trigger, whether it fires (None: not known), and the answer of each of its tests."""

    trigger: Trigger
    fires: bool | None
    answers: tuple[Answer, ...]


def watch(
    scheme: Scheme, facts: Facts, *, on: dt.date, lpr: RateHistory, registry: Registry = NOTHING_KNOWN
) -> list[Watched]:
    """Every trigger in the order of the scheme, judged on ``on``; it fires when all its tests are met."""
    context = Context(scheme, Names(scheme, registry), facts, lpr, on)
    found = []
    for trigger in scheme.triggers:
        answers = tuple(answer(context, test, CONDITION) for test in trigger.when)
        standings = {item.standing for item in answers}
        fires = None if standings - {Standing.MET, Standing.FAILED} else standings == {Standing.MET}
        if Standing.FAILED in standings:
            fires = False
        found.append(Watched(trigger, fires, answers))
    return found
