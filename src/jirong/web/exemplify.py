"""An example for every field of the API's document, so that a reader (and a generated client's test) sees its form.

A schema that gives its own keeps it. Elsewhere the field's type and format say it, and for plain texts its name.
"""

from __future__ import annotations

from typing import Any

BY_FORMAT = {
    "uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
    "date": "2026-01-08",
    "date-time": "2026-01-08T09:30:00+08:00",
    "uri": "https://example.org/",
}
BY_TYPE: dict[str, Any] = {"integer": 3, "number": 0.5, "boolean": True, "object": {}, "string": "text"}
AMOUNTS = {
    "amount", "principal", "accrued", "outstanding", "free", "balance", "price", "usable", "promised", "secured", "short",
    "debt", "carries", "principal_left", "budget", "limit", "in_use", "interest", "provision", "paid", "open", "total",
    "fell_away", "budget_left",
}  # fmt: skip
RATES = {"rate", "annual_rate", "overdue_rate", "pd", "ratio", "share"}
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BY_NAME: dict[str, Any] = {
    **dict.fromkeys(AMOUNTS, "1000000.00"),
    **dict.fromkeys(RATES, "0.0350"),
    **dict.fromkeys(("sha256", "inputs_hash"), HASH),
    "state": "held", "status": "live", "unit": "CNY", "purpose": "credit_assessment", "kind": "invoice",
    "action": "note.issue", "uscc": "91330621M00MX3818J", "order_no": "SO-2026-0117", "bank_reference": "BK-20260108-001",
    "ref": "instant-loan-310@1", "scheme": "instant-loan-310@1", "loan_class": "pass", "size": "small", "role": "bank",
    "sector": "textile", "region": "浙江绍兴", "name": "宏源布业商行", "name_en": "Hongyuan Fabrics", "title": "链单",
    "title_en": "Chain note", "zh": "可以办理", "en": "It may go ahead", "code": "note.exceeds_invoice", "level": "A",
    "score": "86.00", "points": "8.00", "where": "backings", "detail": "The note exceeds its invoice",
    "instance": "/api/actions/note.issue", "type": "urn:jirong:problem:note.exceeds_invoice", "use": "working_capital",
}  # fmt: skip


def exemplify(schema: Any) -> None:
    """Give every property of the document's components an example, in place."""
    for component in schema["components"]["schemas"].values():
        for name, field in component.get("properties", {}).items():
            if not SAID & field.keys():
                found = example_of(name, field)
                if found is not None:
                    field["examples"] = [found]


SAID = {"example", "examples", "const", "enum", "$ref"}


def example_of(name: str, field: Any) -> Any:
    """An example of a field; None where its form is another component's, which has its own."""
    if "anyOf" in field:
        found = (example_of(name, each) for each in field["anyOf"] if each.get("type") != "null")
        return next((each for each in found if each is not None), None)
    for said in ("examples", "enum"):
        if field.get(said):
            return field[said][0]
    if "const" in field:
        return field["const"]
    if field.get("type") == "array":
        inner = example_of(name, field.get("items", {}))
        return None if inner is None else [inner]
    if "format" in field:
        return BY_FORMAT.get(field["format"])
    if field.get("type") == "string" and name in BY_NAME:
        return BY_NAME[name]
    return BY_TYPE.get(field.get("type", ""))
