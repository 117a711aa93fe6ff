"""Reading what one may see: schemes and policies on offer, one's applications, contracts and loans, the lender's book."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Q, QuerySet, Sum

from jirong.claims.models import ClaimRow
from jirong.financing import runtime
from jirong.financing.models import (
    UNSENT_APPLICATIONS,
    Application,
    CloseRun,
    Contract,
    Decision,
    Loan,
    Policy,
    Provision,
    SchemeVersion,
    Step,
)
from jirong.instruments import practice
from jirong.kernel.errors import NotFound
from jirong.kernel.rules import RuleValue
from jirong.kernel.text import Text
from jirong.store import catalogue
from jirong.store.identity import SYSTEM, Actor, acting_as


def schemes(search: str = "") -> QuerySet[SchemeVersion]:
    """Published versions, newest first; a scheme is nobody's secret."""
    found = SchemeVersion.objects.order_by("-recorded_at", "-pk")
    return found.filter(Q(name__icontains=search) | Q(title__icontains=search)) if search else found


def scheme_refs() -> frozenset[str]:
    """``name@version`` of every published version: what another scheme may refer to, beside the catalogue."""
    rows = SchemeVersion.objects.order_by().values_list("name", "version")
    return frozenset(f"{name}@{version}" for name, version in rows)


def access_scheme(id: uuid.UUID) -> SchemeVersion:
    found = SchemeVersion.objects.filter(pk=id).first()
    if found is None:
        raise NotFound("scheme.unknown", Text("没有这个方案版本", "There is no such scheme version"))
    return found


def policies(state: str = "open") -> QuerySet[Policy]:
    """Policies a firm may apply under, newest first."""
    found = Policy.objects.select_related("scheme", "lender").order_by("-recorded_at", "-pk")
    return found.filter(state=state) if state else found


def access_policy(id: uuid.UUID) -> Policy:
    found = Policy.objects.select_related("scheme", "lender").filter(pk=id).first()
    if found is None:
        raise NotFound("policy.unknown", Text("没有这项政策", "There is no such policy"))
    return found


def applications(actor: Actor, state: str = "") -> QuerySet[Application]:
    """The actor's own applications, those made to it as lender, and those it owes or is to owe under as a joint debtor,
    newest first; what was never submitted stays with its firm.
    """
    joins = Q(joined__contains=[actor.party]) | Q(joint__contains=[actor.party], state__in=["joining", "signed"])
    found = Application.objects.filter(
        Q(borrower=actor.party) | (Q(policy__lender=actor.party) & ~Q(state__in=UNSENT_APPLICATIONS)) | joins
    ).select_related("policy__scheme", "policy__lender", "borrower")
    return (found.filter(state=state) if state else found).order_by("-recorded_at", "-pk")


