"""Who pays whom and who bears what: nodes and edges, as data for a drawing.

Each edge carries the sentence it stands for and its line, so that a click on the drawing leads to the clause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.explain import conduct, phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.grammar import Clause
from jirong.schemes.kinds import KINDS, LENDING
from jirong.schemes.model.conduct import GuaranteeGiven, Pledge
from jirong.schemes.model.responses import PayInterest, PayLoss
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import NOTHING_KNOWN, Registry


@dataclass(frozen=True, slots=True)
class Node:
    """A party: ``id`` is its name in the scheme."""

    id: str
    title: Text
    role: str


@dataclass(frozen=True, slots=True)
class Edge:
    """``kind``: ``pays``, ``repays``, ``bears``, ``funds``, ``secures``, ``shares``, ``subsidises``, ``promises``."""

    source: str
    target: str
    kind: str
    label: Text
    line: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """The drawing's data; every edge's ends are among the nodes."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form for a graph drawing."""
        return {
            "nodes": [{"id": node.id, "title": node.title.as_dict(), "role": node.role} for node in self.nodes],
            "edges": [
                {"source": e.source, "target": e.target, "kind": e.kind, "label": e.label.as_dict(), "line": e.line}
                for e in self.edges
            ],
        }


_PROMISING = ("chain_note", "guarantee", "policy", "pool_stake")
_FUNDING = (*LENDING, "discount", "equity_right")
"""Kinds whose payer is owed what it paid; in the others the payer is the one who owes."""
_AGREED = Text("约定账户的按期付款", "payments when due from the agreed account")


def diagram(scheme: Scheme, registry: Registry = NOTHING_KNOWN) -> Diagram:
    """Nodes in the order declared; edges in the order of the clauses. Edges to undeclared parties are left out."""
    names = Names(scheme, registry)
    nodes = tuple(Node(name, names.party(name), role) for name, role in scheme.parties.items())
    drawn = (*_contract(scheme), *_money(scheme, names), *_losses(scheme), *_sharing(scheme))
    return Diagram(nodes, tuple(e for e in drawn if e.source in scheme.parties and e.target in scheme.parties))


def ends(scheme: Scheme) -> tuple[str, str]:
    """Who pays or promises, and to whom."""
    kind = KINDS[scheme.instrument.kind]
    return kind.payer, kind.receiver


def owed(scheme: Scheme) -> tuple[str, str]:
    """Who is owed and who owes: a lender and a borrower, a lessor and a lessee, a note's holder and its issuer."""
    kind = KINDS[scheme.instrument.kind]
    if scheme.instrument.kind in _FUNDING:
        return kind.payer, kind.receiver
    return kind.receiver, kind.applicant


def _edge(source: str, target: str, kind: str, label: Text, clause: Clause) -> Edge:
    return Edge(source, target, kind, label, clause.spot.mark.line)


def _contract(scheme: Scheme) -> Iterator[Edge]:
    found = scheme.instrument
    source, target = ends(scheme)
    kind = "promises" if found.kind in _PROMISING else "pays"
    if scheme.uses and scheme.uses.to:
        entrusted = Text("受托支付", "entrusted payment")
        yield _edge(source, scheme.uses.to, "pays", entrusted, scheme.uses)
        yield _edge(source, target, "promises", vocabulary.KIND[found.kind], found)
    else:
        yield _edge(source, target, kind, vocabulary.KIND[found.kind], found)


def _money(scheme: Scheme, names: Names) -> Iterator[Edge]:
    lender, borrower = owed(scheme)
    for source in scheme.repaid_from:
        lends = source.how != "fixed" or scheme.instrument.kind in LENDING
        said = vocabulary.REPAID_FROM[source.how] if lends else _AGREED
        yield _edge(source.by or borrower, lender, "repays", said, source)
    if not scheme.repaid_from and scheme.instrument.kind in LENDING:
        yield _edge(borrower, lender, "repays", Text("还本付息", "principal and interest"), scheme.instrument)
    for item in scheme.security if isinstance(scheme.security, tuple) else ():
        if isinstance(item, Pledge | GuaranteeGiven):
            said = vocabulary.PLEDGE[item.pledge] if isinstance(item, Pledge) else conduct.security_phrase(item, names)
            yield _edge(item.by, lender, "secures", said, item)


def _losses(scheme: Scheme) -> Iterator[Edge]:
    lender, _ = owed(scheme)
    _, borrower = ends(scheme)
    for name, pool in (scheme.pools or {}).items():
        for item in pool.funded:
            yield _edge(item.by, name, "funds", phrases.rate(item.share), item)
    found = scheme.losses
    for bearer in (found.borne or ()) if found else ():
        if bearer.by != lender:
            yield _edge(bearer.by, lender, "bears", phrases.rate(bearer.share), bearer)
    for number, layer in enumerate((found.layers or ()) if found else (), start=1):
        if layer.by != lender:
            yield _edge(layer.by, lender, "bears", Text(f"第{number}层", f"layer {number}"), layer)
    for response in (item for trigger in scheme.triggers for item in trigger.then):
        if isinstance(response, PayLoss | PayInterest):
            kind = "bears" if isinstance(response, PayLoss) else "subsidises"
            said = phrases.listed([phrases.rate(s) for s in _shares(response)], last="to")
            yield _edge(response.by, borrower, kind, said, response)


def _shares(response: PayLoss | PayInterest) -> tuple[Decimal, ...]:
    return response.pay_loss if isinstance(response, PayLoss) else (response.pay_interest,)


def _sharing(scheme: Scheme) -> Iterator[Edge]:
    for item in scheme.income:
        yield _edge(item.from_, item.to, "shares", vocabulary.INCOME_OF[item.of], item)
    for subsidy in scheme.subsidy:
        yield _edge(subsidy.from_, subsidy.to, "subsidises", vocabulary.SUBSIDY_OF[subsidy.of], subsidy)
