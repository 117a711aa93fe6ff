"""Pages about one's own party and the clusters: who sees what, what a token opens, how a request to join ends."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.parties import actions, queries
from jirong.parties.models import JoinRequest, Membership, Token, User
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

CODES = {"firm": "91310115591693856A", "bank": "91310110666007217T", "operator": "9144030071526726XG"}
DAY = dt.date(2026, 3, 2)


class World:
    """A firm, a bank and the operator, each with an administrator who may also make and check."""

    def __init__(self) -> None:
        business_date.advance(DAY)
        self.parties = {name: self._register(name) for name in CODES}
        self.cluster = new_id()
        actions.create_cluster(actor=SYSTEM, id=self.cluster, name="柯桥纺织", name_en="Keqiao textiles")

    def _register(self, name: str) -> uuid.UUID:
        party = new_id()
        actions.register_party(
            actor=SYSTEM, id=party, name=f"某{name}", uscc=CODES[name], size="small", roles=[name], sector="纺织"
        )
        for person, duties in (("boss", ["maker", "admin"]), ("clerk", ["maker"])):
            actions.register_user(actor=SYSTEM, id=new_id(), username=f"{name}.{person}")
            actions.add_staff(actor=SYSTEM, id=new_id(), party=party, username=f"{name}.{person}", duties=duties)
        return party

    def actor(self, who: str, person: str = "boss") -> Actor:
        role = "operator" if who == "operator" else "party"
        return Actor(role, self.parties[who], User.objects.get(username=f"{who}.{person}").pk)  # type: ignore[arg-type]

    def client(self, who: str, person: str = "boss", language: str = "zh-hans") -> Client:
        client = Client(headers={"accept-language": language})
        client.cookies["django_language"] = language
        client.force_login(
            User.objects.get(username=f"{who}.{person}"), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The world, looked at by the tests as the house; pages are asked for as whoever logged in."""
    with acting_as(SYSTEM):
        yield World()


