"""Joint debtors: each owes the whole, so each signs the very offer before it owes anything.

A scheme says in its security whether there are joint debtors; where it does not, none can be named. The applicant names
them and signs first; the offer then waits, its limit set aside, until the last of them has signed what was asked and
what is offered, both by their hashes. Until that day they see nothing of it, and none of them owes anything.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from jirong.financing import product
from jirong.financing.models import Application, Policy
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.parties import queries as parties
from jirong.schemes.model.conduct import JointDebt
from jirong.schemes.model.scheme import Scheme


def names(scheme: Scheme) -> list[str]:
    """The scheme's names of those who owe beside the borrower."""
    given = scheme.security if isinstance(scheme.security, tuple) else ()
    found = [name for item in given if isinstance(item, JointDebt) for name in item.joint]
    return [name for name in dict.fromkeys(found) if name not in ("borrower", "lender")]


def asked(scheme: Scheme) -> bool:
    """Whether the scheme has joint debtors at all."""
    given = scheme.security if isinstance(scheme.security, tuple) else ()
    return any(isinstance(item, JointDebt) for item in given)


def check_named(scheme: Scheme, joint: Sequence[uuid.UUID]) -> None:
    """Refuse joint debtors the scheme knows nothing of, or that may not stand where it names them."""
    if not joint:
        return
    if not asked(scheme):
        raise _refused("no_joint", "该方案没有共同债务人条款", "The scheme has no clause on joint debtors", Text(
            "请去掉共同借款人；需要共同借款时请选择有该条款的方案", "Leave them out, or choose a scheme that has one"
        ))  # fmt: skip
    allowed = [product.ROLES.get(scheme.parties[name]) for name in names(scheme) if name in scheme.parties]
    if allowed and None not in allowed:
        roles = sorted({role for each in allowed for role in each or ()})
        if not all(parties.has_role(party, *roles) for party in joint):
            raise _refused("joint_role", "共同借款人没有方案所要求的角色", "A joint debtor has not the role the scheme asks for",
                           Text("请核对共同借款人", "Check the joint debtors"))  # fmt: skip


def check_complete(scheme: Scheme, policy: Policy, joint: Sequence[uuid.UUID]) -> None:
    """Refuse to decide where a joint debtor the scheme asks for is not named."""
    check_named(scheme, joint)
    fixed = {uuid.UUID(policy.parties[name]) for name in names(scheme) if name in policy.parties}
    if asked(scheme) and (not joint or not fixed <= set(joint)):
        raise _refused("joint_missing", "该方案要求共同借款人，请填写", "The scheme asks for a joint debtor; name it",
                       Text("请填写共同借款人，其须签署同一份报价", "Name it; it signs the same offer"))  # fmt: skip


def waiting(row: Application) -> list[uuid.UUID]:
    """Who has still to sign, in the order named."""
    return [party for party in row.joint if party not in row.joined]


def _refused(code: str, zh: str, en: str, remedy: Text) -> Invalid:
    return Invalid(f"application.{code}", Text(zh, en), remedy=remedy, where="joint")
