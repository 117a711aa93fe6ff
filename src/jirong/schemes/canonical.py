"""One byte form for one meaning: what parties sign and what the version's hash is taken of.

Comments, layout, key order, quoting, shorthands and defaults written out make no difference; amounts, percentages
and spans are written one way. Within a grammar version a new optional key leaves old hashes as they were, because a
default is never written.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml

from jirong.schemes.grammar import record
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import Json

GRAMMAR = 1
"""Raised when the meaning of a default or of an existing word changes."""


def document(scheme: Scheme) -> dict[str, Json]:
    """The scheme as a JSON-safe document in the order of the grammar; reading it again gives an equal scheme."""
    written: dict[str, Json] = record(Scheme).write(scheme)
    return written


def canonical(scheme: Scheme) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces (RFC 8785 for this subset: ASCII keys, no fractions)."""
    body = {"grammar": GRAMMAR, "scheme": document(scheme)}
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(scheme: Scheme) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(scheme)).hexdigest()


def to_yaml(scheme: Scheme) -> str:
    """The scheme as YAML text, sections in the order of the grammar; what a form saves."""
    return yaml.dump(
        document(scheme), Dumper=_Plain, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110
    )


class _Plain(yaml.SafeDumper):
    """Every scalar as the text it is: the scheme's reader guesses no types, so quotes are needed only by YAML."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def ignore_aliases(self, data: object) -> bool:
        return True


def _scalar(dumper: yaml.SafeDumper, value: object) -> yaml.ScalarNode:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text)


for _type in (str, int, bool):
    _Plain.add_representer(_type, _scalar)
