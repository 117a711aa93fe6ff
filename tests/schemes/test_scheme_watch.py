"""The triggers of a scheme watched against what is known: fired, not fired, or not to be said yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from jirong.kernel import rates
from jirong.schemes import parse
from jirong.schemes.evaluate import MISSING, Facts, FeatureValue, triggers
from jirong.schemes.model.scheme import Scheme

ON = dt.date(2026, 3, 2)


def value(of: str) -> FeatureValue:
    return FeatureValue(Decimal(of), dt.date(2026, 2, 27))


def with_features(**features: FeatureValue) -> Facts:
    return Facts(features={"overdue_12m": value("0"), **features}, level="B", assessed_on=dt.date(2026, 2, 20))


@pytest.mark.parametrize(
    ("loss_making", "exports", "fires"),
    [
        ("0.10", "-0.05", [False, False]),
        ("0.30", "-0.05", [True, False]),
        ("0.10", "-0.40", [True, False]),
        ("0.10", "-0.50", [True, True]),
        (None, "-0.40", [True, False]),
        (None, "-0.10", [None, False]),
        ("0.10", None, [None, None]),
        ("0.35", None, [True, None]),
    ],
)
def test_triggers_fire_on_what_is_known(
    loss_making: str | None, exports: str | None, fires: list[bool | None], complete: Callable[[str], str]
) -> None:
    story = """
triggers:
  - level: 2
    when:
      - any_of:
          - {feature: loss_making_share, at_least: 30%}
          - {feature: export_change, at_most: -40%}
    then: [{notify: [lender]}]
  - level: 3
    when: [{feature: export_change, at_most: -50%}]
    then: [{freeze: new_draws}]
"""
    features = {
        "loss_making_share": value(loss_making) if loss_making else MISSING,
        "export_change": value(exports) if exports else MISSING,
    }
    scheme = parse.parse(complete(story))
    watched = triggers.watch(scheme, Facts(features=features), on=ON, lpr=rates.lpr_history())
    assert [item.fires for item in watched] == fires
    assert watched[1].answers[0].rule.zh == "“export_change”不高于-50%"


def test_a_trigger_whose_one_test_fails_does_not_fire_whatever_else_is_missing(scheme: Scheme) -> None:
    """
    triggers:
      - level: 1
        when: [{feature: overdue_12m, at_least: 3}, {feature: unheard_of, at_least: 1}]
        then: [{notify: [lender]}]
    """

    def fires(**features: FeatureValue) -> bool | None:
        return triggers.watch(scheme, with_features(**features), on=ON, lpr=rates.lpr_history())[0].fires

    assert fires(overdue_12m=value("2")) is False
    assert fires(overdue_12m=value("3")) is None
    assert fires(overdue_12m=value("3"), unheard_of=value("1")) is True
