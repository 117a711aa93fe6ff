"""Who may stand where: nobody secures, bears or is paid what is his own debt, and public bodies borrow nothing.

Each of these is a contract that cannot work, so each is an error.
"""

from __future__ import annotations

from decimal import Decimal

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.check.context import Context, Findings, error
from jirong.schemes.explain import phrases
from jirong.schemes.findings import Finding
from jirong.schemes.grammar import Clause
from jirong.schemes.kinds import LENDING
from jirong.schemes.model.conduct import GuaranteeGiven

_NO_DEBTORS = ("government", "supervisor", "bank", "insurer", "compensation_pool", "risk_pool")
"""Roles that are no enterprise asking for finance."""
_NO_PAYEES = ("government", "supervisor")
"""Roles from which a borrower buys nothing with a loan."""
_DEBTS = (*LENDING, "guarantee")
"""Kinds in which the applicant owes a debt."""


def roles(context: Context) -> Findings:
    """Borrowers that cannot borrow, guarantees of oneself, losses borne by the debtor, payees that cannot be."""
    yield from _debtor(context)
    yield from _guarantees(context)
    yield from _debtor_bears(context)
    yield from _payee(context)


def _debtor(context: Context) -> Findings:
    name = context.kind.applicant
    role = context.scheme.parties.get(name, "")
    if context.scheme.instrument.kind in (*_DEBTS, "discount") and role in _NO_DEBTORS:
        party, said = context.names.party(name), vocabulary.ROLE[role]
        yield error(
            "applicant_unfit",
            context.scheme,
            "parties",
            Text(
                f"“{name}”写成了{said.zh}；融资方案的申请方须是企业",
                f"“{name}” is declared as {said.en}; who applies for finance is an enterprise",
            ),
            Text(f"请把{party.zh}改为 {name}: firm", f"Declare {party.en} as {name}: firm"),
        )


def _guarantees(context: Context) -> Findings:
    given = context.scheme.security if isinstance(context.scheme.security, tuple) else ()
    for item in given:
        if isinstance(item, GuaranteeGiven):
            if item.by in (context.kind.applicant, context.kind.payer):
                yield _of_itself(context, item)
            yield from _against_losses(context, item)


def _of_itself(context: Context, item: GuaranteeGiven) -> Finding:
    who = context.names.party(item.by)
    return error(
        "guarantee_self",
        item,
        "by",
        Text(f"{who.zh}是债的一方，不能为这笔债提供保证", f"{phrases.capital(who).en} is an end of this debt itself"),
        Text("请写第三方保证人，例如担保公司或实际控制人", "Name a third party, such as a guarantor or the controller"),
    )


def _against_losses(context: Context, item: GuaranteeGiven) -> Findings:
    """A guarantor answers for the same part that it bears of a loss."""
    losses = context.scheme.losses
    for bearer in (losses.borne or ()) if losses else ():
        if bearer.by == item.by and bearer.share != item.share:
            who, given, borne = context.names.party(item.by), phrases.rate(item.share), phrases.rate(bearer.share)
            yield error(
                "guarantee_share",
                item,
                "share",
                Text(
                    f"{who.zh}担保债务的{given.zh}，损失分担却写{borne.zh}",
                    f"{phrases.capital(who).en} guarantees {given.en} of the debt but bears {borne.en} of the loss",
                ),
                Text("请使担保比例与损失分担比例一致", "Make the guarantee and the share of the loss the same"),
            )


def _debtor_bears(context: Context) -> Findings:
    """What the debtor pays is no loss; a loss is what it does not pay."""
    losses, debtor = context.scheme.losses, context.kind.applicant
    if losses is None or context.scheme.instrument.kind not in _DEBTS:
        return
    found: list[tuple[Clause, str]] = []
    found += [(item, "by") for item in (losses.borne or ()) if item.by == debtor and item.share > Decimal(0)]
    found += [(item, "by") for item in (losses.layers or ()) if item.by == debtor]
    if losses.excess == debtor:
        found.append((losses, "excess"))
    for clause, key in found:
        who = context.names.party(debtor)
        yield error(
            "debtor_bears",
            clause,
            key,
            Text(
                f"损失就是{who.zh}没有还上的钱，不能再由{who.zh}承担",
                f"A loss is what {who.en} did not repay: {who.en} cannot bear it",
            ),
            Text("请写贷款人、担保人或资金池", "Name the lender, a guarantor or a pool"),
        )


def _payee(context: Context) -> Findings:
    uses = context.scheme.uses
    if uses is None or uses.pay != "entrusted" or uses.to is None:
        return
    role = context.scheme.parties.get(uses.to, "")
    if uses.to != context.kind.applicant and role not in _NO_PAYEES:
        return
    who = context.names.party(uses.to)
    yield error(
        "payee_unfit",
        uses,
        "to",
        Text(
            f"受托支付是把钱直接付给交易对手，不能付给{who.zh}",
            f"An entrusted payment goes to whom the borrower buys from, not to {who.en}",
        ),
        Text(
            "请写供货的一方，例如 to: vendor，并在 parties 中写明", "Name the seller, such as to: vendor, under parties"
        ),
    )
