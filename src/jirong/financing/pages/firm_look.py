"""What a firm would be answered now, under every policy at once, before it has asked anybody.

The firm looks at itself: everything is read as the firm's own, so nothing reaches a lender and no consent is needed.
The same features, methods and scheme as in a decision are used (a test holds the two equal), but the facts are read
once for all policies, so that a list of fifty costs no more statements than one. What belongs to another party of the
scheme is not looked at and stays unknown here. Nothing is written.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from jirong.assessment.methods import Result, house_methods
from jirong.engine.kinds.loan import Product
from jirong.facts.features.online import Reader
from jirong.financing import deciding, figures, inputs, owing, product
from jirong.financing.models import Policy
from jirong.kernel import rates
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.ledger import intents as ledger
from jirong.schemes import evaluate as evaluating
from jirong.schemes.evaluate import MISSING, Answer, Evaluation, Facts, FeatureValue, Known, Standing, Verdict
from jirong.schemes.model.contracts import CreditLine, Loan
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import SYSTEM, acting_as

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Look:
    """Everything known of ``firm`` on ``on`` that some policy asks about."""

    firm: uuid.UUID
    on: datetime.date
    values: Mapping[str, FeatureValue]
    papers: Mapping[str, datetime.date]
    ratings: Mapping[str, inputs.Rating]
    left: Mapping[uuid.UUID, Money]
    in_use: Mapping[uuid.UUID, Money] = field(default_factory=dict)
    results: Mapping[str, Result] = field(default_factory=dict)

    def value(self, name: str) -> FeatureValue:
        return self.values.get(name, MISSING)


@dataclass(frozen=True)
class Preview:
    """A policy's answer: ``amount`` and what follows only where it would be approved."""

    policy: Policy
    scheme: Scheme
    evaluation: Evaluation
    made: Product | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    short: bool = False
    """The lender has not enough left of what it committed, so an approval could not be made now."""

    @property
    def verdict(self) -> Verdict:
        return self.evaluation.verdict

    @property
    def fits(self) -> bool:
        return self.evaluation.terms is not None and self.made is not None and not self.short

    @property
    def amount(self) -> Money | None:
        terms = self.evaluation.terms
        return terms.amount if terms and not self.short else None

    @property
    def rate(self) -> Decimal | None:
        return self.evaluation.terms.rate if self.evaluation.terms else None

    @property
    def annual(self) -> Decimal | None:
        """The true yearly rate, a fraction."""
        return Decimal(self.told["annual_rate"]) if self.told else None

    def open_answers(self) -> list[Answer]:
        """What stands in the way: known failures first, then what is not known."""
        order = {Standing.FAILED: 0, Standing.UNKNOWN_ASK: 1, Standing.UNKNOWN_REFER: 2}
        found = self.evaluation.standing(*order)
        return sorted(found, key=lambda answer: order[answer.standing])


def own_reading(firm: uuid.UUID, on: datetime.date) -> figures.Readers:
    """The firm as the reader of its own facts."""
    return figures.Readers([Reader(firm, inputs.CREDIT, on)])


def lends(policy: Policy) -> bool:
    """Whether the policy's contract is one this room lends under."""
    return isinstance(deciding.scheme_behind(policy).instrument, Loan | CreditLine)


def may_borrow(policy: Policy, roles: Iterable[str]) -> bool:
    """Whether a party with these roles may stand as the borrower."""
    scheme = deciding.scheme_behind(policy)
    allowed = product.ROLES.get(scheme.parties.get("borrower", ""))
    return allowed is None or bool(allowed & set(roles))


def look(firm: uuid.UUID, policies: Iterable[Policy], on: datetime.date, more: Iterable[str] = ()) -> Look:
    """One look for all of ``policies``; ``more`` names features wanted beside theirs."""
    policies = list(policies)
    schemes = [deciding.scheme_behind(policy) for policy in policies]
    methods = {scheme.assess.method for scheme in schemes if scheme.assess}
    names, papers = set(more), set[str]()
    for scheme in schemes:
        features, evidence = inputs.names_in(scheme)
        names |= {name for key in features if (name := own_name(scheme, key))}
        papers |= {name for key in evidence if (name := own_name(scheme, key))}
    house = house_methods()
    for method in methods:
        names |= set(house[method].features) if method in house else set()
    own = own_reading(firm, on)
    values = inputs.features_of(firm, names, on, own) if names else {}
    results = {method: house[method].assess(values, on) for method in methods if method in house}
    return Look(
        firm, on, values, inputs.evidence_of(firm, papers, on, own) if papers else {},
        _ratings(methods, results, on, firm, own), _left(policies), _in_use(firm, policies, on), results,
    )  # fmt: skip


