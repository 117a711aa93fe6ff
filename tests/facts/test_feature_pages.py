"""Features as pages and over HTTP: the firm's own value, who may read it, and what withdrawing consent does."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jirong.facts import features, kinds
from jirong.facts.features import catalogue, reading
from jirong.parties import actions as parties
from jirong.parties.models import User

ZH = {"Accept-Language": "zh-CN"}
STATEMENTS_MOST = 45


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def log_in(world: Any, who: str) -> Client:
    client = Client()
    user = User.objects.get(username=world.world.logins[f"{who}.maker"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, url: str) -> str:
    answer = client.get(url, headers=ZH)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_every_feature_says_how_it_is_computed_and_has_a_page(facts_world: Any) -> None:
    client = log_in(facts_world, "firm")
    assert len(features.FEATURES) == 93
    for code, item in features.FEATURES.items():
        said = reading.parts_said(item)
        assert len(said) == len(item.parts)
        formula = reading.formula(item)
        assert bool(formula) == (not item.given), code
        assert "p_" not in formula, "parts are called by what the page calls them"
        assert all(part.name in formula for part in said), code
        assert "%(" not in reading.statement(item)
    for code in ("revenue_12m", "machine_use", "lot_amount", "membership_months", "wind_mean_3y_min", "high_tech"):
        assert features.FEATURES[code].title.zh in page(client, f"/features/{code}/")


def test_a_page_shows_the_firms_own_value_its_facts_and_who_may_read_it(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("TF-1", "2026-05-31", "8640000.00"),
                     facts_world.filing("TF-OLD", "2020-05-31", "1.00"))  # fmt: skip
    given = facts_world.consent(["tax.filing"])
    client = log_in(facts_world, "firm")
    html = page(client, "/features/revenue_12m/")
    assert "8,640,000.00元" in html
    assert "资料截至2026-05-31" in html
    assert "TF-1" in html
    assert "TF-OLD" not in html, "older than the window"
    assert "白沙县税务局" in html
    assert "白沙农商行" in html
    assert "授信评估" in html
    facts_world.do("firm", parties.withdraw_consent, consent=given)
    assert "目前没有有效的授权" in page(client, "/features/revenue_12m/")
    assert "8,640,000.00" not in page(log_in(facts_world, "other"), "/features/revenue_12m/")


def test_silence_is_shown_as_silence(facts_world: Any) -> None:
    html = page(log_in(facts_world, "firm"), "/features/revenue_12m/")
    assert "没有资料" in html
    assert "不按零计" in html
    assert "0.00元" not in html


@pytest.mark.parametrize(
    "url", ["/features/", "/features/revenue_12m/", "/features/?q=revenue", "/features/?from=order"]
)
def test_who_sees_feature_pages(facts_world: Any, url: str) -> None:
    found = {who: log_in(facts_world, who).get(url).status_code for who in ("firm", "bank", "tax", "shop", "operator")}
    assert set(found.values()) == {200}, found
    assert Client().get(url).status_code == 302
    assert log_in(facts_world, "firm").get("/features/no_such/").status_code == 404


@pytest.mark.parametrize("url", ["/features/", "/features/revenue_12m/"])
def test_pages_ask_the_database_little(facts_world: Any, url: str) -> None:
    client = log_in(facts_world, "firm")
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert len(queries) <= STATEMENTS_MOST, [query["sql"][:100] for query in queries]


def test_features_over_http_under_consent_only(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"))
    firm, bank = facts_world.party("firm"), log_in(facts_world, "bank")
    url = f"/api/firms/{firm}/features?names=revenue_12m,court_defaulter"

    def read(client: Client, url: str = url) -> list[tuple[str, str | None]]:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        return [(row["known"], row["value"]) for row in answer.json()["values"]]

    assert read(bank) == [("withheld", None), ("missing", None)]
    assert bank.get(f"/api/firms/{firm}/freshness").json() == []
    given = facts_world.consent(["tax.filing"])
    assert read(bank) == [("present", "100.00"), ("missing", None)]
    assert read(bank, url + "&purpose=monitoring")[0] == ("withheld", None)
    (fresh,) = bank.get(f"/api/firms/{firm}/freshness").json()
    assert (fresh["kind"], fresh["statements"], fresh["latest_on"]) == ("tax.filing", 1, "2026-05-31")
    assert bank.get(f"/api/firms/{firm}/freshness?purpose=monitoring").json() == []
    facts_world.do("firm", parties.withdraw_consent, consent=given)
    assert read(bank)[0] == ("withheld", None)
    assert bank.get(f"/api/firms/{firm}/freshness").json() == []
    assert read(log_in(facts_world, "firm"))[0] == ("present", "100.00")
    assert read(log_in(facts_world, "other"))[0] == ("withheld", None)


def test_definitions_over_http(facts_world: Any) -> None:
    client = log_in(facts_world, "bank")
    listed = client.get("/api/features").json()
    assert len(listed) == len(features.FEATURES)
    one = client.get("/api/features/overdue_12m").json()
    assert (one["sources"], one["consent_needed"]) == (["repayment.record"], ["repayment.record"])
    assert "facts_tally" in one["sql"]
    assert client.get("/api/features/none").status_code == 404
    unknown = client.get(f"/api/firms/{facts_world.party('firm')}/features?names=none")
    assert unknown.status_code == 422
    stranger = client.get("/api/firms/00000000-0000-0000-0000-000000000001/features")
    assert stranger.status_code == 404
    assert Client().get("/api/features").status_code == 401


def test_only_public_kinds_are_free_to_read() -> None:
    free = {code for code in kinds.KINDS if not catalogue.needs_consent(code)}
    assert "repayment.record" not in free
    assert free == {code for code, kind in kinds.KINDS.items() if kind.public}
