"""What the firm's pages read: its own applications, offers, contracts and loans, and the consents it gave.

Rows are narrowed to the acting firm here and by row security behind; a page asks one statement a section.
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from jirong.assessment.models import Assessment
from jirong.claims.models import ClaimRow
from jirong.claims.store import claim_of
from jirong.engine import step
from jirong.engine.kinds import loan
from jirong.financing import deciding, happenings, owing, product, queries, runtime
from jirong.financing.models import Application, Contract, Decision, Figure, Loan, LoanEvent, Policy
from jirong.financing.pages import firm_look
from jirong.instruments import practice
from jirong.kernel.errors import NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.money import UNITS, Money
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.log import queries as log
from jirong.parties import queries as parties
from jirong.parties.models import Consent
from jirong.schemes.model import eligibility
from jirong.store.identity import SYSTEM, Actor, acting_as

RUNNING = ("live", "overdue")


def open_policies(actor: Actor) -> list[Policy]:
    """Policies in force that lend and under which the acting firm may borrow, newest first."""
    assert actor.party is not None
    roles = parties.roles(actor.party)
    rows = queries.policies("open").exclude(lender=actor.party)
    return [row for row in rows if firm_look.lends(row) and firm_look.may_borrow(row, roles)]


def access_open_policy(actor: Actor, id: uuid.UUID) -> Policy:
    """A policy one may apply under now."""
    found = queries.access_policy(id)
    assert actor.party is not None
    fit = found.state == "open" and firm_look.lends(found) and found.lender_id != actor.party
    if not fit or not firm_look.may_borrow(found, parties.roles(actor.party)):
        raise NotFound("policy.not_open", Text("该产品不存在或已停办", "There is no such product, or it is closed"))
    return found


def applications(actor: Actor) -> QuerySet[Application]:
    """The firm's own; a draft thrown away before anybody was asked is left out."""
    rows = Application.objects.filter(borrower=actor.party).exclude(state="discarded")
    return rows.select_related("policy__scheme", "policy__lender").order_by("-recorded_at", "-pk")


def access_application(actor: Actor, id: uuid.UUID) -> Application:
    """The acting firm's own application; a lender has its own pages."""
    found = queries.access_application(actor, id)
    if found.borrower_id != actor.party:
        raise NotFound("application.unknown", Text("没有这份申请", "There is no such application"))
    return found


def dated(rows: QuerySet[Any], today: datetime.date) -> QuerySet[Any]:
    """Rows that carry the business date, for states said in days."""
    found: QuerySet[Any] = rows.annotate(today=Value(today, output_field=DateField()))
    return found


def draft(actor: Actor, id: uuid.UUID) -> Application:
    """A draft, held until the request ends, so that two tabs of one person take turns."""
    access_application(actor, id)
    with acting_as(SYSTEM):
        return Application.objects.select_for_update(of=("self",)).select_related("policy__scheme").get(pk=id)


def with_terms(rows: Iterable[Application]) -> list[Application]:
    """Each row with ``terms``, those of its decision (None: there are none), in one statement."""
    rows = list(rows)
    kept = Decision.objects.filter(pk__in=[row.decision for row in rows if row.decision])
    terms = dict(kept.values_list("pk", "terms"))
    for row in rows:
        row.terms = terms.get(row.decision) if row.decision else None  # type: ignore[attr-defined]
    return rows


def offers(actor: Actor, on: datetime.date) -> list[Application]:
    """Offers that may still be signed on ``on``, the soonest to lapse first."""
    rows = applications(actor).filter(state="offered", offered_until__gte=on)
    return with_terms(rows.order_by("offered_until", "pk"))


def to_join(actor: Actor) -> list[Application]:
    """Offers that wait for the firm's signature as a joint borrower, the soonest to lapse first."""
    return list(queries.to_join(actor)[:20])


def contracts(actor: Actor) -> QuerySet[Contract]:
    """Limits the firm may draw on or owes under; ``free_minor`` is what a live one still gives."""
    rows = queries.contracts(actor).filter(borrowers__contains=[actor.party])
    return rows.annotate(left_minor=F("limit_minor") - F("lowered_minor") - F("in_use_minor"))


