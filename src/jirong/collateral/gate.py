"""Before money moves: what a lending room calls so that security comes first.

Signing a contract states the debt (:func:`open_debt`), each drawing asks :func:`before_payout`. A payout with something
missing is refused with every finding, its clause and what to do; a contract of a scheme without pledges passes at once.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping

from jirong.collateral import demands, runtime
from jirong.collateral.models import Drawn, Secured
from jirong.engine.reasons import Reason, require
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import SYSTEM, acting_as


def open_debt(
    contract: uuid.UUID,
    scheme: Scheme,
    *,
    lender: uuid.UUID,
    borrower: uuid.UUID,
    parties: Mapping[str, uuid.UUID],
    limit_minor: int,
    seen_by: Iterable[uuid.UUID],
    on: datetime.date,
) -> None:
    """State a signed contract; part of the action that signs. ``parties`` gives the scheme's names their parties. A
    contract whose scheme wants nothing pledged is not kept here.
    """
    wanted = demands.of_scheme(scheme, parties)
    if not wanted:
        return
    with acting_as(SYSTEM):
        Secured.objects.create(
            id=contract, lender_id=lender, borrower_id=borrower, title=scheme.title.zh, title_en=scheme.title.en,
            demands=demands.as_json(wanted), limit_minor=limit_minor, opened_on=on,
            seen_by=sorted({lender, borrower, *seen_by}),
        )  # fmt: skip


def lacking(contract: uuid.UUID, minor: int, on: datetime.date) -> tuple[Reason, ...]:
    """What stands in the way of paying out ``minor`` more; nothing where no pledge is demanded."""
    with acting_as(SYSTEM):
        secured = Secured.objects.filter(pk=contract).first()
    found = runtime.findings(secured, on, minor) if secured else ()
    return tuple(reason for reason in found if reason.bars)


def before_payout(contract: uuid.UUID, loan: uuid.UUID, minor: int, on: datetime.date) -> tuple[Reason, ...]:
    """The findings that let ``minor`` be paid out as ``loan``; refuses while something is missing.

    Part of the drawing action. The contract is locked, so that no security leaves while the money is on its way.
    """
    secured = runtime.lock_secured(contract)
    if secured is None:
        return ()
    found = require(runtime.findings(secured, on, minor))
    with acting_as(SYSTEM):
        Drawn.objects.create(id=loan, secured=secured, minor=minor, on=on)
    runtime.record(loan, "drawn", on, secured=secured, minor=minor, reasons=found)
    return found
