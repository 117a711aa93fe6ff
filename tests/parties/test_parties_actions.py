"""Registering who exists, what they may do, and who may see it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from jirong.parties import actions, proposals, queries
from jirong.parties.models import BankAccount, Consent, KeptKey, Party, Proposal, Staff
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

CODES = {"firm": "91310115591693856A", "bank": "91310110666007217T", "core": "9144030071526726XG"}


def register(name: str, **change: Any) -> uuid.UUID:
    id = new_id()
    said = {"name": name, "uscc": CODES.get(name), "size": "small", "roles": [name]} | change
    actions.register_party(actor=SYSTEM, id=id, **said)
    return id


@pytest.fixture
def firm(db: None) -> uuid.UUID:
    return register("firm")


@pytest.fixture
def bank(db: None) -> uuid.UUID:
    return register("bank")


def employ(party: uuid.UUID, username: str, *duties: str) -> Actor:
    user = actions.register_user(actor=SYSTEM, id=new_id(), username=username)["user"]
    actions.add_staff(actor=SYSTEM, id=new_id(), party=party, username=username, duties=list(duties))
    return Actor("party", party, user)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"uscc": "91310115591693856B"}, "uscc.check_failed"),
        ({"uscc": None}, "party.no_code"),
        ({"size": "huge"}, "party.unknown_size"),
        ({"roles": ["king"]}, "party.unknown_roles"),
    ],
)
def test_a_party_that_cannot_be_is_refused(db: None, change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        register("firm", **change)
    assert refused.value.code == code


def test_a_real_code_that_does_not_conform_needs_evidence(db: None) -> None:
    odd = {"uscc": "91350211M00013FA1N"}
    with pytest.raises(Invalid):
        register("firm", **odd)
    id = register("firm", **odd, uscc_evidence_type="licence", uscc_evidence="营业执照副本 3502-2016-0001")
    assert Party.objects.get(pk=id).uscc == "91350211M00013FA1N"


def test_a_code_is_registered_once(firm: uuid.UUID) -> None:
    with pytest.raises(Conflict, match=r"party\.known"):
        register("firm")


def test_only_the_operator_registers(firm: uuid.UUID) -> None:
    with pytest.raises(Forbidden):
        actions.register_party(
            actor=Actor("party", firm), id=new_id(), name="x", uscc=CODES["bank"], size="small", roles=[]
        )


def test_persons_are_seen_by_themselves_and_the_platform_only(firm: uuid.UUID) -> None:
    person = register("张三", uscc=None, size="person", roles=["investor"])
    seen = {}
    for name, actor in {"self": Actor("party", person), "firm": Actor("party", firm), "system": SYSTEM}.items():
        with acting_as(actor):
            seen[name] = Party.objects.filter(pk=person).exists()
    assert seen == {"self": True, "firm": False, "system": True}
    with acting_as(Actor("party", firm)), pytest.raises(NotFound):
        queries.party(person)


def test_staff_accounts_and_consents_are_seen_by_their_own(firm: uuid.UUID, bank: uuid.UUID) -> None:
    other = register("core")
    employ(firm, "zhang.san", "maker")
    actions.add_bank_account(actor=SYSTEM, id=new_id(), party=firm, bank=bank, number="6222001")
    actions.grant_consent(
        actor=Actor("party", firm), id=new_id(), grantee=bank, purpose="credit", scope=["invoice"],
        since=dt.date(2026, 1, 1), until=dt.date(2026, 12, 31),
    )  # fmt: skip
    seen = {}
    for name, party in {"firm": firm, "bank": bank, "other": other}.items():
        with acting_as(Actor("party", party)):
            seen[name] = (Staff.objects.count(), BankAccount.objects.count(), Consent.objects.count())
    assert seen == {"firm": (1, 1, 1), "bank": (0, 1, 1), "other": (0, 0, 0)}


def test_kept_private_keys_are_seen_by_nobody(firm: uuid.UUID) -> None:
    for actor in (Actor("party", firm), Actor("operator", firm)):
        with acting_as(actor):
            assert not KeptKey.objects.exists()


def test_consent_holds_for_its_purpose_scope_and_term_until_withdrawn(firm: uuid.UUID, bank: uuid.UUID) -> None:
    consent = new_id()
    actions.grant_consent(
        actor=Actor("party", firm), id=consent, grantee=bank, purpose="credit", scope=["invoice", "tax"],
        since=dt.date(2026, 1, 1), until=dt.date(2026, 6, 30),
    )  # fmt: skip
    asked = {
        "held": ("credit", "tax", dt.date(2026, 1, 1)),
        "last day": ("credit", "tax", dt.date(2026, 6, 30)),
        "other purpose": ("marketing", "tax", dt.date(2026, 2, 1)),
        "other scope": ("credit", "judicial", dt.date(2026, 2, 1)),
        "too late": ("credit", "tax", dt.date(2026, 7, 1)),
    }
    with acting_as(Actor("party", bank)):
        found = {name: queries.consented(firm, bank, *rest) is not None for name, rest in asked.items()}
    assert found == {
        "held": True, "last day": True, "other purpose": False, "other scope": False, "too late": False
    }  # fmt: skip
    actions.withdraw_consent(actor=Actor("party", firm), id=new_id(), consent=consent)
    with acting_as(Actor("party", bank)):
        assert queries.consented(firm, bank, *asked["held"]) is None


@pytest.fixture
def two(firm: uuid.UUID) -> tuple[Actor, Actor]:
    return employ(firm, "li.si", "maker"), employ(firm, "wang.wu", "maker", "checker")


def propose(maker: Actor, bank: uuid.UUID) -> uuid.UUID:
    id = new_id()
    body = proposals.body_of(party=maker.party, bank=bank, number="6222009", unit="CNY")
    with acting_as(maker):
        proposals.propose(actor=maker, id=new_id(), code="account.add", action_id=id, body=body)
    return id


def test_what_a_maker_proposed_happens_when_a_checker_approves(two: tuple[Actor, Actor], bank: uuid.UUID) -> None:
    maker, checker = two
    id = propose(maker, bank)
    with acting_as(maker):
        assert not BankAccount.objects.filter(number="6222009").exists()
    with acting_as(checker):
        first = proposals.approve(actor=checker, proposal=id)
        assert proposals.approve(actor=checker, proposal=id) == first
        assert BankAccount.objects.filter(number="6222009").count() == 1
        assert Proposal.objects.get(pk=id).state == "approved"


def test_nobody_approves_alone(two: tuple[Actor, Actor], bank: uuid.UUID) -> None:
    maker, checker = two
    with acting_as(maker), pytest.raises(Forbidden, match="checker_required"):
        proposals.approve(actor=maker, proposal=propose(maker, bank))
    with acting_as(checker), pytest.raises(Forbidden, match="same_person"):
        proposals.approve(actor=checker, proposal=propose(checker, bank))


def test_a_rejected_proposal_stays_rejected(two: tuple[Actor, Actor], bank: uuid.UUID) -> None:
    maker, checker = two
    id = propose(maker, bank)
    with acting_as(checker):
        proposals.reject(actor=checker, id=new_id(), proposal=id, note="户名不符")
        with pytest.raises(Conflict, match="decided"):
            proposals.approve(actor=checker, proposal=id)


def test_a_proposal_is_unknown_to_other_parties(two: tuple[Actor, Actor], bank: uuid.UUID) -> None:
    id = propose(two[0], bank)
    stranger = employ(bank, "zhao.liu", "checker")
    with acting_as(stranger), pytest.raises(NotFound):
        proposals.approve(actor=stranger, proposal=id)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "party"),
        ({"party": "x", "bank": "y", "number": "1"}, "party"),
        ({"party": None, "bank": None, "number": 1}, "party"),
        ({"party": str(new_id()), "bank": str(new_id()), "number": "1", "colour": "red"}, "colour"),
    ],
)
def test_a_proposal_that_does_not_fit_its_action_is_refused(
    two: tuple[Actor, Actor], body: dict[str, Any], where: str
) -> None:
    with acting_as(two[0]), pytest.raises(Invalid) as refused:
        proposals.propose(actor=two[0], id=new_id(), code="account.add", action_id=new_id(), body=body)
    assert refused.value.where == where


def test_tokens_are_kept_as_hashes_and_die_with_their_staff(firm: uuid.UUID) -> None:
    person = employ(firm, "qian.qi", "maker", "admin")
    id = new_id()
    with acting_as(person):
        actions.create_token(actor=person, id=id, name="erp")
    token = actions.token_of(id)
    with acting_as(SYSTEM):
        (kept,) = Staff.objects.get(user=person.user).tokens.all()
    assert kept.hash == actions.token_hash(token) != token
    actions.end_staff(actor=SYSTEM, id=new_id(), party=firm, username="qian.qi")
    with acting_as(SYSTEM):
        kept.refresh_from_db()
    assert kept.revoked_at is not None
