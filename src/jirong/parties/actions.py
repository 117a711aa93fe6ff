"""Every write about parties: registering, roles, staff, keys, accounts, clusters, consent."""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
import uuid
from typing import Annotated, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from psycopg.types.range import DateRange

from jirong.kernel import uscc as uscc_code
from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.limits import Length
from jirong.kernel.money import CNY, USD
from jirong.kernel.text import Text
from jirong.log.actions import action, concern, is_vouched
from jirong.log.statement import PersonalText
from jirong.parties import keyring, queries
from jirong.parties.models import (
    DUTIES,
    ROLES,
    SCOPES,
    SIZES,
    BankAccount,
    Cluster,
    Consent,
    JoinRequest,
    KeptKey,
    Key,
    Membership,
    Party,
    Role,
    Staff,
    Token,
    User,
)
from jirong.store import business_date, database
from jirong.store.identity import Actor
from jirong.trust import keys

Outcome = dict[str, Any]
SCOPE = Length(1, 40)
"""Of the code of a kind of fact, or the name of a figure."""


@action("party.register", Text("登记主体", "Register a party"))
def register_party(
    *,
    actor: Actor,
    id: uuid.UUID,
    name: Annotated[str, Length(1, 200)],
    uscc: str | None,
    size: str,
    roles: list[str],
    name_en: Annotated[str, Length(0, 200)] = "",
    sector: Annotated[str, Length(0, 60)] = "",
    region: Annotated[str, Length(0, 60)] = "",
    uscc_evidence_type: str = "",
    uscc_evidence: Annotated[str, Length(0, 300)] = "",
) -> Outcome:
    """Add a party to the global register; the operator (or the house itself at founding) does so.

    ``uscc_evidence`` refers to the document of ``uscc_evidence_type`` (licence, registry, authority_letter) that
    justifies a real code with a non-conforming check character. The platform makes and keeps a key for the party
    (grade ``platform``) until it registers its own.
    """
    _only_operator(actor)
    _known("size", size, SIZES)
    for role in roles:
        _known("roles", role, ROLES)
    if uscc is not None:
        uscc = _checked_code(uscc, uscc_evidence_type, uscc_evidence)
    if uscc is None and size != "person":
        raise Invalid(
            "party.no_code",
            Text("企业或机构须填写统一社会信用代码", "An organisation needs its unified social credit code"),
            where="uscc",
        )
    party = _create_party(
        id=id, name=name.strip(), name_en=name_en, uscc=uscc, uscc_evidence=uscc_evidence, size=size, sector=sector,
        region=region,
    )  # fmt: skip
    Role.objects.bulk_create([Role(party=party, role=role) for role in dict.fromkeys(roles)])
    kept = _keep_key(party, id)
    concern(party.pk)
    # A receipt proves the kept key by this outcome, so it names the key in full.
    return {"party": str(party.pk), **kept}


@action("party.add_role", Text("增加角色", "Add a role"))
def add_role(
    *, actor: Actor, id: uuid.UUID, party: uuid.UUID, role: str, licence: Annotated[str, Length(0, 120)] = ""
) -> Outcome:
    """Let ``party`` act in one more role; ``licence`` cites the permit a licensed role rests on."""
    _only_operator(actor)
    _known("role", role, ROLES)
    Role.objects.get_or_create(party=queries.party(party), role=role, defaults={"licence": licence})
    concern(party)
    return {"party": str(party), "role": role}


@action("user.register", Text("登记登录名", "Register a log-in"))
def register_user(*, actor: Actor, id: uuid.UUID, username: PersonalText, language: str = "zh-hans") -> Outcome:
    """A log-in without a password: its person sets one through the invitation before it can be used."""
    if actor.role == "party" and not queries.has_duty(actor, "admin"):
        raise Forbidden(
            "staff.not_admin", Text("只有管理员可以登记登录名", "Only an administrator may register a log-in")
        )
    _known("language", language, tuple(code for code, _ in settings.LANGUAGES))
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{2,63}", username):
        raise Invalid(
            "user.name",
            Text("登录名须为3至64个小写字母、数字或 . _ -", "A log-in has 3 to 64 lower-case letters, digits or . _ -"),
            where="username",
        )
    user, created = User.objects.get_or_create(username=username, defaults={"language": language})
    if not created:
        raise Conflict(
            "user.known",
            Text("该登录名已被使用", "This log-in is taken"),
            remedy=Text("请换一个登录名", "Choose another"),
            where="username",
        )
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return {"user": user.pk}


