"""The API's common speech, through the whole middleware stack: every error is a problem, every write has one id."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
OTHER = "01890a5d-ac96-774b-bcce-b302099a8058"
GOOD = {"authorization": "Bearer good"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_api(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    settings.ROOT_URLCONF = "web_api_urls"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("ActorMiddleware")]


@pytest.fixture
def api() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def pay(api: Client, body: Any, **headers: str) -> Any:
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return api.post("/api/pay", text, content_type="application/json", headers=GOOD | headers)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem document, checked for what every one must have."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json; charset=utf-8")
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"urn:jirong:problem:{code}"
    assert document["detail"] == document["reason"]["en" if answer.headers["Content-Language"] == "en" else "zh"]
    assert document["reason"]["zh"]
    assert document["reason"]["en"]
    return document


def test_amounts_are_strings_and_sentences_have_both_languages(api: Client) -> None:
    answer = pay(api, {"id": ID, "amount": "1000.00"})
    assert answer.status_code == 201
    assert answer.json() == {"id": ID, "amount": "1000.01", "state": {"zh": "已付", "en": "Paid"}}


@pytest.mark.parametrize("amount", [1000, 1000.5, "1000.005", "1e3", None, ["1.00"]])
def test_an_amount_that_is_no_plain_string_is_refused(api: Client, amount: Any) -> None:
    answer = pay(api, {"id": ID, "amount": amount})
    code = "money.unreadable" if isinstance(amount, str) else "money.not_a_string"
    assert problem(answer, 422, code)["remedy"]


def test_the_id_comes_from_the_header_or_the_body_or_both_alike(api: Client) -> None:
    assert pay(api, {"amount": "1.00"}, **{"Idempotency-Key": ID}).json()["id"] == ID
    assert pay(api, {"amount": "1.00", "id": ID}, **{"Idempotency-Key": ID}).json()["id"] == ID
    problem(pay(api, {"amount": "1.00"}), 422, "action.id_missing")
    problem(pay(api, {"amount": "1.00", "id": ID}, **{"Idempotency-Key": OTHER}), 422, "action.id_differs")
    problem(pay(api, {"amount": "1.00"}, **{"Idempotency-Key": "seven"}), 422, "action.id_unreadable")


def test_every_wrong_part_of_a_body_is_named(api: Client) -> None:
    document = problem(pay(api, {"amount": "1.00", "id": "x", "amuont": "1.00"}), 422, "request.invalid")
    assert [(each["where"], each["type"]) for each in document["details"]["errors"]] == [
        ("body.id", "uuid_parsing"),
        ("body.amuont", "extra_forbidden"),
    ]
    assert document["reason"]["zh"] == "请求内容有 2 处不合要求：body.id 须为 UUID；body.amuont 不认识这一项"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "request.malformed"),
        ("[" * 100_000, 400, "request.malformed"),
        (f'{{"id": "{ID}", "amount": "1.00", "amount": "2.00"}}', 400, "request.malformed"),
        ('{"amount": NaN}', 400, "request.malformed"),
        (b"\xff\xfe", 400, "request.malformed"),
        ('{"amount": "1.00", "memo": "a\\u0000b"}', 422, "request.bad_character"),
        ('{"amount": "1.00", "memo": "\\ud800"}', 422, "request.bad_character"),
    ],
)
def test_a_body_with_more_than_one_reading_is_refused(api: Client, body: Any, status: int, code: str) -> None:
    problem(pay(api, body), status, code)


def test_the_title_and_detail_follow_the_accepted_language(api: Client) -> None:
    for accepted, title in (("en-GB,en;q=0.9", "Cannot be accepted"), ("zh-CN", "无法受理"), ("fr", "无法受理")):
        document = problem(pay(api, {"amount": "1.00"}, **{"Accept-Language": accepted}), 422, "action.id_missing")
        assert document["title"] == title


def test_who_does_not_say_who_they_are_is_answered_401(api: Client) -> None:
    answer = api.post("/api/pay", "{}", content_type="application/json")
    problem(answer, 401, "auth.required")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    problem(pay(api, {}, authorization="Bearer bad"), 401, "auth.required")


def test_a_session_needs_the_csrf_token_to_write(api: Client) -> None:
    headers = {"X-Test-Session": "someone"}
    body = json.dumps({"id": ID, "amount": "1.00"})
    problem(api.post("/api/pay", body, content_type="application/json", headers=headers), 403, "auth.csrf")
    token = api.cookies["csrftoken"].value
    answer = api.post("/api/pay", body, content_type="application/json", headers=headers | {"X-CSRFToken": token})
    assert answer.status_code == 201


def test_routing_errors_are_problems_too(api: Client) -> None:
    problem(api.get("/api/nowhere"), 404, "not_found")
    answer = api.delete("/api/pay", headers=GOOD)
    problem(answer, 405, "method.not_allowed")
    assert answer.headers["Allow"] == "POST"
    assert "text/html" in api.get("/nowhere").headers["Content-Type"]


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("refusal", 409, "lot.reserved"),
        ("missing", 404, "lot.unknown"),
        ("defect", 500, "internal"),
        ("outage", 503, "database.unavailable"),
    ],
)
def test_what_was_written_before_an_error_is_rolled_back(
    api: Client, how: str, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="jirong.api"):
        answer = api.post(f"/api/half-done?how={how}")
    document = problem(answer, status, code)
    assert not Group.objects.filter(name=f"half {how}").exists()
    assert b"secret cause" not in answer.content
    if how == "defect":
        assert document["details"]["number"] in caplog.text
        assert "secret cause" in caplog.text


def test_a_list_is_walked_by_its_cursor(api: Client) -> None:
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = api.get("/api/permissions", {"limit": "7"} | ({"after": after} if after else {})).json()
        found += [item["codename"] for item in page["items"]]
        after = page["next"]
    assert len(found) > 14
    assert len(found) == len(set(found)) or sorted(found) == found
    problem(api.get("/api/permissions?after=nonsense"), 422, "page.bad_cursor")
    problem(api.get("/api/permissions?limit=0"), 422, "request.invalid")
    problem(api.get("/api/permissions?after=%00"), 422, "request.bad_character")


def test_the_document_declares_every_error_with_an_example(api: Client) -> None:
    document = api.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    statuses = {"400", "401", "403", "404", "405", "409", "413", "422", "429", "500"}
    for operations in document["paths"].values():
        for operation in operations.values():
            assert statuses <= set(operation["responses"])
    for status in statuses:
        content = document["components"]["responses"][f"Problem{status}"]["content"]["application/problem+json"]
        assert content["example"]["status"] == int(status)
        assert set(document["components"]["schemas"]["Problem"]["required"]) <= set(content["example"])
    amount = document["components"]["schemas"]["PayIn"]["properties"]["amount"]
    assert amount["type"] == "string"
    assert amount["examples"] == ["1000.00"]


def teardown_module() -> None:
    sys.modules.pop("web_api_urls", None)
