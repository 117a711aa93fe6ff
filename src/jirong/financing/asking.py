"""What a firm asks for, as one value: what it signs, what its application keeps, what is decided.

``application.apply`` and ``application.submit`` take the same terms and so their statements say the same: the policy and
the hash of its scheme's version, amount, use, months, payee, purpose, joint debtors, the rate accepted in advance, the
consents the firm lets itself be judged by. The application keeps the hash of what was signed last; whoever decides or
signs compares it with the row, so what was changed after a signature is never acted on under it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from jirong.financing import deciding
from jirong.financing.models import Application, Decision
from jirong.kernel.errors import Conflict
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import statement
from jirong.parties.models import Consent
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The terms of an application; ``scheme`` is the SHA-256 of the scheme version's canonical form."""

    policy: uuid.UUID
    scheme: str
    amount: Money | None
    use: str
    months: int | None
    payee: uuid.UUID | None
    purpose: str
    joint: tuple[uuid.UUID, ...]
    accept_rate: Decimal | None
    consents: tuple[uuid.UUID, ...]

    def body(self) -> dict[str, Any]:
        """The arguments of either action that signs these terms."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return found | {"joint": list(self.joint), "consents": list(self.consents)}

    @property
    def sha256(self) -> str:
        """The hash of the terms as they stand in a statement."""
        return canonical.digest(statement.encode(self, statement.Salts(), "asked"))


def of(row: Application) -> Asked:
    """The terms as the application holds them now."""
    unit = deciding.scheme_behind(row.policy).unit
    return Asked(
        policy=row.policy_id, scheme=row.policy.scheme.sha256,
        amount=None if row.asked_minor is None else Money(row.asked_minor, unit), use=row.use, months=row.months,
        payee=row.payee, purpose=row.purpose, joint=tuple(row.joint), accept_rate=_plain(row.accept_rate),
        consents=tuple(row.consents),
    )  # fmt: skip


def sign(row: Application, given: Mapping[str, Any], on: datetime.date) -> None:
    """Keep that the firm signs for ``given``, the action's own arguments; refused where the row says otherwise (a draft
    that was changed, a scheme that is another than was read) or a consent named no longer stands.
    """
    row.accept_rate, row.consents = given["accept_rate"], list(given["consents"] or ())
    held = of(row)
    said = replace(
        held, **{name: given[name] for name in ("policy", "amount", "use", "months", "payee", "purpose")},
        scheme=given["scheme"] or held.scheme, joint=tuple(given["joint"] or ()),
    )  # fmt: skip
    _refuse_other(said, held)
    _refuse_ended(row, on)
    row.asked_sha256 = held.sha256


def refuse_changed(row: Application) -> None:
    """Refuse to act on terms that are not those the firm signed; what was asked before hashes were kept has none."""
    if row.asked_sha256 and of(row).sha256 != row.asked_sha256:
        raise _changed({"asked": {"signed": row.asked_sha256, "now": of(row).sha256}})


def refuse_other_asked(row: Application, asked: str) -> None:
    """Refuse a signature under other terms than the firm asked for."""
    if asked != row.asked_sha256:
        raise _changed({"asked": {"signed": asked, "now": row.asked_sha256}})


def offered(decision: Decision) -> dict[str, Any]:
    """What of an offer the firm signs: limit, rate, and the hash of all its terms."""
    terms = decision.terms
    assert terms is not None, "only an approval offers terms"
    limit = Money.parse(terms["limit"], deciding.scheme_behind(decision.application.policy).unit)
    return {"limit": limit, "rate": Decimal(terms["rate"]), "offer": canonical.digest(terms)}


def refuse_other_offer(decision: Decision, **read: Any) -> None:
    """Refuse to sign an offer other than the firm read, as far as it says what it read."""
    now = offered(decision)
    salts = statement.Salts()
    other = {
        name: {"signed": statement.encode(said, salts, name), "now": statement.encode(now[name], salts, name)}
        for name, said in read.items()
        if said is not None and said != now[name]
    }
    if other:
        raise _changed(other)


def _refuse_other(said: Asked, held: Asked) -> None:
    here, there = (statement.encode(terms, statement.Salts(), "asked") for terms in (said, held))
    other = {name: {"signed": here[name], "now": there[name]} for name in here if here[name] != there[name]}
    if other:
        raise _changed(other)


def _refuse_ended(row: Application, on: datetime.date) -> None:
    """Each consent named is one the firm itself gave to a party of the policy, and stands."""
    if not row.consents:
        return
    readers = set(deciding.stands_for(row.policy, row.borrower_id).values())
    with acting_as(SYSTEM):
        live = Consent.objects.filter(
            pk__in=row.consents, grantor=row.borrower_id, grantee__in=readers, valid__contains=on, withdrawn_at=None
        )
        standing = set(live.values_list("pk", flat=True))
    ended = sorted(str(id) for id in set(row.consents) - standing)
    if ended:
        raise Conflict(
            "application.consent_ended",
            Text("所列授权已失效，或不是给该贷款人的", "A consent named has ended, or is not for this lender"),
            remedy=Text("请重新授权后再签署", "Give the consent again, then sign"),
            details={"consents": ended},
        )


def _changed(other: Mapping[str, Any]) -> Conflict:
    return Conflict(
        "application.changed",
        Text("所签内容与申请现在的内容不一致", "What was signed is not what the application says now"),
        remedy=Text("请核对申请内容后重新签署", "Check the application and sign it again"),
        where=_first(other), details={"terms": dict(other)},
    )  # fmt: skip


def _first(names: Mapping[str, Any]) -> str | None:
    found: Sequence[str] = list(names)
    return found[0] if found and found[0] != "asked" else None


def _plain(rate: Decimal | None) -> Decimal | None:
    """A rate without the zeros a column adds, so that it hashes as it was signed."""
    return None if rate is None else Decimal(f"{rate.normalize():f}")
