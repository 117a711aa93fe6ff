"""Reading what goes on beside the loan: entitlements, triggers as they stand, calls."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet, Sum

from jirong.claims.models import ClaimRow
from jirong.financing import deciding, queries, sharing
from jirong.financing.models_conduct import Call, Entitlement, Watch
from jirong.schemes.model.responses import Trigger
from jirong.store.identity import SYSTEM, Actor, acting_as


def entitlements(actor: Actor, loan: uuid.UUID | None = None, policy: uuid.UUID | None = None) -> QuerySet[Entitlement]:
    """What the actor may see (it owes, is owed, or lends beside it), newest first."""
    found = Entitlement.objects.order_by("-recorded_at", "-pk")
    found = found.filter(loan=loan) if loan else found
    return found.filter(policy=policy) if policy else found


def paid_minor(row: Entitlement) -> int:
    with acting_as(SYSTEM):
        return ClaimRow.objects.filter(contract=row.pk).aggregate(total=Sum("settled_minor"))["total"] or 0


def budget_left(row: Entitlement) -> int | None:
    """What the clause's budget still covers for everybody; ``None`` for income, which has none."""
    return sharing.budget_left(row.policy_id, row.place) if row.what == "subsidy" else None


def watches(actor: Actor, contract: uuid.UUID) -> list[Watch]:
    """The triggers of a contract one may see, in the order of the scheme."""
    row = queries.access_contract(actor, contract)
    return list(Watch.objects.filter(contract=row).select_related("contract__policy__scheme").order_by("place"))


def trigger_of(row: Watch) -> Trigger:
    return deciding.scheme_behind(row.contract.policy).triggers[row.place]


def calls(actor: Actor, contract: uuid.UUID | None = None, waiting: bool = False) -> QuerySet[Call]:
    """Calls the actor may see, newest first; ``waiting``: those nobody has answered."""
    found = Call.objects.order_by("-recorded_at", "-pk")
    found = found.filter(contract=contract) if contract else found
    return found.filter(done_on__isnull=True) if waiting else found
