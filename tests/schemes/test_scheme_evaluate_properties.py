"""What holds of every evaluation, over generated firms and limits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel import rates
from jirong.kernel.money import Money
from jirong.schemes import parse
from jirong.schemes.evaluate import MISSING, Facts, FeatureValue, Known, Standing, Verdict, evaluate
from jirong.schemes.evaluate.eligibility import holds
from jirong.schemes.model.eligibility import AnyOf, FeatureTest
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.new import template

ON = dt.date(2026, 3, 2)
FILES = sorted((Path(__file__).parents[2] / "catalogue" / "schemes").glob("*.yaml"))
SCHEMES = [parse.parse(file.read_bytes()) for file in FILES]

numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
days = st.one_of(st.none(), st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)))
features = st.one_of(
    st.just(MISSING),
    st.builds(FeatureValue, st.none(), days, st.sampled_from([Known.WITHHELD, Known.CONTRADICTORY])),
    st.builds(FeatureValue, st.one_of(numbers, st.booleans(), st.sampled_from(["A", "B", "其他"])), days),
)


def names_in(scheme: Scheme) -> list[str]:
    flat = [item for test in scheme.eligible for item in (test.any_of if isinstance(test, AnyOf) else (test,))]
    asked = [test.key for test in flat]
    money = [name for name, word in (scheme.words or {}).items() if word.kind == "money"]
    return sorted({*asked, *money})


@given(data=st.data(), scheme=st.sampled_from(SCHEMES))
def test_any_firm_gets_an_explained_answer(data: st.DataObject, scheme: Scheme) -> None:
    names = names_in(scheme)
    facts = Facts(
        features={name: data.draw(features) for name in names},
        evidence={
            name: data.draw(st.dates(dt.date(2025, 1, 1), dt.date(2026, 6, 1)))
            for name in names
            if data.draw(st.booleans())
        },
        level=data.draw(st.sampled_from([None, "A", "B", "C", "D", "Z"])),
        score=data.draw(st.one_of(st.none(), st.decimals(0, 100, places=2))),
        assessed_on=data.draw(days),
        requested=data.draw(st.one_of(st.none(), st.integers(1, 10**12).map(Money))),
    )
    result = evaluate(scheme, facts, on=ON, lpr=rates.lpr_history())
    standings = {answer.standing for answer in result.answers}
    assert (result.terms is not None) == (result.verdict is Verdict.APPROVE and scheme.limit is not None)
    assert (result.verdict is Verdict.REFUSE) == (Standing.FAILED in standings)
    if result.verdict is Verdict.APPROVE:
        assert standings <= {Standing.MET, Standing.NOTED}
    if result.terms:
        assert 0 < result.terms.amount.minor <= result.terms.limit.minor
    for answer in result.answers:
        assert (
            answer.standing in (Standing.MET, Standing.NOTED)
            or answer.change
            or answer.code in ("referred", "unknown", "not_in_force")
        )


@given(data=st.data(), scheme=st.sampled_from(SCHEMES))
def test_silence_alone_never_refuses(data: st.DataObject, scheme: Scheme) -> None:
    """Taking features away from any firm never turns an answer into a refusal."""
    names = names_in(scheme)
    full = {name: data.draw(features) for name in names}
    level = data.draw(st.sampled_from(["A", "B", None]))
    gone = data.draw(st.sets(st.sampled_from(names))) if names else set()
    some = {name: MISSING if name in gone else value for name, value in full.items()}
    score = None if level is None else Decimal(90)
    before, after = (
        evaluate(scheme, Facts(features=given_, level=level, score=score), on=ON, lpr=rates.lpr_history())
        for given_ in (full, some)
    )
    if before.verdict is not Verdict.REFUSE:
        assert after.verdict is not Verdict.REFUSE


amounts = st.integers(1, 10**11).map(lambda minor: str(Money(minor)))
percents = st.integers(1, 10_000).map(lambda hundredths: f"{Decimal(hundredths) / 100}%")
leaves = st.one_of(
    amounts.map(lambda amount: {"amount": amount}),
    percents.map(lambda part: {"part": part, "of": "revenue_12m"}),
    st.integers(1, 50).map(lambda times: {"times": str(Decimal(times) / 10), "of": "revenue_12m"}),
)
trees = st.recursive(
    leaves,
    lambda inner: st.sampled_from(["least_of", "greatest_of", "sum_of"]).flatmap(
        lambda head: st.lists(inner, min_size=1, max_size=4).map(lambda items: {head: items})
    ),
    max_leaves=8,
)


def by_hand(node: dict[str, object], revenue: Money) -> int:
    """The limit in fen, computed plainly beside the engine's way."""
    head, body = next(iter(node.items()))
    if head == "amount":
        return Money.parse(str(body)).minor
    if head in ("part", "times"):
        text = str(body)
        factor = Fraction(text.removesuffix("%")) / 100 if text.endswith("%") else Fraction(text)
        exact = revenue.minor * factor
        return int((2 * exact.numerator + exact.denominator) // (2 * exact.denominator))
    assert isinstance(body, list)
    parts = [by_hand(item, revenue) for item in body]
    if head == "sum_of":
        return sum(parts)
    return min(parts) if head == "least_of" else max(parts)


@given(tree=trees, revenue=st.integers(1, 10**12))
def test_the_limit_equals_the_plain_computation(tree: dict[str, object], revenue: int) -> None:
    body = yaml.load(template("loan"), Loader=yaml.BaseLoader)
    body.update(limit=tree, price={"fixed": "5%"}, eligible=[{"feature": "revenue_12m", "at_least": 0}])
    for key in ("assess", "programme", "drawing"):
        del body[key]
    scheme = parse.parse(yaml.safe_dump(body, allow_unicode=True))
    value = FeatureValue(Money(revenue).major, ON)
    result = evaluate(scheme, Facts(features={"revenue_12m": value}), on=ON, lpr=rates.lpr_history())
    expected = by_hand(tree, Money(revenue))
    if expected == 0:
        assert result.verdict is Verdict.REFUSE
    else:
        assert result.terms is not None
        assert result.terms.limit == Money(expected)


@given(
    value=st.one_of(numbers, st.booleans(), st.text(max_size=4)),
    bound=st.one_of(numbers.map(str), st.sampled_from(["true", "false", "A", "5%"])),
)
def test_a_comparison_and_its_opposite_never_both_hold(value: Decimal | bool | str, bound: str) -> None:
    def test(comparison: str) -> FeatureTest:
        text = template("subsidy").replace("equals: 0, within: 30 days", f"{comparison}: {bound}")
        found = parse.parse(text).eligible[0]
        assert isinstance(found, FeatureTest)
        return found

    if isinstance(value, Decimal) and bound not in ("true", "false", "A"):
        assert holds(test("at_least"), value) != holds(test("less_than"), value)
        assert holds(test("at_most"), value) != holds(test("more_than"), value)
    assert holds(test("equals"), value) != holds(FeatureTest(feature="x", none_of=test("equals").bounds), value)
