"""From a taken offer to a contract, and to its payment where it is drawn once. Part of the action that signs."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

from jirong.engine import capacity
from jirong.engine.intents import Transfer
from jirong.engine.kinds import credit_line, loan
from jirong.financing import deciding, owing, product, runtime, secured, watching
from jirong.financing.models import Application, Contract, Decision, Loan
from jirong.kernel.errors import Conflict, Invalid, NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.ledger import intents as ledger
from jirong.log.actions import concern
from jirong.rails.models import Instruction
from jirong.schemes.model.scheme import Scheme
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as

SEES = ("contract", "payments", "all", "losses", "decision", "overdue")
"""Sections whose disclosure lets a party of the scheme see the contract."""


def sign(
    row: Application, decision: Decision, act: uuid.UUID, reserved: Transfer, *, relays: uuid.UUID | None = None
) -> dict[str, Any]:
    """Use the budget, open the limit, and where it is drawn once draw it now, unless its security is still missing; ids
    of what came to be.
    """
    today = business_date.today()
    contract = _contract(row, decision, today)
    ledger.post([capacity.use(reserved)], journal=derived_id(act, "budget"), on=today)
    with acting_as(SYSTEM):
        contract.save(force_insert=True)
        Application.objects.filter(pk=row.pk).update(state="signed")
    secured.open_debt(contract)
    runtime.take_line(
        contract, credit_line.Open(id=derived_id(act, "open")), today, kind="sign", minor=contract.limit_minor
    )
    concern(*contract.seen_by)
    done: dict[str, Any] = {"contract": str(contract.pk), "limit": str(Money(contract.limit_minor))}
    if contract.how == "once":
        old = relayed(row.borrower_id, relays) if relays else None
        assert decision.terms is not None
        minor = Money.parse(decision.terms["amount"]).minor
        if waits := secured.lacking(contract, minor, today):
            # Security comes first: drawn by contract.draw once it is given and registered.
            return done | {"payment": "awaits_security", "missing": [reason.as_dict() for reason in waits]}
        drawn = draw(contract, derived_id(contract.pk, "loan"), minor, today, payee=row.payee, relay=old)
        done |= {"loan": str(drawn.pk), "payment": "instructed"}
    return done


def draw(
    contract: Contract,
    id: uuid.UUID,
    minor: int,
    on: datetime.date,
    *,
    payee: uuid.UUID | None = None,
    days: int | None = None,
    relay: Loan | None = None,
) -> Loan:
    """Draw ``minor`` as the loan ``id`` and instruct its pay-out; ``relay`` is a loan it takes over. Refused while the
    scheme's security is missing.
    """
    secured.before_payout(contract, id, minor, on)
    late = owing.late_by_lender(contract.borrowers, on, contract.lender_id).get(contract.lender_id)
    event = credit_line.Draw(
        id=id, by=contract.borrower_id, amount_minor=minor,
        late_since=late.since if late else None, defaulted=late is not None and late.defaulted,
    )  # fmt: skip
    runtime.take_line(contract, event, on, kind="draw", minor=minor, loan_id=id)
    kept = watching.shifted(contract, dict(contract.product), id)
    if days is not None:
        kept |= {"days": days, "months": None}
    row = runtime.new_loan(contract, id, minor, kept)
    row.payouts = _payouts(contract, minor, payee, relay, on)
    row.relays = relay.pk if relay else None
    with acting_as(SYSTEM):
        row.save(force_insert=True)
    running = runtime.Running(row, runtime.terms_of(row), loan.LoanState())
    runtime.take(running, loan.Disburse(id=derived_id(id, "disburse")), on, kind="disburse", minor=minor)
    return row


def relayed(borrower: uuid.UUID, id: uuid.UUID) -> Loan:
    """The running loan of the borrower that another is to take over."""
    with acting_as(SYSTEM):
        found = Loan.objects.filter(pk=id, borrower=borrower, status__in=["live", "overdue"]).first()
    if found is None:
        raise NotFound("loan.unknown", Text("没有这笔可承接的贷款", "There is no such running loan of yours"))
    with acting_as(SYSTEM):
        unanswered = Instruction.objects.filter(subject=id, state="instructed", purpose="credit.repay").exists()
        taken_over = Loan.objects.filter(relays=id, status="paying").exists()
    if unanswered or taken_over:
        raise Conflict(
            "loan.payment_unanswered",
            Text(
                "原贷款有还款尚待银行答复，不能承接", "A repayment of the earlier loan still awaits the bank's answer"
            ),
            remedy=Text("请等待银行答复后再提款", "Draw once the bank has answered"),
            where="relays",
        )
    return found


def _contract(row: Application, decision: Decision, today: datetime.date) -> Contract:
    policy, terms = row.policy, decision.terms
    assert terms is not None
    scheme = deciding.scheme_behind(policy)
    drawing = scheme.drawing
    who = deciding.stands_for(policy, row.borrower_id)
    return Contract(
        id=derived_id(row.pk, "contract"),
        application=row,
        policy=policy,
        lender_id=policy.lender_id,
        borrower_id=row.borrower_id,
        borrowers=[row.borrower_id, *row.joint],
        parties={name: str(party) for name, party in who.items()},
        limit_minor=Money.parse(terms["limit"]).minor,
        rate=Decimal(terms["rate"]),
        annual_rate=Decimal(terms["annual_rate"]),
        product=terms["product"],
        how=drawing.how if drawing else "once",
        least_minor=drawing.least.minor if drawing and drawing.least else 1,
        multiple_minor=drawing.multiple_of.minor if drawing and drawing.multiple_of else 1,
        opened_on=today,
        ends=product.line_ends(scheme, today),
        status="live",
        seen_by=sorted({row.borrower_id, *row.joint, policy.lender_id, *_viewers(scheme, who)}),
    )


def _viewers(scheme: Scheme, who: dict[str, uuid.UUID]) -> set[uuid.UUID]:
    """Whoever the scheme lets see the contract, its payments or its losses."""
    found = set()
    for name, sight in (scheme.disclose or {}).items():
        sections = (sight,) if isinstance(sight, str) else sight
        if name in who and set(sections) & set(SEES):
            found.add(who[name])
    return found


def _payouts(
    contract: Contract, minor: int, payee: uuid.UUID | None, relay: Loan | None, on: datetime.date
) -> list[list[Any]]:
    """Who is paid: the borrower, the vendor where the scheme entrusts the payment, the bank that is relieved."""
    scheme = deciding.scheme_behind(contract.policy)
    entrusted = scheme.uses is not None and scheme.uses.pay == "entrusted"
    if entrusted and payee is None:
        named = scheme.uses.to if scheme.uses else None
        known = contract.parties.get(named or "")
        payee = uuid.UUID(known) if known else None
    if entrusted and (payee is None or payee in contract.borrowers):
        raise Invalid(
            "draw.payee",
            Text("该方案实行受托支付，须写明收款的交易对手", "The scheme pays the counterparty; name it"),
            remedy=Text("请填写供应商", "Give the vendor"),
            where="payee",
        )
    to = payee if entrusted and payee else contract.borrower_id
    if to == contract.lender_id:
        raise Invalid(
            "draw.payee_lender",
            Text("收款方不能是贷款人自己", "The lender cannot be paid its own loan"),
            remedy=Text(
                "请填写供应商；归还贷款人的旧贷款请用还款",
                "Give the vendor; a loan of the lender is repaid, not relayed",
            ),
            where="payee",
        )
    if relay is None:
        return [[str(to), minor, "loan"]]
    if relay.lender_id == contract.lender_id:
        raise Invalid(
            "draw.relay_own",
            Text(
                "原贷款与新贷款是同一贷款人，无须承接", "The earlier loan is of the same lender; it is not taken over"
            ),
            remedy=Text("请提款后还款，或与贷款人商定重组", "Draw and repay it, or agree on new terms with the lender"),
            where="relays",
        )
    old = runtime.lock_loan(relay.pk)
    ends = loan.owed_minor(old.terms, loan.replayed(old.terms, old.state, on))
    if ends > minor:
        short = Money(ends).grouped()
        raise Invalid(
            "draw.relay_short",
            Text(f"结清原贷款需{short}，提款不足", f"{short} ends the earlier loan; the drawing is less"),
            remedy=Text("请提高提款金额，或先部分还款", "Draw more, or repay part of it first"),
            where="amount",
        )
    rest = [[str(to), minor - ends, "loan"]] if minor > ends else []
    return [[str(relay.lender_id), ends, "relay"], *rest]
