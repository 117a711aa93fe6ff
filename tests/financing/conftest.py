"""A small lending world: a bank, a platform that states figures, shops, a policy on the instant loan."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import transaction

from jirong.cli import world as worlds
from jirong.facts import actions as filing
from jirong.financing import asking, queries
from jirong.financing.actions import applications, schemes
from jirong.financing.models import Application, Policy
from jirong.kernel.money import Money
from jirong.log import actions as log_actions
from jirong.parties import actions as parties
from jirong.parties.models import Staff
from jirong.rails import sandbox
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

START = datetime.date(2026, 1, 15)
SCOPES = ["registration.record", "tax.filing", "shop.orders", "shop.reviews", "logistics.deliveries", "court.records",
          "repayment.record"]  # fmt: skip
RIGHTS = {
    "source": ["shop.orders", "shop.reviews", "logistics.deliveries", "court.records"],
    "other_source": ["shop.orders"],
    "bank": ["repayment.record"],
}
FIGURES = {
    "shop_months": "20", "shop_stability": "66", "review_score": "4.7", "delivery_on_time": "0.97",
    "flows_12m": "360000.00", "court_defaulter": "false", "overdue_12m": "0",
}  # fmt: skip

JOINT = """
scheme: joint-loan
version: 1
title: {zh: 共同借款, en: Joint loan}
source: design
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank, partner: firm}
words:
  shop_months: {zh: 开店月数, en: months the shop has been open, kind: number, unit: {zh: 月, en: months}}
when_missing: ask
eligible:
  - {feature: shop_months, at_least: 6, within: 400 days, source: design}
consent:
  - {of: borrower, by: lender, read: [shop.orders], purpose: credit_assessment, lasts: 12 months, source: design}
limit: {amount: 40000.00, source: design}
price: {fixed: 5.85%, source: design}
instrument: {kind: loan, repay: annuity, every: monthly, tenor: 12 months, source: design}
security:
  - {joint: [borrower, partner], source: design}
