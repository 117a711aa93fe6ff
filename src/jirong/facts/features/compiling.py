"""The features' SQL for PostgreSQL, compiled from Ibis once and kept beside the code.

The site answers within a second and starts without Ibis: it reads ``online.json``, picks what the asked features
need, and fills in firm, days and record time. ``jirong facts compile`` writes the file anew, and a
test holds the file equal to what the expressions compile to.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import ibis
import sqlglot
from sqlglot import expressions as sql

from jirong.facts.features import expressions
from jirong.facts.features.catalogue import FEATURES
from jirong.facts.features.parts import MEMBERSHIP

FILE = Path(__file__).with_name("online.json")
SUBJECT = "00000000-0000-0000-0000-0000facade00"


def compiled() -> dict[str, Any]:
    """``kinds``: for each the rows that count and its parts' aggregates; ``features``: each value over the parts."""
    needed = expressions.parts_of(FEATURES.values())
    when = expressions.Marks()
    return {
        "kinds": {kind: _kind(kind, parts, when) for kind, parts in sorted(needed.items())},
        "features": _features(needed, when),
    }


def _kind(kind: str, parts: dict[str, Any], when: expressions.Marks) -> dict[str, Any]:
    subject = ibis.literal(SUBJECT, type="uuid")
    if kind == MEMBERSHIP:
        table = ibis.table(expressions.MEMBERS, name=expressions.MEMBERSHIP_TABLE)
        rows = expressions.members(table.filter(table.party_id == subject), when)
    else:
        tally = ibis.table(expressions.TALLY, name=expressions.TALLY_TABLE)
        rows = expressions.standing(tally.filter(tally.subject_id == subject), kind, when)
    query = _parsed(expressions.aggregates(rows, kind, parts.values(), when))
    columns = {item.alias: _text(item.this) for item in query.expressions if isinstance(item, sql.Alias)}
    return {"rows": _text(query.args["from_"].this), "columns": dict(sorted(columns.items()))}


def _features(needed: dict[str, dict[str, Any]], when: expressions.Marks) -> dict[str, str]:
    schema = {name: expressions.part_type(part) for parts in needed.values() for name, part in parts.items()}
    table = ibis.table(ibis.schema(schema), name="parts")
    found = {}
    for code, feature in sorted(FEATURES.items()):
        if not feature.given:
            query = _parsed(table.select(value=expressions.value(feature, table, when)))
            assert isinstance(query.expressions[0], sql.Alias)
            found[code] = _text(query.expressions[0].this)
    return found


def _parsed(expression: Any) -> sql.Select:
    found = sqlglot.parse_one(ibis.to_sql(expression, dialect="postgres"), dialect="postgres")
    assert isinstance(found, sql.Select)
    return found


def _text(node: sql.Expression) -> str:
    """The SQL with every mark as a named parameter of psycopg."""
    said = node.sql(dialect="postgres").replace("%", "%%")
    said = re.sub(r"= CAST\('" + SUBJECT + r"' AS UUID\)", "= ANY(%(subjects)s)", said)
    return re.sub(r"'@(\w+)'", r"%(\1)s", said)


def text() -> str:
    return json.dumps(compiled(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
