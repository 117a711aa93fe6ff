"""Forms of the firm: what it asks for, what it draws, what it pays back.

An application has at most seven fields, those nobody but the firm can know; which of them are asked follows from the
scheme. What was typed goes into the draft field by field (:func:`stored`), so that two windows never undo each other.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jirong.facts import kinds
from jirong.financing.models import Application, Loan
from jirong.financing.pages import shared
from jirong.kernel.money import Money
from jirong.parties import labels
from jirong.parties.forms import choices
from jirong.parties.models import Party
from jirong.schemes.explain.phrases import Names
from jirong.schemes.model.conduct import JointDebt
from jirong.schemes.model.scheme import Scheme
from jirong.web import display
from jirong.web.fields import AmountField, PercentField

PURPOSE_MAX = 500
FIELDS_MAX = 12
JOINT_MAX = 5


class PartiesField(forms.CharField):
    """Parties of the register, typed by credit code or full name; cleans to their ids in the order typed."""

    def __init__(self, *, most: int = 1, **kwargs: Any) -> None:
        super().__init__(max_length=200, **kwargs)
        self.most = most

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        names = [part.strip() for part in typed.replace("，", ",").replace("、", ",").split(",") if part.strip()]
        if len(names) > self.most:
            raise forms.ValidationError(gettext("最多填写 %(most)s 家") % {"most": self.most})
        return [self._party(name) for name in names]

    def _party(self, typed: str) -> uuid.UUID:
        register = Party.objects.filter(uscc__isnull=False)
        found = register.filter(uscc=typed.upper()).first() or register.filter(name=typed).first()
        if found is None:
            raise forms.ValidationError(gettext("名录里没有“%(typed)s”，请填统一社会信用代码或全称") % {"typed": typed})
        return found.pk


def ask_form(scheme: Scheme, *, payee_known: bool) -> type[forms.Form]:
    """The form of an application under ``scheme``; ``payee_known``: the lender's policy already names the vendor."""
    fields: dict[str, forms.Field] = {
        "amount": AmountField(label=_("借多少（元）"), help_text=_("超过可批额度时，按可批额度给出方案")),
        "use": forms.ChoiceField(label=_("做什么用"), choices=_uses(scheme)),
    }
    longest = longest_months(scheme)
    if longest:
        fields["months"] = forms.IntegerField(
            label=_("借几个月"), min_value=1, max_value=longest, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            help_text=_("方案允许 1 至 %(longest)s 个月") % {"longest": longest},
        )  # fmt: skip
    if scheme.uses is not None and scheme.uses.pay == "entrusted" and not payee_known:
        fields["payee"] = PartiesField(label=_("付给谁"), help_text=_("贷款直接付给供应商；填其统一社会信用代码或全称"))
    if joint_asked(scheme):
        fields["joint"] = PartiesField(
            label=_("共同借款人"), most=JOINT_MAX, required=False, help_text=_("各自对全部债务负责；多家用逗号隔开")
        )
    fields["purpose"] = forms.CharField(
        label=_("补充说明"), required=False, max_length=PURPOSE_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )
    fields["accept_rate"] = PercentField(
        label=_("年利率不超过多少就直接签约（%）"), required=False,
        help_text=_("留空即先看方案再决定；填写后，足额且不高于此利率的方案会当场签署并放款"),
    )  # fmt: skip
    return type("Ask", (forms.Form,), fields)


def longest_months(scheme: Scheme) -> int | None:
    """The longest tenor the firm may choose within; None where there is nothing to choose."""
    found = scheme.instrument
    up_to = getattr(getattr(found, "tenor", None), "up_to", None)
    return up_to.months if up_to is not None else None


def joint_asked(scheme: Scheme) -> bool:
    return isinstance(scheme.security, tuple) and any(isinstance(item, JointDebt) for item in scheme.security)


