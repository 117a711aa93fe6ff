"""For what purpose a clause reads, which a consent must have named: to decide on credit, or to watch a running contract.

A consent is to one purpose: what a firm lets be read to measure an effect or to handle a claim does not decide its
credit. Some contracts are decided on what is read for a purpose of their own: a note on its trade background, a pledge
on the collateral, a lease and a subscription on their meters, a policy on claims, a subsidy on its review.
"""

from __future__ import annotations

from jirong.schemes.model.conduct import Pledge
from jirong.schemes.model.scheme import Scheme

CREDIT = "credit_assessment"
MONITORING = "monitoring"
COLLATERAL = "collateral_monitoring"

_OF_THEIR_OWN: dict[str, tuple[str, ...]] = {
    "chain_note": ("note_verification",),
    "lot_loan": ("note_verification",),
    "discount": ("note_verification",),
    "metered_lease": (MONITORING,),
    "metered_subscription": ("effect_measurement",),
    "policy": ("claims_handling",),
    "subsidy": ("subsidy_review",),
}


def deciding(scheme: Scheme) -> tuple[str, ...]:
    """Purposes for which eligibility, limit, price and method may be read, the usual one first."""
    own = _OF_THEIR_OWN.get(scheme.instrument.kind, ())
    return (CREDIT, *own, *((COLLATERAL,) if has_pledge(scheme) else ()))


def watching(scheme: Scheme) -> tuple[str, ...]:
    """Purposes for which a running contract's triggers may be read, the usual one first."""
    return tuple(dict.fromkeys((MONITORING, *deciding(scheme))))


def has_pledge(scheme: Scheme) -> bool:
    """Whether something is pledged."""
    return isinstance(scheme.security, tuple) and any(isinstance(item, Pledge) for item in scheme.security)
