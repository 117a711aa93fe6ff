"""Founding a world: the operator, parties, people and accounts that a demonstration or a test begins with.

Done in-process as the house itself, through the same actions as everywhere, with ids that follow from the names, so
that founding twice changes nothing. What happens afterwards in the world goes through the HTTP API.
"""

from __future__ import annotations

import base64
import datetime
import functools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from jirong.kernel import uscc
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.parties import actions as parties
from jirong.parties.models import Staff, User
from jirong.rails import sandbox
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.trust import keys

WORLDS = uuid.UUID("3a0e5d1c-9a57-5b0e-8f0e-6f1c7b2d4e11")
PASSWORD = "jirong-demo-2026"  # noqa: S105 (printed for whoever starts a demonstration)
"""The password of every log-in of a demonstration; a real installation founds no world."""


@dataclass
class World:
    """What was founded: party ids by name, and for each ``party.duty`` log-in its user name and token."""

    name: str
    parties: dict[str, uuid.UUID] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, uuid.UUID] = field(default_factory=dict)
    clusters: dict[str, uuid.UUID] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    passwords: bool = True

    def id(self, *parts: object) -> uuid.UUID:
        return derived_id(WORLDS, self.name, *parts)


def found(name: str, plan: Mapping[str, Any], *, passwords: bool = True) -> World:
    """Found the world ``plan`` describes: ``business_date``, ``parties``, ``clusters`` (see ``examples/``).

    A party has ``name``, ``size``, ``roles``, optionally ``name_en``, ``people`` (log-in suffix → duties), ``bank``
    (the party whose account it holds), ``balance`` (on the sandbox bank). Without ``passwords`` its people have
    tokens only, which is enough where programs alone call.
    """
    world = World(name, passwords=passwords)
    parties.advance_business_date(
        actor=SYSTEM,
        id=world.id("date", plan["business_date"]),
        to=datetime.date.fromisoformat(str(plan["business_date"])),
    )
    for key, party in plan["parties"].items():
        _register(world, key, party)
    for key, party in plan["parties"].items():
        _equip(world, key, party)
    for key, cluster in plan.get("clusters", {}).items():
        _cluster(world, key, cluster, plan)
    return world


def _register(world: World, key: str, party: Mapping[str, Any]) -> None:
    id = world.id("party", key)
    code = party.get("uscc") or uscc.generate(id.int % 31**7)
    world.parties[key], world.codes[key] = id, code
    parties.register_party(
        actor=SYSTEM,
        id=id,
        name=party["name"],
        name_en=party.get("name_en", ""),
        uscc=None if party["size"] == "person" else code,
        size=party["size"],
        roles=list(party["roles"]),
        sector=party.get("sector", ""),
        region=party.get("region", ""),
    )


def _equip(world: World, key: str, party: Mapping[str, Any]) -> None:
    """People with log-ins and tokens, and a settlement account with money on it."""
    for suffix, duties in people_of(party).items():
        _person(world, key, suffix, duties)
    if "bank" in party:
        account = world.id("account", key)
        world.accounts[key] = account
        parties.add_bank_account(
            actor=SYSTEM,
            id=account,
            party=world.parties[key],
            bank=world.parties[party["bank"]],
            number=f"6222{account.int % 10**15:015d}",
        )
        balance = Money.parse(str(party.get("balance", "0.00")))
        sandbox.set_account(actor=SYSTEM, id=world.id("balance", key), account=account, balance=balance)


def people_of(party: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """The people of a party in a plan: log-in suffix → duties."""
    given: Mapping[str, list[str]] | None = party.get("people")
    return given or {"maker": ["maker", "admin"], "checker": ["checker"]}


def login_of(name: str, party: str, suffix: str) -> str:
    """The log-in name of a person in world ``name``."""
    return f"{name}.{party}.{suffix}".replace("_", "-")


def _person(world: World, key: str, suffix: str, duties: list[str]) -> None:
    login = login_of(world.name, key, suffix)
    parties.register_user(actor=SYSTEM, id=world.id("user", key, suffix), username=login)
    with transaction.atomic():
        user = User.objects.get(username=login)
        if world.passwords and not user.has_usable_password():
            user.password = _password_hash()
            user.save(update_fields=["password"])
    parties.add_staff(
        actor=SYSTEM, id=world.id("staff", key, suffix), party=world.parties[key], username=login, duties=duties
    )
    with acting_as(SYSTEM), transaction.atomic():
        staff = Staff.objects.get(user=user, party=world.parties[key], ended_at=None)
    actor = Actor("party", staff.party_id, user.pk)
    token = world.id("token", key, suffix)
    parties.create_token(actor=actor, id=token, name="demo", days=365)
    world.logins[f"{key}.{suffix}"] = login
    world.tokens[f"{key}.{suffix}"] = parties.token_of(token)


@functools.cache
def _password_hash() -> str:
    """Hashing takes nearly half a second by design; everybody here has the same password, so once is enough."""
    return make_password(PASSWORD)


def _cluster(world: World, key: str, cluster: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    id = world.id("cluster", key)
    world.clusters[key] = id
    parties.create_cluster(
        actor=SYSTEM, id=id, name=cluster["name"], name_en=cluster.get("name_en", ""), region=cluster.get("region", "")
    )
    since = datetime.date.fromisoformat(str(plan["business_date"]))
    for member in cluster["members"]:
        parties.join_cluster(
            actor=SYSTEM, id=world.id("join", key, member), cluster=id, party=world.parties[member], since=since
        )


def own_key(seed: uuid.UUID) -> tuple[bytes, str]:
    """A demonstration key pair that follows from ``seed``: the private half and the public one in base64."""
    private = (seed.bytes + seed.bytes)[:32]
    return private, base64.b64encode(keys.public_of(private)).decode()
