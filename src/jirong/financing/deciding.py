"""The instant decision: everything a scheme asks, as of the business date, answered clause by clause.

Gathering and judging write nothing, so the same look serves a decision, a re-check before payment and a preview. The
inputs are kept with their hash: whoever may read the decision can repeat it.
"""

from __future__ import annotations

import datetime
import functools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jirong.engine.kinds.loan import Product
from jirong.financing import inputs, owing
from jirong.financing.figures import Readers
from jirong.financing.inputs import Rating
from jirong.financing.models import Application, Decision, Policy
from jirong.instruments.practice import cost, schedule
from jirong.kernel import rates
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.ledger import intents as ledger
from jirong.schemes import canonical
from jirong.schemes import evaluate as evaluating
from jirong.schemes.evaluate import Evaluation, Facts, FeatureValue, Known, Standing, Terms, Verdict
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import canonical as bytes_of


@dataclass(frozen=True, slots=True)
class Judged:
    """An evaluation with what it looked at and the hash of that."""

    evaluation: Evaluation
    inputs: dict[str, Any]
    sha256: str
    rating: Rating | None = None


@functools.lru_cache(maxsize=256)
def scheme_of(sha256: str, canonical_text: str, text: str) -> Scheme:
    """A published scheme, its clauses at the lines of its text; versions never change, so each is read once a process."""
    del sha256
    return canonical.as_published(text, canonical_text.encode())


def scheme_behind(policy: Policy) -> Scheme:
    return scheme_of(policy.scheme.sha256, policy.scheme.canonical, policy.scheme.text)


def stands_for(policy: Policy, borrower: uuid.UUID) -> dict[str, uuid.UUID]:
    """The scheme's names with their parties, the borrower among them."""
    fixed = {name: uuid.UUID(party) for name, party in policy.parties.items()}
    return {**fixed, "lender": policy.lender_id, "borrower": borrower}


def judge(policy: Policy, application: Application, on: datetime.date, *, reserved: Money | None = None) -> Judged:
    """The policy's scheme applied to the application as of ``on``; ``reserved`` is what of the budget its own offer has
    set aside already.
    """
    scheme = scheme_behind(policy)
    facts, looked_at, rating = facts_of(scheme, policy, application, on)
    if reserved is not None and facts.programme_left is not None:
        facts = replace(facts, programme_left=facts.programme_left + reserved)
    found = evaluating.evaluate(scheme, facts, on=on, lpr=rates.lpr_history())
    if found.terms is None and found.verdict is Verdict.REFER:
        found = replace(found, terms=_if_people_vouch(scheme, facts, found, on))
    return Judged(found, looked_at, bytes_of.digest(looked_at), rating)


def carries(judged: Judged, decision: Decision) -> bool:
    """Whether an offer follows from what is known now as it did from what was known when it was made.

    It does not where a clause fails or asks, where something is unknown that nobody then vouched for, where less can be
    had, or where another level makes it dearer. A rate that moved for everybody changes no offer.
    """
    terms, offered = judged.evaluation.terms, decision.terms
    if terms is None or offered is None or judged.evaluation.verdict not in (Verdict.APPROVE, Verdict.REFER):
        return False
    vouched = {answer["path"] for answer in decision.answers if answer["standing"] == Standing.UNKNOWN_REFER.value}
    if any(answer.path not in vouched for answer in judged.evaluation.standing(Standing.UNKNOWN_REFER)):
        return False
    dearer = terms.rate is None or terms.rate > Decimal(offered["rate"])
    return terms.limit >= Money.parse(offered["limit"], terms.limit.unit) and (
        terms.level == offered["level"] or not dearer
    )


def _if_people_vouch(scheme: Scheme, facts: Facts, found: Evaluation, on: datetime.date) -> Terms | None:
    """The terms a referred file would have if people vouch for the tests nobody could answer; limit and rate must be
    known without them.
    """
    unknown = {answer.path for answer in found.standing(Standing.UNKNOWN_REFER)}
    kept = tuple(test for place, test in enumerate(scheme.eligible) if f"eligible/{place}" not in unknown)
    again = evaluating.evaluate(replace(scheme, eligible=kept), facts, on=on, lpr=rates.lpr_history())
    return again.terms


