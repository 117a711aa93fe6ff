"""Who pays whom and who bears what, as data for a drawing."""

from __future__ import annotations

from pathlib import Path

import pytest

from jirong.schemes import parse
from jirong.schemes.diagram import diagram
from jirong.schemes.kinds import KINDS
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.new import template

CATALOGUE = sorted((Path(__file__).parents[2] / "catalogue" / "schemes").glob("*.yaml"))


def test_the_flows_of_a_loan(scheme: Scheme) -> None:
    """
    parties: {borrower: firm, lender: bank, pool: risk_pool, gov: government, vendor: provider, platform: platform}
    uses: {allowed: [equipment], pay: entrusted, to: vendor}
    security: [{pledge: stock, by: borrower}]
    pools: {pool: {size: 100.00, funded: [{by: gov, share: 100%}]}}
    income: [{from: lender, to: platform, rate_bp: 10, of: disbursed}]
    subsidy: [{from: gov, to: borrower, pays: 50%, of: interest, budget: 1000.00}]
    triggers: [{level: 3, when: [{feature: overdue_12m, at_least: 3}], then: [{pay_loss: [30%, 50%], by: gov}]}]
    - repaid_from
    """
    drawn = diagram(scheme)
    assert [(node.id, node.role) for node in drawn.nodes] == list(scheme.parties.items())
    assert [(e.source, e.target, e.kind, e.label.zh, e.line) for e in drawn.edges] == [
        ("lender", "vendor", "pays", "受托支付", 2),
        ("lender", "borrower", "promises", "贷款", 28),
        ("borrower", "lender", "repays", "还本付息", 28),
        ("borrower", "lender", "secures", "存货", 3),
        ("gov", "pool", "funds", "100%", 4),
        ("pool", "lender", "bears", "40%", 33),
        ("gov", "borrower", "bears", "30%、50%", 7),
        ("lender", "platform", "shares", "放款额", 5),
        ("gov", "borrower", "subsidises", "利息", 6),
    ]


@pytest.mark.parametrize(
    "text", [file.read_text(encoding="utf-8") for file in CATALOGUE] + [template(k) for k in KINDS]
)
def test_every_edge_joins_two_declared_parties(text: str) -> None:
    scheme = parse.parse(text)
    drawn = diagram(scheme).as_dict()
    ends = {node["id"] for node in drawn["nodes"]}
    assert ends == set(scheme.parties)
    assert all({edge["source"], edge["target"]} <= ends and edge["label"]["zh"] for edge in drawn["edges"])
    assert drawn["edges"]


OWED = {
    "hardware-machines": ("lessee", "lessor"),
    "textile-chain-note": ("issuer", "holder"),
    "furniture-upgrade-loan": ("borrower", "lender"),
    "textile-lot-discount": ("issuer", "funder"),
}


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: file.stem)
def test_what_is_repaid_goes_to_who_is_owed(file: Path) -> None:
    scheme = parse.parse(file.read_text(encoding="utf-8"))
    repaid = [edge for edge in diagram(scheme).edges if edge.kind == "repays"]
    kind = KINDS[scheme.instrument.kind]
    assert all(edge.source != edge.target for edge in repaid)
    assert {edge.target for edge in repaid} <= {kind.payer, kind.receiver}
    if file.stem in OWED:
        assert {(edge.source, edge.target) for edge in repaid} == {OWED[file.stem]}
