"""Issuing a chain note: the issuer signs, the payee accepts or refuses, the invoices are used once.

Issuing opens one offered lot and reserves the unpaid balance of every invoice it stands on, in whichever cluster;
acceptance makes the lot held and the balances used, refusal, withdrawal or lapse undoes both.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from jirong.engine import capacity, checks, claims
from jirong.engine.claims import Changes, Claim, State
from jirong.engine.contract import Outcome, acts
from jirong.engine.kinds.chain_note import common
from jirong.engine.kinds.chain_note.values import (
    LOT,
    Accept,
    Decline,
    Ending,
    Issue,
    NoteState,
    NoteStatus,
    NoteTerms,
)
from jirong.engine.reasons import require
from jirong.kernel.ids import derived_id
from jirong.kernel.rules import Effect


def issue(terms: NoteTerms, state: NoteState, event: Issue, date: dt.date) -> Outcome:
    """Open the first lot, offered to the payee. The state is empty before."""
    common.expect(state, NoteStatus.NEW)
    acts(event.by, terms.issuer, "issuer")
    rules = terms.rules
    reasons = require(
        (
            checks.may_issue(rules, date, event.standing),
            checks.tenor(rules, terms.issued_on, terms.due),
            checks.long_tenor_reviewed(rules, terms.issued_on, terms.due, reviewed=None, effect=Effect.WARN),
            checks.true_trade(
                rules, date, terms.backings, event.evidence, buyer=terms.issuer, seller=terms.payee,
                amount_minor=terms.amount_minor, unit=terms.unit,
            ),
            checks.no_prepayment(rules, terms.issued_on, event.evidence),
            checks.payment_clash(rules, terms.issued_on, terms.due, event.trade, event.evidence, consent=None),
            checks.set_off_waived(rules, date, waived=event.set_off_waived),
            *common.late_rate(terms),
        )
    )  # fmt: skip
    lot = first_lot(terms)
    reserved = Changes(transfers=capacity.reserve_invoices(terms.backings, terms.id, terms.unit))
    changes = claims.open_claim(lot).then(reserved)
    after = NoteState(status=NoteStatus.OFFERED, outstanding_minor=terms.amount_minor, lots={lot.id: lot})
    return Outcome(after, changes, reasons)


def first_lot(terms: NoteTerms) -> Claim:
    """The lot that issuing opens: tier 1, the whole amount, offered."""
    lot_id = derived_id(terms.id, "lot")
    return Claim(
        id=lot_id, kind=LOT, debtor=terms.issuer, creditor=terms.payee, amount_minor=terms.amount_minor,
        outstanding_minor=terms.amount_minor, due=terms.due, root=lot_id, unit=terms.unit, state=State.OFFERED,
        tier=1, background=tuple(backing.invoice for backing in terms.backings),
    )  # fmt: skip


def accept(terms: NoteTerms, state: NoteState, event: Accept, date: dt.date) -> Outcome:
    """The payee takes the note: the lot is held, the invoices are used."""
    common.expect(state, NoteStatus.OFFERED)
    acts(event.by, terms.payee, "payee")
    reasons = require(
        (
            checks.payment_clash(
                terms.rules, terms.issued_on, terms.due, event.trade, event.evidence, consent=event.consents_to_term
            ),
            common.not_due(terms, date),
            checks.background_stands(terms.rules, date, event.grounds),
        )
    )
    reserved = capacity.reserve_invoices(terms.backings, terms.id, terms.unit)
    changes = claims.accept(_lot(terms, state)).then(Changes(transfers=tuple(map(capacity.use, reserved))))
    return Outcome(common.after(state, changes, status=NoteStatus.LIVE), changes, reasons)


def decline(terms: NoteTerms, state: NoteState, event: Decline, date: dt.date) -> Outcome:
    """The note is refused by the payee, withdrawn by the issuer, or lapses: the invoices are free again."""
    common.expect(state, NoteStatus.OFFERED)
    if event.why is Ending.REFUSED:
        acts(event.by, terms.payee, "payee")
    elif event.why is Ending.WITHDRAWN:
        acts(event.by, terms.issuer, "issuer")
    reserved = capacity.reserve_invoices(terms.backings, terms.id, terms.unit)
    changes = claims.void(_lot(terms, state)).then(Changes(transfers=tuple(map(capacity.release, reserved))))
    after = replace(common.after(state, changes, status=NoteStatus.VOID), outstanding_minor=0)
    return Outcome(after, changes)


def _lot(terms: NoteTerms, state: NoteState) -> Claim:
    return common.lot(state, derived_id(terms.id, "lot"))