@action("staff.add", Text("增加经办人员", "Add staff"))
def add_staff(*, actor: Actor, id: uuid.UUID, party: uuid.UUID, username: PersonalText, duties: list[str]) -> Outcome:
    """Let the user act for ``party`` with ``duties``; done by the operator or the party's own admin."""
    if actor.role == "party" and (actor.party != party or not queries.has_duty(actor, "admin")):
        raise Forbidden(
            "staff.not_admin",
            Text("只有本单位管理员可以增加人员", "Only an administrator of the party may add staff"),
        )
    for duty in duties:
        _known("duties", duty, DUTIES)
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Invalid(
            "staff.no_user",
            Text(f"没有登录名为“{username}”的用户", f"There is no user called “{username}”"),
            remedy=Text("请先让对方注册登录名", "Ask the person to register a log-in first"),
            where="username",
        )
    Staff.objects.update_or_create(
        user=user, party=queries.party(party), ended_at=None, defaults={"duties": list(dict.fromkeys(duties))}
    )
    concern(party)
    return {"party": str(party), "user": user.pk}


@action("staff.end", Text("停用经办人员", "End a staff member"))
def end_staff(*, actor: Actor, id: uuid.UUID, party: uuid.UUID, username: PersonalText) -> Outcome:
    """From now on the user no longer acts for ``party``; tokens die with it."""
    if actor.role == "party" and (actor.party != party or not queries.has_duty(actor, "admin")):
        raise Forbidden(
            "staff.not_admin",
            Text("只有本单位管理员可以停用人员", "Only an administrator of the party may end staff"),
        )
    staff = Staff.objects.filter(user__username=username, party=party, ended_at=None)
    Token.objects.filter(staff__in=staff, revoked_at=None).update(revoked_at=Now())
    staff.update(ended_at=Now())
    return {"party": str(party), "ended": True}


@action("key.register", Text("登记密钥", "Register a key"))
def register_key(*, actor: Actor, id: uuid.UUID, public: str, proof: str) -> Outcome:
    """Register the party's own Ed25519 key: ``public`` is base64 of 32 bytes, ``proof`` the base64 signature by that
    key over ``jirong-key-registration:<party>:<id>``, which shows that the party holds the private half.

    A party that has a key of its own vouches for the next: that key signs, or two people do it. Otherwise whoever
    holds one person's log-in could sign in the highest grade.
    """
    party = _own_party(actor)
    if actor.user is not None and not queries.has_duty(actor, "admin"):
        queries.require_duty(actor, "maker")
    _require_vouched(actor, party)
    raw = _base64(public, "public")
    keys.check(raw)
    statement = f"jirong-key-registration:{party}:{id}".encode()
    if not keys.verify(raw, _base64(proof, "proof"), statement):
        raise Invalid(
            "key.unproven",
            Text("未能证明贵单位持有该密钥的私钥", "The proof does not show that you hold the private key"),
            remedy=Text(f"请用该密钥对“{statement.decode()}”签名", f"Sign “{statement.decode()}” with that key"),
            where="proof",
        )
    key_id = keys.key_id(raw)
    if Key.objects.filter(pk=key_id).exists():
        raise Conflict("key.known", Text("该密钥已登记过", "This key is already registered"), where="public")
    Key.objects.create(id=key_id, party_id=party, public=public, custody="own", registration=id)
    return {"key": key_id, "custody": "own", "public": public}


@action("key.revoke", Text("吊销密钥", "Revoke a key"), own_key=True)
def revoke_key(*, actor: Actor, id: uuid.UUID, key: str) -> Outcome:
    """From now on ``key`` signs nothing; what it signed before stays proven."""
    party = _own_party(actor)
    changed = Key.objects.filter(pk=key, party=party, custody="own", revoked_at=None).update(revoked_at=Now())
    if not changed:
        raise Invalid("key.unknown", Text("贵单位没有这把有效的密钥", "Your party has no such valid key"), where="key")
    return {"key": key, "revoked": True}


