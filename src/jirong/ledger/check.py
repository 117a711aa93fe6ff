"""Is the ledger in order? Each rule is one statement, so that it sees one moment whatever is being posted meanwhile.

A finding names the row. Rooms above add rules of their own (:func:`add`): what their tables say must be what the
books say. The rules are independent of the posting functions: they add everything up again from the
transfers. Run as the house (``SYSTEM``), which sees every row.
"""

from __future__ import annotations

from typing import Any, LiteralString, NamedTuple

import psycopg
from psycopg import sql

from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text

FINDINGS_MAX = 100
"""Rows named a rule; whoever has more has seen enough."""


BLIND = """
SELECT row_security_active('ledger_transfer') AND jirong_role() NOT IN ('operator', 'system')
    AND coalesce(current_setting('jirong.posting', true), '') <> 'on'
"""
"""Whether row security hides rows: a check that sees nothing would find nothing."""


class Rule(NamedTuple):
    """``sql`` answers the rows that break the rule, as (table, row, what is wrong)."""

    code: str
    title: Text
    sql: LiteralString


class Finding(NamedTuple):
    rule: str
    table: str
    row: str
    wrong: str


RULES = (
    Rule(
        "zero_sum",
        Text("每个账簿、每个单位借贷相等", "Debits equal credits in each book and unit"),
        """
        SELECT 'ledger_account', book || '/' || unit, format('posted %s − %s, pending %s − %s',
            sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending))
        FROM ledger_account GROUP BY book, unit
        HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending)
        """,
    ),
    Rule(
        "counters",
        Text("账户计数等于其分录之和", "Counters equal the entries"),
        """
        WITH leg AS (
            SELECT debit_account_id AS account, kind AS debits, 0 AS credits, amount_minor AS amount
            FROM ledger_transfer
            UNION ALL
            SELECT credit_account_id, 0, kind, amount_minor FROM ledger_transfer
        ), summed AS (
            SELECT account, count(*) AS entries,
                coalesce(sum(amount) FILTER (WHERE debits IN (1, 3)), 0) AS debits_posted,
                coalesce(sum(amount) FILTER (WHERE credits IN (1, 3)), 0) AS credits_posted,
                coalesce(sum(amount) FILTER (WHERE debits = 2), 0)
                    - coalesce(sum(amount) FILTER (WHERE debits IN (3, 4)), 0) AS debits_pending,
                coalesce(sum(amount) FILTER (WHERE credits = 2), 0)
                    - coalesce(sum(amount) FILTER (WHERE credits IN (3, 4)), 0) AS credits_pending
            FROM leg GROUP BY account
        ), both_sides AS (
            SELECT coalesce(a.id, s.account) AS id, a.code,
                ARRAY[a.entries, a.debits_posted, a.debits_pending, a.credits_posted, a.credits_pending]::numeric[]
                    AS counted,
                ARRAY[coalesce(s.entries, 0), coalesce(s.debits_posted, 0), coalesce(s.debits_pending, 0),
                    coalesce(s.credits_posted, 0), coalesce(s.credits_pending, 0)]::numeric[] AS added
            FROM ledger_account a FULL JOIN summed s ON s.account = a.id
        )
        SELECT 'ledger_account', id, format('%s: counters %s, entries add up to %s', coalesce(code, 'no such account'),
            counted, added)
        FROM both_sides WHERE counted IS DISTINCT FROM added
        """,
    ),
    Rule(
        "limits",
        Text("账户不超限额", "No account beyond its limit"),
        """
        SELECT 'ledger_account', id, format('%s: %s bounded, allowance %s, debits %s + %s, credits %s + %s',
            code, bound, allowance_minor, debits_posted, debits_pending, credits_posted, credits_pending)
        FROM ledger_account
        WHERE bound = 'debits' AND debits_pending + debits_posted > credits_posted + allowance_minor
            OR bound = 'credits' AND credits_pending + credits_posted > debits_posted + allowance_minor
            OR least(debits_pending, debits_posted, credits_pending, credits_posted) < 0
            OR closed AND parent_id IS NULL
                AND (debits_pending + credits_pending <> 0 OR debits_posted <> credits_posted)
        """,
    ),
    Rule(
        "gaps",
        Text("凭证的分录齐全且连续", "No transfer missing from a journal, no journal from a transfer"),
        """
        SELECT 'ledger_journal', coalesce(j.id, t.journal_id),
            CASE WHEN j.id IS NULL THEN 'transfers without their journal'
                ELSE format('%s transfers, of which there are %s, numbered %s to %s', j.size,
                    coalesce(t.count, 0), t.least, t.most) END
        FROM ledger_journal j
        FULL JOIN (
            SELECT journal_id, count(*) AS count, min(ordinal) AS least, max(ordinal) AS most
            FROM ledger_transfer GROUP BY journal_id
        ) t ON t.journal_id = j.id
        WHERE j.id IS NULL OR t.count IS DISTINCT FROM j.size OR t.most <> j.size OR t.least <> 1
        """,
    ),
    Rule(
        "reservations",
        Text("预留与其处理一致，且不超额", "Reservations agree with what settled them, and are not exceeded"),
        """
        SELECT 'ledger_reservation', coalesce(v.id, t.id), CASE
                WHEN v.id IS NULL THEN 'a reserve transfer has no reservation'
                WHEN t.id IS NULL THEN 'no reserve transfer of this id'
                ELSE format('amount %s (transfer %s), posted %s (transfers %s), voided %s (transfers %s)',
                    v.amount_minor, t.amount_minor, v.posted_minor,
                    coalesce(s.posted, 0), v.voided_minor, coalesce(s.voided, 0)) END
        FROM ledger_reservation v
        FULL JOIN (SELECT * FROM ledger_transfer WHERE kind = 2) t ON t.id = v.id
        LEFT JOIN (
            SELECT pending_id, sum(amount_minor) FILTER (WHERE kind = 3) AS posted,
                sum(amount_minor) FILTER (WHERE kind = 4) AS voided
            FROM ledger_transfer WHERE pending_id IS NOT NULL GROUP BY pending_id
        ) s ON s.pending_id = v.id
        WHERE v.id IS NULL OR t.id IS NULL OR v.amount_minor <> t.amount_minor
            OR v.posted_minor <> coalesce(s.posted, 0)
            OR v.voided_minor <> coalesce(s.voided, 0)
            OR v.posted_minor + v.voided_minor > v.amount_minor
        """,
    ),
    Rule(
        "settlements",
        Text("处理与冲销指向存在且相符的分录", "What settles or reverses points at a transfer that fits it"),
        """
        SELECT 'ledger_transfer', t.id, format('%s does not fit %s', CASE WHEN t.pending_id IS NULL
            THEN 'reversal' ELSE 'settlement' END, coalesce(t.pending_id, t.reverses_id))
        FROM ledger_transfer t LEFT JOIN ledger_transfer g ON g.id = coalesce(t.pending_id, t.reverses_id)
        WHERE t.pending_id IS NOT NULL AND (g.id IS NULL OR g.kind <> 2 OR g.position > t.position
                OR (g.debit_account_id, g.credit_account_id) <> (t.debit_account_id, t.credit_account_id))
            OR t.reverses_id IS NOT NULL AND (g.id IS NULL OR g.kind NOT IN (1, 3) OR g.position > t.position
                OR g.amount_minor <> t.amount_minor
                OR (g.debit_account_id, g.credit_account_id) <> (t.credit_account_id, t.debit_account_id))
        """,
    ),
    Rule(
        "kinds",
        Text("分录两边同账簿、同单位", "Both accounts of a transfer are of one book and unit"),
        """
        SELECT 'ledger_transfer', t.id, format('%s %s against %s %s', d.book, d.unit, c.book, c.unit)
        FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_account_id
        JOIN ledger_account c ON c.id = t.credit_account_id
        WHERE d.book <> c.book OR d.unit <> c.unit OR d.shards > 0 OR c.shards > 0
        """,
    ),
    Rule(
        "shards",
        Text("分户齐全，且与总户条件一致", "A heading has all its sub-accounts, on its own terms"),
        """
        SELECT 'ledger_account', h.id, format('%s: %s sub-accounts of %s fit', h.code, count(s.id) FILTER (WHERE
            (s.book, s.unit, s.bound) = (h.book, h.unit, h.bound) AND s.owner_id IS NOT DISTINCT FROM h.owner_id
            AND s.shard < h.shards), h.shards)
        FROM ledger_account h LEFT JOIN ledger_account s ON s.parent_id = h.id
        GROUP BY h.id
        HAVING count(s.id) FILTER (WHERE (s.book, s.unit, s.bound) = (h.book, h.unit, h.bound)
            AND s.owner_id IS NOT DISTINCT FROM h.owner_id AND s.shard < h.shards) <> h.shards
            OR count(s.id) <> h.shards
        """,
    ),
)


