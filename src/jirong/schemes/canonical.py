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

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.schemes import parse
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


def restore(raw: bytes) -> Scheme:
    """The scheme behind canonical bytes (JSON is YAML); raises :class:`Invalid` on anything else.

    Names in tables come back in alphabetical order, which means nothing: levels are ranked by ``levels`` or by score.
    """
    try:
        body = json.loads(raw)
        text = json.dumps(body["scheme"], ensure_ascii=False)
    except (ValueError, KeyError, TypeError):
        raise Invalid(
            "scheme.not_canonical",
            Text("这不是方案的规范形式", "This is no canonical form of a scheme"),
            remedy=Text("请使用发布时保存的字节", "Use the bytes kept at publication"),
        ) from None
    return parse.parse(text)


def as_published(text: str, raw: bytes) -> Scheme:
    """The scheme of a published version, with the lines and the comments of its text; without them where the text, read
    by today's grammar, is no longer what was signed.
    """
    found = parse.read(text).scheme
    return found if found is not None and canonical(found) == raw else restore(raw)


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