@action("account.add", Text("登记银行账户", "Add a bank account"))
def add_bank_account(
    *,
    actor: Actor,
    id: uuid.UUID,
    party: uuid.UUID,
    bank: uuid.UUID,
    number: Annotated[str, Length(1, 40)],
    unit: str = "CNY",
) -> Outcome:
    """Record where ``party`` is paid: its own account at ``bank``."""
    if actor.role == "party" and actor.party not in (party, bank):
        raise Forbidden("account.not_yours", Text("只能登记本单位的账户", "You may only add your own party's account"))
    _known("unit", unit, (CNY.code, USD.code))
    if not queries.has_role(bank, "bank"):
        raise Invalid("account.not_a_bank", Text("开户行不是银行", "The account's bank is not a bank"), where="bank")
    try:
        with transaction.atomic():
            BankAccount.objects.create(id=id, party_id=party, bank_id=bank, number=number.strip(), unit=unit)
    except IntegrityError:
        raise Conflict(
            "account.known", Text("该账户已登记", "This account is already recorded"), where="number"
        ) from None
    concern(party, bank)
    return {"account": str(id)}


@action("cluster.create", Text("设立集群", "Create a cluster"))
def create_cluster(
    *,
    actor: Actor,
    id: uuid.UUID,
    name: Annotated[str, Length(1, 120)],
    name_en: Annotated[str, Length(0, 120)] = "",
    region: Annotated[str, Length(0, 60)] = "",
) -> Outcome:
    _only_operator(actor)
    Cluster.objects.create(id=id, name=name, name_en=name_en, region=region)
    return {"cluster": str(id)}


@action("cluster.join", Text("加入集群", "Join a cluster"))
def join_cluster(*, actor: Actor, id: uuid.UUID, cluster: uuid.UUID, party: uuid.UUID, since: datetime.date) -> Outcome:
    """Label ``party`` as a member of ``cluster`` from ``since``; a party may belong to several."""
    _only_operator(actor)
    Membership.objects.get_or_create(
        cluster=queries.cluster(cluster), party=queries.party(party), until=None, defaults={"since": since}
    )
    concern(party)
    return {"cluster": str(cluster), "party": str(party)}


@action("cluster.leave", Text("退出集群", "Leave a cluster"))
def leave_cluster(*, actor: Actor, id: uuid.UUID, cluster: uuid.UUID, party: uuid.UUID) -> Outcome:
    """End a membership today; the party itself or the operator does so. What was agreed as a member stays."""
    if actor.role == "party" and not (actor.party == party and queries.has_duty(actor, "admin")):
        raise Forbidden("cluster.not_yours", Text("只有本单位管理员或平台运营方可以这样做",
                                                  "Only the party's administrator or the operator may"))  # fmt: skip
    live = Membership.objects.filter(cluster=cluster, party=party, until=None)
    if not live.update(until=business_date.today()):
        raise Invalid("cluster.no_member", Text("该单位不是成员", "The party is no member"), where="party")
    concern(party)
    return {"cluster": str(cluster), "party": str(party), "left": True}


@action("cluster.ask", Text("申请加入集群", "Ask to join a cluster"))
def ask_to_join(*, actor: Actor, id: uuid.UUID, cluster: uuid.UUID, note: str = "") -> Outcome:
    """Ask the operator to make the actor's party a member; one open request a cluster."""
    party = _own_party(actor)
    queries.cluster(cluster)
    if Membership.objects.filter(cluster=cluster, party=party, until=None).exists():
        raise Conflict("cluster.member", Text("贵单位已是成员", "Your party is a member already"), where="cluster")
    try:
        with transaction.atomic():
            JoinRequest.objects.create(id=id, cluster_id=cluster, party_id=party, note=note.strip())
    except IntegrityError:
        raise Conflict(
            "cluster.asked", Text("申请已提交，待运营方答复", "You have asked already"), where="cluster"
        ) from None
    return {"request": str(id), "state": "asked"}


