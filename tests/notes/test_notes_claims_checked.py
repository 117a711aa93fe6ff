"""Claims and books say the same twice: a row altered on either side is found by name (``jirong ledger check``)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection, transaction

from jirong.ledger import check
from jirong.notes import actions as notes
from jirong.store.identity import SYSTEM, acting_as


@pytest.fixture
def passed(textile: Any) -> Any:
    """A note issued, a part of it passed on and accepted, another offered; a second note not yet accepted."""
    textile.issue("4000000.00")
    for amount in ("100000.00", "200000.00"):
        offer = textile.do(
            "merchant",
            notes.transfer_lot,
            lot=textile.lot,
            to=textile.party("mill"),
            backings=textile.part("mill", amount),
        )["offer"]
        if amount == "100000.00":
            textile.do("mill", notes.take_offer, offer=uuid.UUID(offer))
    textile.issue("500000.00", accept=False)
    assert check.check() == []
    return textile


@pytest.mark.parametrize(
    ("altered", "rules"),
    [
        ("creditor = '01890a5d-ac96-774b-bcce-b302099a8057'", {"claims_holders", "claims_promises"}),
        ("debtor = '01890a5d-ac96-774b-bcce-b302099a8057'", {"claims_debtors"}),
        ("amount_minor = amount_minor + 100, outstanding_minor = outstanding_minor + 100", {"claims_holders", "claims_debtors"}),
        ("pledgee = creditor, reserved_minor = 0", {"claims_holders", "claims_promises"}),
        ("state = 'held'", {"claims_holders", "claims_debtors", "claims_promises"}),
    ],
)  # fmt: skip
def test_an_altered_claim_is_named(passed: Any, altered: str, rules: set[str]) -> None:
    state = "offered" if altered == "state = 'held'" else "held"
    with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE claims_claim SET {altered} WHERE state = %s AND creditor IN (%s, %s) RETURNING root",
            [state, passed.party("merchant"), passed.party("mill")],
        )
        roots = {str(root) for (root,) in cursor.fetchall()}
    found = check.check()
    assert roots
    assert {finding.rule for finding in found} & rules
    assert {finding.row for finding in found} <= roots
