"""The filter table: a list declared in Python that filters, sorts, pages by key and exports what it shows.

    class LotTable(tables.Table):
        name = "lots"
        columns = (
            tables.Column("number", _("链单号"), link=lambda lot: lot.url, primary=True),
            tables.Column("amount", _("金额"), kind="money", sort="amount_minor"),
        )
        filters = (tables.Search("q", _("单号或企业"), ("number", "issuer__name")),)
        order = ("-recorded_at", "-id")

    def lots(request):
        return tables.respond(request, "notes/lots.html", LotTable(request, queries.lots(request.party)))

In the template: ``<c-table :table="table" />``. One query draws the rows; the capped count follows by itself.
"""

from jirong.web.tables.columns import Column
from jirong.web.tables.filters import Choice, DateRange, Filter, MoneyRange, Search
from jirong.web.tables.respond import respond
from jirong.web.tables.table import Table

__all__ = ["Choice", "Column", "DateRange", "Filter", "MoneyRange", "Search", "Table", "respond"]
