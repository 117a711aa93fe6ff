"""The chain note 链单: one core enterprise's confirmed, dated promise to pay, living as lots.

``values`` holds the terms, the state and the events; ``issuing``, ``passing`` and ``paying`` hold what the events do.
:data:`KIND` is what :func:`jirong.engine.step.step` knows of it.
"""

from jirong.engine.contract import Kind
from jirong.engine.kinds.chain_note import issuing, passing, paying
from jirong.engine.kinds.chain_note.passing import discount_minor
from jirong.engine.kinds.chain_note.paying import late_interest_minor
from jirong.engine.kinds.chain_note.values import (
    LATE_INTEREST,
    LOT,
    NAME,
    Accept,
    CallRecourse,
    CloseDay,
    Confirm,
    Decline,
    DropOffer,
    Ending,
    Freeze,
    Issue,
    MakeOffer,
    NoteState,
    NoteStatus,
    NoteTerms,
    Offer,
    PayDue,
    Reject,
    Release,
    TakeOffer,
    Unfreeze,
)

KIND = Kind(
    NAME,
    {
        Issue: issuing.issue,
        Accept: issuing.accept,
        Decline: issuing.decline,
        MakeOffer: passing.make_offer,
        TakeOffer: passing.take_offer,
        DropOffer: passing.drop_offer,
        Release: passing.release,
        Freeze: passing.freeze,
        Unfreeze: passing.unfreeze,
        PayDue: paying.pay_due,
        Confirm: paying.confirm,
        Reject: paying.reject,
        CloseDay: paying.close_day,
        CallRecourse: paying.call_recourse,
    },
)

__all__ = [
    "KIND",
    "LATE_INTEREST",
    "LOT",
    "NAME",
    "Accept",
    "CallRecourse",
    "CloseDay",
    "Confirm",
    "Decline",
    "DropOffer",
    "Ending",
    "Freeze",
    "Issue",
    "MakeOffer",
    "NoteState",
    "NoteStatus",
    "NoteTerms",
    "Offer",
    "PayDue",
    "Reject",
    "Release",
    "TakeOffer",
    "Unfreeze",
    "discount_minor",
    "late_interest_minor",
]
