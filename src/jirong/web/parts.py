"""Values that components draw: a room says *what* is so, the component how it looks.

A status is a sentence with its blocker, never a colour alone; ``tone`` only tints it: ``good``, ``wait``, ``bad`` or
``plain``. Labels are strings, lazy translations or :class:`Text`. Frozen, so that a value made once can be shown in
several places.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jirong.kernel.money import Money
from jirong.web.display import Label

TONES = ("plain", "good", "wait", "bad")


@dataclass(frozen=True)
class Status:
    """A sentence such as "待中登登记 · 还差登记号": what state it is in, and what it waits for."""

    state: Label
    blocker: Label = ""
    tone: str = "plain"

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"tone is one of {TONES}, not {self.tone!r}")


@dataclass(frozen=True)
class Action:
    """Something to do next. ``post`` sends a form instead of following a link; ``why_not`` shows it barred."""

    label: Label
    url: str = ""
    icon: str = ""
    post: bool = False
    why_not: Label = ""


@dataclass(frozen=True)
class Figure:
    """A labelled value; ``href`` leads to the rows behind it.

    ``kind``: ``text``, ``money``, ``summary`` (万元), ``rate`` (yearly), ``percent``, ``date``, ``moment``, ``hash``.
    """

    label: Label
    value: Any
    kind: str = "text"
    href: str = ""
    hint: Label = ""


@dataclass(frozen=True)
class Header:
    """The head of an object's page: what it is, how it stands, what to do next."""

    title: Label
    status: Status
    kind: Label = ""
    next_action: Action | None = None
    actions: Sequence[Action] = ()
    figures: Sequence[Figure] = ()


@dataclass(frozen=True)
class Crumb:
    label: Label
    url: str = ""


@dataclass(frozen=True)
class Tab:
    """One tab is one address, so that it can be linked, and works without script."""

    label: Label
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Entry:
    """One thing that happened: newest first in a timeline; ``receipt_url`` leads to its proof."""

    at: dt.datetime
    what: Label
    who: Label = ""
    detail: Label = ""
    tone: str = "plain"
    url: str = ""
    receipt_url: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Clause:
    """The text a rule rests on. ``verified`` false: nobody has read the original, and the screen says so."""

    text: Label
    citation: Label = ""
    effective: dt.date | None = None
    verified: bool = True
    url: str = ""


@dataclass(frozen=True)
class Finding:
    """One rule's result. ``verdict`` is ``pass``, ``warn`` (may go on) or ``bar`` (may not)."""

    rule: Label
    verdict: str
    reason: Label = ""
    inputs: Sequence[Figure] = ()
    clause: Clause | None = None
    remedy: Label = ""

    def __post_init__(self) -> None:
        if self.verdict not in ("pass", "warn", "bar"):
            raise ValueError(f"verdict is pass, warn or bar, not {self.verdict!r}")


@dataclass(frozen=True)
class Why:
    """An answer explained: the outcome in a sentence, each rule's finding, and what would change it."""

    outcome: Label
    findings: Sequence[Finding] = ()
    would_change: Sequence[Label] = ()
    inputs: Sequence[Figure] = ()
    tone: str = "plain"


@dataclass(frozen=True)
class Chart:
    """A drawing and its table twin, from one set of rows.

    ``kind`` is ``bar``, ``line``, ``stack``, ``share`` or ``flows`` (stacked bars, the last series a line on an axis of
    its own); ``columns`` are the labels (the first names the category);
    ``rows`` hold a category and one value a series: :class:`Money`, ``Decimal``, ``int`` or ``None`` for a gap.
    """

    name: str
    title: Label
    kind: str
    columns: Sequence[Label]
    rows: Sequence[Sequence[Any]]
    unit: Label = ""
    note: Label = ""

    @property
    def data_id(self) -> str:
        return f"{self.name}-data"


@dataclass(frozen=True)
class Strand:
    """A part of a divisible thing (a lot of a note) from its beginning at ``at``, out of ``parent``'s.

    ``amount`` is what it began with; its children take theirs out of it. ``who`` holds it, ``state`` says how it is.
    """

    key: str
    at: dt.date
    amount: Money
    who: Label
    parent: str | None = None
    state: Label = ""
    tone: str = "plain"
    url: str = ""


@dataclass(frozen=True)
class Signing:
    """What a person is about to sign, in words and as bytes.

    ``words`` are the sentences of the statement; ``statement`` its canonical bytes; ``findings`` the clause results;
    ``action_id`` the id the action will have, so that a repeat is the same action; ``grade`` is ``own`` where the
    party signs with its own key (``key_id``), ``platform`` where the platform signs for it.
    """

    title: Label
    words: Sequence[Label]
    statement: bytes
    action_id: str
    submit_url: str
    submit_label: Label
    grade: str = "platform"
    key_id: str = ""
    findings: Sequence[Finding] = ()
    fields: dict[str, str] = field(default_factory=dict)
    cancel_url: str = ""

    @property
    def is_barred(self) -> bool:
        """Whether a rule bars it, so that there is nothing to sign."""
        return any(finding.verdict == "bar" for finding in self.findings)
