"""The kinds of fact the house understands, and what a row of each must hold.

A kind is a table of fields: the same declaration reads a CSV header in Chinese or English, checks a value, writes the
API's schema, explains an error, says who may state it, and names the few numbers that features count. A trade
document has the seller as its subject and the buyer as its counterparty; the others are about one firm.
"""

from __future__ import annotations

from jirong.facts.kinds.business import BUSINESS
from jirong.facts.kinds.fields import FactKind, Field
from jirong.facts.kinds.official import OFFICIAL
from jirong.facts.kinds.special import SPECIAL
from jirong.facts.kinds.trade import ACCEPTANCE, DELIVERY, INVOICE, ORDER, TRADE, TRADE_KINDS
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

__all__ = [
    "ACCEPTANCE", "DELIVERY", "INVOICE", "KINDS", "ORDER", "TRADE_KINDS", "FactKind", "Field", "kind_of",
]  # fmt: skip

KINDS = {kind.code: kind for kind in (*TRADE, *OFFICIAL, *BUSINESS, *SPECIAL)}


def kind_of(name: str) -> FactKind:
    found = KINDS.get(name)
    if found is None:
        raise Invalid(
            "fact.unknown_kind",
            Text(f"不支持的数据类型“{name[:40]}”", f"There is no kind of fact “{name[:40]}”"),
            remedy=Text(f"可选：{'、'.join(KINDS)}", f"Choose one of: {', '.join(KINDS)}"),
            where="kind",
        )
    return found
