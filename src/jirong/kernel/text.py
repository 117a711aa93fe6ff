"""A sentence in Chinese and English, carried as one value.

Pure rooms cannot ask who is reading, so whatever they say to a person (an error, a reason, a clause) is a
:class:`Text` with both languages; the page or the API picks one at the edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in two languages; neither may be empty."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh or not self.en:
            raise ValueError(f"a Text needs both languages: zh={self.zh!r}, en={self.en!r}")

    def in_language(self, language: str) -> str:
        """``zh`` and its variants (``zh-hans``) give Chinese, everything else English."""
        return self.zh if language.lower().startswith("zh") else self.en

    def format(self, **values: object) -> Text:
        """Fill ``{name}`` placeholders in both languages; a :class:`Text` value is filled in its own language."""
        zh = {k: v.zh if isinstance(v, Text) else v for k, v in values.items()}
        en = {k: v.en if isinstance(v, Text) else v for k, v in values.items()}
        return Text(self.zh.format(**zh), self.en.format(**en))

    def as_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Text:
        return cls(zh=str(value["zh"]), en=str(value["en"]))

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"
