"""A changed sentence as two, with the words that differ marked, so that a long clause need not be read twice.

Words are Latin words, figures, or single Chinese characters; a sentence most of which differs is marked as a whole.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from jirong.schemes.diff import Change
from jirong.web import display

WORD = re.compile(r"[A-Za-z0-9.,%_@-]*[A-Za-z0-9%]|\s+|.", re.DOTALL)
ALIKE_LEAST = 0.4
WORDS_MAX = 1_500
"""Longer pairs are marked as a whole: comparing them word by word could take seconds."""
OPENINGS = ("改：", "Changed: ")
ARROW = " → "

Pieces = tuple[tuple[str, bool], ...]
"""Text with whether it is marked."""


@dataclass(frozen=True)
class Told:
    """A change for the page; ``before`` and ``after`` only where it is one sentence that became another."""

    kind: str
    line_before: int
    line_after: int
    said: str
    before: Pieces = ()
    after: Pieces = ()


def told(changes: Sequence[Change]) -> list[Told]:
    """Changes in the reader's language."""
    return [_told(change) for change in changes]


def _told(change: Change) -> Told:
    said = display.say(change.text)
    opening = next((each for each in OPENINGS if said.startswith(each)), "")
    halves = said.removeprefix(opening).split(ARROW)
    before, after = compared(*halves) if opening and len(halves) == 2 else ((), ())
    return Told(change.kind, change.line_before, change.line_after, said, before, after)


def compared(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces; joined again they are what was given."""
    one, other = WORD.findall(before), WORD.findall(after)
    if len(one) + len(other) > WORDS_MAX:
        return ((before, True),), ((after, True),)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < ALIKE_LEAST:
        return ((before, True),), ((after, True),)
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for tag, start, end, begin, stop in matcher.get_opcodes():
        left.append(("".join(one[start:end]), tag != "equal"))
        right.append(("".join(other[begin:stop]), tag != "equal"))
    return tuple(piece for piece in left if piece[0]), tuple(piece for piece in right if piece[0])
