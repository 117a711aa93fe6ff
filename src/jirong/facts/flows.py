"""The four flows 四流 of a firm's trade compared: goods, papers, money and information should tell one story.

Pure. Papers are what was invoiced, goods what was delivered, money what came through the bank, information what a
platform recorded of sales (:mod:`jirong.facts.compared` reads them). Two flows that both exist are compared as a ratio with a band; a flow
that is missing is said to be missing, never taken as agreeing. Invoices that go in a circle are looked for too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from jirong.facts.match import Finding
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Flows:
    """Sums of one period in fen; ``None`` where there are no records at all (which is not zero)."""

    goods: int | None = None
    papers: int | None = None
    money: int | None = None
    information: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """The ratio of the first to the second may lie between ``low`` and ``high``; timing and tax explain that much."""

    low: Decimal = Decimal("0.80")
    high: Decimal = Decimal("1.25")


NAMES = {
    "goods": Text("货物流（送达货值）", "goods (value delivered)"),
    "papers": Text("票据流（开票金额）", "papers (invoiced)"),
    "money": Text("资金流（银行收款）", "money (received in the bank)"),
    "information": Text("信息流（平台记录销售）", "information (sales on record)"),
}
PAIRS = (("papers", "goods"), ("money", "papers"), ("information", "papers"), ("money", "goods"))


def compare(flows: Flows, band: Band | None = None) -> tuple[Finding, ...]:
    """One finding a flow that is missing, and one for each pair of flows that are there."""
    allowed = band or Band()
    missing = tuple(
        Finding(f"flows.no_{name}", False, Text(f"没有{title.zh}的记录", f"no record of {title.en}"), {})
        for name, title in NAMES.items()
        if getattr(flows, name) is None
    )
    return (*missing, *(found for pair in PAIRS if (found := _pair(flows, *pair, allowed)) is not None))


def _pair(flows: Flows, one: str, other: str, band: Band) -> Finding | None:
    this, that = getattr(flows, one), getattr(flows, other)
    if this is None or that is None:
        return None
    # Both nothing agree; something against nothing does not, whatever the band.
    ratio = Decimal(this) / Decimal(that) if that else None
    holds = band.low <= ratio <= band.high if ratio is not None else this == that
    shown = f"{ratio:.2f}" if ratio is not None else "—"
    a, b = NAMES[one], NAMES[other]
    return Finding(
        f"flows.{one}_{other}",
        holds,
        Text(
            f"{a.zh}为{b.zh}的{shown}倍，{'在' if holds else '不在'}{band.low}至{band.high}之间",
            f"{a.en} is {shown} times {b.en}, {'within' if holds else 'outside'} {band.low} to {band.high}",
        ),
        {one: this, other: that, "ratio": shown, "low": str(band.low), "high": str(band.high)},
    )


def rings(invoiced: Mapping[tuple[str, str], int], least: int = 3, most: int = 5) -> Iterable[tuple[str, ...]]:
    """Circles of ``least`` to ``most`` parties in which each invoices the next (amounts in fen by seller and buyer)
    within a fifth of the first amount; each circle once, from its smallest member.
    """
    buyers: dict[str, list[str]] = {}
    for seller, buyer in sorted(invoiced):
        if seller != buyer:
            buyers.setdefault(seller, []).append(buyer)
    for start in sorted(buyers):
        yield from _circles(start, (start,), buyers, invoiced, least, most)


def rings_of(
    party: str, invoiced: Mapping[tuple[str, str], int], least: int = 3, most: int = 5
) -> Iterable[tuple[str, ...]]:
    """The circles of :func:`rings` that ``party`` is in, each once and beginning with it."""
    buyers: dict[str, list[str]] = {}
    for seller, buyer in sorted(invoiced):
        if seller != buyer:
            buyers.setdefault(seller, []).append(buyer)
    yield from _circles(party, (party,), buyers, invoiced, least, most, among_all=True)


def _circles(
    start: str,
    path: tuple[str, ...],
    buyers: Mapping[str, list[str]],
    invoiced: Mapping[tuple[str, str], int],
    least: int,
    most: int,
    *,
    among_all: bool = False,
) -> Iterable[tuple[str, ...]]:
    for buyer in buyers.get(path[-1], ()):
        if not _alike(invoiced[path[-1], buyer], invoiced[start, path[1] if len(path) > 1 else buyer]):
            continue
        if buyer == start and len(path) >= least:
            yield path
        elif (among_all or buyer > start) and buyer not in path and len(path) < most:
            yield from _circles(start, (*path, buyer), buyers, invoiced, least, most, among_all=among_all)


def _alike(one: int, other: int) -> bool:
    return abs(one - other) * 5 <= max(one, other)
