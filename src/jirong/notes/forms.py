"""Forms about notes: the terms of an issue, an answer to a term, an offer of a lot, what a funder registers."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jirong.facts.models import Fact
from jirong.kernel.money import Money
from jirong.parties import labels
from jirong.parties.forms import PartyChoice, holders_of
from jirong.parties.models import Party
from jirong.web import display
from jirong.web.fields import AmountField, PercentField

DATE = {"type": "date"}


class Terms(forms.Form):
    """What a note promises; one amount an invoice, each at first what is free of it."""

    due = forms.DateField(label=_("到期日"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    agreed_days = forms.IntegerField(
        label=_("合同约定账期（天）"), required=False, min_value=0, max_value=365,
        help_text=_("自验收起算；合同没有约定的留空"),
    )  # fmt: skip
    note_agreed = forms.BooleanField(label=_("合同约定可用链单付款"), required=False, initial=True)
    set_off_waived = forms.BooleanField(label=_("确认到期不主张抵销"), required=False, initial=True)
    late_rate = PercentField(
        label=_("逾期年利率（%）"), required=False, help_text=_("不约定的留空，按法定日利率计；约定的不低于一年期 LPR")
    )

    def __init__(self, *args: Any, invoices: Sequence[tuple[Fact, int]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoices = invoices
        amounts = {}
        for invoice, free in invoices:
            label = gettext("发票 %(number)s 用于本单（元，可用 %(free)s）")
            words = label % {"number": invoice.key, "free": Money(free).grouped()}
            amounts[f"amount_{invoice.pk}"] = AmountField(label=words, initial=str(Money(free)))
        self.fields = {**amounts, **self.fields}

    def amounts(self) -> list[tuple[Fact, Money]]:
        """Each invoice with its part of the note."""
        return [(invoice, self.cleaned_data[f"amount_{invoice.pk}"]) for invoice, _free in self.invoices]


class Accept(forms.Form):
    """The payee's answer; ``consents`` only where the note's term is later than cash would be due."""

    consents_to_term = forms.TypedChoiceField(
        label=_("链单到期日晚于应付款日，是否同意"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", _("同意，接受以链单结算")), ("no", _("不同意该账期，但仍签收并留痕"))],
    )  # fmt: skip


class _Offer(forms.Form):
    expires_on = forms.DateField(label=_("对方须在此日前答复"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))


class Transfer(forms.Form):
    """Pay a supplier's invoice with part or all of a lot."""

    invoice = forms.ModelChoiceField(
        label=_("付哪张发票"), queryset=Fact.objects.none(), to_field_name="id", empty_label=_("请选择")
    )
    amount = AmountField(label=_("转让金额（元）"))
    expires_on = forms.DateField(label=_("对方须在此日前答复"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))

    def __init__(self, *args: Any, invoices: Sequence[tuple[Fact, int]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["invoice"]
        field.queryset = Fact.objects.filter(pk__in=[invoice.pk for invoice, _free in invoices])  # type: ignore[attr-defined]
        words = gettext("%(seller)s · 发票 %(number)s · 可用 %(free)s 元")
        field.choices = [  # type: ignore[attr-defined]
            (
                str(i.pk),
                words
                % {"seller": display.say(labels.name_of(i.subject)), "number": i.key, "free": Money(free).grouped()},
            )
            for i, free in invoices
        ]


class AskLoan(_Offer):
    lender = PartyChoice(label=_("向哪家银行申请"), queryset=Party.objects.none())
    principal = AmountField(label=_("贷款金额（元）"))
    rate = PercentField(label=_("年利率（%）"))
    overdue_rate = PercentField(
        label=_("逾期年利率（%）"), required=False, help_text=_("合同利率的1.3至1.5倍；留空按1.5倍计，由贷款人一并确认")
    )
    field_order = ("lender", "principal", "rate", "overdue_rate", "expires_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lender"].queryset = holders_of("bank")  # type: ignore[attr-defined]


class AskDiscount(_Offer):
    funder = PartyChoice(label=_("向哪家机构申请"), queryset=Party.objects.none())
    amount = AmountField(label=_("贴现份额（元）"))
    rate = PercentField(label=_("贴现年利率（%）"))
    recourse = forms.BooleanField(label=_("有追索权"), required=False, help_text=_("开立人逾期时，须由我方回购"))
    field_order = ("funder", "amount", "rate", "recourse", "expires_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["funder"].queryset = holders_of("bank", "factor")  # type: ignore[attr-defined]


class Fund(forms.Form):
    """What a funder brings before money moves: the registration and its own reviews."""

    registration = forms.CharField(
        label=_("动产融资登记编号"), max_length=60, help_text=_("人民银行征信中心统一登记系统的登记证明编号")
    )
    registered_on = forms.DateField(label=_("登记日期"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    background_checked = forms.BooleanField(label=_("已核对合同、验收单与发票"), required=False)
    term_reviewed = forms.BooleanField(label=_("已审查期限合理性"), required=False, help_text=_("期限超过六个月时必须"))


class Pay(forms.Form):
    amount = AmountField(label=_("本次付款（元）"))


class AdvanceDay(forms.Form):
    to = forms.DateField(label=_("推进到"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))

    def __init__(self, *args: Any, today: datetime.date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if today:
            self.fields["to"].widget.attrs["min"] = today.isoformat()
