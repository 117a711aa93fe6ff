"""Three-way match 三单匹配: the order, what was delivered and accepted, and the invoice say the same.

Pure. Quantities are compared by sum over one order: accepted ≤ delivered ≤ ordered and invoiced ≤ accepted, each
within a tolerance; the invoice's unit price against the order's; the dates in their order. Every comparison is a
finding with its figures, held or not, so that the screen can show why a match stands as well as why it fails.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Relative tolerances; the defaults are the usual 溢短装 of the trade and a rounding of the price."""

    quantity: Decimal = Decimal("0.02")
    price: Decimal = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Document:
    """What a match needs of a document; ``amount_minor`` is gross and ``None`` for deliveries and acceptances.

    ``doubt``: ``disputed`` or ``contradictory``, and it matches nothing; ``unconfirmed`` is an acceptance that the
    seller alone states, which does not count.
    """

    kind: str
    key: str
    on: datetime.date
    quantity: Decimal
    amount_minor: int | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    holds: bool
    text: Text
    inputs: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "holds": self.holds, "text": self.text.as_dict(), "inputs": dict(self.inputs)}


@dataclass(frozen=True, slots=True)
class Match:
    """``accepted_on`` is the day the last accepted delivery was accepted (the clock of 支付条例 10 starts there)."""

    findings: tuple[Finding, ...]
    accepted_on: datetime.date | None

    @property
    def holds(self) -> bool:
        return all(finding.holds for finding in self.findings)


def three_way(documents: Sequence[Document], tolerance: Tolerance | None = None) -> Match:
    """Match all documents of one order, corrections already applied and one row a document."""
    allowed = tolerance or Tolerance()
    counted = [d for d in documents if d.doubt != "unconfirmed"]
    by_kind = {k: [d for d in counted if d.kind == k] for k in ("order", "delivery", "acceptance", "invoice")}
    present = [_present(kind, len(found)) for kind, found in by_kind.items()]
    present += [_questioned(d) for d in documents if d.doubt and (d.doubt in QUESTIONED or not by_kind["acceptance"])]
    if not all(finding.holds for finding in present):
        return Match(tuple(present), _last(by_kind["acceptance"]))
    ordered, delivered, accepted, invoiced = (sum((d.quantity for d in by_kind[k]), Decimal(0)) for k in by_kind)
    quantities = (("delivered", delivered, "ordered", ordered), ("accepted", accepted, "delivered", delivered),
                  ("invoiced", invoiced, "accepted", accepted))  # fmt: skip
    findings = [
        *present,
        *(_within(name, value, of_name, of, allowed.quantity) for name, value, of_name, of in quantities),
        _price(by_kind["order"], by_kind["invoice"], allowed.price),
        _dates(by_kind["order"], by_kind["acceptance"]),
    ]
    return Match(tuple(findings), _last(by_kind["acceptance"]))


NAMES = {
    "order": Text("订单", "order"),
    "delivery": Text("发货单", "delivery"),
    "acceptance": Text("验收单", "acceptance"),
    "invoice": Text("发票", "invoice"),
}


def _present(kind: str, count: int) -> Finding:
    name = NAMES[kind]
    text = Text(f"有{name.zh}{count}份", f"{count} {name.en} document(s)") if count else Text(
        f"缺少{name.zh}", f"no {name.en} on file"
    )  # fmt: skip
    return Finding(f"match.has_{kind}", count > 0, text, {"count": count})


QUESTIONED = {
    "disputed": Text("有异议，来源尚未答复", "is disputed and not answered yet"),
    "contradictory": Text("由两个来源提交，内容不同", "is stated otherwise by two sources"),
}
UNCONFIRMED = Text("只由卖方提交，须买方确认", "is stated by the seller alone, and wants the buyer's word")


def _questioned(document: Document) -> Finding:
    """A document that counts for nothing, and why."""
    name, why = NAMES[document.kind], QUESTIONED.get(document.doubt, UNCONFIRMED)
    text = Text(f"{name.zh}{document.key}{why.zh}", f"{name.en} {document.key} {why.en}")
    return Finding(f"match.{document.doubt}", False, text, {"kind": document.kind, "key": document.key})


QUANTITIES = {
    "ordered": Text("订单数量", "ordered"),
    "delivered": Text("发货数量", "delivered"),
    "accepted": Text("验收数量", "accepted"),
    "invoiced": Text("开票数量", "invoiced"),
}


def _within(name: str, value: Decimal, of_name: str, of: Decimal, tolerance: Decimal) -> Finding:
    holds = value <= of * (1 + tolerance)
    this, that = QUANTITIES[name], QUANTITIES[of_name]
    return Finding(
        f"match.{name}",
        holds,
        Text(
            f"{this.zh}{value:f}{'未超过' if holds else '超过'}{that.zh}{of:f}（容差{tolerance:.1%}）",
            f"{this.en} {value:f} is {'within' if holds else 'more than'} {that.en} {of:f} (tolerance {tolerance:.1%})",
        ),
        {name: format(value, "f"), of_name: format(of, "f"), "tolerance": str(tolerance)},
    )


def _price(orders: Sequence[Document], invoices: Sequence[Document], tolerance: Decimal) -> Finding:
    """Gross unit price of the invoices against the orders'."""
    agreed, asked = _unit_price(orders), _unit_price(invoices)
    holds = agreed > 0 and abs(asked - agreed) <= agreed * tolerance
    return Finding(
        "match.price",
        holds,
        Text(
            f"开票单价{asked:.4f}与订单单价{agreed:.4f}{'相符' if holds else '不符'}",
            f"invoiced unit price {asked:.4f} {'agrees' if holds else 'disagrees'} with the ordered {agreed:.4f}",
        ),
        {"invoiced": str(asked), "ordered": str(agreed), "tolerance": str(tolerance)},
    )


def _unit_price(documents: Sequence[Document]) -> Decimal:
    quantity = sum((d.quantity for d in documents), Decimal(0))
    amount = sum(d.amount_minor or 0 for d in documents)
    return (Decimal(amount) / 100 / quantity).quantize(Decimal("0.000001")) if quantity else Decimal(0)


def _dates(orders: Sequence[Document], acceptances: Sequence[Document]) -> Finding:
    ordered, accepted = min(d.on for d in orders), min(d.on for d in acceptances)
    holds = ordered <= accepted
    return Finding(
        "match.dates",
        holds,
        Text(
            f"验收日{accepted}{'不早于' if holds else '早于'}订单日{ordered}",
            f"accepted on {accepted}, {'not before' if holds else 'before'} the order of {ordered}",
        ),
        {"accepted": accepted.isoformat(), "ordered": ordered.isoformat()},
    )


def _last(documents: Sequence[Document]) -> datetime.date | None:
    return max((d.on for d in documents), default=None)
