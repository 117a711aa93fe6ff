"""Text to :class:`Scheme`, with every mistake reported at its line and column.

:func:`read` never raises on bad input: it answers the findings, and a scheme when none of them is an error. A
document with mistakes still yields a *draft* where enough of it could be read, so that the checker can speak about
the rest in the same breath.
"""

from __future__ import annotations

from dataclasses import dataclass

from jirong.kernel.text import Text
from jirong.schemes import document, findings
from jirong.schemes.document import Mapped, Scalar
from jirong.schemes.findings import Finding
from jirong.schemes.grammar import record
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import BAD, Reader


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a text: ``draft`` is whatever could be read, ``spoiled`` the paths that could not."""

    draft: Scheme | None
    findings: tuple[Finding, ...]
    spoiled: frozenset[str] = frozenset()

    @property
    def scheme(self) -> Scheme | None:
        """The scheme, only if nothing was wrong with its form."""
        return None if findings.errors(self.findings) else self.draft


def read(text: str | bytes) -> Reading:
    """Read one scheme; bad input gives findings, never an exception."""
    loaded = document.load(text)
    if isinstance(loaded, Finding):
        return Reading(None, (loaded,))
    root = loaded.root
    if not isinstance(root, Mapped):
        return Reading(None, (_not_a_scheme(root),))
    reader = Reader(loaded.comments, currency=_currency(root))
    value = record(Scheme).read(root, reader, "")
    draft = None if value is BAD else value
    return Reading(draft, tuple(findings.in_order(reader.found)), frozenset(reader.spoiled))


def parse(text: str | bytes) -> Scheme:
    """Read one scheme; raises :class:`~jirong.kernel.errors.Invalid` carrying every finding on bad input."""
    reading = read(text)
    if reading.scheme is None:
        raise findings.refusal(list(reading.findings))
    return reading.scheme


def _currency(root: Mapped) -> str:
    """The currency is needed to read amounts, so it is looked up before the rest."""
    for key, node in root.entries:
        if key.text == "currency" and isinstance(node, Scalar):
            return node.text.strip()
    return "CNY"


def _not_a_scheme(root: document.Tree) -> Finding:
    return findings.error(
        "scheme.not_a_scheme",
        root.mark,
        "",
        Text("这不是一个方案：最外层应为“键: 值”", "This is no scheme: the outermost level must be “key: value”"),
        Text("请从模板开始：jirong scheme new 文件名", "Begin from a template: jirong scheme new FILE"),
    )