@action("cluster.answer", Text("答复入群申请", "Answer a request to join"))
def answer_request(*, actor: Actor, id: uuid.UUID, request: uuid.UUID, accepted: bool, answer: str = "") -> Outcome:
    """Make the asking party a member from today, or say why not."""
    _only_operator(actor)
    found = JoinRequest.objects.select_for_update().filter(pk=request, state="asked").first()
    if found is None:
        raise Conflict("cluster.answered", Text("该申请已答复或已撤回", "This request was answered or withdrawn"),
                       remedy=Text("请刷新页面", "Refresh the page"))  # fmt: skip
    if not accepted and not answer.strip():
        raise Invalid("cluster.why", Text("请写明不同意的原因", "Say why not"), where="answer")
    if accepted:
        Membership.objects.get_or_create(
            cluster_id=found.cluster_id, party_id=found.party_id, until=None, defaults={"since": business_date.today()}
        )
    found.state, found.answer, found.decided_at = "accepted" if accepted else "declined", answer.strip(), Now()
    found.save(update_fields=["state", "answer", "decided_at"])
    concern(found.party_id)
    return {"request": str(request), "state": found.state}


@action("cluster.withdraw", Text("撤回入群申请", "Withdraw a request to join"))
def withdraw_request(*, actor: Actor, id: uuid.UUID, request: uuid.UUID) -> Outcome:
    """Take one's own request back while nobody has answered it."""
    mine = JoinRequest.objects.filter(pk=request, party=_own_party(actor), state="asked")
    if not mine.update(state="withdrawn", decided_at=Now()):
        raise Conflict("cluster.answered", Text("该申请已答复或已撤回", "This request was answered or withdrawn"))
    return {"request": str(request), "state": "withdrawn"}


@action("consent.grant", Text("授权使用数据", "Grant consent"))
def grant_consent(
    *,
    actor: Actor,
    id: uuid.UUID,
    grantee: uuid.UUID,
    purpose: Annotated[str, Length(1, 60)],
    scope: list[str],
    since: datetime.date,
    until: datetime.date,
) -> Outcome:
    """Let ``grantee`` use the actor's facts of the kinds in ``scope`` for ``purpose``, from ``since`` to ``until``."""
    for kind in scope:
        SCOPE.check(kind, "scope")
    if until < since:
        raise Invalid(
            "consent.backwards", Text("授权止期早于起期", "Consent would end before it starts"), where="until"
        )
    Consent.objects.create(
        id=id,
        grantor_id=_own_party(actor),
        grantee=queries.party(grantee),
        purpose=purpose,
        scope=scope,
        valid=DateRange(since, until, "[]"),
    )
    concern(grantee)
    return {"consent": str(id)}


@action("consent.withdraw", Text("撤回授权", "Withdraw consent"))
def withdraw_consent(*, actor: Actor, id: uuid.UUID, consent: uuid.UUID) -> Outcome:
    """End a consent at once; what was read under it stays read, nothing more is."""
    given = Consent.objects.filter(pk=consent, grantor=_own_party(actor), withdrawn_at=None)
    grantee = given.values_list("grantee_id", flat=True).first()
    if not given.update(withdrawn_at=Now()):
        raise Invalid("consent.unknown", Text("没有这项有效的授权", "There is no such valid consent"), where="consent")
    concern(grantee)
    return {"consent": str(consent), "withdrawn": True}


@action("token.create", Text("生成接口令牌", "Create an API token"))
def create_token(
    *, actor: Actor, id: uuid.UUID, name: Annotated[str, Length(1, 80)], days: int = 90, scope: str = "all"
) -> Outcome:
    """A bearer token for the acting user: derived from the action's id and a server secret, so that a repetition
    answers the same token while only its hash is stored (the outcome names no token; see :func:`token_of`). One of
    scope ``read`` may only ask.
    """
    if actor.user is None:
        raise Forbidden("token.no_user", Text("令牌须由本人登录后生成", "A person must be logged in to create a token"))
    if not 1 <= days <= 365:
        raise Invalid("token.days", Text("有效期为1至365天", "A token lives for 1 to 365 days"), where="days")
    _known("scope", scope, SCOPES)
    staff = Staff.objects.get(user=actor.user, party=_own_party(actor), ended_at=None)
    expires = Now() + datetime.timedelta(days=days)
    Token.objects.create(hash=token_hash(token_of(id)), staff=staff, name=name, expires_at=expires, scope=scope)
    return {"name": name, "days": days, "scope": scope}


