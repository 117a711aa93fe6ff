"""Reading payments: one's own, as payer, payee or bank."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.parties.models import BankAccount
from jirong.rails.models import Instruction, Leg, SandboxAccount
from jirong.store.identity import SYSTEM, Actor, acting_as


def access_instruction(actor: Actor, id: uuid.UUID) -> Instruction:
    found = Instruction.objects.select_related("payer", "confirmation", "unbooked").filter(pk=id).first()
    if found is None:
        raise NotFound("payment.unknown", Text("没有这笔付款", "There is no such payment"))
    return found


def visible(actor: Actor, state: str = "") -> QuerySet[Instruction]:
    """Payments the actor orders, receives or executes, newest first."""
    found = Instruction.objects.select_related("payer")
    if actor.role == "party":
        # Sub-queries and not joins: a payee may see a payment but not the account it comes from.
        at_our_bank = BankAccount.objects.filter(bank=actor.party).values("pk")
        mine = Q(payer=actor.party) | Q(account__in=at_our_bank) | Q(legs__payee=actor.party)
        found = found.filter(mine).distinct()
    return (found.filter(state=state) if state else found).order_by("-recorded_at", "-pk")


def sandbox_balances(party: uuid.UUID | None) -> dict[uuid.UUID, int]:
    """Minor units on a party's accounts at the pretended bank, by account; the caller shows them to their owner."""
    with acting_as(SYSTEM):
        found = SandboxAccount.objects.filter(account__party=party)
        return dict(found.values_list("account_id", "balance_minor"))


def legs(instruction: Instruction) -> list[Leg]:
    """The parts of an order the identity may see: its payer and bank all, a payee its own."""
    # No join to the account: whoever pays may not see the payees' accounts, and a join would hide their legs.
    return list(instruction.legs.select_related("payee").order_by("-amount_minor", "pk"))


def accounts_seen(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, BankAccount]:
    """Those of the accounts that the identity may see."""
    return BankAccount.objects.in_bulk(set(ids))


def waiting_at(actor: Actor) -> QuerySet[Instruction]:
    """Orders that wait for the answer of the bank one acts for, oldest first."""
    return Instruction.objects.filter(account__bank=actor.party, state="instructed").order_by("recorded_at", "pk")


def failed(actor: Actor) -> QuerySet[Instruction]:
    """Orders a bank did not pay, newest first."""
    return visible(actor, "rejected").select_related("payer", "confirmation").prefetch_related("legs__payee")


def stuck(actor: Actor) -> QuerySet[Instruction]:
    """Orders a bank did not pay, and those whose answer could not be booked, newest first."""
    found = visible(actor).filter(Q(state="rejected") | Q(state="instructed", unbooked__isnull=False))
    return found.select_related("payer", "confirmation", "unbooked").prefetch_related("legs__payee")
