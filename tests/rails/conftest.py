"""A bank, its customer who orders payments, and who is to get them."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client

from jirong.engine.intents import Payment
from jirong.kernel import uscc
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.parties import actions as parties
from jirong.parties.models import User
from jirong.rails import actions
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor
from jirong.store.ids import new_id

DAY = dt.date(2026, 3, 2)
PURPOSE = "note.pay"


class World:
    """A bank, its customer who orders payments, and who is to get them."""

    def __init__(self) -> None:
        business_date.advance(DAY)
        self.parties = {name: self._register(name) for name in ("operator", "bank", "payer", "payee")}
        self.accounts = {name: new_id() for name in ("payer", "payee")}
        for name, id in self.accounts.items():
            parties.add_bank_account(
                actor=SYSTEM, id=id, party=self.parties[name], bank=self.parties["bank"], number=f"6222-{name}"
            )

    def _register(self, name: str) -> uuid.UUID:
        party, role = new_id(), name if name in ("bank", "operator") else "firm"
        parties.register_party(
            actor=SYSTEM, id=party, name=f"某{name}", name_en=f"Some {name}", uscc=uscc.generate(party.int % 31**7),
            size="small", roles=[role],
        )  # fmt: skip
        parties.register_user(actor=SYSTEM, id=new_id(), username=name)
        parties.add_staff(actor=SYSTEM, id=new_id(), party=party, username=name, duties=["maker"])
        return party

    def order(self, minor: int = 100_00) -> uuid.UUID:
        """An order of the payer to its bank, still unanswered."""
        token = log_actions._running.set(log_actions.Running(new_id()))
        payment = Payment(
            id=new_id(), payer=self.parties["payer"], payee=self.parties["payee"], amount_minor=minor, because="holder"
        )
        found = actions.instruct([payment], id=new_id(), purpose=PURPOSE, subject=new_id(), on=DAY)
        log_actions._running.reset(token)
        return found.pk

    def client(self, who: str, language: str = "zh-hans") -> Client:
        client = Client(headers={"accept-language": language})
        client.cookies["django_language"] = language
        client.force_login(User.objects.get(username=who), backend="django.contrib.auth.backends.ModelBackend")
        return client

    def confirm(self, instruction: uuid.UUID, reason: Text | None) -> None:
        actions.confirm_payment(
            actor=Actor("party", self.parties["bank"]), id=new_id(), instruction=instruction, paid=False,
            bank_reference=f"R{instruction}", value_date=DAY, reason=reason,
        )  # fmt: skip


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setitem(actions._answered, PURPOSE, lambda instruction, confirmation: None)
    return World()