def own_name(scheme: Scheme, key: str) -> str | None:
    """The feature's name where the key asks about the borrower, None where it asks about another party."""
    prefix, dot, rest = key.partition(".")
    if dot and prefix in scheme.parties:
        return rest if prefix == "borrower" else None
    return key


def preview(
    found: Look, policy: Policy, *, asked: Money | None = None, use: str | None = None, months: int | None = None
) -> Preview:
    """What the policy would answer to what ``found`` shows; pure."""
    scheme = deciding.scheme_behind(policy)
    features, evidence = inputs.names_in(scheme)
    rating = found.ratings.get(scheme.assess.method) if scheme.assess else None
    values = _keyed(scheme, features, found.values)
    if rating:
        silent = [key for key in features if key not in values or values[key].known is Known.MISSING]
        values |= {key: rating.figures[key] for key in silent if key in rating.figures}
    facts = Facts(
        features=values,
        evidence=_keyed(scheme, evidence, found.papers),
        level=rating.level if rating else None,
        score=rating.score if rating else None,
        assessed_on=rating.on if rating and rating.complete else None,
        lacking=tuple(Text.from_dict(text) for text in rating.lacking) if rating and not rating.complete else (),
        requested=asked,
        use=use or None,
        programme_left=found.left.get(policy.pk) if scheme.programme else None,
        in_use=found.in_use.get(policy.pk),
    )
    evaluation = evaluating.evaluate(scheme, facts, on=found.on, lpr=rates.lpr_history())
    terms = evaluation.terms
    if terms is None or terms.rate is None or terms.amount.minor <= 0:
        return Preview(policy, scheme, evaluation)
    made = product.product_of(scheme, terms.rate, months, on=found.on, level=terms.level, use=use or None)
    left = found.left.get(policy.pk)
    short = left is not None and terms.limit > left
    return Preview(policy, scheme, evaluation, made, deciding.told(scheme, made, terms.amount, found.on), short)


def previews(found: Look, policies: Iterable[Policy]) -> list[Preview]:
    """The best first: what would be approved by amount, then what lacks least."""
    made = [preview(found, policy) for policy in policies]
    return sorted(made, key=_merit)


def _merit(each: Preview) -> tuple[int, int, Any]:
    place = {Verdict.APPROVE: 0, Verdict.ASK: 1, Verdict.REFER: 2, Verdict.REFUSE: 3}[each.verdict]
    size = -each.amount.minor if each.amount else len(each.open_answers())
    return (place, size, each.policy.pk) if not each.short else (1, 0, each.policy.pk)


def _keyed(scheme: Scheme, keys: Iterable[str], known: Mapping[str, _Value]) -> dict[str, _Value]:
    """What is known under the names the scheme uses."""
    names = {key: own_name(scheme, key) for key in keys}
    return {key: known[name] for key, name in names.items() if name is not None and name in known}


def _ratings(
    methods: set[str], results: Mapping[str, Result], on: datetime.date, firm: uuid.UUID, own: figures.Readers
) -> dict[str, inputs.Rating]:
    """As :func:`inputs.rating_of`: computed where it can be, else as a rater signed it, else what is lacking."""
    found = {
        method: inputs.Rating(
            result.level, result.score, on, firm, None, tuple(reason.as_dict() for reason in result.reasons), result.features()
        )
        for method, result in results.items()
    }  # fmt: skip
    silent = [method for method in sorted(methods) if method not in found or not found[method].complete]
    return found | _signed(firm, silent, on, own)


def _signed(firm: uuid.UUID, methods: list[str], on: datetime.date, own: figures.Readers) -> dict[str, inputs.Rating]:
    """The newest rating of each method; raters that disagree on one day rate nothing."""
    found = {}
    for method, rows in figures.stated(firm, "rating", methods, on, own).items():
        if rows and len({str(row.value) for row in rows if row.on == rows[0].on}) == 1:
            score = rows[0].value.get("score")
            known = None if score is None else Decimal(score)
            found[method] = inputs.Rating(rows[0].value.get("level"), known, rows[0].on, rows[0].source_id)
    return found


def _in_use(firm: uuid.UUID, policies: list[Policy], on: datetime.date) -> Mapping[uuid.UUID, Money]:
    once = [policy for policy in policies if owing.drawn_once(deciding.scheme_behind(policy))]
    return owing.open_under([firm], once, on)


def _left(policies: list[Policy]) -> dict[uuid.UUID, Money]:
    """What is left of what each lender committed, in one statement; the firm only ever learns whether it suffices."""
    if not policies:
        return {}
    keys = {policy.pk: f"capacity:{deciding.budget_name(policy)}:free" for policy in policies}
    with acting_as(SYSTEM):
        free = ledger.free_minor(list(keys.values()))
    return {id: Money(free.get(key, 0)) for id, key in keys.items()}
