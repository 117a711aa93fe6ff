"""Publishing holds a scheme to what is there, and an offer to the steps in which it can be drawn."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from jirong.financing.actions import schemes
from jirong.financing.models import SchemeVersion
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.store import catalogue

SCHEME = """
scheme: {name}
version: 1
title: {{zh: 试验, en: Trial}}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {{borrower: firm, lender: bank}}
when_missing: ask
eligible:
  - {{feature: shop_months, at_least: 6}}
consent:
  - of: borrower
    by: lender
    read: [shop.orders, shop.reviews, logistics.deliveries, repayment.record]
    purpose: credit_assessment
    lasts: 12 months
limit: {{amount: 50000.00}}
price: {{fixed: 4%}}
instrument: {{kind: loan, repay: bullet, tenor: 1 month}}
losses: {{of: principal, borne: [{{by: lender, share: 100%}}], excess: lender}}
disclose: {{borrower: all, lender: all}}
{more}
"""
OPENS = """
triggers:
  - level: 1
    when: [{{feature: shop_months, less_than: 1}}]
    then: [{{open: {ref}}}]
related: [{ref}]
"""


def publish(lending: Any, name: str, more: str = "") -> dict[str, Any]:
    document = schemes.SchemeText(SCHEME.format(name=name, more=more))
    return dict(lending.do("bank", schemes.publish_scheme, document=document))


def test_a_scheme_that_refers_to_none_there_is_not_published(lending: Any) -> None:
    before = SchemeVersion.objects.count()
    with pytest.raises(Refusal) as refused:
        publish(lending, "opener", OPENS.format(ref="nothing-here@7"))
    found = [(each["code"], each["path"]) for each in refused.value.details["findings"] if each["severity"] == "error"]
    assert found == [("scheme.scheme_unknown", "triggers/0/then/0/open"), ("scheme.scheme_unknown", "related")]
    assert "没有名为“nothing-here@7”的方案" in refused.value.reason.zh
    assert SchemeVersion.objects.count() == before


def test_it_is_once_what_it_refers_to_is_published_or_in_the_catalogue(lending: Any) -> None:
    publish(lending, "opened")
    assert publish(lending, "opener", OPENS.format(ref="opened@1"))["ref"] == "opener@1"
    assert publish(lending, "another", OPENS.format(ref="toy-bridge-loan@1"))["ref"] == "another@1"


def test_the_offer_keeps_the_steps_of_the_instant_loan(lending: Any) -> None:
    lending.know("shop0")
    offered = lending.apply("shop0", amount=Money.parse("20050.37"))
    assert (offered["state"], offered["terms"]["amount"]) == ("offered", "20000.00")


def test_what_is_rounded_down_is_not_signed_in_advance(lending: Any) -> None:
    lending.know("shop0")
    done = lending.apply("shop0", amount=Money.parse("20050.37"), accept_rate=Decimal("0.2"))
    assert done["state"] == "offered", "the firm signed for 20,050.37, not for 20,000.00"


def test_less_than_the_least_is_asked_again(lending: Any) -> None:
    lending.know("shop0")
    asked = lending.apply("shop0", amount=Money.parse("500.00"))
    assert asked["state"] == "asked"
    [why] = asked["why"]
    assert why["code"] == "asked_too_little"
    assert why["change"]["zh"].startswith("申请1,000.00元至")
    line = catalogue.schemes()["instant-loan-310"].splitlines()[why["line"] - 1]
    assert line.startswith("drawing: "), "the reason stands at the clause's line of the published text"
    assert why["source"] == {"zh": "设计", "en": "design"}
