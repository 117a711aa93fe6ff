"""Forms about assets and security: recording, valuing, moving stock, pledging, registering, releasing, realising."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jirong.collateral import demands, shown
from jirong.collateral.actions.assets import VALUERS
from jirong.collateral.models import Secured
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties.forms import PartyChoice, holders_of
from jirong.parties.models import Party
from jirong.web import display
from jirong.web.fields import AmountField

DATE = {"type": "date"}


def said(words: dict[str, Text]) -> Any:
    """Choices in the reader's language, asked for anew by every form."""
    return lambda: [(key, display.say(text)) for key, text in words.items()]


def day(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"), **kwargs)


class Record(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), choices=said(demands.TITLES))
    title = forms.CharField(label=_("名称"), max_length=200)
    number = forms.CharField(
        label=_("证号或编号"), max_length=80, required=False,
        help_text=_("专利号、不动产权证号、设备序列号、合同号等；同一编号全平台只登记一次"),
    )  # fmt: skip
    place = forms.CharField(label=_("存放地或坐落"), max_length=200, required=False)
    watcher = PartyChoice(
        label=_("监管方或控制行"), queryset=Party.objects.none(), required=False,
        help_text=_("存货由仓储方监管、账户由银行控制时填写；数量以其入库确认为准"),
    )  # fmt: skip
    quantity = forms.DecimalField(label=_("数量"), required=False, min_value=Decimal("0.001"), decimal_places=3)
    measure = forms.CharField(label=_("计量单位"), max_length=12, required=False)
    show_to = PartyChoice(label=_("出示给"), queryset=Party.objects.none(), required=False,
                          help_text=_("评估机构或贷款人可见后才能估值"))  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["watcher"].queryset = holders_of("provider", "bank")  # type: ignore[attr-defined]
        self.fields["show_to"].queryset = holders_of(*VALUERS, "core")  # type: ignore[attr-defined]


class Show(forms.Form):
    to = PartyChoice(label=_("出示给"), queryset=Party.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = holders_of(*VALUERS, "core")  # type: ignore[attr-defined]


class Value(forms.Form):
    """A valuation: the whole value, or the price of a unit where there is a quantity."""

    method = forms.ChoiceField(label=_("方法"), choices=said(shown.METHODS))
    value = AmountField(label=_("估值（元）"), required=False)
    price = AmountField(label=_("单价（元）"), required=False, help_text=_("有数量的押品可只填单价，价值随数量变动"))
    cost = AmountField(label=_("成本法结果（元）"), required=False)
    market = AmountField(label=_("市场法结果（元）"), required=False)
    income = AmountField(label=_("收益法结果（元）"), required=False)
    haircut = forms.DecimalField(
        label=_("折扣（%）"), min_value=0, max_value=Decimal("99.99"), decimal_places=2, initial=0,
        help_text=_("不计入担保的部分：打七折填 30"),
    )  # fmt: skip
    on = day(_("估值日"))
    valid_until = day(_("有效期至"), required=False)
    report = forms.CharField(label=_("报告编号"), max_length=80, required=False)

    def __init__(self, *args: Any, by_quantity: bool = False, three: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by_quantity:
            self.fields["value"].required = True
            del self.fields["price"]
        if not three:
            for name in ("cost", "market", "income"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        given = [name for name in ("value", "price") if values.get(name)]
        if len(given) != 1 and not self.errors:
            raise forms.ValidationError(gettext("总值与单价请只填一项"))
        if values.get("haircut") is not None:
            values["haircut"] = values["haircut"] / Decimal(100)
        return values


class Move(forms.Form):
    kind = forms.ChoiceField(label=_("变动"), choices=said(shown.MOVES))
    quantity = forms.DecimalField(label=_("数量"), min_value=0, decimal_places=3)
    paper = forms.CharField(label=_("单据号"), max_length=80, required=False)


class ContractChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        lender = display.say(Text(obj.lender.name, obj.lender.name_en or obj.lender.name))
        return f"{display.say(shown.secured_title(obj))} · {lender} · {Money(obj.limit_minor).grouped()}"


class Pledge(forms.Form):
    """What is given, for which contract, up to how much."""

    contract = ContractChoice(label=_("为哪份合同担保"), queryset=Secured.objects.none(), empty_label=_("请选择"))
    secured = AmountField(label=_("最高担保额（元）"), help_text=_("优先受偿以此为限，通常含利息与费用"))
    share = AmountField(label=_("占用价值（元）"), required=False, help_text=_("不填则占用全部可用价值"))
    whole = forms.BooleanField(label=_("以后增值也计入"), required=False)
    delivered_on = day(_("购置设备的交付日"), required=False,
                       help_text=_("贷款用于购买该设备、交付后十日内登记的，优先于其他担保"))  # fmt: skip

    def __init__(self, *args: Any, contracts: Any = (), movable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose = self.fields["contract"]
        rows = list(contracts)
        choose.queryset = Secured.objects.filter(pk__in=[row.pk for row in rows]).select_related("lender")  # type: ignore[attr-defined]
        if not movable:
            del self.fields["delivered_on"]


class PledgeOutside(forms.Form):
    """Security for a debt outside the platform."""

    holder = PartyChoice(label=_("债权人"), queryset=Party.objects.none())
    debt_title = forms.CharField(label=_("债务名称"), max_length=200)
    secured = AmountField(label=_("最高担保额（元）"))
    share = AmountField(label=_("占用价值（元）"), required=False, help_text=_("不填则占用全部可用价值"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].queryset = holders_of("bank", "factor", "lessor", "guarantor", "fund")  # type: ignore[attr-defined]


class Register(forms.Form):
    number = forms.CharField(label=_("登记号"), max_length=80)
    registered_on = day(_("登记日期"))
    registered_time = forms.CharField(
        label=_("登记时间"), max_length=8, help_text=_("按登记证明填写到秒，如 14:05:30；它决定清偿顺位"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "14:05:30"}),
    )  # fmt: skip
    until = day(_("登记到期日"), required=False, help_text=_("中登登记必填，最短1个月、最长30年"))


class Prolong(forms.Form):
    until = day(_("展期至"))


class Release(forms.Form):
    part = AmountField(label=_("解除的价值（元）"), required=False, help_text=_("不填则全部解除"))


class StateDebt(forms.Form):
    owed = AmountField(label=_("债务余额（元）"))


class Sell(forms.Form):
    payer = PartyChoice(label=_("付款方"), queryset=Party.objects.none(), help_text=_("买受人、拍卖机构或法院"))
    how = forms.ChoiceField(label=_("方式"), choices=said(shown.HOW))
    proceeds = AmountField(label=_("价款（元）"))
    costs = AmountField(label=_("处置费用（元）"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].queryset = Party.objects.filter(uscc__isnull=False).order_by("name", "pk")  # type: ignore[attr-defined]
