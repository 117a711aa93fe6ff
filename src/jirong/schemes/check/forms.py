"""Sentences that contradict themselves or each other: bounds crossed, units mixed, silence left undecided."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import titles, vocabulary
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.explain import phrases
from jirong.schemes.findings import Finding
from jirong.schemes.model.amounts import Amount, ByLevel, LeastOf, Multiple, Part, leaves
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest, FeatureTest
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import Value

_ORDERED = ("at_least", "at_most", "more_than", "less_than", "between")


def forms(context: Context) -> Findings:
    """Everything that can be said of the document without looking outside."""
    yield from _sections(context)
    yield from _dates(context.scheme)
    yield from _tests(context)
    yield from _silence(context.scheme)
    yield from _limit_units(context)
    yield from _bounds(context.scheme)
    yield from _uses(context.scheme)
    yield from _triggers(context.scheme)
    yield from _idle_branches(context)


def tests_of(scheme: Scheme) -> Iterator[FeatureTest | EvidenceTest]:
    """Every test of eligibility and of triggers, alternatives included."""
    for test in (*scheme.eligible, *(test for trigger in scheme.triggers for test in trigger.when)):
        yield from test.any_of if isinstance(test, AnyOf) else (test,)


def _sections(context: Context) -> Findings:
    scheme = context.scheme
    said = vocabulary.KIND[scheme.instrument.kind]
    for key in context.kind.needs:
        if not getattr(scheme, key):
            title = titles.field_title(key)
            yield error(
                "section_missing",
                scheme,
                key,
                Text(f"{said.zh}必须写明{title.zh}（{key}）", f"A {said.en} needs its {title.en} ({key})"),
                Text(f"请补写 {key}: …", f"Add {key}: …"),
            )


def _dates(scheme: Scheme) -> Findings:
    if scheme.expires and scheme.expires <= scheme.effective:
        yield error(
            "dates_crossed",
            scheme,
            "expires",
            Text("失效日期不晚于生效日期", "It expires no later than it takes effect"),
            Text("请改正其中一个日期", "Correct one of the dates"),
        )


def _tests(context: Context) -> Findings:
    for test in tests_of(context.scheme):
        if isinstance(test, FeatureTest):
            yield from _test_units(context, test)
            if test.between and _crossed(test.between[0], test.between[1]):
                yield _crossed_bounds(test)
    yield from _impossible(context)


def _test_units(context: Context, test: FeatureTest) -> Findings:
    kind = context.names.kind_of(test.feature) if _kind_is_known(context, test.feature) else None
    for bound in test.bounds:
        wrong = test.comparison in _ORDERED and bound.number is None
        if kind is not None and not wrong:
            wrong = not _fits(kind, bound)
        if wrong:
            feature = context.names.feature(test.feature)
            said = vocabulary.WORD_KIND.get(kind or "", Text("可比较大小的数", "a number that can be compared"))
            yield error(
                "unit_mismatch",
                test,
                test.comparison,
                Text(
                    f"“{feature.zh}”的取值为{said.zh}，不能与“{bound}”比较",
                    f"“{feature.en}” is {said.en}: not comparable with “{bound}”",
                ),
                Text("百分比请带%，是否请写 true/false", "Write % for percentages, true/false for yes and no"),
            )
            return


def _kind_is_known(context: Context, feature: str) -> bool:
    words = context.scheme.words
    said = bool(words and feature in words and words[feature].kind)
    return said or feature in (context.registry.features or {})


def _fits(kind: str, bound: Value) -> bool:
    return bound.kind == ("number" if kind == "money" else kind)


def _crossed(low: Value, high: Value) -> bool:
    return low.number is not None and high.number is not None and low.number > high.number


def _crossed_bounds(test: FeatureTest) -> Finding:
    return error(
        "bounds_crossed",
        test,
        "between",
        Text("between 的下限大于上限", "The lower bound of between is above the upper one"),
        Text("请写成 [小, 大]", "Write [smaller, greater]"),
    )


def _impossible(context: Context) -> Findings:
    """Two tests of one feature that no value meets."""
    lows: dict[str, Decimal] = {}
    highs: dict[str, Decimal] = {}
    for test in context.scheme.eligible:
        if not isinstance(test, FeatureTest) or test.bounds[0].number is None:
            continue
        number = test.bounds[0].number
        if test.comparison in ("at_least", "more_than", "equals"):
            lows[test.key] = max(number, lows.get(test.key, number))
        if test.comparison in ("at_most", "less_than", "equals"):
            highs[test.key] = min(number, highs.get(test.key, number))
        if test.key in lows and test.key in highs and lows[test.key] > highs[test.key]:
            feature = context.names.feature(test.feature)
            yield error(
                "impossible",
                test,
                "",
                Text(
                    f"关于“{feature.zh}”的条件互相矛盾，没有企业能满足",
                    f"No firm can meet both tests of “{feature.en}”",
                ),
                Text("请改正其中一条", "Correct one of them"),
            )


def _silence(scheme: Scheme) -> Findings:
    """Missing facts need a stated answer: nothing is decided on silence."""
    if scheme.when_missing:
        return
    for test in (item for item in tests_of(scheme) if item in _applicant_tests(scheme)):
        if test.when_missing is None:
            yield _silent(scheme, test.spot.path)
            return
    if scheme.limit and any(isinstance(leaf, Part | Multiple) for leaf in leaves(scheme.limit)):
        yield _silent(scheme, "limit")


def _applicant_tests(scheme: Scheme) -> list[FeatureTest | EvidenceTest]:
    return [item for test in scheme.eligible for item in (test.any_of if isinstance(test, AnyOf) else (test,))]


def _silent(scheme: Scheme, path: str) -> Finding:
    key = path.partition("/")[0]
    return error(
        "silence",
        scheme,
        key,
        Text(
            "没有写明资料缺失时怎么办；不得以缺失作为准入或拒绝的理由",
            "It is not said what happens when something is missing",
        ),
        Text(
            "请写 when_missing: ask（先请企业补充）或 when_missing: refer（转人工）",
            "Write when_missing: ask (ask the firm first) or when_missing: refer (to a person)",
        ),
    )


def _limit_units(context: Context) -> Findings:
    for leaf in leaves(context.scheme.limit) if context.scheme.limit else ():
        if not isinstance(leaf, Part | Multiple) or not _kind_is_known(context, leaf.of):
            continue
        kind = context.names.kind_of(leaf.of)
        if kind != "money":
            feature, said = context.names.feature(leaf.of), vocabulary.WORD_KIND[kind]
            yield error(
                "unit_mismatch",
                leaf,
                "of",
                Text(
                    f"额度只能取自金额，而“{feature.zh}”的取值为{said.zh}",
                    f"A limit is taken of money; “{feature.en}” is a {said.en}",
                ),
                Text("请换成金额类特征，例如近12个月收入", "Use a feature that is money, such as revenue of 12 months"),
            )


def _bounds(scheme: Scheme) -> Findings:
    price = scheme.price
    if price and price.floor is not None and price.cap is not None and price.floor > price.cap:
        yield error(
            "bounds_crossed",
            price,
            "floor",
            Text("利率下限高于上限", "The floor of the rate is above its cap"),
            Text("请改正其中一个", "Correct one of them"),
        )
    if price and price.bids and (price.plus_bp or price.times is not None or price.floor is not None):
        yield error(
            "price_mixed",
            price,
            "bids",
            Text("竞价定价时，除上限外不能再写加点、倍数或下限", "With bids, only a cap may be written beside them"),
            Text("请删去 plus_bp、times 与 floor", "Take out plus_bp, times and floor"),
        )
    if price and price.fixed and (price.plus_bp or price.times is not None):
        yield error(
            "price_mixed",
            price,
            "fixed",
            Text("固定利率不能再加点或乘倍数", "A fixed rate takes no points and no multiple"),
            Text("请改用 base，或删去 plus_bp 与 times", "Use base, or take out plus_bp and times"),
        )


def _uses(scheme: Scheme) -> Findings:
    uses = scheme.uses
    if uses is None:
        return
    both = sorted(set(uses.allowed) & set(uses.forbidden or ()))
    if both:
        yield error(
            "use_both",
            uses,
            "forbidden",
            Text(f"用途{'、'.join(both)}既被允许又被禁止", f"{', '.join(both)} are both allowed and forbidden"),
            Text("请删去其中一处", "Take one of them out"),
        )
    if uses.pay == "entrusted" and uses.to is None:
        yield error(
            "payee_missing",
            uses,
            "pay",
            Text("受托支付必须写明付给谁", "An entrusted payment needs its payee"),
            Text("请补写 to: vendor，并在 parties 中写明", "Add to: vendor, and declare it under parties"),
        )
    points = scheme.price.plus_bp if scheme.price else None
    for use in (points.by_use if points and points.by_use else ()) or ():
        if use not in uses.allowed:
            yield error(
                "use_unknown",
                points or uses,
                "by_use",
                Text(
                    f"按用途定价写了“{use}”，但它不在允许用途之内",
                    f"There is a price for “{use}”, which is no allowed use",
                ),
                Text("请在 uses 中允许它，或从价格中删去", "Allow it under uses, or take it out of the price"),
            )


def _triggers(scheme: Scheme) -> Findings:
    """Levels rise with gravity, each once."""
    before = 0
    for trigger in scheme.triggers:
        if trigger.level <= before:
            yield error(
                "trigger_order",
                trigger,
                "level",
                Text("风险级别须由轻到重排列，且每级只写一次", "Risk levels go from lightest to gravest, each once"),
                Text("请合并同级触发条件（any_of），或调整次序", "Merge those of one level (any_of), or reorder them"),
            )
        before = max(before, trigger.level)


def _idle_branches(context: Context) -> Findings:
    """An amount in ``least_of`` that another is always below never binds."""
    limit = context.scheme.limit
    if not isinstance(limit, LeastOf):
        return
    tops = {id(branch): top for branch in limit.least_of if (top := _top(branch)) is not None}
    for branch in limit.least_of:
        mine = _bottom(branch)
        beaten = [top for key, top in tops.items() if key != id(branch) and mine is not None and top < mine]
        if beaten:
            said = phrases.amount(min(beaten, key=lambda money: money.minor))
            yield warning(
                "never_binds",
                branch,
                "",
                Text(
                    f"此项永远不会起作用：另一项总不超过{said.zh}",
                    f"This never binds: another is always at most {said.en}",
                ),
                Text("请核对金额，或删去此项", "Check the amount, or take this out"),
            )


def _top(branch: object) -> Money | None:
    if isinstance(branch, Amount):
        return branch.amount
    if isinstance(branch, ByLevel):
        return max(branch.by_level.values(), key=lambda money: money.minor)
    return None


def _bottom(branch: object) -> Money | None:
    if isinstance(branch, ByLevel):
        return min(branch.by_level.values(), key=lambda money: money.minor)
    return _top(branch)
