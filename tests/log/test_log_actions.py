"""A write is one action: once by its id, whoever repeats it and however many at a time, with one signed entry."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, connection, transaction

from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import actions, statement
from jirong.log.actions import SuppliedSignature, action, concern
from jirong.log.models import Entry, Salt
from jirong.parties import actions as parties
from jirong.parties.models import Cluster
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id
from jirong.trust import canonical, keys

CALLS: list[str] = []


@action("test.note", Text("测试", "Test"), public=False)
def write_note(*, actor: Actor, id: uuid.UUID, name: str, amount: Money | None = None) -> dict[str, Any]:
    CALLS.append(name)
    Cluster.objects.create(id=id, name=name)
    return {"cluster": str(id), "call": len(CALLS)}


@action("test.personal", Text("测试", "Test"), public=False)
def write_personal(*, actor: Actor, id: uuid.UUID, phone: statement.PersonalText) -> dict[str, Any]:
    return {"digits": len(phone)}


@action("test.own", Text("本人签名", "Own key"), own_key=True, public=False)
def write_signed(*, actor: Actor, id: uuid.UUID, rate: Decimal) -> dict[str, Any]:
    return {"rate": str(rate)}


@action("test.two", Text("双人", "Two people"), two_people=True, public=False)
def write_two(*, actor: Actor, id: uuid.UUID) -> dict[str, Any]:
    return {}


@action("test.fails", Text("失败", "Fails"), public=False)
def write_and_fail(*, actor: Actor, id: uuid.UUID, other: uuid.UUID) -> dict[str, Any]:
    Cluster.objects.create(id=id, name="half done")
    concern(other)
    raise Invalid("test.no", Text("不行", "no"))


@pytest.fixture
def firm(db: None) -> Actor:
    party = new_id()
    parties.register_party(
        actor=SYSTEM, id=party, name="晨光五金", uscc="91310115591693856A", size="small", roles=["firm"]
    )
    return Actor("party", party)


def entries(id: uuid.UUID) -> list[Entry]:
    with acting_as(SYSTEM):
        return list(Entry.objects.filter(pk=id))


def test_the_same_id_answers_the_first_outcome(firm: Actor) -> None:
    CALLS.clear()
    id = new_id()
    first = write_note(actor=firm, id=id, name="一", amount=Money(1050))
    assert write_note(actor=firm, id=id, name="一", amount=Money(1050)) == first
    assert CALLS == ["一"]
    assert len(entries(id)) == 1


def test_the_same_id_with_another_body_or_actor_is_refused(firm: Actor) -> None:
    id = new_id()
    write_note(actor=firm, id=id, name="一")
    with pytest.raises(Conflict, match="id_reused"):
        write_note(actor=firm, id=id, name="二")
    with pytest.raises(Conflict, match="id_reused"):
        write_note(actor=SYSTEM, id=id, name="一")


def test_an_entry_keeps_the_bytes_that_were_signed(firm: Actor) -> None:
    id = new_id()
    outcome = write_note(actor=firm, id=id, name="布", amount=Money(1050))
    (entry,) = entries(id)
    assert canonical.parse(entry.statement) == {
        "action": "test.note",
        "actor": str(firm.party),
        "body": {"amount": {"amount": "10.50", "unit": "CNY"}, "name": "布"},
        "id": str(id),
    }
    assert canonical.parse(entry.outcome) == outcome
    assert (entry.grade, entry.concerns) == ("platform", [firm.party])


def test_what_fails_leaves_nothing(firm: Actor) -> None:
    id = new_id()
    with pytest.raises(Invalid):
        write_and_fail(actor=firm, id=id, other=new_id())
    assert not Cluster.objects.filter(pk=id).exists()
    assert entries(id) == []


def test_personal_values_are_logged_as_salted_hashes_that_can_be_forgotten(firm: Actor) -> None:
    id = new_id()
    write_personal(actor=firm, id=id, phone="13812345678")
    write_personal(actor=firm, id=id, phone="13812345678")
    (entry,) = entries(id)
    assert "13812345678" not in entry.statement
    assert set(json.loads(entry.statement)["body"]["phone"]) == {"sha256"}
    with acting_as(SYSTEM):
        assert Salt.objects.filter(entry=id).count() == 1
    with pytest.raises(Conflict):
        write_personal(actor=firm, id=id, phone="13812345679")


def test_an_own_key_is_asked_for_once_a_party_has_one(firm: Actor) -> None:
    assert write_signed(actor=firm, id=new_id(), rate=Decimal("0.035")) == {"rate": "0.035"}
    private = keys.generate()
    key = register_own(firm, private)
    id = new_id()
    with pytest.raises(Forbidden, match="own_key_required"):
        write_signed(actor=firm, id=id, rate=Decimal("0.035"))
    signed = actions.statement_bytes("test.own", actor=firm, id=id, rate=Decimal("0.035"))
    good = SuppliedSignature(base64.b64encode(keys.sign(private, signed)).decode(), key)
    with pytest.raises(Invalid, match=r"signature\.wrong"):
        write_signed(actor=firm, id=id, signature=good, rate=Decimal("0.036"))
    write_signed(actor=firm, id=id, signature=good, rate=Decimal("0.035"))
    assert entries(id)[0].grade == "own"


def register_own(firm: Actor, private: bytes) -> str:
    id = new_id()
    statement = f"jirong-key-registration:{firm.party}:{id}".encode()
    outcome = parties.register_key(
        actor=firm,
        id=id,
        public=base64.b64encode(keys.public_of(private)).decode(),
        proof=base64.b64encode(keys.sign(private, statement)).decode(),
    )
    key: str = outcome["key"]
    return key


def test_a_second_own_key_is_vouched_for_by_the_first_or_by_two_people(firm: Actor) -> None:
    """Whoever holds one log-in of a party with its own key cannot make another that signs in its name (law 10)."""
    first, second, third = (keys.generate() for _ in range(3))
    register_own(firm, first)
    with pytest.raises(Forbidden, match=r"key\.unvouched"):
        register_own(firm, second)
    with actions.checked_by(987654):
        register_own(firm, second)
    id = new_id()
    statement = f"jirong-key-registration:{firm.party}:{id}".encode()
    body = {
        "public": base64.b64encode(keys.public_of(third)).decode(),
        "proof": base64.b64encode(keys.sign(third, statement)).decode(),
    }
    signed = actions.statement_bytes("key.register", actor=firm, id=id, **body)
    signature = SuppliedSignature(
        base64.b64encode(keys.sign(first, signed)).decode(), keys.key_id(keys.public_of(first))
    )
    parties.register_key(actor=firm, id=id, signature=signature, **body)
    assert entries(id)[0].grade == "own"


def test_two_people_are_needed_where_an_action_says_so(firm: Actor) -> None:
    maker = Actor("party", firm.party, 1)
    with pytest.raises(Forbidden, match="needs_checker"):
        write_two(actor=maker, id=new_id())
    with actions.checked_by(1), pytest.raises(Forbidden, match="needs_checker"):
        write_two(actor=maker, id=new_id())
    with actions.checked_by(2):
        assert write_two(actor=maker, id=new_id()) == {}


def test_an_action_inside_another_is_a_defect(firm: Actor) -> None:
    @action("test.nested", Text("嵌套", "Nested"), public=False)
    def nested(*, actor: Actor, id: uuid.UUID) -> dict[str, Any]:
        return write_note(actor=actor, id=new_id(), name="inner")

    with pytest.raises(RuntimeError, match="one action"):
        nested(actor=firm, id=new_id())


@pytest.mark.parametrize("change", ["UPDATE log_entry SET outcome = '{}'", "DELETE FROM log_entry"])
def test_entries_cannot_be_changed(firm: Actor, change: str) -> None:
    write_note(actor=firm, id=new_id(), name="一")
    with acting_as(SYSTEM), pytest.raises(Error, match=r"insert-only|permission denied"), transaction.atomic():
        connection.cursor().execute(change)


def test_others_do_not_see_an_entry_that_does_not_concern_them(firm: Actor) -> None:
    id = new_id()
    write_note(actor=firm, id=id, name="一")
    seen = {}
    for name, actor in {"firm": firm, "stranger": Actor("party", new_id()), "anonymous": Actor("anonymous")}.items():
        with acting_as(actor):
            seen[name] = Entry.objects.filter(pk=id).exists()
    assert seen == {"firm": True, "stranger": False, "anonymous": False}


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_happen_once() -> None:
    party, id = new_id(), new_id()
    parties.register_party(
        actor=SYSTEM, id=party, name="晨光五金", uscc="91310115591693856A", size="small", roles=["firm"]
    )
    CALLS.clear()
    outcomes: list[Any] = []
    barrier = threading.Barrier(20)

    def ask() -> None:
        barrier.wait()
        try:
            outcomes.append(write_note(actor=Actor("party", party), id=id, name="同时"))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 20
    assert outcomes == [outcomes[0]] * 20
    assert CALLS == ["同时"]
