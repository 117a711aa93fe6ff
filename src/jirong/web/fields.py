"""Form fields of the house: money and yearly rates as people type them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext

from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.web import display


class AmountField(forms.CharField):
    """Money as people type it ("1,000.00"); cleans to :class:`Money`, which is more than zero."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "is-amount"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=24, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            amount = Money.parse(text)
        except Refusal as refusal:
            raise forms.ValidationError(display.say(refusal.reason)) from None
        if amount.minor <= 0:
            raise forms.ValidationError(gettext("金额须大于零"))
        return amount

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"])

    def run_validators(self, value: Any) -> None:
        return None


class PercentField(forms.DecimalField):
    """A yearly rate typed in per cent (3.5); cleans to a fraction of one (0.035)."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "step": "0.01", "autocomplete": "off"}
        super().__init__(min_value=0, max_value=36, decimal_places=4, widget=forms.NumberInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return None if typed is None else (typed / Decimal(100)).normalize()
