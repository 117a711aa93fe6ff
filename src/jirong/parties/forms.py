"""Forms about parties: registering, people, accounts, and a checker's rejection."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jirong.parties import labels
from jirong.parties.models import DUTIES, ROLES, SCOPES, SIZES, Membership, Party
from jirong.web import display


def choices(known: tuple[str, ...], words: dict[str, Any]) -> Any:
    """Choices in the reader's language, asked for anew by every form."""
    return lambda: [(value, display.say(words[value])) for value in known]


class PartyChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One party of the register; shown by its name in the reader's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": _("请选择"), **kwargs})

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


class MakeToken(forms.Form):
    name = forms.CharField(label=_("用途"), max_length=80, help_text=_("例如“ERP 每日导入”，日后凭它辨认"))
    scope = forms.ChoiceField(label=_("范围"), choices=choices(SCOPES, labels.SCOPES),
                              help_text=_("只读的令牌不能改动任何数据"))  # fmt: skip
    days = forms.IntegerField(label=_("有效期（天）"), min_value=1, max_value=365, initial=90)


class AddRole(forms.Form):
    role = forms.ChoiceField(label=_("角色"), choices=choices(ROLES, labels.ROLES))
    licence = forms.CharField(
        label=_("许可证号"), max_length=120, required=False, help_text=_("银行、保险、担保等须持牌的角色请填写")
    )


class MakeCluster(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=120)
    name_en = forms.CharField(label=_("英文名称"), max_length=120, required=False)
    region = forms.CharField(label=_("地区"), max_length=60, required=False)


class AddMember(forms.Form):
    party = PartyChoice(label=_("单位"), queryset=Party.objects.none())
    since = forms.DateField(label=_("入群日期"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, cluster: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outside = Party.objects.filter(uscc__isnull=False).exclude(
            memberships__in=Membership.objects.filter(cluster=cluster, until=None)
        )
        self.fields["party"].queryset = outside.order_by("name", "pk")  # type: ignore[attr-defined]


class AskToJoin(forms.Form):
    note = forms.CharField(
        label=_("申请理由"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("例如与哪些成员有长期往来"),
    )  # fmt: skip


class AnswerRequest(forms.Form):
    answer = forms.CharField(
        label=_("不同意的原因"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("同意则可留空；申请方会看到这句话"),
    )  # fmt: skip


class Reject(forms.Form):
    note = forms.CharField(
        label=_("退回原因"), max_length=500, min_length=2, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("经办人会看到这句话"),
    )  # fmt: skip


__all__ = [
    "AddAccount",
    "AddMember",
    "AddRole",
    "AddStaff",
    "AnswerRequest",
    "AskToJoin",
    "MakeCluster",
    "MakeToken",
    "PartyChoice",
    "RegisterParty",
    "Reject",
    "holders_of",
]
