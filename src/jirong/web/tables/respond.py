"""One view, four answers: the whole page, the table alone (htmx), its count, or a file of it.

The full page never needs htmx; the fragment is the same template part, so the two cannot drift apart.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from jirong.web.tables.export import export
from jirong.web.tables.table import Table


def respond(
    request: HttpRequest, template: str, *tables: Table, context: dict[str, Any] | None = None
) -> HttpResponseBase:
    """Answer for a page with one table (``table`` in the template) or several (by name, ``<name>_table``)."""
    for table in tables:
        special = _special(request, table)
        if special is not None:
            patch_vary_headers(special, ["HX-Request", "HX-Target", "Accept-Language", "Cookie"])
            return special
    named = {f"{table.name}_table": table for table in tables}
    response = render(request, template, {"table": tables[0], **named, **(context or {})})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _special(request: HttpRequest, table: Table) -> HttpResponseBase | None:
    asked = request.GET.get(table.param("export"), "")
    if asked in ("xlsx", "csv") and request.GET.get(table.param("table"), table.name) == table.name:
        return export(table, asked)
    if request.GET.get(table.param("count")) == table.name:
        return _count(table)
    headers = request.headers
    if headers.get("HX-Request") and headers.get("HX-Target", "").startswith(table.html_id):
        return render(request, "web/table.html", {"table": table})
    return None


def _count(table: Table) -> HttpResponse:
    number, more = table.count()
    return render(table.request, "web/table_count.html", {"number": number, "more": more})