def _uses(scheme: Scheme) -> Callable[[], list[tuple[str, str]]]:
    allowed, names = scheme.uses.allowed if scheme.uses else (), Names(scheme)
    return lambda: [(use, display.say(names.use(use))) for use in allowed] or [("", gettext("不限"))]


def typed_of(row: Application, names: Iterable[str], people: Mapping[uuid.UUID, str]) -> dict[str, str]:
    """A draft as the form shows it; ``people`` gives the credit codes of the parties it names."""
    months = "" if row.months is None else str(row.months)
    kept = {
        "amount": "" if row.asked_minor is None else str(Money(row.asked_minor)), "use": row.use, "months": months,
        "purpose": row.purpose, "payee": people.get(row.payee, "") if row.payee else "",
        "joint": ", ".join(people.get(party, "") for party in row.joint),
    }  # fmt: skip
    return {name: kept[name] for name in names if name in kept}


def stored(cleaned: Mapping[str, Any], row: Application) -> dict[str, Any]:
    """The arguments of ``application.save``: the draft as it stands with what ``cleaned`` changes."""
    asked = None if row.asked_minor is None else Money(row.asked_minor)
    payee = cleaned["payee"][0] if cleaned.get("payee") else None
    return {
        "policy": row.policy_id, "application": row.pk, "amount": cleaned.get("amount", asked),
        "use": cleaned.get("use", row.use) or "", "months": cleaned.get("months", row.months),
        "payee": payee if "payee" in cleaned else row.payee, "purpose": cleaned.get("purpose", row.purpose) or "",
        "joint": list(cleaned.get("joint", row.joint)),
    }  # fmt: skip


class Draw(forms.Form):
    """A drawing; the payee only where the scheme pays the vendor, the days only for a bullet, a loan to take over only
    where there is one.
    """

    amount = AmountField(label=_("提多少（元）"))

    def __init__(
        self, *args: Any, days: int | None = None, vendor: bool = False, loans: Iterable[Loan] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if days:
            self.fields["days"] = forms.IntegerField(
                label=_("借几天"), min_value=1, max_value=days, required=False, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                help_text=_("最长 %(days)s 天，留空即最长") % {"days": days},
            )  # fmt: skip
        if vendor:
            self.fields["payee"] = PartiesField(
                label=_("付给谁"), help_text=_("贷款直接付给供应商；填其统一社会信用代码或全称")
            )
        add_relay(self, loans)


class Sign(forms.Form):
    """Taking an offer that may repay an earlier loan of another bank."""

    def __init__(self, *args: Any, loans: Iterable[Loan] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_relay(self, loans)


def add_relay(form: forms.Form, loans: Iterable[Loan]) -> None:
    """Which running loan this one ends, if any can be ended."""
    found = [
        (str(row.pk), f"{display.say(labels.name_of(row.lender))} {Money(row.principal_left_minor).grouped()}")
        for row in loans
    ]
    if found:
        form.fields["relays"] = forms.TypedChoiceField(
            label=_("用来结清哪笔贷款"),
            required=False,
            empty_value=None,
            coerce=uuid.UUID,
            choices=[("", _("不用于结清其他贷款")), *found],
        )


class Give(forms.Form):
    """A consent the firm gives of its own accord, one kind of facts at a time."""

    grantee = PartiesField(label=_("授权给谁"), help_text=_("填其统一社会信用代码或全称"))
    purpose = forms.ChoiceField(label=_("用于"), choices=choices(tuple(shared.PURPOSES), shared.PURPOSES))
    scope = forms.ChoiceField(
        label=_("哪类资料"),
        choices=choices(tuple(kinds.KINDS), {code: kind.title for code, kind in kinds.KINDS.items()}),
    )
    until = forms.DateField(label=_("有效至"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class Repay(forms.Form):
    amount = AmountField(label=_("还多少（元）"), help_text=_("先还到期的，多出的部分提前还本金"))


def fraction(text: str) -> Decimal | None:
    """A rate kept as text, as a fraction of one."""
    return Decimal(text) if text else None
