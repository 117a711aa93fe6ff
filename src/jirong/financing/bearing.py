"""Who is called for a loss: first whoever guarantees the debt beside the borrower, then the scheme's clause on losses.

A joint and several guarantor (连带责任保证, 民法典 688) answers for its share of all that is unpaid before the loss is
shared; several are called in the order of the scheme. A guarantor the clause on losses names is called by that clause
alone, for the same share. A general guarantor (一般保证) may first point at the debtor (民法典 687) and is not called here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from jirong.engine.kinds import loan
from jirong.engine.waterfall import Bearer, Layer
from jirong.financing import deciding, means, product
from jirong.financing.models import Contract
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.schemes.model.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Called:
    """``layers`` and ``excess`` of the whole sharing, guarantors first; ``capped`` pay no more than their means."""

    layers: tuple[Layer[uuid.UUID], ...]
    excess: uuid.UUID
    capped: frozenset[uuid.UUID] = field(default_factory=frozenset)
    guarantors: frozenset[uuid.UUID] = field(default_factory=frozenset)
    losses: int = 0
    """How many of the layers, the last ones, are of the clause on losses."""


def called(contract: Contract, loss_minor: int) -> Called:
    """The sharing of a loss of ``loss_minor`` under the contract's own scheme version, by the bearers' present means."""
    scheme = deciding.scheme_behind(contract.policy)
    who = {name: uuid.UUID(party) for name, party in contract.parties.items()}
    capped = _capped(scheme)
    shared, excess = product.layers(scheme, who, {name: means.free_minor(who[name]) for name in capped})
    given = [(who[item.by], item.share) for item in product.guarantees(scheme)]
    first = tuple(
        Layer((Bearer(party, Decimal(1)),), int(share * loss_minor)) for party, share in given
    )  # fmt: skip
    return Called(
        (*first, *shared), excess, frozenset(who[name] for name in capped), frozenset(party for party, _ in given),
        len(shared),
    )  # fmt: skip


def again(
    contract: Contract, state: loan.LoanState, owing: Mapping[uuid.UUID, int], unable: Collection[uuid.UUID],
    act: uuid.UUID,
) -> tuple[loan.CallAgain, Called]:  # fmt: skip
    """Who is called again for what it still owes (``owing``). What those of ``unable`` owe, and what a capped bearer
    owes beyond its means, moves on: a guarantor's over the clause on losses, a capped bearer's to the bearer of the
    excess; anybody else's stays with the lender, for the scheme names nobody who pays it.
    """
    strangers = sorted(str(party) for party in set(unable) - owing.keys())
    if strangers:
        raise Invalid(
            "loan.not_called",
            Text("所列单位没有未付的分担款", "A party named has no part unpaid"),
            remedy=Text("只能写明银行未付其代偿款的分担方", "Name only bearers whose banks did not pay"),
            where="unable", details={"parties": strangers},
        )  # fmt: skip
    found = called(contract, sum(state.borne.by_party.values()) if state.borne else 0)
    able = dict.fromkeys(unable, 0)
    for party in found.capped & owing.keys() - able.keys():
        able[party] = min(owing[party], means.free_minor(party))
    onto = {party: _onto(contract, found, party, able) for party in able if party not in found.guarantors}
    event = loan.CallAgain(
        id=act, by=contract.lender_id, excess=_onto(contract, found, None, able), able=able, onto=onto,
        layers=_room(found, state, owing, able),
    )  # fmt: skip
    return event, found


def others(contract: Contract) -> list[str]:
    """Those beside the lender that bear part of a loss or guarantee it, by the scheme's names."""
    return product.bearers(deciding.scheme_behind(contract.policy))


def _onto(
    contract: Contract, found: Called, party: uuid.UUID | None, able: Mapping[uuid.UUID, int]
) -> uuid.UUID:  # fmt: skip
    named = party is None or party in found.capped
    return found.excess if named and found.excess not in able else contract.lender_id


def _room(
    found: Called, state: loan.LoanState, owing: Mapping[uuid.UUID, int], able: Mapping[uuid.UUID, int]
) -> tuple[Layer[uuid.UUID], ...]:  # fmt: skip
    """The clause on losses with what it still takes: sizes, caps and means less what is borne already."""
    if state.borne is None or not found.losses:
        return ()
    taken = state.borne.layers[-found.losses :]
    return tuple(
        Layer(
            tuple(
                Bearer(bearer.party, bearer.share, _left(bearer, borne.get(bearer.party, 0), owing, able, found))
                for bearer in layer.bearers
            ),
            None if layer.size_minor is None else max(0, layer.size_minor - sum(borne.values())),
        )
        for layer, borne in zip(found.layers[-found.losses :], taken, strict=True)
    )


def _left(
    bearer: Bearer[uuid.UUID], borne: int, owing: Mapping[uuid.UUID, int], able: Mapping[uuid.UUID, int], found: Called
) -> int | None:  # fmt: skip
    """What a bearer can still take; its free means already leave out what it has paid."""
    if bearer.party in able and able[bearer.party] < owing.get(bearer.party, 0):
        return 0
    if bearer.up_to_minor is None:
        return None
    return max(0, bearer.up_to_minor - (owing.get(bearer.party, 0) if bearer.party in found.capped else borne))


def _capped(scheme: Scheme) -> list[str]:
    losses = scheme.losses
    clauses = (losses.borne or losses.layers or ()) if losses else ()
    return [clause.by for clause in clauses if clause.up_to == "means"]