def access_contract(actor: Actor, id: uuid.UUID) -> Contract:
    found = contracts(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("contract.unknown", Text("没有这份合同", "There is no such contract"))
    return found


def lines(actor: Actor, on: datetime.date) -> list[Contract]:
    """Live limits with something left to draw, the dearest last; each with ``late``, which holds it back today."""
    rows = contracts(actor).filter(status="live", ends__gte=on, borrower=actor.party).exclude(how="once")
    found = [row for row in rows.order_by("rate", "pk") if left_minor(row) >= max(1, row.least_minor)]
    return with_late(found, on)


def held_back(rows: Iterable[Contract]) -> list[Contract]:
    """Those of :func:`lines` that may not be drawn while something is late."""
    return [row for row in rows if row.late]  # type: ignore[attr-defined]


def with_late(rows: Iterable[Contract], on: datetime.date) -> list[Contract]:
    """Each contract with ``late``: the loan of its lender that a debtor has let fall due unpaid (None: there is none)."""
    rows = list(rows)
    late = owing.late_by_lender({party for row in rows for party in row.borrowers}, on) if rows else {}
    for row in rows:
        row.late = late.get(row.lender_id)  # type: ignore[attr-defined]
    return rows


def drawable(actor: Actor, rows: QuerySet[Any], on: datetime.date) -> QuerySet[Any]:
    """Rows of contracts that carry the business date and whether their lender is owed something late."""
    late = owing.late_by_lender([actor.party] if actor.party else [], on)
    held = Q(lender__in=list(late)) if late else Q(pk=None)
    found: QuerySet[Any] = dated(rows, on).annotate(late=ExpressionWrapper(held, output_field=BooleanField()))
    return found


def left_minor(row: Contract) -> int:
    """What a limit still gives, in minor units, in the whole steps it may be drawn in."""
    left = row.limit_minor - row.lowered_minor - row.in_use_minor
    return left - left % max(1, row.multiple_minor)


def loans(actor: Actor) -> QuerySet[Loan]:
    """Loans the firm owes, alone or with others."""
    return queries.loans(actor).filter(borrowers__contains=[actor.party])


def access_loan(actor: Actor, id: uuid.UUID) -> Loan:
    found = loans(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("loan.unknown", Text("没有这笔贷款", "There is no such loan"))
    return found


@dataclass(frozen=True)
class Due:
    """What is to be paid next on a loan: ``late`` where it fell due already."""

    loan: Loan
    on: datetime.date
    amount: Money
    late: bool


def next_dues(actor: Actor, on: datetime.date, limit: int = 5) -> list[Due]:
    """What the firm pays next, the most urgent first; events of all loans in one statement."""
    rows = list(
        loans(actor).filter(status__in=RUNNING).order_by(F("oldest_due").asc(nulls_last=True), "next_due", "pk")[:limit]
    )
    events = events_of(rows)
    return [due for row in rows if (due := _due(row, events[row.pk], on))]


def events_of(rows: Iterable[Loan]) -> dict[uuid.UUID, list[practice.Event]]:
    """What happened to each loan, in order."""
    units = {row.pk: UNITS[row.unit] for row in rows}
    found: dict[uuid.UUID, list[practice.Event]] = defaultdict(list)
    for kept in LoanEvent.objects.filter(loan__in=list(units)).order_by("loan", "place"):
        found[kept.loan_id].append(happenings.read(kept.kind, kept.on, kept.body, units[kept.loan_id]))
    return found


def _due(row: Loan, events: list[practice.Event], on: datetime.date) -> Due | None:
    if row.started is None:
        return None
    begun = product.from_json(row.product).begun(Money(row.principal_minor, UNITS[row.unit]), row.started)
    day = max([on, row.started, *(event.on for event in events)])
    now = practice.replay(begun, events, day)
    if now.due_amount.minor:
        oldest = min(due.due for due in now.dues)
        return Due(row, oldest, now.due_amount, oldest < on)
    return Due(row, now.next_due.due, now.next_due.amount, late=False) if now.next_due else None


@dataclass(frozen=True)
class Effect:
    """A repayment before it is made: what it pays, and the plan before and after."""

    paid: Money
    owed: Money
    due: Money
    before: tuple[practice.Instalment, ...]
    after: tuple[practice.Instalment, ...]
    reasons: tuple[Any, ...]
    closes: bool

    @property
    def saved(self) -> Money:
        """Interest to come that will not be paid; what is paid with the sum itself is no saving."""
        unit = self.paid.unit
        before, after = (sum(line.interest.minor for line in plan) for plan in (self.before, self.after))
        return Money(before - after, unit)


def repayment(row: Loan, payer: uuid.UUID, minor: int | None, on: datetime.date) -> Effect:
    """The engine's own steps (close of the day, order, the bank's word) on a copy; nothing is stored or locked.

    Raises the refusal the action itself would answer with.
    """
    terms = runtime.terms_of(row)
    with acting_as(SYSTEM):
        held = {each.pk: claim_of(each) for each in ClaimRow.objects.filter(contract=row.pk)}
    state = runtime.state_of(row, held)
    state = step.step(terms, state, loan.CloseDay(id=derived_id(row.pk, "look", "close")), on).state
    now = loan.replayed(terms, state, on)
    ordered = step.step(
        terms, state, loan.Repay(id=derived_id(row.pk, "look"), by=payer, payer=payer, amount_minor=minor), on
    )
    payments = ordered.changes.payments
    done = step.step(
        terms,
        ordered.state,
        loan.Confirm(id=derived_id(row.pk, "look", "paid"), payments=tuple(p.id for p in payments)),
        on,
    )
    after: loan.LoanState = done.state
    ended = after.status is loan.LoanStatus.REPAID
    return Effect(
        paid=Money(sum(payment.amount_minor for payment in payments), terms.unit),
        owed=Money(loan.owed_minor(terms, now), terms.unit), due=now.due_amount,
        before=_ahead(terms, state, on), after=() if ended else _ahead(terms, after, on), reasons=ordered.reasons, closes=ended,
    )  # fmt: skip


def _ahead(terms: loan.LoanTerms, state: loan.LoanState, on: datetime.date) -> tuple[practice.Instalment, ...]:
    assert state.started is not None
    begun = terms.product.begun(terms.money(terms.principal_minor), state.started)
    return practice.ahead(begun, state.events, max([on, state.started, *(event.on for event in state.events)]))


# Consent ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """A consent a scheme asks for, the borrower's own: ``missing`` are the kinds not granted yet."""

    clause: eligibility.Consent
    to: uuid.UUID
    missing: tuple[str, ...]
    until: datetime.date

    @property
    def given(self) -> bool:
        return not self.missing


def consents(actor: Actor) -> QuerySet[Consent]:
    """Every consent the firm gave, newest first."""
    rows = Consent.objects.filter(grantor=actor.party).select_related("grantee").order_by("-recorded_at", "-pk")
    return rows.annotate(first_on=F("valid__startswith"), end_on=F("valid__endswith"))


def access_consent(actor: Actor, id: uuid.UUID) -> Consent:
    found = consents(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("consent.unknown", Text("没有这项授权", "There is no such consent"))
    return found


def asks(actor: Actor, policy: Policy, on: datetime.date) -> list[Ask]:
    """What the policy's scheme reads of the firm, and what of it is still to be granted."""
    assert actor.party is not None
    who = deciding.stands_for(policy, actor.party)
    clauses = [each for each in deciding.scheme_behind(policy).consent if each.of == "borrower" and each.by in who]
    live = list(consents(actor).filter(valid__contains=on, withdrawn_at=None)) if clauses else []
    found = []
    for clause in clauses:
        to = who[clause.by]
        granted = {kind for row in live if (row.grantee_id, row.purpose) == (to, clause.purpose) for kind in row.scope}
        until = product.after(on, clause.lasts) - datetime.timedelta(days=1)
        found.append(Ask(clause, to, tuple(kind for kind in clause.read if kind not in granted), until))
    return [ask for ask in found if ask.to != actor.party]


def standing(actor: Actor, policy: Policy, on: datetime.date) -> list[Consent]:
    """The consents in force by which the policy's scheme reads the firm, oldest first."""
    wanted = {(ask.to, ask.clause.purpose) for ask in asks(actor, policy, on)}
    live = consents(actor).filter(valid__contains=on, withdrawn_at=None) if wanted else ()
    return sorted((row for row in live if (row.grantee_id, row.purpose) in wanted), key=lambda row: row.pk)


def asks_of_others(policy: Policy) -> list[eligibility.Consent]:
    """Consents the scheme needs from parties other than the borrower."""
    return [each for each in deciding.scheme_behind(policy).consent if each.of != "borrower"]


def read_under(actor: Actor, consent: Consent) -> tuple[list[Decision], list[Assessment]]:
    """Decisions and assessments the grantee made while the consent was in force: what was read under it."""
    lower, upper = consent.valid.lower, consent.valid.upper
    mine = Decision.objects.filter(borrower=actor.party, lender=consent.grantee_id, on__gte=lower, on__lt=upper)
    judged = Assessment.objects.filter(
        subject=actor.party, assessor=consent.grantee_id, as_of__gte=lower, as_of__lt=upper
    )
    if consent.withdrawn_at:
        mine, judged = (
            mine.filter(recorded_at__lte=consent.withdrawn_at),
            judged.filter(recorded_at__lte=consent.withdrawn_at),
        )
    rows = mine.filter(recorded_at__gte=consent.recorded_at).select_related("application__policy__scheme")
    return list(rows.order_by("-recorded_at")), list(
        judged.filter(recorded_at__gte=consent.recorded_at).order_by("-recorded_at")
    )


def held_policies(actor: Actor) -> dict[uuid.UUID, tuple[str, uuid.UUID]]:
    """Policies under which the firm already has a limit (``held``), an offer, or an open application, with its id."""
    found: dict[uuid.UUID, tuple[str, uuid.UUID]] = {}
    rows = (
        applications(actor)
        .filter(state__in=["draft", "asked", "referred", "offered", "joining"])
        .order_by("recorded_at")
    )
    for policy, state, id in rows.values_list("policy", "state", "pk"):
        found[policy] = (state, id)
    again = Q(how__in=["revolving", "by_order", "in_parts"])
    for policy, id in (
        contracts(actor).filter(again, borrower=actor.party).exclude(status="closed").values_list("policy", "pk")
    ):
        found[policy] = ("held", id)
    return found


def relayable(actor: Actor, policy: Policy) -> list[Loan]:
    """Running loans of other lenders that a scheme which may repay earlier loans could take over."""
    uses = deciding.scheme_behind(policy).uses
    if uses is None or "refinancing" not in uses.allowed:
        return []
    rows = loans(actor).filter(status__in=RUNNING, borrower=actor.party).exclude(lender=policy.lender_id)
    taken = Loan.objects.filter(relays=OuterRef("pk"), status__in=["new", "paying"])
    return list(rows.filter(~Exists(taken))[:20])


def statements(actor: Actor, name: str) -> list[Figure]:
    """What third parties stated of one figure of the firm and signed for, newest first."""
    rows = Figure.objects.filter(subject=actor.party, kind="feature", name=name).select_related("source")
    return list(rows.order_by("-on", "-recorded_at")[:20])


@dataclass(frozen=True)
class Receipt:
    """An action of the firm's own that the log proves."""

    id: uuid.UUID
    title: Any
    grade: str
    on: datetime.date | None


def receipts(actor: Actor, *about: uuid.UUID) -> list[Receipt]:
    """The firm's signed actions that made or name one of ``about`` (an application, a contract, a loan), newest first."""
    named = Q(pk__in=about)
    for id in about:
        named |= Q(statement__contains=str(id))
    rows = log.entries(actor).filter(named, actor=actor.party, action__in=PROVEN)[:20]
    return [Receipt(row.pk, log_actions.REGISTRY[row.action].title, row.grade, row.business_date) for row in rows]


PROVEN = (
    "application.apply", "application.submit", "application.sign", "application.withdraw", "contract.draw", "credit.repay",
    "credit.recover", "consent.grant", "consent.withdraw",
)  # fmt: skip


def clusters(actor: Actor) -> list[Text]:
    """The clusters the firm belongs to today, in words."""
    assert actor.party is not None
    return [Text(row.cluster.name, row.cluster.name_en or row.cluster.name) for row in parties.clusters_of(actor.party)]