_added: list[Rule] = []


def add(*rules: Rule) -> None:
    """Let ``rules`` of another room be checked as well; their statements see every row."""
    known = {rule.code for rule in _added}
    _added.extend(rule for rule in rules if rule.code not in known)


def rules() -> tuple[Rule, ...]:
    """Every rule: the ledger's own, then those other rooms added."""
    return (*RULES, *_added)


def check_on(cursor: psycopg.Cursor[Any]) -> list[Finding]:
    """Every broken rule on any psycopg cursor that sees all rows; empty when the ledger is in order."""
    blind = cursor.execute(BLIND).fetchone()
    if blind is None or blind[0]:
        raise Forbidden(
            "ledger.check_blind",
            Text("当前身份看不到全部账目，无法检查", "This identity does not see the whole ledger"),
            remedy=Text("请以平台身份运行", "Run it as the house or the operator"),
        )
    with cursor.connection.transaction():
        row = cursor.execute("SELECT current_setting('enable_nestloop'), current_setting('jit')").fetchone()
        assert row is not None, "settings always have a value"
        _plan_joins(cursor, "off", "off")
        findings = [finding for rule in rules() for finding in _broken(cursor, rule)]
        _plan_joins(cursor, *row)
    return findings


def _broken(cursor: psycopg.Cursor[Any], rule: Rule) -> list[Finding]:
    # Materialized, because a LIMIT that the planner sees makes it hope for a few rows soon; here there are none.
    limited = sql.SQL("WITH broken AS MATERIALIZED ({}) SELECT * FROM broken LIMIT {}")
    rows = cursor.execute(limited.format(sql.SQL(rule.sql), FINDINGS_MAX)).fetchall()
    return [Finding(rule.code, str(table), str(row), str(wrong)) for table, row, wrong in rows]


def _plan_joins(cursor: psycopg.Cursor[Any], nested_loops: str, jit: str) -> None:
    """Until the transaction ends: every rule joins whole tables, and on tables that nobody has analyzed yet the planner
    would go through one of them for each row of the other.
    """
    cursor.execute("SELECT set_config('enable_nestloop', %s, true), set_config('jit', %s, true)", [nested_loops, jit])


def check() -> list[Finding]:
    """Every broken rule in Django's database, as the house."""
    from django.db import transaction

    from jirong.ledger.post import server_cursor
    from jirong.store.identity import SYSTEM, acting_as

    with acting_as(SYSTEM), transaction.atomic():
        return check_on(server_cursor())
