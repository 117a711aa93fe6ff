"""What a schema found wrong in a request, as one refusal that names every place.

The commonest findings are said in both languages; the rest keep the schema's own words. ``details.errors`` lists
each place (``body.amount``) with its sentence and the schema's code for machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

ERRORS_MAX = 20

SENTENCES = {
    "missing": Text("必填", "is required"),
    "extra_forbidden": Text("不认识这一项", "is not a known member"),
    "string_type": Text("须为文本", "must be text"),
    "string_too_long": Text("过长，最多 {max_length} 个字符", "is longer than {max_length} characters"),
    "string_too_short": Text("过短，至少 {min_length} 个字符", "is shorter than {min_length} characters"),
    "string_pattern_mismatch": Text("格式不符 {pattern}", "does not match {pattern}"),
    "int_type": Text("须为整数", "must be a whole number"),
    "int_parsing": Text("须为整数", "must be a whole number"),
    "bool_type": Text("须为 true 或 false", "must be true or false"),
    "bool_parsing": Text("须为 true 或 false", "must be true or false"),
    "list_type": Text("须为列表", "must be a list"),
    "dict_type": Text("须为对象", "must be an object"),
    "model_attributes_type": Text("须为对象", "must be an object"),
    "uuid_parsing": Text("须为 UUID", "must be a UUID"),
    "uuid_type": Text("须为 UUID", "must be a UUID"),
    "date_from_datetime_parsing": Text("须为 2026-07-07 格式的日期", "must be a date like 2026-07-07"),
    "date_parsing": Text("须为 2026-07-07 格式的日期", "must be a date like 2026-07-07"),
    "date_type": Text("须为 2026-07-07 格式的日期", "must be a date like 2026-07-07"),
    "greater_than": Text("须大于 {gt}", "must be more than {gt}"),
    "greater_than_equal": Text("须不小于 {ge}", "must be at least {ge}"),
    "less_than": Text("须小于 {lt}", "must be less than {lt}"),
    "less_than_equal": Text("须不大于 {le}", "must be at most {le}"),
    "literal_error": Text("须为 {expected} 之一", "must be one of {expected}"),
    "enum": Text("须为 {expected} 之一", "must be one of {expected}"),
}


def from_validation(errors: Sequence[dict[str, Any]]) -> Invalid:
    """One refusal for all that ninja's validation found."""
    found = [_one(error) for error in errors[:ERRORS_MAX]]
    zh = "；".join(f"{where} {sentence.zh}" for where, sentence, _ in found[:3])
    en = "; ".join(f"{where} {sentence.en}" for where, sentence, _ in found[:3])
    return Invalid(
        "request.invalid",
        Text(f"请求内容有 {len(errors)} 处不合要求：{zh}", f"{len(errors)} part(s) of the request are wrong: {en}"),
        remedy=Text("请按 details.errors 逐处改正", "Mend each place listed in details.errors"),
        where=found[0][0] if found else None,
        details={"errors": [{"where": place, **words.as_dict(), "type": kind} for place, words, kind in found]},
    )


def _one(error: dict[str, Any]) -> tuple[str, Text, str]:
    kind = str(error.get("type", "value_error"))
    place = [str(step) for step in error.get("loc", ())]
    # Ninja names the parameter that holds the body after its source; the caller never sees that name.
    where = ".".join(place[:1] + place[2:] if place[:1] == ["body"] and len(place) > 2 else place)
    message = str(error.get("msg", kind))
    template = SENTENCES.get(kind)
    if template is None:
        return where, Text(message, message), kind
    values = {str(name): value for name, value in (error.get("ctx") or {}).items()}
    try:
        return where, template.format(**values), kind
    except KeyError:
        return where, Text(message, message), kind
