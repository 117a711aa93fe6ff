"""Requests repeated, malformed, huge and hostile: one clear answer each, and nothing lost."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


def test_a_repeated_request_answers_the_first_outcome(api: Any) -> None:
    key = uuid.uuid4()
    body = {"to": "2026-01-09"}
    first = api.send("operator.maker", "post", "/api/actions/business_date.advance", body, key)
    again = api.send("operator.maker", "post", "/api/actions/business_date.advance", body, key)
    assert first.status == 200
    assert (first.body["outcome"], first.body["id"]) == (again.body["outcome"], str(key))
    other = api.send("operator.maker", "post", "/api/actions/business_date.advance", {"to": "2026-01-10"}, key)
    assert (other.status, other.body["code"]) == (409, "action.id_reused")
    assert api.get("operator.maker", "/api/me")["business_date"] == "2026-01-09"


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ({}, None, "to"),
        ({"to": "soon"}, None, "to"),
        ({"to": "2026-01-09", "until": "2026"}, None, "until"),
        ({"to": "2025-12-31"}, "business_date.backwards", None),
        ([], None, None),
    ],
)
def test_a_body_that_does_not_fit_is_named(api: Any, body: Any, code: str | None, where: str | None) -> None:
    answer = api.send("operator.maker", "post", "/api/actions/business_date.advance", body)
    assert answer.status in (409, 422), answer
    assert answer.body["reason"]["zh"]
    assert answer.body["detail"] == answer.body["reason"]["en"]
    if code:
        assert answer.body["code"] == code
    if where:
        assert where in answer.body["where"]


@pytest.mark.parametrize("amount", ["-1.00", "0.00", "1.001", "1e9", "NaN", "99999999999999999999.00", "10000000.01"])
def test_amounts_that_cannot_be_are_refused_and_nothing_is_reserved(api: Any, amount: str) -> None:
    lot = api.held_lot()
    body = {"lot": lot, "lender": api.party("bank_a"), "principal": "1.00", "rate": "0.035", "amount": amount}
    answer = api.send("merchant.maker", "post", "/api/actions/lot.ask_loan", body)
    assert 400 <= answer.status < 500, answer
    assert api.get("merchant.maker", f"/api/lots/{lot}")["free"] == "10000000.00"


def test_the_same_file_twice_adds_nothing_and_bad_rows_are_named(api: Any, tmp_path: Any) -> None:
    good, bad = api.world.codes["merchant"], "91310115591693856A"
    header = "订单号,卖方信用代码,买方信用代码,签订日期,数量,金额\n"
    rows = [
        f"N1,{good},{api.world.codes['core']},2026-01-02,10,100.00",
        f"N2,{bad},{api.world.codes['core']},2026-01-02,10,100.00",
        f"N3,{good},{api.world.codes['core']},2026-01-02,ten,100.00",
        f"N4,{api.world.codes['mill']},{api.world.codes['core']},2026-01-02,10,100.00",
        f"N1,{good},{api.world.codes['core']},2026-01-02,10,200.00",
    ]
    file = tmp_path / "orders.csv"
    file.write_text(header + "\n".join(rows), encoding="utf-8")
    first = api.upload("merchant.maker", "order", file)
    assert (first["added"], first["known"]) == (1, 0)
    assert [(row["line"], row["code"]) for row in first["refused"]] == [
        (3, "fact.unknown_party"), (4, "fact.quantity"), (5, "fact.not_a_side"), (6, "fact.contradicts"),
    ]  # fmt: skip
    again = api.upload("merchant.maker", "order", file)
    assert (again["added"], again["known"], len(again["refused"])) == (0, 1, 4)


def test_lists_page_by_key_and_refuse_a_made_up_cursor(api: Any) -> None:
    api.file("merchant", "core", "textile")
    seen, after = [], ""
    while True:
        page = api.get("merchant.maker", f"/api/facts?limit=2{after and '&after=' + after}")
        seen += [row["id"] for row in page["items"]]
        if not page["next"]:
            break
        after = page["next"]
    assert len(seen) == len(set(seen)) == 7
    bad = api.send("merchant.maker", "get", "/api/facts?after=zzz")
    assert (bad.status, bad.body["code"]) == (422, "page.bad_cursor")


def test_errors_nobody_raised_have_the_same_form(api: Any) -> None:
    missing = api.send("core.maker", "get", "/api/no-such-thing")
    wrong = api.send("core.maker", "post", "/api/notes")
    assert [(answer.status, answer.body["status"]) for answer in (missing, wrong)] == [(404, 404), (405, 405)]


LONG = "长" * 400
NOWHERE = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.parametrize(
    ("who", "action", "body"),
    [
        ("operator", "party.register", {"name": LONG, "uscc": None, "size": "person", "roles": []}),
        ("operator", "party.register", {"name": "  ", "uscc": None, "size": "person", "roles": []}),
        ("operator", "cluster.create", {"name": LONG}),
        ("operator", "cluster.join", {"cluster": NOWHERE, "party": "merchant", "since": "2026-01-01"}),
        ("operator", "party.add_role", {"party": "merchant", "role": "core", "licence": LONG}),
        ("operator", "user.register", {"username": "abcde", "language": LONG}),
        ("merchant", "token.create", {"name": LONG}),
        ("merchant", "account.add", {"party": "merchant", "bank": "bank_a", "number": LONG}),
        ("merchant", "account.add", {"party": "merchant", "bank": "bank_a", "number": "12", "unit": "ZZZZZZ"}),
        ("merchant", "consent.grant", {"grantee": "bank_a", "purpose": LONG, "scope": ["invoice"],
                                       "since": "2026-01-01", "until": "2026-02-01"}),
        ("merchant", "consent.grant", {"grantee": "bank_a", "purpose": "x", "scope": [LONG],
                                       "since": "2026-01-01", "until": "2026-02-01"}),
        ("merchant", "consent.grant", {"grantee": NOWHERE, "purpose": "x", "scope": ["invoice"],
                                       "since": "2026-01-01", "until": "2026-02-01"}),
    ],
)  # fmt: skip
def test_what_no_column_holds_and_nobody_is_are_refused(api: Any, who: str, action: str, body: Any) -> None:
    named = {name: api.party(value) if value in ("merchant", "bank_a") else value for name, value in body.items()
             if isinstance(value, str)}  # fmt: skip
    answer = api.send(f"{who}.maker", "post", f"/api/actions/{action}", body | named)
    assert answer.status in (404, 422), answer
    assert answer.body["reason"]["zh"]
    assert answer.body["reason"]["en"]


def test_every_field_of_the_document_has_an_example(api: Any) -> None:
    schemas = api.get("operator.maker", "/api/openapi.json")["components"]["schemas"]
    silent = {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, said in schema.get("properties", {}).items()
        if not ("$ref" in str(said) or {"examples", "enum", "const"} & said.keys())
    }
    assert silent == set()


def test_the_document_tells_how_long_a_text_may_be(api: Any) -> None:
    document = api.get("operator.maker", "/api/openapi.json")
    name = document["components"]["schemas"]["ClusterCreateIn"]["properties"]["name"]
    assert (name["minLength"], name["maxLength"]) == (1, 120)


@pytest.mark.parametrize("address", ["/api/notes?stat=held", "/api/payments?limit=2&after_=x", "/api/me?full=1"])
def test_a_misspelt_filter_is_refused_not_ignored(api: Any, address: str) -> None:
    answer = api.send("core.maker", "get", address, None)
    assert (answer.status, answer.body["code"]) == (422, "request.unknown_parameter")
    assert answer.body["where"] in address
