"""Who bears a loan's loss, to the fen, before anybody signs: the waterfall as the scheme of the contract has it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from jirong.engine import waterfall
from jirong.financing import bearing, deciding, means, queries
from jirong.financing.models import Loan
from jirong.financing.pages import shared
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.schemes.explain.phrases import Names
from jirong.schemes.model.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Part:
    """One party's part: ``names`` are what the scheme calls it, ``excess_minor`` what it pays for capped bearers,
    ``free_minor`` what a bearer "up to its means" still has (``None``: no cap).
    """

    party: uuid.UUID
    who: Text
    names: Text
    minor: int
    excess_minor: int = 0
    free_minor: int | None = None
    width: str = "0%"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A loss and its parts, which sum to it."""

    loss_minor: int
    parts: Sequence[Part]
    final: bool

    @property
    def words(self) -> list[Text]:
        whole = Money(self.loss_minor).grouped()
        said = [Text(f"确认损失 {whole} 元，按方案分担：", f"The loss is CNY {whole}, borne as the scheme says:")]
        for part in self.parts:
            amount = Money(part.minor).grouped()
            said.append(Text(f"{part.who.zh} {amount} 元。", f"{part.who.en}: CNY {amount}."))
        return said


def preview(row: Loan) -> Drawn | None:
    """The loss were it called today: everything the lender still holds open; ``None`` where no scheme shares losses."""
    contract = row.contract
    if contract is None:
        return None
    scheme = deciding.scheme_behind(contract.policy)
    who = {name: uuid.UUID(party) for name, party in contract.parties.items()}
    free = free_means(scheme, who)
    loss = sum(c.outstanding_minor for c in queries.claims_of(row) if c.creditor == row.lender_id)
    found = bearing.called(contract, loss)
    if not found.layers:
        return None
    borne = waterfall.share_loss(loss, found.layers, excess=found.excess)
    return drawn(
        borne.by_party, borne.excess, borne.excess_minor, who, free, Names(scheme, shared.registry()), final=False
    )


def stands(row: Loan) -> Drawn | None:
    """The waterfall that was called, as the loan keeps it."""
    if row.borne is None or row.contract is None:
        return None
    by_party: dict[uuid.UUID, int] = {}
    for layer in row.borne["layers"]:
        for party, minor in layer:
            by_party[uuid.UUID(party)] = by_party.get(uuid.UUID(party), 0) + minor
    excess = uuid.UUID(row.borne["excess"])
    by_party[excess] = by_party.get(excess, 0) + row.borne["excess_minor"]
    who = {name: uuid.UUID(party) for name, party in row.contract.parties.items()}
    said = Names(deciding.scheme_behind(row.contract.policy), shared.registry())
    return drawn(by_party, excess, row.borne["excess_minor"], who, {}, said, final=True)


def free_means(scheme: Scheme, who: dict[str, uuid.UUID]) -> dict[str, int]:
    """What each bearer "up to means" still has."""
    losses = scheme.losses
    clauses = (losses.borne or losses.layers or ()) if losses else ()
    return {
        clause.by: means.free_minor(who[clause.by])
        for clause in clauses
        if clause.up_to == "means" and clause.by in who
    }


def drawn(
    by_party: dict[uuid.UUID, int], excess: uuid.UUID, excess_minor: int, who: dict[str, uuid.UUID],
    free: dict[str, int], said: Names, *, final: bool,
) -> Drawn:  # fmt: skip
    """Parts in words, the largest first."""
    loss = sum(by_party.values())
    names = labels.names(by_party)
    called = {party: [name for name, other in who.items() if other == party] for party in by_party}
    found = [
        Part(
            party, names.get(party, labels.UNKNOWN), labels.joined(said.party(name) for name in called[party]), minor,
            excess_minor if party == excess else 0, next((free[n] for n in called[party] if n in free), None),
            f"{100 * minor / loss:.2f}%" if loss else "0%",
        )
        for party, minor in by_party.items()
    ]  # fmt: skip
    assert sum(part.minor for part in found) == loss, "a waterfall sums to the loss"
    return Drawn(loss, sorted(found, key=lambda part: (-part.minor, str(part.party))), final)
