"""A small world with things to pledge: a firm with patents and stock, two banks, an appraiser, a warehouse, a buyer.

Debts are stated as a lending room would state them, and what they are owed is what this world says.
"""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from jirong.cli import world as worlds
from jirong.collateral import debts, gate
from jirong.collateral.actions import assets, pledges, registration, stock
from jirong.kernel.money import Money
from jirong.log import actions as log_actions
from jirong.parties import actions as parties
from jirong.parties.models import Staff, User
from jirong.rails import sandbox
from jirong.schemes import parse
from jirong.schemes.model.scheme import Scheme
from jirong.store.catalogue import schemes
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

START = datetime.date(2026, 1, 15)
PLAN: dict[str, Any] = {
    "business_date": str(START),
    "parties": {
        "operator": {"name": "平台", "size": "small", "roles": ["operator"]},
        "bank": {"name": "甲银行", "name_en": "Bank A", "size": "large", "roles": ["bank"], "bank": "bank", "balance": "9000.00"},
        "other": {"name": "乙银行", "name_en": "Bank B", "size": "large", "roles": ["bank"], "bank": "bank"},
        "firm": {"name": "湘净环保", "name_en": "Xiangjing", "size": "small", "roles": ["firm"], "bank": "bank"},
        "rival": {"name": "别家企业", "size": "small", "roles": ["firm"]},
        "appraiser": {"name": "正衡评估", "name_en": "Zhengheng", "size": "small", "roles": ["provider"]},
        "warehouse": {"name": "通达仓储", "name_en": "Tongda", "size": "medium", "roles": ["provider"]},
        "buyer": {"name": "买受人", "size": "large", "roles": ["core"], "bank": "bank", "balance": "90000000.00"},
    },
}  # fmt: skip