@action("token.revoke", Text("吊销接口令牌", "Revoke an API token"))
def revoke_token(*, actor: Actor, id: uuid.UUID, token: int) -> Outcome:
    """From now on the token opens nothing. One's own, or, for the party's administrator, any colleague's."""
    found = Token.objects.filter(pk=token, staff__party=_own_party(actor), revoked_at=None)
    if not queries.has_duty(actor, "admin"):
        found = found.filter(staff__user=actor.user)
    if not found.update(revoked_at=Now()):
        raise Invalid("token.unknown", Text("没有这个有效的令牌", "There is no such valid token"), where="token")
    return {"token": token, "revoked": True}


@action("business_date.advance", Text("推进营业日", "Advance the business date"))
def advance_business_date(*, actor: Actor, id: uuid.UUID, to: datetime.date) -> Outcome:
    """Move the platform's business date; days only go forward."""
    _only_operator(actor)
    return {"from": business_date.advance(to).isoformat(), "to": to.isoformat()}


def token_of(id: uuid.UUID) -> str:
    """The token that the action ``id`` made; only whoever chose that id and this server can know it."""
    return "jr_" + hashlib.sha256(f"{database.secret('tokens')}:{id}".encode()).hexdigest()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _checked_code(code: str, evidence_type: str, evidence: str) -> str:
    override = None
    if evidence_type:
        _known("uscc_evidence_type", evidence_type, tuple(kind.value for kind in uscc_code.EvidenceType))
        override = uscc_code.Override(uscc_code.EvidenceType(evidence_type), evidence)
    return uscc_code.check(code, override=override, where="uscc").code


def _create_party(**fields: Any) -> Party:
    try:
        with transaction.atomic():
            return Party.objects.create(**fields)
    except IntegrityError:
        raise Conflict(
            "party.known",
            Text("该主体或信用代码已登记", "This party or credit code is already registered"),
            remedy=Text("请在主体名录中查找", "Look it up in the register of parties"),
            where="uscc",
        ) from None


def _keep_key(party: Party, registration: uuid.UUID) -> Outcome:
    private = keys.generate()
    public = keys.public_of(private)
    key = Key.objects.create(
        id=keys.key_id(public),
        party=party,
        public=keys.to_text(public),
        custody="platform",
        registration=registration,
    )
    KeptKey.objects.create(key=key, sealed=keyring.seal(private, key.pk))
    return {"key": key.pk, "custody": key.custody, "public": key.public}


def _require_vouched(actor: Actor, party: uuid.UUID) -> None:
    if is_vouched(actor) or not Key.objects.filter(party=party, custody="own", revoked_at=None).exists():
        return
    raise Forbidden(
        "key.unvouched",
        Text(
            "贵单位已有自有密钥，新密钥须由它签署，或由两人登记（一人经办、一人复核）",
            "Your party has a key of its own: that key must sign for the next, or two people register it",
        ),
        remedy=Text(
            "请用已登记的密钥签署本次登记，或提交复核", "Sign this with the registered key, or propose it for approval"
        ),
    )


def _base64(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Invalid("key.not_base64", Text("不是有效的 Base64", "This is not valid base64"), where=where) from None


def _known(field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise Invalid(
            f"party.unknown_{field}",
            Text(f"未知的取值“{value}”", f"Unknown value “{value}”"),
            remedy=Text(f"可选：{'、'.join(known)}", f"Choose one of: {', '.join(known)}"),
            where=field,
        )


def _only_operator(actor: Actor) -> None:
    if actor.role not in ("operator", "system"):
        raise Forbidden(
            "party.operator_only", Text("只有平台运营方可以这样做", "Only the platform's operator may do this")
        )


def _own_party(actor: Actor) -> uuid.UUID:
    if actor.party is None:
        raise Forbidden("party.none", Text("请先选择代表的单位", "Choose the party you act for first"))
    return actor.party
