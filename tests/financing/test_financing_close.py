"""The close of business: columns equal the engine, a killed run goes on, an error stays with its loan."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import transaction

from jirong.claims.models import ClaimRow
from jirong.financing.actions import closing, loans
from jirong.financing.close import raising, running
from jirong.financing.models import ClassChange, CloseError, CloseRun, Loan, Provision
from jirong.kernel import rules
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.ledger import check as ledger_check
from jirong.store import catalogue
from jirong.store.identity import SYSTEM, acting_as

DUE = datetime.date(2026, 2, 15)


def rows(model: Any, **where: Any) -> list[Any]:
    with acting_as(SYSTEM), transaction.atomic():
        return list(model.objects.filter(**where).order_by("pk"))


def loan_row(id: uuid.UUID) -> Loan:
    row: Loan
    (row,) = rows(Loan, pk=id)
    return row


def claims_of(id: uuid.UUID) -> list[tuple[Any, ...]]:
    return sorted(
        (c.kind, c.due, c.amount_minor, c.outstanding_minor, c.moved_minor, c.state, c.pk)
        for c in rows(ClaimRow, contract=id)
    )


def test_columns_raise_exactly_what_the_engine_raises(lending: Any) -> None:
    first, second = lending.lend("shop0"), lending.lend("shop1", "30000.00")
    lending.go_to(datetime.date(2026, 4, 20))
    untouched = claims_of(first)
    with transaction.atomic():
        loans.close_day(actor=SYSTEM, id=derived_id(first, "x"), loan_id=first, on=datetime.date(2026, 4, 20))
        one_by_one = claims_of(first), loan_row(first)
        transaction.set_rollback(True)
    assert claims_of(first) == untouched
    bank = lending.party("bank")
    closed = running.close(bank, datetime.date(2026, 4, 20))
    assert closed.counts["raise"] == {"columns": 6, "single": 0, "errors": 0}
    found = loan_row(first)
    assert (claims_of(first), found.raised, found.next_due, found.oldest_due, found.status) == (
        one_by_one[0], one_by_one[1].raised, one_by_one[1].next_due, one_by_one[1].oldest_due, one_by_one[1].status,
    )  # fmt: skip
    assert loan_row(second).raised == 3
    with acting_as(SYSTEM), transaction.atomic():
        assert ledger_check.check() == []


def test_a_repayment_after_the_columns_settles_what_they_opened(lending: Any) -> None:
    id = lending.lend("shop0")
    lending.go_to(DUE)
    running.close(lending.party("bank"), DUE)
    lending.do("shop0", loans.repay, loan_id=id)
    lending.banks_answer()
    row = loan_row(id)
    assert (row.status, row.oldest_due, row.next_due, row.plain) == ("live", None, datetime.date(2026, 3, 15), True)
    assert row.principal_left_minor == 4_000_000 - 324_490


def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been(lending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lending.lend("shop0")
    lending.go_to(DUE)
    bank = lending.party("bank")
    work = closing._work

    def killed(step: str, part: raising.Part, report: Any) -> dict[str, int]:
        if step == "classify":
            raise KeyboardInterrupt
        return work(step, part, report)

    monkeypatch.setattr(closing, "_work", killed)
    with pytest.raises(KeyboardInterrupt):
        running.close(bank, DUE)
    assert [run.state for run in rows(CloseRun)] == ["running"]
    monkeypatch.setattr(closing, "_work", work)
    (id,) = running.unfinished()
    resumed = running.resume(id)
    assert resumed.counts["raise"]["columns"] == 1
    assert running.unfinished() == []
    again = running.close(bank, DUE)
    assert again.counts == resumed.counts
    assert len(rows(Provision)) == 1


def test_an_error_stays_with_its_loan(lending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = lending.lend("shop0"), lending.lend("shop1")
    lending.go_to(DUE)
    with acting_as(SYSTEM), transaction.atomic():
        Loan.objects.filter(pk=bad).update(product={"rate": "nonsense"}, raised=7)
    closed = running.close(lending.party("bank"), DUE)
    assert closed.counts["raise"] == {"columns": 1, "single": 0, "errors": 1}
    assert [error["loan"] for error in closed.errors] == [str(bad)]
    assert loan_row(good).raised == 1
    assert len(rows(CloseError)) == 1


def test_lateness_grades_the_debtor_and_provides_for_it(lending: Any) -> None:
    late, _ = lending.lend("shop0"), lending.lend("shop1")
    lending.go_to(datetime.date(2026, 5, 20))
    bank = lending.party("bank")
    running.close(bank, datetime.date(2026, 2, 20))
    assert [(c.before, c.after) for c in rows(ClassChange, debtor=lending.party("shop0"))] == [(0, 1)]
    running.close(bank, datetime.date(2026, 5, 20))
    changes = rows(ClassChange, debtor=lending.party("shop0"))
    assert [(c.after, c.days_past_due) for c in changes] == [(1, 5), (2, 94)]
    assert changes[-1].rules == ["loan_class.overdue_days"]
    row = loan_row(late)
    assert (row.loan_class, row.status) == (2, "overdue")
    found = {(p.on.month, p.loan_class): (p.principal_minor, p.provision_minor) for p in rows(Provision)}
    assert found == {(2, 1): (8_000_000, 160_000), (5, 2): (8_000_000, 2_000_000)}


PROVISIONS = """
rules:
  - id: provision.rates
    title: {zh: 计提比例, en: Provisions}
    instrument: {zh: 某指引, en: Some guidelines}
    article: ""
    text: {zh: 计提。, en: Provide.}
    effect: apply
    values:
      - from: 2002-01-01
        value: {pass: "0.01", special_mention: "0.02", substandard: "0.25", doubtful: "0.50", loss: "1.00"}
        verified: false
        source: tests
      - from: 2026-01-21
        value: {pass: "0.015", special_mention: "0.03", substandard: "0.30", doubtful: "0.60", loss: "1.00"}
        verified: false
        source: tests
