"""Who has a day to close, and triggers judged in it: lenders that have offers or limits out and no loan yet."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from jirong.financing import deciding, runtime, watching
from jirong.financing.close import running
from jirong.financing.models import Application, CloseRun, Contract
from jirong.kernel.money import Money
from jirong.parties import actions as parties
from jirong.store.identity import SYSTEM, acting_as

START = datetime.date(2026, 1, 15)
SCHEME = """
scheme: watched-by-the-close
version: 1
title: {zh: 监测额度, en: A watched line}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank}
words:
  shop_months: {zh: 店铺连续经营时间, en: months the shop has run, kind: number}
  shop_stability: {zh: 店铺经营稳定性得分, en: stability of the shop, kind: number}
  shop.orders: {zh: 店铺交易流水, en: the shop's payments}
when_missing: ask
eligible:
  - {feature: shop_months, at_least: 6}
consent:
  - {of: borrower, by: lender, read: [shop.orders], purpose: credit_assessment, lasts: 12 months}
  - {of: borrower, by: lender, read: [shop.orders], purpose: monitoring, lasts: 12 months}
limit: {amount: 100000.00}
price: {fixed: 6.00%}
instrument: {kind: credit_line, open_for: 12 months, repay: bullet, tenor: {up_to: 6 months}}
drawing: {how: revolving, early: free}
losses: {of: principal, borne: [{by: lender, share: 100%}], excess: lender}
triggers:
  - level: 1
    title: {zh: 店铺转弱, en: the shop weakens}
    when: [{feature: shop_stability, less_than: 40, within: 30 days}]
    then: [{freeze: new_draws}]
disclose: {borrower: all, lender: all}
"""


def rows(model: Any, **where: Any) -> list[Any]:
    with acting_as(SYSTEM), transaction.atomic():
        return list(model.objects.filter(**where).order_by("pk"))


def limit(lending: Any) -> uuid.UUID:
    """A limit signed by shop 0 under a scheme with a trigger, nothing drawn."""
    lending.know("shop0")
    lending.do(
        "shop0", parties.grant_consent, grantee=lending.party("bank"), purpose="monitoring", scope=["shop.orders"],
        since=START, until=datetime.date(2027, 1, 14),
    )  # fmt: skip
    lending.policy = lending.sign_text(SCHEME)
    done = lending.apply("shop0", amount=Money.parse("100000.00"), accept_rate=Decimal("0.06"))
    return uuid.UUID(done["contract"])


def test_an_offer_of_a_lender_without_loans_lapses(lending: Any) -> None:
    lending.know("shop0")
    done = lending.apply("shop0", amount=Money.parse("40000.00"))
    assert done["state"] == "offered", done
    bank = lending.party("bank")
    (row,) = rows(Application)
    assert running.lenders() == [bank]
    after = row.offered_until + datetime.timedelta(days=1)
    lending.go_to(after)
    assert next(running.days_to_close(bank, after)) == START
    assert {closed.on for closed in running.close_until(after)} == {
        START + datetime.timedelta(days=count) for count in range((after - START).days + 1)
    }
    assert [row.state for row in rows(Application)] == ["lapsed"]
    # With nothing out any more there is nothing to close, and the firm may ask again.
    assert running.lenders() == []
    assert lending.apply("shop0", amount=Money.parse("40000.00"))["state"] == "referred"


def test_the_close_judges_the_triggers_of_a_limit_not_drawn_yet(lending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    id, bank = limit(lending), lending.party("bank")
    assert list(running.days_to_close(bank, START)) == [START]
    lending.go_to(datetime.date(2026, 2, 15))
    lending.state("shop0", "shop_stability", "30", on=datetime.date(2026, 2, 14))
    part = runtime.partition_of(lending.party("shop0"))
    with transaction.atomic():
        assert watching.to_watch(bank) == watching.to_watch(bank, [part]) == [id]
        assert watching.to_watch(bank, [(part + 1) % 64]) == []
    (closed,) = [each for each in running.close_until(datetime.date(2026, 2, 15)) if each.on.month == 2][-1:]
    assert closed.counts["watch"]["watched"] == 1
    assert [(row.pk, row.status) for row in rows(Contract)] == [(id, "frozen")]
    assert {run.state for run in rows(CloseRun)} == {"done"}


def test_schemes_without_triggers_cost_the_close_no_contract(lending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lending.lend("shop0")
    behind = deciding.scheme_behind

    def none(*given: Any) -> Any:
        raise AssertionError("no contract is read")

    monkeypatch.setattr(runtime, "lock_contract", none)
    with monkeypatch.context() as patched:
        patched.setattr(deciding, "scheme_behind", lambda policy: dataclasses.replace(behind(policy), triggers=()))
        patched.setattr(watching, "RUNNING_UNDER", "no statement")
        closed = running.close(lending.party("bank"), START)
    assert closed.counts["watch"] == {"watched": 0, "turned": 0, "errors": 0}


def test_a_debtor_nobody_knows_anything_of_is_not_asked_about(lending: Any) -> None:
    """As in a book taken over: a limit, but no consent, no fact, no figure; with one figure told it is judged."""
    id, bank = limit(lending), lending.party("bank")
    with transaction.atomic():
        with acting_as(SYSTEM):
            Contract.objects.filter(pk=id).update(borrower_id=lending.party("shop1"))
        assert watching.to_watch(bank) == []
    lending.state("shop1", "shop_stability", "70")
    with transaction.atomic():
        assert watching.to_watch(bank) == [id]
