"""What every method does before and after it judges: read its inputs, answer silence, find the level, say why.

A method's document declares each input and what its absence means: ``ask`` (the default: the result is incomplete and
names the input), a stand-in value with the reason for it, or a bin of its own. Only plain absence can be answered so:
an input that is withheld, contradictory, implausible, too old or dated in the future always leaves the result
incomplete. Nothing is ever decided on silence.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from jirong.assessment.methods import wording
from jirong.assessment.methods.levels import LevelTable
from jirong.assessment.methods.values import Effect, Reason, Result, Status
from jirong.kernel.text import Text
from jirong.schemes.evaluate.facts import MISSING, FeatureValue, Known
from jirong.schemes.registry import FeatureInfo, MethodInfo

Raw = Decimal | bool | str
Values = Mapping[str, Raw | None]
"""Inputs a method judges; None only for one whose absence has a bin of its own."""

ASK, BIN = "ask", "bin"


@dataclass(frozen=True, slots=True)
class StandIn:
    """The value an absent input is taken to have, and why that is fair."""

    value: Raw
    because: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One feature a method reads. ``kind``: number, money (yuan), percent (a fraction), flag or word."""

    feature: str
    title: Text
    kind: str = "number"
    unit: Text | None = None
    missing: str | StandIn = ASK
    plausible: tuple[Decimal, Decimal] | None = None
    within_days: int | None = None

    def shown(self, value: Raw) -> Text:
        return wording.figure(value, self.kind, self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every method document says of itself. ``unverified`` names what nobody has checked yet."""

    name: str
    version: int
    title: Text
    summary: Text
    source: str
    effective: dt.date
    levels: LevelTable
    inputs: tuple[Input, ...]
    verified: bool

    @property
    def id(self) -> str:
        return f"{self.name}@{self.version}"

    def features_named(self) -> tuple[str, ...]:
        return tuple(item.feature for item in self.inputs)

    def input(self, feature: str) -> Input:
        return next(item for item in self.inputs if item.feature == feature)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a method makes of complete inputs."""

    score: Decimal
    reasons: tuple[Reason, ...]
    pd: Decimal | None = None
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    level: str | None = None
    """Set where something other than the score decides the level (a bar that was missed)."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a method answers when complete inputs still do not suffice; reasons of effect ``LACKING`` say what is."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Method(ABC):
    """A method as read from its document; :meth:`assess` is all a caller needs."""

    head: Head

    @property
    def id(self) -> str:
        return self.head.id

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features it reads."""
        return self.head.features_named()

    def info(self) -> MethodInfo:
        return MethodInfo(self.head.title, self.head.levels.codes, self.features)

    def feature_infos(self) -> dict[str, FeatureInfo]:
        return {item.feature: FeatureInfo(item.title, item.kind, item.unit) for item in self.head.inputs}

    def assess(self, features: Mapping[str, FeatureValue], as_of: dt.date) -> Result:
        """The result on ``as_of``; features the method does not read are ignored and stay out of the hash."""
        used = {name: features.get(name, MISSING) for name in self.features}
        values, said, complete = self._read(used, as_of)
        if not complete:
            return self._result(used, as_of, Status.INCOMPLETE, None, said)
        judged = self.judge(values, as_of)
        if isinstance(judged, Lacking):
            return self._result(used, as_of, Status.INCOMPLETE, None, [*said, *judged.reasons])
        return self._result(used, as_of, Status.ASSESSED, judged, said)

    @abstractmethod
    def judge(self, values: Values, as_of: dt.date) -> Judged | Lacking:
        """Score complete ``values``; reasons best first in each effect."""

    def assess_many(
        self, firms: Sequence[Mapping[str, FeatureValue]], as_of: dt.date
    ) -> list[tuple[Decimal | None, str | None]]:
        """Score and level of many firms; methods that serve whole clusters have a columnar twin (``columns``)."""
        results = (self.assess(firm, as_of) for firm in firms)
        return [(result.score, result.level) for result in results]

    def _read(
        self, used: Mapping[str, FeatureValue], as_of: dt.date
    ) -> tuple[dict[str, Raw | None], list[Reason], bool]:
        values: dict[str, Raw | None] = {}
        said: list[Reason] = []
        complete = True
        for item in self.head.inputs:
            found = used[item.feature]
            silent = _silence(item, found, as_of)
            if silent is not None:
                said.append(Reason(Effect.LACKING, item.feature, silent))
                complete = False
            elif isinstance(item.missing, StandIn) and found.value is None:
                values[item.feature] = item.missing.value
                said.append(Reason(Effect.STOOD_IN, item.feature, _stood_in(item, item.missing)))
            else:
                values[item.feature] = found.value
        return values, said, complete

    def _result(
        self,
        used: Mapping[str, FeatureValue],
        as_of: dt.date,
        status: Status,
        judged: Judged | None,
        said: Sequence[Reason],
    ) -> Result:
        score = judged.score.quantize(Decimal("0.01")) if judged else None
        level = None
        if judged is not None:
            level = judged.level or self.head.levels.of(judged.score, as_of)
        return Result(
            method=self.id,
            as_of=as_of,
            status=status,
            score=score,
            level=level,
            pd=judged.pd if judged else None,
            reasons=(*said, *(judged.reasons if judged else ())),
            inputs=used,
            figures=judged.figures if judged else {},
            verified=self.head.verified and self.head.levels.verified(as_of),
        )


def plausible(item: Input, value: Raw) -> bool:
    """Whether the method would take this value: advice never names one it would refuse."""
    return _unfit(item, value) is None


def _silence(item: Input, found: FeatureValue, as_of: dt.date) -> Text | None:
    """Why this input cannot be used; None when it can, or when its absence has a declared answer."""
    if found.known is Known.MISSING and item.missing != ASK:
        return None
    if found.known is not Known.PRESENT:
        return wording.lacking(item.title, found.known)
    return _unfit(item, found.value) or _out_of_time(item, found.fresh_on, as_of)


def _unfit(item: Input, value: Raw | None) -> Text | None:
    """The value is of another kind than the method reads, or beyond what can be."""
    expected: type = {"flag": bool, "word": str}.get(item.kind, Decimal)
    title = item.title
    if not isinstance(value, expected) or (isinstance(value, Decimal) and not value.is_finite()):
        return Text(f"{title.zh}：资料的类型不对，请更正", f"{title.en}: the facts are of the wrong kind; correct them")
    if item.plausible is None or not isinstance(value, Decimal):
        return None
    low, high = item.plausible
    if low <= value <= high:
        return None
    have, least, most = item.shown(value), item.shown(low), item.shown(high)
    return Text(
        f"{title.zh}为{have.zh}，超出合理范围（{least.zh}至{most.zh}），请核对后更正",
        f"{title.en} is {have.en}, beyond what is plausible ({least.en} to {most.en}); check and correct it",
    )


def _out_of_time(item: Input, fresh_on: dt.date | None, as_of: dt.date) -> Text | None:
    title = item.title
    if fresh_on is None:
        return None
    if fresh_on > as_of:
        return Text(
            f"{title.zh}：资料日期{fresh_on}晚于评估日，请更正",
            f"{title.en}: its facts are dated {fresh_on}, after the day of assessment; correct the date",
        )
    if item.within_days is not None and (as_of - fresh_on).days > item.within_days:
        return Text(
            f"{title.zh}：资料截至{fresh_on}，已超过{item.within_days}天，请更新",
            f"{title.en}: its facts end on {fresh_on}, over {item.within_days} days ago; bring them up to date",
        )
    return None


def _stood_in(item: Input, stand_in: StandIn) -> Text:
    shown, title, why = item.shown(stand_in.value), item.title, stand_in.because
    return Text(f"{title.zh}没有资料，按{shown.zh}计：{why.zh}", f"{title.en}: no facts, taken as {shown.en}: {why.en}")
