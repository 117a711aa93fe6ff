"""A contract's limit: drawn, frozen, lowered, closed."""

from __future__ import annotations

import uuid

from jirong.engine.kinds import credit_line
from jirong.financing import queries, runtime, signing
from jirong.financing.actions.common import Outcome, only
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.store import business_date
from jirong.store.identity import Actor


@action("contract.draw", Text("提款", "Draw"), own_key=True)
def draw(
    *, actor: Actor, id: uuid.UUID, contract: uuid.UUID, amount: Money, payee: uuid.UUID | None = None,
    days: int | None = None, relays: uuid.UUID | None = None,
) -> Outcome:  # fmt: skip
    """Draw on a limit; the payment is instructed now, the loan begins when the bank has paid. The loan's id is the
    action's. ``days`` chooses a shorter bullet; ``relays`` is a loan of another bank that this one takes over.
    """
    queries.access_contract(actor, contract)
    row = runtime.lock_contract(contract)
    only(actor, row.borrower_id, "借款人", "the borrower")
    _check_days(row.product, days)
    old = signing.relayed(row.borrower_id, relays) if relays else None
    drawn = signing.draw(row, id, amount.minor, business_date.today(), payee=payee, days=days, relay=old)
    return {"contract": str(contract), "loan": str(drawn.pk), "amount": str(amount), "state": drawn.status}


@action("contract.freeze", Text("冻结或解冻额度", "Freeze or unfreeze a limit"), own_key=True)
def freeze(*, actor: Actor, id: uuid.UUID, contract: uuid.UUID, frozen: bool) -> Outcome:
    """The lender stops new drawings, or lets them go on."""
    queries.access_contract(actor, contract)
    row = runtime.lock_contract(contract)
    event = credit_line.Freeze(id=id, frozen=frozen, by=actor.party)
    row = runtime.take_line(row, event, business_date.today(), kind="freeze" if frozen else "unfreeze")
    concern(*row.seen_by)
    return {"contract": str(contract), "state": row.status}


@action("contract.lower", Text("调低额度", "Lower a limit"), own_key=True)
def lower(*, actor: Actor, id: uuid.UUID, contract: uuid.UUID, limit: Money) -> Outcome:
    """The lender lowers the limit; what is drawn stays drawn."""
    queries.access_contract(actor, contract)
    row = runtime.lock_contract(contract)
    event = credit_line.Lower(id=id, to_minor=limit.minor, by=actor.party)
    row = runtime.take_line(row, event, business_date.today(), kind="lower", minor=limit.minor)
    concern(*row.seen_by)
    return {"contract": str(contract), "limit": str(Money(row.limit_minor - row.lowered_minor))}


def _check_days(kept: dict[str, object], days: int | None) -> None:
    if days is None:
        return
    longest = kept["days"]
    if kept["repayment"] != "bullet" or days <= 0 or (isinstance(longest, int) and days > longest):
        raise Invalid(
            "draw.days",
            Text("只有到期一次还本付息的提款可选天数，且不超过最长期限", "Only a bullet takes days, within the tenor"),
            remedy=Text(f"最长{longest}天" if longest else "请按方案期限", f"At most {longest} days"),
            where="days",
        )