"""


def test_a_day_is_provided_for_by_the_rule_of_that_day_until_the_lender_has_a_plan(
    lending: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """80,000.00 of principal, nothing late: 1 % the day before the rule changes, 1.5 % from then on, then 0.5 %."""
    lending.lend("shop0"), lending.lend("shop1")
    whole, changed = catalogue.rulebook(), rules.Rulebook.parse({"a.yaml": PROVISIONS})
    book = rules.Rulebook({**whole.rules, **changed.rules})
    monkeypatch.setattr(catalogue, "rulebook", lambda: book)
    for day in (20, 21, 22):
        if day == 22:
            lending.do("bank", closing.set_plan, steps=list(closing.STEPS), provision_bp=[50, 200, 2500, 5000, 10000])
        lending.go_to(datetime.date(2026, 1, day))
        running.close(lending.party("bank"), datetime.date(2026, 1, day))
    found = [(p.on.day, p.loan_class, p.principal_minor, p.provision_minor, p.rule) for p in rows(Provision)]
    assert found == [
        (20, 0, 8_000_000, 80_000, "provision.rates"),
        (21, 0, 8_000_000, 120_000, "provision.rates"),
        (22, 0, 8_000_000, 40_000, ""),
    ]


def test_days_are_closed_in_order_and_not_before_they_come(lending: Any) -> None:
    lending.lend("shop0")
    bank = lending.party("bank")
    with pytest.raises(Exception, match="has not come"):
        running.close(bank, DUE)
    lending.go_to(DUE)
    assert [day.on for day in running.close_until(DUE)][-1] == DUE
    assert list(running.days_to_close(bank, DUE)) == []


def test_a_mandate_collects_what_falls_due(lending: Any) -> None:
    id = lending.lend("shop0")
    lending.do(
        "bank", closing.set_plan, steps=["raise", "debit", "overdue", "classify", "provide"],
        provision_bp=[100, 200, 2500, 5000, 10000], mandates=True,
    )  # fmt: skip
    lending.go_to(DUE)
    closed = running.close(lending.party("bank"), DUE)
    assert closed.counts["debit"] == {"debits": 1, "errors": 0}
    lending.banks_answer()
    assert loan_row(id).principal_left_minor == 4_000_000 - 324_490


def test_a_contract_touched_before_its_close_is_caught_up(lending: Any) -> None:
    id = lending.lend("shop0")
    lending.go_to(datetime.date(2026, 3, 20))
    lending.do("shop0", loans.repay, loan_id=id, amount=Money.parse("1000.00"))
    assert loan_row(id).raised == 2
    lending.banks_answer()
    closed = running.close(lending.party("bank"), datetime.date(2026, 3, 20))
    assert closed.counts["raise"] == {"columns": 0, "single": 0, "errors": 0}
