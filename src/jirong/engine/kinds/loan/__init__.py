"""A loan: paid out, repaid as agreed or otherwise, its whole life a replay of what happened.

The second family of contracts beside the chain note. ``instruments.practice`` says what is due on a day; this kind says
which claims, payments and ledger transfers follow, and asserts that they always sum. Only what falls due and what
changed becomes a claim, so a book of a million loans costs its instalments, not its schedules. Importing it makes it
known to ``engine.step``.
"""

from jirong.engine import step
from jirong.engine.contract import Kind
from jirong.engine.kinds.loan import distress, losses, paying
from jirong.engine.kinds.loan.holding import due_id, replayed
from jirong.engine.kinds.loan.losses import missing
from jirong.engine.kinds.loan.model import (
    NAME,
    RUNNING,
    CallAgain,
    Change,
    CloseDay,
    Collect,
    Confirm,
    Disburse,
    LoanState,
    LoanStatus,
    LoanTerms,
    Product,
    Recover,
    Reject,
    Repay,
    ShareLoss,
    WriteOff,
)
from jirong.engine.kinds.loan.paying import owed_minor

KIND = Kind(
    NAME,
    {
        Disburse: paying.disburse,
        Confirm: paying.confirm,
        Reject: paying.reject,
        Repay: paying.repay,
        Collect: paying.collect,
        CloseDay: paying.close_day,
        Change: distress.change,
        ShareLoss: losses.share,
        CallAgain: losses.call_again,
        Recover: losses.recover,
        WriteOff: distress.write_off,
    },
)
step.register(KIND)

__all__ = [
    "KIND",
    "NAME",
    "RUNNING",
    "CallAgain",
    "Change",
    "CloseDay",
    "Collect",
    "Confirm",
    "Disburse",
    "LoanState",
    "LoanStatus",
    "LoanTerms",
    "Product",
    "Recover",
    "Reject",
    "Repay",
    "ShareLoss",
    "WriteOff",
    "due_id",
    "missing",
    "owed_minor",
    "replayed",
]