def text(answer: Any) -> str:
    """What stands on the page itself, without the shell around it."""
    page = answer.content.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def make_token(client: Client, **change: Any) -> str:
    answer = client.post(
        reverse("new_token"), {"id": str(new_id()), "name": "ERP", "scope": "all", "days": 30} | change
    )
    found = re.search(r'id="token">(jr_[0-9a-f]{64})<', answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


# Tokens ------------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_kept_as_a_hash(world: World) -> None:
    client = world.client("firm")
    token = make_token(client)
    assert token not in client.get(reverse("own_party_tab", args=["tokens"])).content.decode()
    kept = Token.objects.get()
    assert kept.hash == actions.token_hash(token)
    assert token not in str(vars(kept))


def test_a_token_opens_the_api_and_is_seen_in_use_until_it_is_revoked(world: World) -> None:
    client = world.client("firm")
    token = make_token(client)
    assert "从未使用" in text(client.get(reverse("own_party_tab", args=["tokens"])))
    asked = Client().get("/api/me", headers={"authorization": f"Bearer {token}"})
    assert asked.json()["party"]["id"] == str(world.parties["firm"])
    assert Token.objects.get().last_used_at is not None
    client.post(reverse("revoke_token", args=[Token.objects.get().pk]))
    assert Client().get("/api/me", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert "已吊销" in text(client.get(reverse("own_party_tab", args=["tokens"])))


def test_a_token_that_may_only_read_changes_nothing(world: World) -> None:
    bearer = {"authorization": f"Bearer {make_token(world.client('firm'), scope='read')}"}
    assert Client().get("/api/me", headers=bearer).status_code == 200
    refused = Client().post("/api/tokens", {"name": "another"}, headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "token.read_only")
    assert Token.objects.count() == 1


def test_most_requests_write_nothing_for_the_token(world: World) -> None:
    bearer = {"authorization": f"Bearer {make_token(world.client('firm'))}"}
    Client().get("/api/me", headers=bearer)
    with CaptureQueriesContext(connection) as asked:
        Client().get("/api/me", headers=bearer)
    assert not [query for query in asked if query["sql"].startswith("UPDATE")]


def test_a_clerk_sees_and_revokes_own_tokens_only(world: World) -> None:
    make_token(world.client("firm"), name="总账导入")
    clerk = world.client("firm", "clerk")
    assert "总账导入" not in text(clerk.get(reverse("own_party_tab", args=["tokens"])))
    with pytest.raises(Invalid):
        actions.revoke_token(actor=world.actor("firm", "clerk"), id=new_id(), token=Token.objects.get().pk)
    with pytest.raises(Invalid):
        actions.revoke_token(actor=world.actor("bank"), id=new_id(), token=Token.objects.get().pk)
    actions.revoke_token(actor=world.actor("firm"), id=new_id(), token=Token.objects.get().pk)


# Clusters ----------------------------------------------------------------------------------------------------------


def test_a_firm_asks_the_operator_answers_and_it_belongs(world: World) -> None:
    firm, operator = world.client("firm"), world.client("operator")
    firm.post(reverse("ask_to_join", args=[world.cluster]), {"id": str(new_id()), "note": "与成员往来八年"})
    page = reverse("cluster", args=[world.cluster])
    assert "已申请加入" in text(firm.get(page))
    assert "与成员往来八年" in text(operator.get(page))
    assert "与成员往来八年" not in text(world.client("bank").get(page))
    request = JoinRequest.objects.get()
    operator.post(reverse("answer_request", args=[request.pk]), {"id": str(new_id()), "accept": "1", "answer": ""})
    assert "贵单位是成员" in text(firm.get(page))
    assert Membership.objects.get().since == DAY


def test_a_refusal_says_why_and_may_be_asked_again(world: World) -> None:
    firm, operator = world.client("firm"), world.client("operator")
    ask = reverse("ask_to_join", args=[world.cluster])
    firm.post(ask, {"id": str(new_id()), "note": ""})
    address = reverse("answer_request", args=[JoinRequest.objects.get().pk])
    silent = operator.post(address, {"id": str(new_id()), "decline": "1", "answer": ""})
    assert (silent.status_code, JoinRequest.objects.get().state) == (422, "asked")
    operator.post(address, {"id": str(new_id()), "decline": "1", "answer": "先补营业执照"})
    assert "先补营业执照" in text(firm.get(reverse("cluster", args=[world.cluster])))
    firm.post(ask, {"id": str(new_id()), "note": ""})
    assert JoinRequest.objects.filter(state="asked").count() == 1


def test_one_open_request_a_cluster_and_none_by_members(world: World) -> None:
    actor = world.actor("firm")
    with acting_as(actor):
        first = actions.ask_to_join(actor=actor, id=new_id(), cluster=world.cluster)
        with pytest.raises(Conflict):
            actions.ask_to_join(actor=actor, id=new_id(), cluster=world.cluster)
        actions.withdraw_request(actor=actor, id=new_id(), request=uuid.UUID(first["request"]))
    actions.join_cluster(actor=SYSTEM, id=new_id(), cluster=world.cluster, party=world.parties["firm"], since=DAY)
    with pytest.raises(Conflict), acting_as(actor):
        actions.ask_to_join(actor=actor, id=new_id(), cluster=world.cluster)


def test_only_the_party_itself_or_the_operator_ends_a_membership(world: World) -> None:
    actions.join_cluster(actor=SYSTEM, id=new_id(), cluster=world.cluster, party=world.parties["firm"], since=DAY)
    with pytest.raises(Forbidden):
        actions.leave_cluster(
            actor=world.actor("bank"), id=new_id(), cluster=world.cluster, party=world.parties["firm"]
        )
    address = reverse("leave_cluster", args=[world.cluster, world.parties["firm"]])
    assert world.client("bank").get(address).status_code == 404
    actions.leave_cluster(actor=world.actor("firm"), id=new_id(), cluster=world.cluster, party=world.parties["firm"])
    assert Membership.objects.get().until == DAY
    with acting_as(world.actor("firm")):
        assert not queries.members(world.cluster).exists()


# Whoever looks -----------------------------------------------------------------------------------------------------

PAGES = ["own_party", "clusters", "parties", "inbox", "new_token"]
TABS = ["staff", "roles", "keys", "accounts", "tokens"]
OPERATORS = ["new_cluster", "register_party"]


@pytest.mark.parametrize("who", ["firm", "bank", "operator"])
def test_pages_open_in_both_languages(world: World, who: str) -> None:
    for language in ("zh-hans", "en"):
        client = world.client(who, language=language)
        addresses = [reverse(name) for name in PAGES] + [reverse("own_party_tab", args=[tab]) for tab in TABS]
        for address in [*addresses, reverse("cluster", args=[world.cluster])]:
            answer = client.get(address)
            assert answer.status_code == 200, address
            if language == "en":
                own = {"某firm", "某bank", "某operator", "纺织", "柯桥纺织"}
                assert set(re.findall(r"[\u4e00-\u9fff]+(?:firm|bank|operator)?", text(answer))) <= own, address


@pytest.mark.parametrize("who", ["firm", "bank"])
def test_the_operators_pages_are_the_operators(world: World, who: str) -> None:
    client = world.client(who)
    addresses = [reverse(name) for name in OPERATORS]
    addresses += [reverse("add_member", args=[world.cluster]), reverse("add_role", args=[world.parties["firm"]])]
    for address in addresses:
        assert client.get(address).status_code == 403, address
    assert client.get(reverse("cluster", args=[new_id()])).status_code == 404


def test_a_list_of_members_asks_no_more_for_more_of_them(world: World) -> None:
    client = world.client("operator")
    address = reverse("cluster", args=[world.cluster])

    def asks() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    actions.join_cluster(actor=SYSTEM, id=new_id(), cluster=world.cluster, party=world.parties["firm"], since=DAY)
    one = asks()
    actions.join_cluster(actor=SYSTEM, id=new_id(), cluster=world.cluster, party=world.parties["bank"], since=DAY)
    assert asks() == one
