"""A small textile world: a core, three tiers of suppliers and two banks, with documents on file."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction

from jirong.cli import world as worlds
from jirong.facts import actions as facts
from jirong.facts.models import Fact
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.notes import actions as notes
from jirong.parties import actions as parties
from jirong.parties.models import Staff
from jirong.rails import actions as rails
from jirong.rails import sandbox
from jirong.rails.models import Instruction
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

EXAMPLES = Path(__file__).parents[2] / "examples"


class Textile:
    """The world of ``examples/textile-n-tier.yaml``, acted on directly."""

    def __init__(self) -> None:
        plan = yaml.safe_load((EXAMPLES / "textile-n-tier.yaml").read_text(encoding="utf-8"))
        self.world = worlds.found("textile", plan)
        self.file("merchant", "core", "textile")
        self.file("mill", "merchant", "textile/tiers/yarn")
        self.file("fibre", "mill", "textile/tiers/fibre")

    def actor(self, who: str, person: str = "maker") -> Actor:
        login = self.world.logins[f"{who}.{person}"]
        with acting_as(SYSTEM), transaction.atomic():
            staff = Staff.objects.select_related("user").get(user__username=login)
        return Actor("operator" if who == "operator" else "party", staff.party_id, staff.user_id)

    def party(self, who: str) -> uuid.UUID:
        return self.world.parties[who]

    def file(self, seller: str, buyer: str, folder: str) -> None:
        for kind, by in {"order": seller, "delivery": seller, "acceptance": buyer, "invoice": seller}.items():
            plural = {"delivery": "deliveries"}.get(kind, f"{kind}s")
            data = (EXAMPLES / folder / f"{plural}.csv").read_bytes()
            done = facts.import_file(actor=self.actor(by), id=new_id(), kind=kind, name=f"{plural}.csv", data=data)
            assert not done["refused"], done

    def invoice(self, seller: str) -> uuid.UUID:
        with acting_as(SYSTEM), transaction.atomic():
            return Fact.objects.filter(kind="invoice", subject=self.party(seller)).order_by("key")[0].pk

    def part(self, seller: str, amount: str) -> list[notes.InvoicePart]:
        return [notes.InvoicePart(self.invoice(seller), Money.parse(amount))]

    def do(self, who: str, function: Any, **body: Any) -> dict[str, Any]:
        """Perform an action as ``who`` with a new id; where it takes two people the checker approves."""
        actor = self.actor(who)
        body.setdefault("id", new_id())
        with acting_as(actor):
            if log_actions.REGISTRY[function.action_code].two_people:
                with log_actions.checked_by(actor.user or 0):
                    return dict(function(actor=self.actor(who, "checker"), **body))
            return dict(function(actor=actor, **body))

    def issue(self, amount: str = "10000000.00", due: str = "2026-07-07", *, accept: bool = True) -> dict[str, Any]:
        done = self.do(
            "core", notes.issue_note, payee=self.party("merchant"), backings=self.part("merchant", amount),
            due=datetime.date.fromisoformat(due),
        )  # fmt: skip
        self.note, self.lot = uuid.UUID(done["note"]), uuid.UUID(done["lot"])
        if accept:
            self.do("merchant", notes.accept_note, note=self.note, consents_to_term=True)
        return done

    def lend(self, bank: str = "bank_a", principal: str = "8000000.00", **asked: Any) -> uuid.UUID:
        """The merchant asks ``bank`` for a loan on the lot and gets it; the loan, whose pay-out is instructed."""
        done = self.do(
            "merchant", notes.ask_loan, lot=self.lot, lender=self.party(bank), principal=Money.parse(principal),
            **{"rate": Decimal("0.035"), **asked},
        )  # fmt: skip
        today = business_date.today()
        finance = {"registration": "0523", "registered_on": today, "background_checked": True}
        return uuid.UUID(self.do(bank, notes.lend, offer=uuid.UUID(done["offer"]), **finance)["loan"])

    def answer(self, bank: str, purpose: str, *, paid: bool = True, on: datetime.date | None = None) -> None:
        """The bank answers the one payment of ``purpose`` it was told to make, with value date ``on`` (today)."""
        with acting_as(SYSTEM), transaction.atomic():
            waiting = Instruction.objects.get(purpose=purpose, state="instructed", account__bank=self.party(bank))
        self.do(
            bank, rails.confirm_payment, instruction=waiting.pk, paid=paid, bank_reference=f"B-{waiting.pk}",
            value_date=on or business_date.today(), reason=None if paid else Text("余额不足", "Too little on the account"),
        )  # fmt: skip

    def until(self, day: datetime.date) -> None:
        parties.advance_business_date(actor=SYSTEM, id=new_id(), to=day)

    def banks_answer(self) -> int:
        return sandbox.answer_all()


@pytest.fixture
def textile(db: None, settings: Any) -> Textile:
    # Founding gives every log-in a password; a slow hash would be most of the test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Textile()