uses: {allowed: [working_capital], forbidden: [securities], source: design}
drawing: {how: once, source: design}
losses: {of: principal_and_interest, borne: [{by: lender, share: 100%}], excess: lender, source: design}
disclose: {borrower: all, lender: all}
"""
"""A scheme with a joint debtor."""


def plan(shops: int) -> dict[str, Any]:
    firm = {"size": "micro", "roles": ["firm"], "bank": "bank", "balance": "100000.00"}
    return {
        "business_date": str(START),
        "parties": {
            "operator": {"name": "平台", "size": "small", "roles": ["operator"], "bank": "bank"},
            "bureau": {
                "name": "财政局",
                "size": "public",
                "roles": ["government"],
                "bank": "bank",
                "balance": "1000000.00",
            },
            "bank": {"name": "银行", "size": "large", "roles": ["bank"], "bank": "bank", "balance": "90000000.00"},
            "source": {"name": "数据平台", "size": "large", "roles": ["provider"]},
            "other_source": {"name": "另一平台", "size": "large", "roles": ["provider"]},
            **{f"shop{n}": {"name": f"店{n}", **firm} for n in range(shops)},
        },
    }


class Lending:
    """The world, acted on directly."""

    def __init__(self, shops: int = 2) -> None:
        self.world = worlds.found("lending", plan(shops))
        for who, kinds in RIGHTS.items():
            self.grant_source(who, kinds)
        self.policy = self.sign_policy("instant-loan-310")

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

    def sign_policy(self, name: str, **body: Any) -> uuid.UUID:
        scheme = uuid.UUID(self.do("bank", schemes.publish_catalogue, name=name)["scheme"])
        wanted = {"budget": Money.parse("1000000.00"), "parties_named": []} | body
        return uuid.UUID(self.do("bank", schemes.sign_policy, scheme=scheme, **wanted)["policy"])

    def sign_text(self, text: str, **named: str) -> uuid.UUID:
        """Publish a scheme and sign it; ``named`` gives its names their parties, who join where they must."""
        document = schemes.SchemeText(text)
        scheme = uuid.UUID(self.do("bank", schemes.publish_scheme, document=document)["scheme"])
        stands = [schemes.Stand(name, self.party(who)) for name, who in named.items()]
        done = self.do(
            "bank", schemes.sign_policy, scheme=scheme, budget=Money.parse("1000000.00"), parties_named=stands
        )
        for name in done["waits_for"]:
            self.do(named[name], schemes.join_policy, policy=uuid.UUID(done["policy"]), name=name)
        return uuid.UUID(done["policy"])

    def sign_policy_again(self, budget: Money) -> uuid.UUID:
        """Another policy of the bank on the scheme it has published."""
        with acting_as(SYSTEM), transaction.atomic():
            scheme = Policy.objects.get(pk=self.policy).scheme_id
        done = self.do("bank", schemes.sign_policy, scheme=scheme, budget=budget, parties_named=[])
        return uuid.UUID(done["policy"])

    def grant_source(self, who: str, kinds: list[str]) -> None:
        self.do(
            "operator", filing.grant_source, party=self.party(who), scope=kinds, licence="牌照",
            since=datetime.date(2020, 1, 1), until=datetime.date(2029, 12, 31),
        )  # fmt: skip

    def know(self, shop: str, *, consent: bool = True, **changed: str) -> None:
        """State the figures of a shop; ``changed`` overrides, an empty value leaves one out."""
        for name, value in (FIGURES | changed).items():
            if value:
                self.state(shop, name, value, who="bank" if name == "overdue_12m" else "source")
        if consent:
            self.consent(shop)

    def state(self, shop: str, name: str, value: str, who: str = "source", on: datetime.date = START) -> None:
        self.do(who, schemes.state_figure, subject=self.party(shop), kind="feature", name=name, value=value, on=on)

    def consent(self, shop: str) -> uuid.UUID:
        done = self.do(
            shop, parties.grant_consent, grantee=self.party("bank"), purpose="credit_assessment", scope=SCOPES,
            since=START, until=datetime.date(2027, 1, 14),
        )  # fmt: skip
        return uuid.UUID(done["consent"])

    def apply(self, shop: str, **body: Any) -> dict[str, Any]:
        return self.do(shop, applications.apply, policy=self.policy, use="working_capital", **body)

    def submit(self, shop: str, application: str, **changed: Any) -> dict[str, Any]:
        """Submit an application for what it says, save what ``changed`` says."""
        with acting_as(SYSTEM), transaction.atomic():
            row = Application.objects.select_related("policy__scheme").get(pk=application)
            body = asking.of(row).body()
        return self.do(shop, applications.submit_application, application=row.pk, **(body | changed))

    def joint_policy(self) -> uuid.UUID:
        return self.sign_text(JOINT)

    def offer(self, application: str | uuid.UUID) -> dict[str, Any]:
        """What a joint debtor signs for."""
        with acting_as(SYSTEM), transaction.atomic():
            row = Application.objects.select_related("policy__scheme").get(pk=application)
            decision = queries.offer_of(row)
            assert decision is not None
            return {"application": row.pk, "asked": row.asked_sha256, **asking.offered(decision)}

    def join(self, who: str, application: str | uuid.UUID, **other: Any) -> dict[str, Any]:
        return self.do(who, applications.join_application, **(self.offer(application) | other))

    def lend(self, shop: str, amount: str = "40000.00") -> uuid.UUID:
        """Know, decide, sign and pay out in full."""
        self.know(shop)
        done = self.apply(shop, amount=Money.parse(amount), accept_rate=_rate("0.06"))
        assert done["state"] == "signed", done
        self.banks_answer()
        return uuid.UUID(done["loan"])

    def go_to(self, day: datetime.date) -> None:
        parties.advance_business_date(actor=SYSTEM, id=new_id(), to=day)

    def banks_answer(self) -> int:
        return sandbox.answer_all()


def _rate(text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)


@pytest.fixture
def lending(db: None, settings: Any) -> Lending:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Lending()


@pytest.fixture
def crowd(transactional_db: None, settings: Any) -> Lending:
    """The same world with twenty shops, in a database that really commits."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Lending(shops=20)
