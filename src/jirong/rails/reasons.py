"""Why a bank did not pay, in both languages: its answer reaches payer, payee and operator in the language each reads.

Banks answer with one of few reasons, so the usual ones stand here by code; whatever else a bank says, it says in
Chinese and in English. Stored as ``{"zh", "en"}`` on the confirmation, absent where the bank paid.
"""

from __future__ import annotations

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

LENGTH_MAX = 200
"""Characters of a reason, in each language."""
USUAL = {
    "funds": Text("余额不足", "Insufficient funds"),
    "stopped": Text("账户止付或冻结", "Account stopped or frozen"),
    "state": Text("账户状态异常", "Account not in order"),
    "name": Text("户名与账号不符", "Name and account number do not match"),
    "closed": Text("账户已销户", "Account closed"),
    "limit": Text("超过支付限额", "Over the payment limit"),
}


def stored(reason: Text | None) -> dict[str, str] | None:
    """As it is kept; refuses what is longer than a reason may be."""
    if reason is not None and max(len(reason.zh), len(reason.en)) > LENGTH_MAX:
        raise Invalid(
            "payment.reason_long",
            Text(f"未付原因最多{LENGTH_MAX}字", f"A reason has at most {LENGTH_MAX} characters"),
            remedy=Text("请缩短后重新提交", "Shorten it and submit again"),
            where="reason",
        )
    return None if reason is None else reason.as_dict()