def facts_of(
    scheme: Scheme, policy: Policy, application: Application, on: datetime.date
) -> tuple[Facts, dict[str, Any], Rating | None]:
    """Everything the scheme may look at of an applicant on ``on``, as JSON too, and the rating it rests on."""
    who = stands_for(policy, application.borrower_id)
    withheld = inputs.withheld_parties(scheme, who, on)
    features, papers = inputs.names_in(scheme)
    readers = _readers(scheme, who, withheld, on, inputs.DECIDING)
    values = _by_party(features, who, readers, on)
    evidence = _papers(papers, who, readers, on)
    rating = _rating(scheme, who, readers, on)
    if rating:
        values |= _derived(rating, features, values)
    asked = None if application.asked_minor is None else Money(application.asked_minor, scheme.unit)
    facts = Facts(
        features=values,
        evidence=evidence,
        level=rating.level if rating else None,
        score=rating.score if rating else None,
        assessed_on=rating.on if rating and rating.complete else None,
        lacking=tuple(Text.from_dict(text) for text in rating.lacking) if rating and not rating.complete else (),
        requested=asked,
        use=application.use or None,
        programme_left=free_of(policy) if scheme.programme else None,
        in_use=_in_use(scheme, policy, application, on),
    )
    return facts, _as_json(facts, withheld, rating, on), rating


def _in_use(scheme: Scheme, policy: Policy, application: Application, on: datetime.date) -> Money | None:
    if not owing.drawn_once(scheme):
        return None
    return owing.open_under([application.borrower_id, *application.joint], [policy], on).get(policy.pk)


def facts_named(
    scheme: Scheme, policy: Policy, borrower: uuid.UUID, names: set[str], papers: set[str], on: datetime.date
) -> Facts:
    """Only these features and papers, as the lender may know them on ``on``: what a trigger looks at."""
    who = stands_for(policy, borrower)
    withheld = inputs.withheld_parties(scheme, who, on)
    readers = _readers(scheme, who, withheld, on, inputs.WATCHING)
    return Facts(features=_by_party(names, who, readers, on), evidence=_papers(papers, who, readers, on))


def _readers(
    scheme: Scheme, who: dict[str, uuid.UUID], withheld: Mapping[str, Any], on: datetime.date, uses: frozenset[str]
) -> dict[str, Readers]:
    """The lender as a reader of each party that withholds nothing."""
    lender = who["lender"]
    return {party: inputs.readers_for(scheme, party, lender, on, uses) for party in who if party not in withheld}


def _derived(rating: Rating, wanted: set[str], values: dict[str, FeatureValue]) -> dict[str, FeatureValue]:
    """What the assessment derived and nobody else says (a capacity to serve debt, in yuan)."""
    silent = (name for name in wanted if name not in values or values[name].known is Known.MISSING)
    return {name: rating.figures[name] for name in silent if name in rating.figures}


def _by_party(
    keys: set[str], who: dict[str, uuid.UUID], readers: dict[str, Readers], on: datetime.date
) -> dict[str, FeatureValue]:
    """Values by the scheme's key; a prefix that names a party of the scheme asks that party's."""
    found: dict[str, FeatureValue] = {}
    for party, names in _parted(keys, who).items():
        if party not in readers:
            found |= {key: FeatureValue(None, known=Known.WITHHELD) for key in names.values()}
            continue
        values = inputs.features_of(who[party], names, on, readers[party])
        found |= {names[name]: value for name, value in values.items()}
    return found


def _papers(
    keys: set[str], who: dict[str, uuid.UUID], readers: dict[str, Readers], on: datetime.date
) -> dict[str, datetime.date]:
    found: dict[str, datetime.date] = {}
    for party, names in _parted(keys, who).items():
        if party in readers:
            days = inputs.evidence_of(who[party], names, on, readers[party])
            found |= {names[name]: day for name, day in days.items()}
    return found


