"""A small world of facts: two firms, a tax office, a shop platform, a bank that reads under consent, an operator."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import transaction

from jirong.cli import world as worlds
from jirong.facts import actions
from jirong.parties import actions as parties
from jirong.parties.models import Staff
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

TODAY = datetime.date(2026, 6, 30)
PLAN: dict[str, Any] = {
    "business_date": "2026-06-30",
    "parties": {
        "operator": {"name": "集融平台", "size": "medium", "roles": ["operator"]},
        "firm": {"name": "云河食品厂", "size": "small", "roles": ["firm"]},
        "other": {"name": "白石五金厂", "size": "small", "roles": ["firm"]},
        "tax": {"name": "白沙县税务局", "size": "public", "roles": ["government"]},
        "shop": {"name": "云上商城", "size": "large", "roles": ["provider"]},
        "bank": {"name": "白沙农商行", "size": "large", "roles": ["bank"]},
    },
    "clusters": {"food": {"name": "白沙食品集群", "members": ["firm", "other"]}},
}


class FactsWorld:
    """Acting as anybody of ``PLAN``; the tax office and the shop have source rights."""

    def __init__(self) -> None:
        self.world = worlds.found("facts", PLAN)
        self.grant("tax", ["tax.filing", "court.records", "registration.record", "patent.register"])
        self.grant("shop", ["shop.orders", "shop.reviews", "logistics.deliveries", "stock.readings"])
        self.grant("bank", ["repayment.record"])

    def actor(self, who: str) -> Actor:
        with acting_as(SYSTEM), transaction.atomic():
            staff = Staff.objects.get(user__username=self.world.logins[f"{who}.maker"])
        return Actor("operator" if who == "operator" else "party", staff.party_id, staff.user_id)

    def party(self, who: str) -> uuid.UUID:
        return self.world.parties[who]

    def code(self, who: str) -> str:
        return self.world.codes[who]

    def grant(self, who: str, scope: list[str]) -> uuid.UUID:
        id = new_id()
        self.do("operator", actions.grant_source, id=id, party=self.party(who), scope=scope, licence="数据直连协议",
                since=datetime.date(2026, 1, 1), until=datetime.date(2027, 12, 31))  # fmt: skip
        return id

    def do(self, who: str, action: Any, *, id: uuid.UUID | None = None, **body: Any) -> dict[str, Any]:
        actor = self.actor(who)
        with acting_as(actor):
            done: dict[str, Any] = action(actor=actor, id=id or new_id(), **body)
        return done

    def push(self, who: str, kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
        return self.do(who, actions.push, kind=kind, rows=list(rows))

    def filing(self, number: str, date: str, sales: str, firm: str = "firm", **more: str) -> dict[str, Any]:
        return {"filing_no": number, "firm": self.code(firm), "date": date, "sales": sales, "tax_due": "10.00",
                "tax_paid": "10.00", "arrears": "0.00", **more}  # fmt: skip

    def consent(self, scope: list[str], purpose: str = "credit_assessment", *, to: str = "bank",
                since: datetime.date = datetime.date(2026, 1, 1), until: datetime.date = datetime.date(2026, 12, 31),
                ) -> uuid.UUID:  # fmt: skip
        id = new_id()
        self.do("firm", parties.grant_consent, id=id, grantee=self.party(to), purpose=purpose, scope=scope,
                since=since, until=until)  # fmt: skip
        return id


@pytest.fixture
def facts_world(db: None) -> FactsWorld:
    return FactsWorld()
