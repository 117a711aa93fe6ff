"""The business date, by calendar: state that an operator's action or the close of business advances.

It is data and not the machine's clock, so that a day can be closed late, replayed, or held over a holiday. Requests
never carry it.
"""

from __future__ import annotations

from django.db import models


class BusinessDay(models.Model):
    """``calendar`` is ``platform`` for the house, or a lender's party id where it keeps its own cut-off."""

    calendar = models.CharField(max_length=40, primary_key=True)
    date = models.DateField()

    class Meta:
        db_table = "store_business_day"
