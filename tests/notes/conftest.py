"""A small textile world: a core, three tiers of suppliers and two banks, with documents on file."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction

from jirong.cli import world as worlds
from jirong.facts import actions as facts
from jirong.facts.models import Fact
from jirong.kernel.money import Money
from jirong.log import actions as log_actions
from jirong.notes import actions as notes
from jirong.parties.models import Staff
from jirong.rails import sandbox
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
        import datetime

        done = self.do(
            "core", notes.issue_note, payee=self.party("merchant"), backings=self.part("merchant", amount),
            due=datetime.date.fromisoformat(due),
        )  # fmt: skip
        self.note, self.lot = uuid.UUID(done["note"]), uuid.UUID(done["lot"])
        if accept:
            self.do("merchant", notes.accept_note, note=self.note, consents_to_term=True)
        return done

    def banks_answer(self) -> int:
        return sandbox.answer_all()


@pytest.fixture
def textile(db: None, settings: Any) -> Textile:
    # Founding gives every log-in a password; a slow hash would be most of the test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Textile()
