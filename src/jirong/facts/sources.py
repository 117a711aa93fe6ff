"""Who may state a fact: a side of it, or a third source with a right or the subject's consent.

One rule, in order. A side may state what the kind lets that side state (both sides of a trade document; the firm
itself its staff, never its own tax filing). Anybody else needs one of the roles the kind names and then either a
source right registered by the operator (the licence or mandate is written there) or the subject's consent for the
purpose ``supply`` that covers the kind on the day. The house itself may state anything.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from jirong.facts.kinds import FactKind
from jirong.facts.models import SourceRight
from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text
from jirong.parties.models import Consent, Role
from jirong.store import business_date
from jirong.store.identity import Actor

SUPPLY = "supply"
"""The purpose of a consent to state facts about the one who consents."""


class Sayer:
    """What the actor may state of one kind; asks the database at most thrice however many rows a file has."""

    def __init__(self, actor: Actor, kind: FactKind, subjects: Iterable[uuid.UUID]) -> None:
        self.actor = actor
        self.kind = kind
        self.subjects = set(subjects)
        self._role: bool | None = None
        self._right: bool | None = None
        self._consenting: set[uuid.UUID] | None = None

    def check(
        self, subject: uuid.UUID, counterparty: uuid.UUID | None, values: Mapping[str, Any] | None = None
    ) -> None:
        """Raise :class:`Forbidden` unless the actor may state a fact of the kind with ``values`` about ``subject``."""
        self._red_letters_by_the_seller(subject, values or {})
        if self.actor.role == "system" or self._as_side(subject, counterparty):
            return
        if not self._has_role():
            raise self._not_a_side(subject)
        if self._has_right() or subject in self._who_consent():
            return
        raise Forbidden(
            "fact.no_source_right",
            Text(
                f"没有提供{self.kind.title.zh}的资格登记，也没有该企业的授权",
                f"There is no source right for {self.kind.title.en.lower()}, and the firm has not consented",
            ),
            remedy=Text(
                "请运营方登记数据来源资格，或请企业授权（目的：提供数据）",
                "Ask the operator to register a source right, or the firm to consent for the purpose “supply”",
            ),
            where=self.kind.subject,
        )

    def _red_letters_by_the_seller(self, subject: uuid.UUID, values: Mapping[str, Any]) -> None:
        """Whoever issued an invoice reverses it: a buyer's word alone takes no ground from under others' claims."""
        is_red = self.kind.code == "invoice" and values.get("colour") == "red"
        if is_red and self.actor.role != "system" and self.actor.party != subject:
            raise Forbidden(
                "fact.red_by_seller",
                Text("红字发票只能由开票的卖方提交", "Only the seller, who issued it, states a red-letter invoice"),
                remedy=Text("请卖方提交；对发票有异议请使用“异议”", "Ask the seller, or dispute the invoice"),
                where="colour",
            )

    def _as_side(self, subject: uuid.UUID, counterparty: uuid.UUID | None) -> bool:
        party = self.actor.party
        return (party == subject and "subject" in self.kind.by) or (
            party is not None and party == counterparty and "counterparty" in self.kind.by
        )

    def _has_role(self) -> bool:
        if self._role is None:
            self._role = Role.objects.filter(party=self.actor.party, role__in=self.kind.by).exists()
        return self._role

    def _has_right(self) -> bool:
        if self._right is None:
            today = business_date.today()
            self._right = SourceRight.objects.filter(
                party=self.actor.party, kinds__contains=[self.kind.code], valid__contains=today, withdrawn_at=None
            ).exists()
        return self._right

    def _who_consent(self) -> set[uuid.UUID]:
        if self._consenting is None:
            self._consenting = set(
                Consent.objects.filter(
                    grantor__in=self.subjects,
                    grantee=self.actor.party,
                    purpose=SUPPLY,
                    scope__contains=[self.kind.code],
                    valid__contains=business_date.today(),
                    withdrawn_at=None,
                ).values_list("grantor_id", flat=True)
            )
        return self._consenting

    def _not_a_side(self, subject: uuid.UUID) -> Forbidden:
        if "counterparty" in self.kind.by:
            return Forbidden(
                "fact.not_a_side",
                Text("本单位不是该单据的买方或卖方", "Your party is neither side of this document"),
                remedy=Text("只能提交与本单位有关的单据", "Submit only documents that name your party"),
                where=self.kind.subject,
            )
        zh, en = self._sources()
        return Forbidden(
            "fact.not_its_source",
            Text(
                f"{self.kind.title.zh}须由{zh}提供，本单位不能提交",
                f"{self.kind.title.en} is stated by {en}; your party cannot submit it",
            ),
            remedy=Text("请由数据来源方推送，或申请数据来源资格", "Have the source push it, or ask for a source right"),
            where=self.kind.subject,
        )

    def _sources(self) -> tuple[str, str]:
        names = [ROLE_NAMES.get(role, Text(role, role)) for role in self.kind.by]
        return "、".join(name.zh for name in names), ", ".join(name.en for name in names)


ROLE_NAMES = {
    "subject": Text("企业自身", "the firm itself"),
    "government": Text("政府部门", "government"),
    "provider": Text("服务商", "a provider"),
    "bank": Text("银行", "a bank"),
    "lessor": Text("租赁公司", "a lessor"),
    "factor": Text("保理公司", "a factor"),
    "fund": Text("基金", "a fund"),
    "investor": Text("投资人", "an investor"),
    "guarantor": Text("担保公司", "a guarantor"),
    "treasury": Text("集群财务公司", "the cluster finance company"),
    "core": Text("核心企业", "a core enterprise"),
    "operator": Text("平台", "the operator"),
}
