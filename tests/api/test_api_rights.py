"""Who may see and do what over HTTP: another party's thing answers as if it did not exist."""

from __future__ import annotations

from typing import Any

import pytest

from jirong.api.operations import BY_HAND
from jirong.api.urls import api as the_api
from jirong.log.actions import REGISTRY

LISTS = ["parties", "proposals", "facts", "notes", "lots", "offers", "lot-loans", "payments", "accounts", "me"]


def test_every_public_action_has_an_operation() -> None:
    paths = the_api.get_openapi_schema()["paths"]
    by_hand = {"facts.import": "/api/facts/import", "proposal.reject": "/api/proposals/{id}/reject"}
    for code, registered in REGISTRY.items():
        if registered.public and not code.startswith("test.") and code != "proposal.make":
            assert by_hand.get(code, f"/api/actions/{code}") in paths, code
    assert by_hand.keys() <= BY_HAND


def test_every_operation_declares_its_errors_and_shows_an_example() -> None:
    schema = the_api.get_openapi_schema()
    assert schema["openapi"].startswith("3.1")
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            answers = {str(status) for status in operation["responses"]}
            assert {"401", "403", "404", "409", "422", "500"} <= answers, (path, method)


@pytest.fixture
def things(api: Any) -> dict[str, str]:
    """One of each kind of thing, by its address."""
    lot = api.held_lot()
    offer = api.ask(lot, "bank_a")
    lent = api.lend("bank_a", offer).body["outcome"]
    payment = api.get("bank_a.maker", "/api/payments")["items"][0]["id"]
    fact = api.get("merchant.maker", "/api/facts?kind=invoice")["items"][0]["id"]
    return {
        "note": f"/api/notes/{api.note}",
        "lot": f"/api/lots/{lot}",
        "offer": f"/api/offers/{offer}",
        "loan": f"/api/lot-loans/{lent['loan']}",
        "payment": f"/api/payments/{payment}",
        "invoice": f"/api/facts/{fact}",
        "trade": f"/api/trades/{api.party('merchant')}/JC-2025-1107",
        "receipt": f"/api/receipts/{offer}",
    }


MATRIX: dict[str, dict[str, int]] = {
    "note": {"core": 200, "merchant": 200, "bank_a": 200, "bank_b": 404, "mill": 404, "fibre": 404, "operator": 200},
    "lot": {"core": 200, "merchant": 200, "bank_a": 200, "bank_b": 404, "mill": 404, "fibre": 404, "operator": 200},
    "offer": {"core": 404, "merchant": 200, "bank_a": 200, "bank_b": 404, "mill": 404, "fibre": 404, "operator": 404},
    # What a loan costs is for its two sides alone.
    "loan": {"core": 404, "merchant": 200, "bank_a": 200, "bank_b": 404, "mill": 404, "fibre": 404, "operator": 404},
    "payment": {"core": 404, "merchant": 200, "bank_a": 200, "bank_b": 404, "mill": 404, "fibre": 404, "operator": 200},
    # Documents are for the two sides and the financier who was asked; the operator reads none.
    "invoice": {"core": 200, "merchant": 200, "bank_a": 200, "bank_b": 404, "mill": 404, "fibre": 404, "operator": 404},
    "trade": {"core": 200, "merchant": 200, "bank_a": 200, "bank_b": 404, "mill": 404, "fibre": 404, "operator": 404},
    "receipt": {"core": 200, "merchant": 200, "bank_a": 200, "bank_b": 404, "mill": 404, "fibre": 404, "operator": 200},
}


def test_what_is_not_yours_is_not_there(api: Any, things: dict[str, str]) -> None:
    found = {
        name: {who: api.send(f"{who}.maker", "get", path).status for who in MATRIX[name]}
        for name, path in things.items()
    }
    assert found == MATRIX


