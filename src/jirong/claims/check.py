"""Claims against the books: who holds what under a root, said twice and independently, must be the same.

A claim's row names its creditor and what is outstanding; the books hold, for the same root and creditor, an account
with that balance (``claims:<root>:held:<creditor>``, ``docs/engine.md``). Whoever alters a row without the books, or
the books without the row, is found by name. Rules run with the ledger's own (``jirong ledger check``).
"""

from __future__ import annotations

from jirong.kernel.text import Text
from jirong.ledger.check import Rule

HOLDERS = Rule(
    "claims_holders",
    Text("每笔债权的持有人与余额同账簿一致", "Who holds what of each claim agrees with the books"),
    """
    WITH said AS (
        SELECT root, creditor AS party, CASE WHEN pledgee IS NULL THEN 'held' ELSE 'pledged' END AS place, unit,
            coalesce(sum(outstanding_minor) FILTER (WHERE state IN ('held', 'overdue')), 0) AS minor
        FROM claims_claim GROUP BY 1, 2, 3, 4
    ), booked AS (
        SELECT split_part(code, ':', 2)::uuid AS root, split_part(code, ':', 4)::uuid AS party,
            split_part(code, ':', 3) AS place, unit, debits_posted - credits_posted AS minor
        FROM ledger_account WHERE book = 'claims' AND split_part(code, ':', 3) IN ('held', 'pledged')
    )
    SELECT 'claims_claim', root, format('%s of %s: claims say %s, the books %s', place, party,
        coalesce(s.minor, 0), coalesce(b.minor, 0))
    FROM said s FULL JOIN booked b USING (root, party, place, unit)
    WHERE coalesce(s.minor, 0) <> coalesce(b.minor, 0)
    """,
)
DEBTORS = Rule(
    "claims_debtors",
    Text("债务人所欠与各债权余额之和一致", "What a debtor owes is the sum of what its creditors hold or gave up"),
    """
    WITH said AS (
        SELECT root, debtor AS party, unit, sum(outstanding_minor) FILTER (WHERE state IN ('held', 'overdue'))
            AS outstanding, sum(written_off_minor) AS written_off
        FROM claims_claim GROUP BY 1, 2, 3
    ), booked AS (
        SELECT split_part(code, ':', 2)::uuid AS root, split_part(code, ':', 4)::uuid AS party, unit,
            credits_posted - debits_posted AS minor
        FROM ledger_account WHERE book = 'claims' AND split_part(code, ':', 3) = 'owed'
    )
    SELECT 'claims_claim', root, format('owed by %s: claims say %s, the books %s', party,
        coalesce(s.outstanding, 0) + coalesce(s.written_off, 0), coalesce(b.minor, 0))
    FROM said s FULL JOIN booked b USING (root, party, unit)
    WHERE coalesce(s.outstanding, 0) + coalesce(s.written_off, 0) <> coalesce(b.minor, 0)
    """,
)
PROMISES = Rule(
    "claims_promises",
    Text("预占与待签收的份额同账簿的预留一致", "Parts promised or offered agree with the books' reservations"),
    """
    WITH said AS (
        SELECT root, creditor AS party, sum(reserved_minor) AS promised,
            coalesce(sum(outstanding_minor) FILTER (WHERE state = 'offered'), 0) AS offered
        FROM claims_claim GROUP BY 1, 2
    ), booked AS (
        SELECT split_part(code, ':', 2)::uuid AS root, split_part(code, ':', 4)::uuid AS party,
            credits_pending AS promised, debits_pending AS offered
        FROM ledger_account WHERE book = 'claims' AND split_part(code, ':', 3) = 'held'
    )
    -- What a promise brings to its taker is pending in the books before there is a claim of the taker's.
    SELECT 'claims_claim', root, format('of %s: claims promise %s and offer %s, the books %s and %s', party,
        coalesce(s.promised, 0), coalesce(s.offered, 0), coalesce(b.promised, 0), coalesce(b.offered, 0))
    FROM said s FULL JOIN booked b USING (root, party)
    WHERE coalesce(s.promised, 0) <> coalesce(b.promised, 0) OR coalesce(s.offered, 0) > coalesce(b.offered, 0)
    """,
)
OWNERS = Rule(
    "claims_owners",
    Text("债权账户归户名所指的一方", "An account of claims belongs to the party its name says"),
    """
    SELECT 'ledger_account', id, format('%s is owned by %s', code, owner_id)
    FROM ledger_account
    WHERE book = 'claims' AND split_part(code, ':', 3) IN ('owed', 'held', 'pledged', 'written_off')
        AND owner_id::text IS DISTINCT FROM split_part(code, ':', 4)
    """,
)
RULES = (HOLDERS, DEBTORS, PROMISES, OWNERS)
