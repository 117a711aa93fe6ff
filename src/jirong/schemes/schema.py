"""The published JSON Schema of the language, generated from the model.

Editors complete and check a scheme with it while it is typed; the parser remains the judge. ``schema.json`` beside
this file is the published copy, and a test holds it equal to what is generated here.
"""

from __future__ import annotations

import json
from importlib import resources

from jirong.schemes.grammar import record
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import Json

IDENTIFIER = "urn:jirong:scheme:1"


def generate() -> dict[str, Json]:
    """The schema (draft 2020-12): one definition a clause, titles in English and under ``x-title-zh`` in Chinese."""
    defs: dict[str, Json] = {}
    reference = record(Scheme).schema(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": IDENTIFIER,
        "title": "Jirong scheme",
        "x-title-zh": "集融方案",
        **reference,
        "$defs": dict(sorted(defs.items())),
    }


def text() -> str:
    """The generated schema as it is published."""
    return json.dumps(generate(), ensure_ascii=False, indent=1) + "\n"


def published() -> dict[str, Json]:
    """The published copy."""
    body: dict[str, Json] = json.loads(resources.files(__package__).joinpath("schema.json").read_text("utf-8"))
    return body
