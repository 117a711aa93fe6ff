"""Forms of the lender: a decision on a file, new terms of a loan, a collection step, a policy."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jirong.financing.pages import shared
from jirong.financing.product import REPAY
from jirong.instruments.practice import Bucket
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties.forms import PartyChoice, choices, holders_of
from jirong.parties.models import Party
from jirong.store import business_date
from jirong.web import display
from jirong.web.fields import AmountField, PercentField

DATE = {"type": "date"}
BUCKETS = {
    "fee": Text("费用", "Fees"),
    "compound": Text("复利", "Interest on interest"),
    "penalty": Text("罚息", "Penalty"),
    "interest": Text("利息", "Interest"),
    "principal": Text("本金", "Principal"),
}
COLLECTION = {
    "call": Text("电话催收", "Call"),
    "letter": Text("催收函", "Letter"),
    "visit": Text("上门催收", "Visit"),
    "promise": Text("承诺还款", "Promise to pay"),
    "suit": Text("提起诉讼", "Suit"),
    "enforcement": Text("申请执行", "Enforcement"),
}
assert {bucket.value for bucket in Bucket} == set(BUCKETS)
assert set(REPAY) <= {"annuity", "equal_principal", "interest_first", "bullet"}
WAYS = {
    "annuity": shared.REPAYMENTS["annuity"],
    "equal_principal": shared.REPAYMENTS["linear"],
    "interest_first": shared.REPAYMENTS["interest_first"],
    "bullet": shared.REPAYMENTS["bullet"],
}


class Decide(forms.Form):
    """What the lender's people say of a referred file; ``most`` is the highest limit the scheme allows, if any."""

    verdict = forms.ChoiceField(
        label=_("审批意见"), widget=forms.RadioSelect, choices=[("approve", _("同意")), ("refuse", _("拒绝"))]
    )
    amount = AmountField(label=_("批准额度（元）"), required=False)
    note = forms.CharField(
        label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("说明凭什么判断；申请企业和复核人都会看到"),
    )  # fmt: skip

    def __init__(self, *args: Any, most: Money | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        if most is not None:
            self.fields["amount"].help_text = gettext("方案允许的上限 %(most)s；留空即按上限") % {
                "most": most.grouped()
            }
        else:
            del self.fields["amount"]
            self.fields["verdict"].choices = [("refuse", _("拒绝"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        amount = values.get("amount")
        if amount is not None and self.most is not None and amount.minor > self.most.minor:
            self.add_error("amount", gettext("不能超过方案允许的上限 %(most)s") % {"most": self.most.grouped()})
        return values


class Collect(forms.Form):
    kind = forms.ChoiceField(label=_("方式"), choices=choices(tuple(COLLECTION), COLLECTION))
    note = forms.CharField(label=_("经过"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    promised_on = forms.DateField(
        label=_("承诺还款日"), required=False, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    promised = AmountField(label=_("承诺金额（元）"), required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        on = values.get("promised_on")
        if on is not None and on < business_date.today():
            self.add_error("promised_on", gettext("承诺还款日不能早于营业日"))
        if values.get("kind") == "promise":
            for name in ("promised_on", "promised"):
                if values.get(name) is None and name not in self.errors:
                    self.add_error(name, gettext("承诺还款须填写日期和金额"))
        return values


class Extend(forms.Form):
    maturity = forms.DateField(label=_("新的到期日"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    rate = PercentField(label=_("展期后年利率（%）"), required=False, help_text=_("留空即不变"))


class Restructure(forms.Form):
    repay = forms.ChoiceField(label=_("还款方式"), choices=choices(tuple(WAYS), WAYS))
    rate = PercentField(label=_("年利率（%）"))
    months = forms.IntegerField(label=_("期限（月）"), min_value=1, max_value=360)
    capitalise_interest = forms.BooleanField(label=_("欠息转为本金"), required=False)


class Waive(forms.Form):
    bucket = forms.ChoiceField(label=_("减免项目"), choices=choices(tuple(BUCKETS), BUCKETS))
    amount = AmountField(label=_("减免金额（元）"))


class Lower(forms.Form):
    limit = AmountField(label=_("调低后的额度（元）"))


class SignPolicy(forms.Form):
    """The lender's part of a policy; one party is chosen for each name the scheme uses (``stand_<name>``)."""

    budget = AmountField(label=_("投放预算（元）"), help_text=_("本政策下最多承诺的额度；用完即不再自动批准"))
    automatic = forms.BooleanField(
        label=_("条款全部满足时自动批准"), required=False, initial=True, help_text=_("不勾选时，每份申请都转人工审批")
    )

    def __init__(
        self, *args: Any, stands: Iterable[tuple[str, Text, set[str] | None, bool]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = []
        for name, label, roles, required in stands:
            rows = (
                holders_of(*sorted(roles)) if roles else Party.objects.filter(uscc__isnull=False).order_by("name", "pk")
            )
            self.fields[f"stand_{name}"] = PartyChoice(label=display.say(label), queryset=rows, required=required)
            self.names.append(name)


class StartClose(forms.Form):
    on = forms.DateField(label=_("日终日期"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))

    def __init__(self, *args: Any, today: datetime.date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if today:
            self.fields["on"].widget.attrs["max"] = today.isoformat()
