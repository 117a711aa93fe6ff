"""Reading parties: the public register, one's own staff and accounts, and the checks other rooms ask."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from jirong.kernel.errors import Conflict, Forbidden, NotFound
from jirong.kernel.text import Text
from jirong.parties.models import (
    BankAccount,
    Cluster,
    Consent,
    JoinRequest,
    Key,
    Membership,
    Party,
    Proposal,
    Role,
    Staff,
    Token,
    User,
)
from jirong.store import hot
from jirong.store.identity import SYSTEM, Actor, acting_as

PARTY = hot.Read(Party, "id = %s")


def party(id: uuid.UUID) -> Party:
    """An organisation of the public register (or the actor's own person); ``NotFound`` otherwise."""
    found = PARTY.first(id)
    if found is None:
        raise NotFound("party.unknown", Text("没有这个主体", "There is no such party"), details={"party": str(id)})
    return found


def names(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Display names by id, in one query."""
    return dict(Party.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def roles(id: uuid.UUID) -> set[str]:
    return set(Role.objects.filter(party=id).values_list("role", flat=True))


def has_role(id: uuid.UUID, *any_of: str) -> bool:
    return Role.objects.filter(party=id, role__in=any_of).exists()


def directory(search: str = "", role: str = "") -> QuerySet[Party]:
    """The register of organisations, by name or credit code."""
    found = Party.objects.filter(uscc__isnull=False)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(name_en__icontains=search) | Q(uscc__startswith=search))
    return found.filter(roles__role=role) if role else found


def staff_of(user: int) -> list[Staff]:
    """The parties a user may act for, oldest first. Needs an identity that sees them (the middleware uses system)."""
    return list(Staff.objects.filter(user=user, ended_at=None).select_related("party").order_by("pk"))


def has_duty(actor: Actor, duty: str) -> bool:
    return Staff.objects.filter(user=actor.user, party=actor.party, ended_at=None, duties__contains=[duty]).exists()


def require_duty(actor: Actor, duty: str) -> None:
    """Refuse unless the acting person holds ``duty`` for the acting party."""
    if actor.role == "system":
        return
    if actor.user is None or not has_duty(actor, duty):
        titles = {
            "maker": Text("经办", "maker"),
            "checker": Text("复核", "checker"),
            "admin": Text("管理员", "administrator"),
            "viewer": Text("查看", "viewer"),
        }
        title = titles[duty]
        raise Forbidden(
            f"duty.{duty}_required",
            Text(f"此操作需要“{title.zh}”权限", f"This needs the duty of {title.en}"),
            remedy=Text("请联系本单位管理员调整权限", "Ask your party's administrator"),
        )


def settlement_account(party: uuid.UUID, unit: str = "CNY") -> BankAccount:
    """The account a party is paid on: its earliest in ``unit``. Asked by the rails, acting as system."""
    account = BankAccount.objects.filter(party=party, unit=unit).order_by("recorded_at", "pk").first()
    if account is None:
        raise Conflict(
            "account.missing",
            Text("收款方尚未登记银行账户", "The payee has no bank account on record"),
            remedy=Text("请先登记结算账户", "Add a settlement account first"),
            details={"party": str(party)},
        )
    return account


def consented(grantor: uuid.UUID, grantee: uuid.UUID, purpose: str, scope: str, on: datetime.date) -> Consent | None:
    """The consent under which ``grantee`` may use ``grantor``'s facts of ``scope`` for ``purpose`` on that day."""
    return (
        Consent.objects.filter(
            grantor=grantor,
            grantee=grantee,
            purpose=purpose,
            scope__contains=[scope],
            valid__contains=on,
            withdrawn_at=None,
        )
        .order_by("recorded_at")
        .first()
    )


def access_proposal(actor: Actor, id: uuid.UUID) -> Proposal:
    """A proposal of the actor's own party; another party's answers as if it did not exist."""
    found = Proposal.objects.filter(pk=id, party=actor.party).first()
    if found is None:
        raise NotFound("proposal.unknown", Text("没有这项待复核事项", "There is no such proposal"))
    return found


def proposals(actor: Actor, state: str = "proposed") -> QuerySet[Proposal]:
    """The acting party's proposals in ``state``, newest first."""
    return Proposal.objects.filter(party=actor.party, state=state).order_by("-recorded_at", "-pk")


def accounts(actor: Actor) -> list[BankAccount]:
    """The acting party's own bank accounts, oldest first."""
    return list(BankAccount.objects.filter(party=actor.party).order_by("recorded_at", "pk"))


def all_proposals(actor: Actor) -> QuerySet[Proposal]:
    """Every proposal of the acting party, newest first."""
    return Proposal.objects.filter(party=actor.party).order_by("-recorded_at", "-pk")


def waiting_count(actor: Actor) -> int:
    """How many proposals of the acting party a colleague of their makers could decide now."""
    return Proposal.objects.filter(party=actor.party, state="proposed").exclude(maker=actor.user or 0).count()


def seats_of(user: int) -> list[Staff]:
    """The parties a person may act for, read as the house: another party's staff rows are hidden from this one."""
    with acting_as(SYSTEM), transaction.atomic():
        return staff_of(user)


def staff_of_party(party: uuid.UUID) -> list[Staff]:
    """The people who act for a party today, oldest first."""
    return list(Staff.objects.filter(party=party, ended_at=None).select_related("user").order_by("pk"))


def people(users: Iterable[int | None]) -> dict[int, str]:
    """Log-in names by user id, in one query."""
    return dict(User.objects.filter(pk__in={user for user in users if user}).values_list("pk", "username"))


def log_in_exists(username: str) -> bool:
    return User.objects.filter(username=username).exists()


def public_keys(party: uuid.UUID) -> list[Key]:
    """A party's public keys, the valid ones first: who receives a receipt may look them up."""
    rows = Key.objects.filter(party=party).order_by("-recorded_at", "pk")
    return sorted(rows, key=lambda key: key.revoked_at is not None)


def clusters_of(party: uuid.UUID) -> list[Membership]:
    """The clusters a party belongs to today."""
    return list(Membership.objects.filter(party=party, until=None).select_related("cluster").order_by("since", "pk"))


def roles_of(party: uuid.UUID) -> list[Role]:
    """What a party is to the platform, with the licence each role rests on."""
    return list(Role.objects.filter(party=party).order_by("role"))


def cluster(id: uuid.UUID) -> Cluster:
    """A cluster of the register; ``NotFound`` otherwise."""
    found = Cluster.objects.filter(pk=id).first()
    if found is None:
        raise NotFound("cluster.unknown", Text("没有这个集群", "There is no such cluster"))
    return found


def clusters() -> QuerySet[Cluster]:
    """Every cluster, with ``members``: how many belong to it today."""
    return Cluster.objects.annotate(members=Count("memberships", filter=Q(memberships__until=None)))


def members(cluster: uuid.UUID) -> QuerySet[Membership]:
    """Who belongs to a cluster today, with their roles."""
    found = Membership.objects.filter(cluster=cluster, until=None, party__uscc__isnull=False)
    return found.select_related("party").prefetch_related("party__roles")


def join_requests(actor: Actor, cluster: uuid.UUID | None = None) -> QuerySet[JoinRequest]:
    """Open requests to join: the operator's to answer, a party its own; oldest first."""
    found = JoinRequest.objects.filter(state="asked").select_related("party", "cluster")
    if actor.role == "party":
        found = found.filter(party=actor.party)
    return (found.filter(cluster=cluster) if cluster else found).order_by("recorded_at", "pk")


def last_request(actor: Actor, cluster: uuid.UUID) -> JoinRequest | None:
    """The acting party's newest request to join, whatever became of it."""
    return JoinRequest.objects.filter(party=actor.party, cluster=cluster).order_by("-recorded_at").first()


def tokens(actor: Actor) -> list[Token]:
    """API tokens of the acting party's people, newest first: an administrator sees all, others their own."""
    found = Token.objects.filter(staff__party=actor.party).select_related("staff__user")
    if not has_duty(actor, "admin"):
        found = found.filter(staff__user=actor.user)
    return list(found.order_by("-recorded_at", "-pk"))
