"""Forms about parties: registering, people, accounts, and a checker's rejection."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jirong.parties import labels
from jirong.parties.models import DUTIES, ROLES, SIZES, Party
from jirong.web import display


def choices(known: tuple[str, ...], words: dict[str, Any]) -> Any:
    """Choices in the reader's language, asked for anew by every form."""
    return lambda: [(value, display.say(words[value])) for value in known]


class PartyChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One party of the register; shown by its name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return display.say(labels.name_of(obj))


def holders_of(*roles: str) -> Any:
    """Parties with one of ``roles``, by name."""
    return Party.objects.filter(roles__role__in=roles, uscc__isnull=False).distinct().order_by("name", "pk")


class RegisterParty(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=200)
    name_en = forms.CharField(label=_("英文名称"), max_length=200, required=False)
    uscc = forms.CharField(label=_("统一社会信用代码"), max_length=18, min_length=18)
    size = forms.ChoiceField(label=_("企业规模"), choices=choices(tuple(s for s in SIZES if s != "person"), labels.SIZES),
                             help_text=_("按中小企业划型标准申报，决定付款期限等规则是否适用"))  # fmt: skip
    roles = forms.MultipleChoiceField(
        label=_("角色"), choices=choices(ROLES, labels.ROLES), widget=forms.CheckboxSelectMultiple
    )
    sector = forms.CharField(label=_("行业"), max_length=60, required=False)
    region = forms.CharField(label=_("地区"), max_length=60, required=False)


class AddStaff(forms.Form):
    username = forms.CharField(
        label=_("登录名"), max_length=64, help_text=_("小写字母、数字或 . _ -；没有的登录名会先登记")
    )
    duties = forms.MultipleChoiceField(
        label=_("职责"), choices=choices(DUTIES, labels.DUTIES), widget=forms.CheckboxSelectMultiple,
        help_text=_("经办与复核不能由同一人完成同一事项"),
    )  # fmt: skip


class AddAccount(forms.Form):
    bank = PartyChoice(label=_("开户行"), queryset=Party.objects.none())
    number = forms.CharField(label=_("账号"), max_length=40, min_length=6)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = holders_of("bank")  # type: ignore[attr-defined]


class Reject(forms.Form):
    note = forms.CharField(
        label=_("退回原因"), max_length=500, min_length=2, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("经办人会看到这句话"),
    )  # fmt: skip


__all__ = ["AddAccount", "AddStaff", "PartyChoice", "RegisterParty", "Reject", "holders_of"]