def access_application(actor: Actor, id: uuid.UUID) -> Application:
    found = applications(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("application.unknown", Text("没有这份申请", "There is no such application"))
    return found


def decisions(application: Application) -> QuerySet[Decision]:
    """Every decision on an application, newest first."""
    return Decision.objects.filter(application=application).order_by("-recorded_at", "-pk")


def to_join(actor: Actor) -> QuerySet[Application]:
    """Offers that wait for the actor's signature as a joint debtor, the soonest to lapse first."""
    found = Application.objects.filter(state="joining", joint__contains=[actor.party]).exclude(
        joined__contains=[actor.party]
    )
    rows = found.select_related("policy__scheme", "policy__lender", "borrower")
    return rows.order_by("offered_until", "pk")


def offer_of(application: Application) -> Decision | None:
    """The decision whose terms are on offer or were signed, for whoever is to sign them; a joint debtor sees the terms, not the facts
    they rest on.
    """
    if application.state not in ("offered", "joining", "signed") or application.decision is None:
        return None
    with acting_as(SYSTEM):
        found = Decision.objects.filter(pk=application.decision).first()
    if found is not None:
        found.application = application
    return found


def contracts(actor: Actor) -> QuerySet[Contract]:
    """Contracts the actor is a side of, or is shown by the scheme, newest first."""
    return Contract.objects.select_related("policy__scheme", "lender", "borrower").order_by("-recorded_at", "-pk")


def access_contract(actor: Actor, id: uuid.UUID) -> Contract:
    found = contracts(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("contract.unknown", Text("没有这份合同", "There is no such contract"))
    return found


def loans(actor: Actor, status: str = "", contract: uuid.UUID | None = None) -> QuerySet[Loan]:
    """Loans the actor may see, newest first."""
    found = Loan.objects.select_related("contract__policy__scheme", "lender", "borrower")
    if status:
        found = found.filter(status=status)
    if contract:
        found = found.filter(contract=contract)
    return found.order_by("-recorded_at", "-pk")


def access_loan(actor: Actor, id: uuid.UUID) -> Loan:
    found = loans(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("loan.unknown", Text("没有这笔贷款", "There is no such loan"))
    return found


def steps(loan: Loan) -> QuerySet[Step]:
    """What happened to a loan, newest first."""
    return Step.objects.filter(loan=loan.pk).select_related("by").order_by("-recorded_at", "-pk")


def steps_of_contract(contract: Contract) -> QuerySet[Step]:
    return Step.objects.filter(contract=contract).select_related("by").order_by("-recorded_at", "-pk")


def standing(row: Loan, on: datetime.date) -> practice.LoanState | None:
    """The loan replayed to ``on``; ``None`` before it was paid out."""
    if row.started is None:
        return None
    terms = runtime.terms_of(row)
    state = runtime.state_of(row, {})
    last = max((event.on for event in state.events), default=row.started)
    begun = terms.product.begun(terms.money(terms.principal_minor), row.started)
    return practice.replay(begun, state.events, max(on, last, row.started))


def schedule(row: Loan, on: datetime.date) -> tuple[practice.Instalment, ...]:
    """The instalments still to come after ``on``; of a loan not yet paid out, all of them as if it began then."""
    terms = runtime.terms_of(row)
    begun = terms.product.begun(terms.money(terms.principal_minor), row.started or on)
    events = runtime.state_of(row, {}).events
    last = max((event.on for event in events), default=begun.start)
    return practice.ahead(begun, events, max(on, last, begun.start))


def paid_on(loans: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, str], int]:
    """What was paid so far in minor units, by (loan, kind of claim: loan, interest, penalty, compound, fee)."""
    with acting_as(SYSTEM):
        rows = ClaimRow.objects.filter(contract__in=list(loans)).values_list("contract", "kind")
        return {(contract, kind): paid for contract, kind, paid in rows.annotate(paid=Sum("settled_minor"))}


def claims_of(row: Loan) -> list[ClaimRow]:
    """The loan's claims the reader may see, oldest due first."""
    return list(ClaimRow.objects.filter(contract=row.pk).order_by("due", "recorded_at", "pk"))


def exposure_minor(debtor: uuid.UUID) -> int:
    """What a debtor owes on all its loans, joint ones whole (each owes all) but each loan once.

    A cluster's or a group's exposure counts loans, never debtors, so a joint loan is never summed twice.
    """
    with acting_as(SYSTEM):
        found = Loan.objects.filter(borrowers__contains=[debtor], status__in=["live", "overdue", "defaulted"])
        return found.aggregate(total=Sum("principal_left_minor"))["total"] or 0


def group_exposure_minor(debtors: Iterable[uuid.UUID]) -> int:
    """What several debtors owe together: loans any of them owes, each counted once."""
    with acting_as(SYSTEM):
        found = Loan.objects.filter(borrowers__overlap=list(debtors), status__in=["live", "overdue", "defaulted"])
        return found.aggregate(total=Sum("principal_left_minor"))["total"] or 0


def close_runs(actor: Actor) -> QuerySet[CloseRun]:
    """Closes of the acting lender (all of them for the operator), newest first."""
    found = CloseRun.objects.select_related("lender").order_by("-on", "-pk")
    return found if actor.role in ("operator", "system") else found.filter(lender=actor.party)


def provision_rules(lender: uuid.UUID, days: Iterable[datetime.date]) -> tuple[list[RuleValue], bool]:
    """The dated rules by which these days' provisions were made, each as of its latest day, and whether any of them was
    made by the lender's own plan.
    """
    rows = Provision.objects.filter(lender=lender, on__in=list(days)).exclude(rule=None)
    latest = dict(rows.values_list("rule").annotate(day=Max("on")).order_by("rule"))
    own = latest.pop("", None) is not None
    return [catalogue.rulebook().at(rule, day) for rule, day in latest.items() if rule], own


def provisions(lender: uuid.UUID, on: datetime.date) -> list[dict[str, Any]]:
    """A lender's provision of a day by class: loans, principal, accrued interest, provision, in minor units, and the id
    of the dated rule that gave its share ("": the lender's own plan).
    """
    rows = Provision.objects.filter(lender=lender, on=on).values("loan_class")
    found = (
        rows.annotate(
            count=Sum("loans"), principal=Sum("principal_minor"), accrued=Sum("accrued_minor"),
            provision=Sum("provision_minor"), rule=Max("rule"),
        ).order_by("loan_class")
    )  # fmt: skip
    return [dict(row) for row in found]