def _parted(keys: set[str], who: dict[str, uuid.UUID]) -> dict[str, dict[str, str]]:
    """Names asked of each party, with the scheme's key for each."""
    asked: dict[str, dict[str, str]] = {}
    for key in keys:
        prefix, dot, rest = key.partition(".")
        party, name = (prefix, rest) if dot and prefix in who else ("borrower", key)
        asked.setdefault(party, {})[name] = key
    return asked


def _rating(scheme: Scheme, who: dict[str, uuid.UUID], readers: dict[str, Readers], on: datetime.date) -> Rating | None:
    if scheme.assess is None or "borrower" not in readers:
        return None
    return inputs.rating_of(who["borrower"], scheme.assess.method, on, readers["borrower"])


def next_step(application: Application) -> dict[str, Any] | None:
    """Who can act on an application now, and what it can do; ``None`` where nothing more is to be done on it."""
    lender, borrower = application.policy.lender_id, application.borrower_id
    says = {
        "draft": (borrower, "请填写并提交申请", "Fill in the application and submit it"),
        "asked": (
            borrower,
            "请企业补齐所列资料或授权后重新提交，在此之前不作决定",
            "The firm supplies or consents to what is listed and submits again; nothing is decided before",
        ),
        "referred": (
            lender,
            "由贷款人两名人员审查所列未知事项后决定",
            "Two people of the lender look at what is not known and decide",
        ),
        "joining": (
            next((party for party in application.joint if party not in application.joined), borrower),
            "请共同借款人签署或拒绝同一份报价",
            "The joint debtor signs the same offer or refuses",
        ),
        "offered": (borrower, "请企业签署或谢绝报价", "The firm signs the offer or declines it"),
    }
    found = says.get(application.state)
    return None if found is None else {"party": str(found[0]), "say": {"zh": found[1], "en": found[2]}}


def budget_name(policy: Policy) -> str:
    """The capacity that is what a lender commits to a policy."""
    return f"policy:{policy.pk}"


def free_of(policy: Policy) -> Money:
    """What is left of the policy's budget."""
    key = f"capacity:{budget_name(policy)}:free"
    with acting_as(SYSTEM):
        return Money(ledger.free_minor([key]).get(key, 0))


def told(scheme: Scheme, made: Product, amount: Money, on: datetime.date) -> dict[str, str]:
    """What the firm is told before it signs: the true yearly rate (中国人民银行公告〔2021〕第3号), all interest and the
    first and last payments, were the whole amount drawn today.
    """
    plan = schedule(made.begun(amount, on))
    found = cost.cost(cost.Offer(scheme.title, plan))
    return {
        "annual_rate": str(found.annual.effective), "interest": str(found.interest),
        "first_amount": str(found.first_amount), "last_amount": str(plan.instalments[-1].amount),
    }  # fmt: skip


def answers_json(judged: Judged) -> list[dict[str, Any]]:
    """Every clause's answer; the assessment's carries what helped, hurt, is lacking and would change it."""
    found = [answer.as_dict() for answer in judged.evaluation.answers]
    if judged.rating and judged.rating.reasons:
        for answer in found:
            if answer["path"] == "assess":
                answer["assessment"] = list(judged.rating.reasons)
    return found


def _as_json(facts: Facts, withheld: dict[str, list[str]], rating: Rating | None, on: datetime.date) -> dict[str, Any]:
    return {
        "on": on.isoformat(),
        "features": {name: _value_json(value) for name, value in sorted(facts.features.items())},
        "evidence": {name: day.isoformat() for name, day in sorted(facts.evidence.items())},
        "level": facts.level,
        "score": None if facts.score is None else str(facts.score),
        "assessment_reasons": list(rating.reasons) if rating else [],
        "assessed_on": facts.assessed_on.isoformat() if facts.assessed_on else None,
        "requested": None if facts.requested is None else str(facts.requested),
        "use": facts.use,
        "in_use": None if facts.in_use is None else str(facts.in_use),
        "withheld": {name: sorted(scopes) for name, scopes in sorted(withheld.items())},
    }


def _value_json(value: FeatureValue) -> dict[str, Any]:
    shown = str(value.value) if isinstance(value.value, Decimal) else value.value
    return {
        "value": shown,
        "fresh_on": value.fresh_on.isoformat() if value.fresh_on else None,
        "known": value.known.value,
    }