class Pledging:
    """The world, acted on directly; ``owed`` is what each loan is owed, ``booked`` what was booked on it."""

    def __init__(self) -> None:
        self.world = worlds.found("pledging", PLAN)
        self.owed: dict[uuid.UUID, int] = {}
        self.booked: list[tuple[uuid.UUID, int]] = []

    def actor(self, who: str, person: str = "maker") -> Actor:
        with acting_as(SYSTEM), transaction.atomic():
            staff = Staff.objects.get(user__username=self.world.logins[f"{who}.{person}"])
        return Actor("operator" if who == "operator" else "party", staff.party_id, staff.user_id)

    def party(self, who: str) -> uuid.UUID:
        return self.world.parties[who]

    def do(self, who: str, function: Any, **body: Any) -> dict[str, Any]:
        actor = self.actor(who)
        body.setdefault("id", new_id())
        with acting_as(actor):
            if log_actions.REGISTRY[function.action_code].two_people:
                with log_actions.checked_by(actor.user or 0):
                    return dict(function(actor=self.actor(who, "checker"), **body))
            return dict(function(actor=actor, **body))

    def client(self, who: str, person: str = "maker", language: str = "zh-hans") -> Client:
        """A browser in which ``who`` has logged in."""
        client = Client(headers={"accept-language": language})
        client.cookies["django_language"] = language
        user = User.objects.get(username=self.world.logins[f"{who}.{person}"])
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def checked(self, maker: Actor, checker: Actor, function: Any, **body: Any) -> dict[str, Any]:
        """An action of two people, as a thread of its own runs it."""
        with acting_as(checker), log_actions.checked_by(maker.user or 0):
            return dict(function(actor=checker, **body))

    def as_actor(self, actor: Actor, function: Any, **body: Any) -> dict[str, Any]:
        with acting_as(actor):
            return dict(function(actor=actor, **body))

    def contract(self, name: str = "patent-loan", limit: str = "10000000.00", lender: str = "bank") -> uuid.UUID:
        """A signed contract under a scheme of the catalogue."""
        contract, scheme = new_id(), scheme_of(name)
        named = {"lender": lender, "borrower": "firm", "appraiser": "appraiser", "warehouse": "warehouse"}
        who = {name: self.party(party) for name, party in named.items()}
        with transaction.atomic():
            gate.open_debt(
                contract, scheme, lender=who["lender"], borrower=who["borrower"], parties=who,
                limit_minor=Money.parse(limit).minor, seen_by=[], on=START,
            )  # fmt: skip
        return contract

    def draw(self, contract: uuid.UUID, amount: str) -> uuid.UUID:
        loan, minor = new_id(), Money.parse(amount).minor
        with transaction.atomic():
            gate.before_payout(contract, loan, minor, START)
        self.owed[loan] = minor
        return loan

    def patents(self, value: str = "30000000.00", *, number: str = "ZL202010000001.X", **body: Any) -> uuid.UUID:
        body = {"kind": "patents", "title": "五项发明专利", "number": number} | body
        asset = uuid.UUID(self.do("firm", assets.record_asset, **body)["asset"])
        self.value(asset, value)
        return asset

    def value(self, asset: uuid.UUID, value: str, who: str = "appraiser", **body: Any) -> dict[str, Any]:
        with acting_as(SYSTEM), transaction.atomic():
            from jirong.collateral.models import Asset

            shown = self.party(who) in Asset.objects.get(pk=asset).seen_by
        if not shown:
            self.do("firm", assets.show_asset, asset=asset, to=self.party(who))
        body = {"method": "income", "on": START, "value": Money.parse(value)} | body
        return self.do(who, assets.value_asset, asset=asset, **body)

    def offer(
        self, asset: uuid.UUID, contract: uuid.UUID, secured: str, holder: str = "bank", **body: Any
    ) -> uuid.UUID:
        done = self.do(
            "firm", pledges.offer_pledge, asset=asset, holder=self.party(holder), secures=contract,
            secured=Money.parse(secured), **body,
        )  # fmt: skip
        return uuid.UUID(done["pledge"])

    def register(self, pledge: uuid.UUID, holder: str = "bank", at: str = "10:00:00", **body: Any) -> dict[str, Any]:
        body = {"number": f"Y{pledge.int % 10**10}", "registered_on": START, "registered_time": at} | body
        return self.do(holder, registration.register_pledge, pledge=pledge, **body)

    def pledge(
        self, asset: uuid.UUID, contract: uuid.UUID, secured: str, holder: str = "bank", **body: Any
    ) -> uuid.UUID:
        """Offered, signed and registered."""
        at = body.pop("at", "10:00:00")
        until = body.pop("until", None)
        given = self.offer(asset, contract, secured, holder, **body)
        self.do(holder, pledges.accept_pledge, pledge=given)
        self.register(given, holder, at, until=until)
        return given

    def stock(self, quantity: str = "1000", price: str = "1400.00") -> uuid.UUID:
        """Goods the warehouse has taken in and the appraiser priced."""
        done = self.do(
            "firm", assets.record_asset, kind="stock", title="涤纶短纤", place="一号库", measure="吨",
            watcher=self.party("warehouse"), shown_to=[self.party("appraiser")],
        )  # fmt: skip
        asset = uuid.UUID(done["asset"])
        self.move(asset, "in", quantity)
        self.price(asset, price)
        return asset

    def move(self, asset: uuid.UUID, kind: str, quantity: str) -> dict[str, Any]:
        return self.do("warehouse", stock.move_stock, asset=asset, kind=kind, quantity=Decimal(quantity))

    def price(self, asset: uuid.UUID, price: str) -> dict[str, Any]:
        return self.do(
            "appraiser", assets.value_asset, asset=asset, method="quantity_price", on=START, price=Money.parse(price)
        )

    def go_to(self, day: datetime.date) -> None:
        parties.advance_business_date(actor=SYSTEM, id=new_id(), to=day)

    def banks_answer(self) -> int:
        return sandbox.answer_all()


def scheme_of(name: str) -> Scheme:
    return parse.parse(schemes()[name])


@pytest.fixture
def pledging(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Pledging:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    world = Pledging()

    def book(loan: uuid.UUID, payer: uuid.UUID, minor: int, id: uuid.UUID, on: datetime.date) -> None:
        world.booked.append((loan, minor))
        world.owed[loan] -= minor

    monkeypatch.setattr(debts, "_rooms", [debts.Lending(lambda loan, on: world.owed.get(loan), book)])
    return world


@pytest.fixture
def committed(transactional_db: None, settings: Any) -> Pledging:
    """The same world in a database that really commits."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Pledging()
