"""The ledger's refusals: what the database answered by code, as sentences a person can act on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from jirong.kernel.errors import Conflict, Invalid, NotFound, Refusal
from jirong.kernel.money import UNITS, Money, Unit
from jirong.kernel.text import Text
from jirong.ledger.journal import AMOUNT_MAX, Journal


class Wording(NamedTuple):
    """A refusal's class and its sentences; placeholders: account, amount, excess, available, target, journal."""

    kind: type[Refusal]
    reason: Text
    remedy: Text


AGAIN = Text("请核对后用新的编号重新记账", "Check it, then post it under a new id")
LOOK = Text("请核对编号，或先查询这笔预留", "Check the id, or look the reservation up first")

WORDINGS = {
    "limit_exceeded": Wording(
        Conflict,
        Text("账户 {account} 的限额不足，超出 {excess}", "Account {account} would exceed its limit by {excess}"),
        Text(
            "请减少金额，或先增加额度或释放预留",
            "Lower the amount, or first raise the limit or release what is reserved",
        ),
    ),
    "journal_id_reused": Wording(
        Conflict,
        Text("凭证编号 {journal} 已用于另一笔内容", "Journal id {journal} was used before with another body"),
        AGAIN,
    ),
    "transfer_id_reused": Wording(
        Conflict, Text("分录编号 {transfer} 已经用过", "Transfer id {transfer} was used before"), AGAIN
    ),
    "account_unknown": Wording(
        NotFound,
        Text("没有账户 {account}", "There is no account {account}"),
        Text("请先开户", "Open the account first"),
    ),
    "account_closed": Wording(
        Conflict,
        Text("账户 {account} 已关闭", "Account {account} is closed"),
        Text("请使用其他账户", "Use another account"),
    ),
    "same_account": Wording(
        Invalid,
        Text("借方和贷方是同一账户 {account}", "Debit and credit are the same account {account}"),
        Text("请使用两个不同的账户", "Use two different accounts"),
    ),
    "book_mismatch": Wording(
        Invalid,
        Text(
            "分录 {transfer} 的两个账户不在同一账簿", "The two accounts of transfer {transfer} are of different books"
        ),
        Text("请使用同一账簿的账户", "Use accounts of one book"),
    ),
    "unit_mismatch": Wording(
        Invalid,
        Text("分录 {transfer} 的单位与账户不一致", "The units of transfer {transfer} and its accounts differ"),
        Text("请使用同一单位的账户", "Use accounts of one unit"),
    ),
    "amount_not_positive": Wording(
        Invalid,
        Text("分录 {transfer} 的金额必须大于零", "The amount of transfer {transfer} must be above zero"),
        Text("请填写大于零的金额", "Give an amount above zero"),
    ),
    "amount_too_large": Wording(
        Invalid,
        Text("分录 {transfer} 的金额过大", "The amount of transfer {transfer} is too large"),
        Text(f"一笔最多 {AMOUNT_MAX} 个最小单位", f"One transfer moves at most {AMOUNT_MAX} minor units"),
    ),
    "reservation_unknown": Wording(NotFound, Text("没有预留 {target}", "There is no reservation {target}"), LOOK),
    "reservation_mismatch": Wording(
        Invalid,
        Text("分录 {transfer} 的账户与预留 {target} 不符", "The accounts of {transfer} are not those of {target}"),
        LOOK,
    ),
    "reservation_settled": Wording(
        Conflict, Text("预留 {target} 已全部处理", "Nothing is left of reservation {target}"), LOOK
    ),
    "reservation_exceeded": Wording(
        Conflict,
        Text(
            "预留 {target} 只剩 {available}，不能处理 {amount}",
            "Reservation {target} has {available} left, not {amount}",
        ),
        Text("请减少金额", "Lower the amount"),
    ),
    "reversal_unknown": Wording(
        NotFound, Text("没有可冲销的分录 {target}", "There is no posted transfer {target} to reverse"), AGAIN
    ),
    "reversal_mismatch": Wording(
        Invalid,
        Text(
            "冲销必须与原分录 {target} 金额相同、借贷相反", "A reversal swaps the accounts of {target}, with its amount"
        ),
        Text("不填账户和金额即可", "Leave accounts and amount out"),
    ),
    "already_reversed": Wording(
        Conflict,
        Text("分录 {target} 已经冲销过", "Transfer {target} has been reversed already"),
        Text("无需再次冲销", "It needs no second reversal"),
    ),
}


def refusal(answer: dict[str, Any], journal: Journal) -> Refusal:
    """The refusal for one element of the database's ``refused``."""
    wording = WORDINGS[answer["code"]]
    unit = UNITS.get(answer.get("unit") or _said_unit(answer, journal) or "", Unit("", 0))
    values = {
        "journal": journal.id,
        "transfer": answer.get("transfer"),
        "target": answer.get("target"),
        "account": answer.get("account_code") or answer.get("account"),
        **{name: shown(answer.get(name), unit) for name in ("amount", "available", "excess")},
    }
    details = {k: v for k, v in answer.items() if v is not None and k not in ("code", "journal")}
    return wording.kind(
        f"ledger.{answer['code']}",
        wording.reason.format(**values),
        remedy=wording.remedy,
        details={"journal": str(journal.id), **details},
    )


def shown(minor: int | None, unit: Unit) -> str:
    return "" if minor is None else f"{Money(int(minor), unit).grouped()} {unit.code}".strip()


def reused(constraint: str | None, journals: Sequence[Journal]) -> Refusal | None:
    """The refusal for a unique index that two calls raced for, or ``None`` if it is another index.

    The database does not say which row it was; in a batch the first journal stands for all.
    """
    codes = {
        "ledger_journal_pkey": "journal_id_reused",
        "ledger_transfer_in_journal": "journal_id_reused",
        "ledger_transfer_pkey": "transfer_id_reused",
    }
    if constraint not in codes:
        return None
    journal = journals[0]
    return refusal({"code": codes[constraint], "transfer": str(journal.transfers[0].id)}, journal)


def terms_differ(codes: list[str]) -> Refusal:
    shown_codes = ", ".join(codes[:5])
    return Conflict(
        "ledger.account_terms_differ",
        Text(f"账户 {shown_codes} 已按不同条件开立", f"Accounts {shown_codes} are open on other terms"),
        remedy=Text("请使用原条件，或换一个账户代码", "Use the terms they have, or another code"),
        details={"codes": codes},
    )


def not_found(account: uuid.UUID | str) -> NotFound:
    return NotFound("ledger.account_unknown", Text(f"没有账户 {account}", f"There is no account {account}"))


def still_standing(code: str) -> Refusal:
    return Conflict(
        "ledger.account_not_empty",
        Text(f"账户 {code} 还有余额或预留", f"Account {code} still has a balance or reservations"),
        remedy=Text("请先结清", "Settle them first"),
    )


def _said_unit(answer: dict[str, Any], journal: Journal) -> str | None:
    for transfer in journal.transfers:
        if str(transfer.id) == answer.get("transfer"):
            return transfer.unit
    return None
