"""A document altered afterwards is named: its words, its columns or its batch's hash (``jirong check``)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import transaction

from jirong.facts import check
from jirong.facts.models import Batch, Fact
from jirong.log.models import Entry
from jirong.store.identity import SYSTEM, acting_as


@pytest.fixture
def pushed(facts_world: Any) -> Any:
    facts_world.grant("bank", ["bank.flows"])
    row = {"firm": facts_world.code("firm"), "record_no": "S-1", "date": "2026-01-05", "direction": "inflow", "count": "1",
           "amount": "400.00", "balance": "600.00"}  # fmt: skip
    done = facts_world.push("bank", "bank.flows", row)
    assert (done["added"], done["refused"]) == (1, []), done
    assert check.check() == []
    return facts_world


@pytest.mark.parametrize(
    ("column", "altered", "named"),
    [
        ("values", {"balance": "601.00"}, "digest"),
        ("on", datetime.date(2026, 1, 6), "on"),
        ("key", "S-2", "key"),
        ("amount_minor", 40001, "amount_minor"),
        ("digest", "0" * 64, "digest"),
        ("kind", "no.such", "kind"),
    ],
)
def test_what_was_altered_is_named(
    pushed: Any, monkeypatch: pytest.MonkeyPatch, column: str, altered: Any, named: str
) -> None:
    """Rows are never updated, so the reading is made to see an altered one."""
    with acting_as(SYSTEM), transaction.atomic():
        fact = Fact.objects.get()
    setattr(fact, column, {**fact.values, **altered} if column == "values" else altered)
    monkeypatch.setattr(check, "_stored", lambda: [fact])
    (finding,) = check.check()
    assert (finding.table, finding.row) == ("facts_fact", str(fact.pk))
    assert f"“{named}”" in finding.text.en


def test_a_batch_whose_rows_the_log_tells_otherwise_is_named(pushed: Any) -> None:
    with acting_as(SYSTEM), transaction.atomic():
        batch = Batch.objects.get()
        entry = Entry.objects.get(pk=batch.pk)
        assert check.is_vouched(batch, entry)
        batch.sha256 = "0" * 64
        assert not check.is_vouched(batch, entry)
