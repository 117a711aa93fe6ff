"""Declares in the OpenAPI document the errors every operation can answer, with an example each."""

from __future__ import annotations

from typing import Any

from jirong.kernel.errors import Conflict, Refusal
from jirong.kernel.text import Text
from jirong.web import problem
from jirong.web.invalid import from_validation

_TEXT = {
    "type": "object",
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
    "required": ["zh", "en"],
}

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457 problem details. title and detail are in the language accepted; reason, remedy and "
    "clause are in both.",
    "properties": {
        "type": {"type": "string", "description": "urn:jirong:problem:<code>"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "description": "Stable and dotted, such as note.exceeds_invoice."},
        "reason": _TEXT,
        "remedy": _TEXT,
        "clause": _TEXT,
        "where": {"type": "string", "description": "The field, line or row concerned."},
        "details": {"type": "object"},
    },
    "required": ["type", "title", "status", "detail", "code", "reason"],
}

_CONFLICT = Conflict(
    "action.another_body",
    Text("该编号已用于另一内容的操作", "This id was already used with another body"),
    remedy=Text("请换一个新的编号", "Use a new id"),
)

EXAMPLES: dict[int, Refusal] = {
    400: problem.GENERIC[400],
    401: problem.GENERIC[401],
    403: problem.GENERIC[403],
    404: problem.GENERIC[404],
    405: problem.GENERIC[405],
    409: _CONFLICT,
    413: problem.GENERIC[413],
    422: from_validation([{"type": "missing", "loc": ("body", "amount"), "msg": "Field required"}]),
    429: problem.GENERIC[429],
    500: problem.defect("0f3a9c21b7de"),
    503: problem.GENERIC[503],
}


def declare_errors(schema: Any) -> None:
    """Add the problem schema, one response a status, and a reference to each in every operation without its own."""
    components = schema["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["responses"] = {f"Problem{status}": _response(status) for status in EXAMPLES}
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status in EXAMPLES:
                reference = {"$ref": f"#/components/responses/Problem{status}"}
                if status not in operation["responses"] and str(status) not in operation["responses"]:
                    operation["responses"][status] = reference


def _response(status: int) -> dict[str, Any]:
    return {
        "description": problem.TITLES[status].en,
        "content": {
            problem.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": problem.body(EXAMPLES[status], "en", status=status),
            }
        },
    }
