"""How long a text may be, said once: at the argument of the action that takes it.

``name: Annotated[str, Length(1, 200)]`` is read in three places: the action refuses what does not fit before anything
is written, the API's document tells it, and a test holds it against the column that keeps the text.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Length:
    """From ``at_least`` to ``at_most`` characters, blanks at the ends not counted for the least."""

    at_least: int
    at_most: int

    def check(self, value: str, where: str) -> None:
        """Raise :class:`Invalid` (``text.length``) unless ``value`` fits."""
        if self.at_least <= len(value.strip()) and len(value) <= self.at_most:
            return
        raise Invalid(
            "text.length",
            Text(
                f"应为{self.at_least}至{self.at_most}个字符，现为{len(value.strip())}个",
                f"{self.at_least} to {self.at_most} characters are expected, not {len(value.strip())}",
            ),
            remedy=Text("请缩短或补全后重新提交", "Shorten or complete it and send it again"),
            where=where,
        )


def lengths(hints: Mapping[str, Any]) -> dict[str, Length]:
    """The lengths that annotations (``typing.get_type_hints(…, include_extras=True)``) state, by argument."""
    found = {name: _length(hint) for name, hint in hints.items()}
    return {name: length for name, length in found.items() if length is not None}


def _length(hint: Any) -> Length | None:
    """Of an annotation, or of one member of a union (``Annotated[str, Length(…)] | None``)."""
    said = [note for note in getattr(hint, "__metadata__", ()) if isinstance(note, Length)]
    if said:
        return said[0]
    inner = [found for found in map(_length, typing.get_args(hint)) if found]
    return inner[0] if len(inner) == 1 and typing.get_origin(hint) is not list else None