def test_a_funder_that_was_asked_may_check_the_receipts_behind_the_lot_and_no_other_funder(api: Any) -> None:
    lot = api.held_lot()
    steps = {step["kind"]: step["action"] for step in api.get("core.maker", f"/api/notes/{api.note}")["steps"]}
    before = api.send("bank_a.maker", "get", f"/api/receipts/{steps['issue']}").status
    api.ask(lot, "bank_a")
    after = {
        (who, kind): api.send(f"{who}.maker", "get", f"/api/receipts/{steps[kind]}").status
        for who in ("bank_a", "bank_b")
        for kind in ("issue", "accept")
    }
    assert before == 404
    assert after == {
        ("bank_a", "issue"): 200, ("bank_a", "accept"): 200, ("bank_b", "issue"): 404, ("bank_b", "accept"): 404
    }  # fmt: skip


def test_payer_payee_and_bank_have_the_payment_in_their_lists(api: Any, things: dict[str, str]) -> None:
    id = things["payment"].rpartition("/")[2]
    listed = {
        who: [row["id"] for row in api.get(f"{who}.maker", "/api/payments")["items"]]
        for who in ("bank_a", "merchant", "core")
    }
    assert listed == {"bank_a": [id], "merchant": [id], "core": []}


def test_nobody_unknown_gets_anything(api: Any, things: dict[str, str]) -> None:
    for path in [*things.values(), *(f"/api/{name}" for name in LISTS)]:
        answer = api.send(None, "get", path)
        assert (answer.status, answer.body["code"]) == (401, "auth.required"), path
    bad = api.http.get("/api/me", headers={"Authorization": "Bearer jr_nobody"})
    assert bad.status_code == 401


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_a_stranger_hold_nothing_of_others(api: Any, things: dict[str, str], name: str) -> None:
    answer = api.get("fibre.maker", f"/api/{name}")
    if name in ("parties", "me", "accounts"):
        return  # the public register, and oneself
    assert answer["items"] == []


@pytest.mark.parametrize(
    ("who", "action", "body", "status"),
    [
        ("merchant.maker", "note.issue", {"payee": "{core}", "backings": [], "due": "2026-07-07"}, 202),
        ("mill.maker", "note.accept", {"note": "{note}"}, 404),
        ("bank_b.maker", "lot.release", {"lot": "{lot}"}, 404),
        ("mill.maker", "lot.ask_loan", {"lot": "{lot}", "lender": "{bank_b}", "principal": "1.00", "rate": "0"}, 404),
        ("core.maker", "lot.ask_loan", {"lot": "{lot}", "lender": "{bank_b}", "principal": "1.00", "rate": "0"}, 403),
        ("merchant.maker", "note.pay", {"note": "{note}"}, 403),
        ("merchant.maker", "business_date.advance", {"to": "2026-07-07"}, 403),
        ("merchant.maker", "party.register", {"name": "x", "uscc": None, "size": "small", "roles": []}, 403),
        ("merchant.maker", "payment.confirm",
         {"instruction": "{payment}", "paid": True, "bank_reference": "x", "value_date": "2026-01-08"}, 403),
    ],
)  # fmt: skip
def test_an_action_that_is_not_yours_is_refused(
    api: Any, things: dict[str, str], who: str, action: str, body: dict[str, Any], status: int
) -> None:
    last = {name: path.rpartition("/")[2] for name, path in things.items()}
    known = {**{name: str(id) for name, id in api.world.parties.items()}, **last}
    filled = {
        name: value.format_map(known) if isinstance(value, str) and "{" in value else value
        for name, value in body.items()
    }
    assert api.send(who, "post", f"/api/actions/{action}", filled).status == status


def test_a_merchant_without_the_role_of_a_core_cannot_issue(api: Any) -> None:
    body = {"payee": api.party("core"), "backings": [], "due": "2026-07-07"}
    proposed = api.send("merchant.maker", "post", "/api/actions/note.issue", body)
    approved = api.send("merchant.checker", "post", f"/api/proposals/{proposed.body['proposal']}/approve")
    assert (approved.status, approved.body["code"]) == (403, "note.not_a_core")
