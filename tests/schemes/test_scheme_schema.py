"""The published JSON Schema is the one the model generates, and accepts what the parser accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from jirong.schemes import canonical, parse, schema
from jirong.schemes.kinds import KINDS
from jirong.schemes.new import template

CATALOGUE = sorted((Path(__file__).parents[2] / "catalogue" / "schemes").glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(schema.published())


class Editor(yaml.SafeLoader):
    """How an editor reads YAML 1.2: numbers and booleans, no dates."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def as_edited(text: str) -> Any:
    return yaml.load(text, Loader=Editor)


def test_the_published_copy_is_the_generated_one() -> None:
    published = Path(schema.__file__).with_name("schema.json").read_text(encoding="utf-8")
    assert published == schema.text(), "write it anew: jirong scheme schema > src/jirong/schemes/schema.json"


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.generate())


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: file.stem)
def test_it_accepts_every_scheme_of_the_catalogue(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    VALIDATOR.validate(as_edited(text))
    VALIDATOR.validate(canonical.document(parse.parse(text)))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_it_accepts_every_template(kind: str) -> None:
    VALIDATOR.validate(as_edited(template(kind)))


@pytest.mark.parametrize(
    "broken",
    [
        {"vehicle": "bank loan"},
        {"when_missing": "refuse"},
        {"eligibel": []},
        {"limit": {"part": 0.3, "of": "revenue_12m"}},
        {"limit": {"amount": "10万"}},
        {"limit": {"amount": 5, "part": "3%", "of": "x"}},
        {"eligible": [{"feature": "x", "at_least": 1, "at_most": 2}]},
        {"eligible": [{"feature": "x"}]},
        {"instrument": {"kind": "loan", "repay": "annuity"}},
        {"instrument": {"kind": "loan", "repay": "annuity", "tenor": "12"}},
        {"effective": "2026/01/01"},
        {"version": 0},
        {"title": {"zh": "只有中文"}},
    ],
    ids=json.dumps,
)
def test_it_refuses_what_the_parser_refuses(broken: dict[str, Any]) -> None:
    body = {**canonical.document(parse.parse(template("loan"))), **broken}
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(body)
    assert parse.read(yaml.safe_dump(body, allow_unicode=True)).scheme is None


def test_every_field_has_a_title_in_both_languages() -> None:
    untitled = [
        f"{name}.{key}"
        for name, definition in schema.generate()["$defs"].items()
        for form in (definition, *definition.get("anyOf", ()))
        for key, field in form.get("properties", {}).items()
        if name != "Text" and field.get("title") == field.get("x-title-zh") and key != "lpr"
    ]
    assert untitled == []
