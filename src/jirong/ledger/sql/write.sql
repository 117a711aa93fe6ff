-- Writing the live journals of a placed batch whose accounts are locked: all of them, or nothing and the reasons.
--
-- The answer is NULL when they are written. Otherwise it is a list of refusals. The first is of the first journal that
-- cannot be written; every one before it could. The others (`sure`) are of journals that are wrong whatever comes
-- before them. Limits hold after each journal, not after each transfer, whose order inside a journal says nothing.

CREATE FUNCTION ledger_write(b ledger_batch, accounts uuid[], live boolean[], at timestamptz) RETURNS jsonb
LANGUAGE plpgsql
-- Plans are made once, for tables of any size: never a scan of a whole table, never a nested loop over a batch.
SET search_path = pg_catalog, public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off SET enable_seqscan = off AS $$
DECLARE
    unsettled jsonb;
    bad jsonb;
BEGIN
    IF b.pending_id IS NOT NULL OR b.reverses_id IS NOT NULL THEN
        SELECT s.amount, s.bad INTO b.amount, unsettled FROM ledger_settle(b, live) s;
    END IF;
    WITH t AS MATERIALIZED (
        SELECT x.*
        FROM unnest(b.journal, b.ordinal, b.transfer_id, b.kind, b.debit, b.credit, b.amount, b.unit, b.pending_id,
                b.reverses_id)
            WITH ORDINALITY AS x (j, ordinal, id, kind, debit, credit, amount, unit, p, r, o)
        WHERE live[x.j]
    ), account AS MATERIALIZED (
        SELECT a.* FROM ledger_account a WHERE a.id = ANY (accounts)
    ), leg AS (
        SELECT t.j, t.debit AS account, t.kind AS debits, 0 AS credits, t.amount FROM t
        UNION ALL
        SELECT t.j, t.credit, 0, t.kind, t.amount FROM t
    ), moved AS MATERIALIZED (
        SELECT l.account, count(*) AS entries,
            coalesce(sum(l.amount) FILTER (WHERE l.debits IN (1, 3)), 0) AS debits_posted,
            coalesce(sum(CASE WHEN l.debits = 2 THEN l.amount ELSE -l.amount END)
                FILTER (WHERE l.debits IN (2, 3, 4)), 0) AS debits_pending,
            coalesce(sum(l.amount) FILTER (WHERE l.credits IN (1, 3)), 0) AS credits_posted,
            coalesce(sum(CASE WHEN l.credits = 2 THEN l.amount ELSE -l.amount END)
                FILTER (WHERE l.credits IN (2, 3, 4)), 0) AS credits_pending,
            coalesce(sum(l.amount) FILTER (WHERE l.debits IN (1, 2)), 0) AS debits_added,
            coalesce(sum(l.amount) FILTER (WHERE l.credits IN (1, 2)), 0) AS credits_added
        FROM leg l GROUP BY l.account
    ), reached AS MATERIALIZED (
        SELECT a.id, a.bound, a.code, a.unit, a.allowance_minor, m.entries,
            a.debits_posted + m.debits_posted AS debits_posted, a.debits_pending + m.debits_pending AS debits_pending,
            a.credits_posted + m.credits_posted AS credits_posted,
            a.credits_pending + m.credits_pending AS credits_pending,
            -- How far the limited side stands beyond the other before the batch, and what the batch adds at worst.
            CASE a.bound WHEN 'debits' THEN a.debits_pending + a.debits_posted - a.credits_posted
                WHEN 'credits' THEN a.credits_pending + a.credits_posted - a.debits_posted END AS stood,
            CASE a.bound WHEN 'debits' THEN m.debits_added WHEN 'credits' THEN m.credits_added END AS worst
        FROM account a JOIN moved m ON m.account = a.id
    ), tight AS (
        SELECT * FROM reached q WHERE q.stood + q.worst > q.allowance_minor
    ), over AS (
        -- Only accounts that the worst order could take beyond their limit are followed journal by journal.
        SELECT z.j, z.account, z.code, z.unit, z.stands - z.allowance_minor AS excess
        FROM (
            SELECT y.j, y.account, y.code, y.unit, y.allowance_minor,
                y.stood + sum(y.adds) OVER (PARTITION BY y.account ORDER BY y.j) AS stands
            FROM (
                SELECT l.j, l.account, q.code, q.unit, q.stood, q.allowance_minor, sum(CASE
                    WHEN q.bound = 'debits' AND l.debits IN (1, 2) OR q.bound = 'credits' AND l.credits IN (1, 2)
                        THEN l.amount
                    WHEN q.bound = 'debits' AND (l.debits = 4 OR l.credits IN (1, 3))
                        OR q.bound = 'credits' AND (l.credits = 4 OR l.debits IN (1, 3))
                        THEN -l.amount
                    ELSE 0 END) AS adds
                FROM leg l JOIN tight q ON q.id = l.account
                GROUP BY l.j, l.account, q.code, q.unit, q.stood, q.allowance_minor
            ) y
        ) z
        WHERE z.stands > z.allowance_minor
    ), fault AS (
        SELECT t.j, t.o, t.id, t.amount, t.debit, t.credit, t.p IS NULL AND t.r IS NULL AS plain, CASE
                WHEN t.amount IS NULL OR t.amount <= 0 THEN 'amount_not_positive'
                WHEN t.amount > 1000000000000000 THEN 'amount_too_large'
                WHEN d.id IS NULL OR c.id IS NULL THEN 'account_unknown'
                WHEN d.id = c.id THEN 'same_account'
                WHEN d.book <> c.book THEN 'book_mismatch'
                WHEN d.unit <> c.unit OR t.unit <> d.unit THEN 'unit_mismatch'
                WHEN d.closed OR c.closed THEN 'account_closed'
                WHEN f.id IS NOT NULL THEN 'transfer_id_reused'
            END AS code,
            CASE WHEN d.id IS NULL OR d.closed THEN t.debit ELSE t.credit END AS account,
            CASE WHEN d.id IS NULL OR d.closed THEN d.code ELSE c.code END AS account_code, d.unit
        FROM t
        LEFT JOIN account d ON d.id = t.debit
        LEFT JOIN account c ON c.id = t.credit
        LEFT JOIN (SELECT g.id FROM ledger_transfer g WHERE g.id = ANY (b.transfer_id)) f ON f.id = t.id
    ), wrong AS MATERIALIZED (
        SELECT e.j, e.o, e.plain AS sure, jsonb_build_object('journal', e.j, 'code', e.code, 'transfer', e.id,
            'amount', e.amount, 'account', e.account, 'account_code', e.account_code, 'unit', e.unit) AS bad
        FROM fault e WHERE e.code IS NOT NULL
        UNION ALL
        SELECT v.j, NULL, false, jsonb_build_object('journal', v.j, 'code', 'limit_exceeded', 'account', v.account,
            'account_code', v.code, 'unit', v.unit, 'excess', v.excess)
        FROM over v
        UNION ALL
        SELECT (unsettled ->> 'journal')::integer, 0, false, unsettled WHERE unsettled IS NOT NULL
    ), journals AS (
        INSERT INTO ledger_journal (id, event_at, recorded_at, business_date, size, reason, subject_id)
        SELECT x.id, coalesce(x.event_at, at), at, x.business_date, x.size, coalesce(x.reason, ''), x.subject_id
        FROM unnest(b.journal_id, b.event_at, b.business_date, b.size, b.reason, b.subject_id)
            WITH ORDINALITY AS x (id, event_at, business_date, size, reason, subject_id, j)
        WHERE live[x.j] AND NOT EXISTS (SELECT FROM wrong)
        ORDER BY x.id
    ), transfers AS (
        INSERT INTO ledger_transfer (id, journal_id, debit_account_id, credit_account_id, amount_minor, ordinal, kind,
            pending_id, reverses_id)
        SELECT t.id, b.journal_id[t.j], t.debit, t.credit, t.amount, t.ordinal, t.kind, t.p, t.r
        FROM t WHERE NOT EXISTS (SELECT FROM wrong) ORDER BY t.o
    ), counters AS (
        UPDATE ledger_account a SET entries = a.entries + q.entries,
            debits_posted = q.debits_posted, debits_pending = q.debits_pending,
            credits_posted = q.credits_posted, credits_pending = q.credits_pending
        FROM reached q
        WHERE a.id = q.id AND a.id = ANY (accounts) AND NOT EXISTS (SELECT FROM wrong)
    )
    -- Of several faults in one journal: first what settles wrongly, then the earliest transfer's, limits last.
    SELECT jsonb_agg(z.bad || jsonb_build_object('sure', z.sure) ORDER BY z.j) INTO bad
    FROM (
        SELECT DISTINCT ON (w.j) w.j, w.bad,
            w.sure AND w.j NOT IN (SELECT t.j FROM t WHERE t.p IS NOT NULL OR t.r IS NOT NULL) AS sure,
            row_number() OVER (ORDER BY w.j, w.o NULLS LAST) AS place
        FROM wrong w ORDER BY w.j, w.o NULLS LAST
    ) z
    WHERE z.place = 1 OR z.sure;
    IF bad IS NULL AND 2 = ANY (b.kind) THEN
        INSERT INTO ledger_reservation (id, amount_minor)
        SELECT x.id, x.amount FROM unnest(b.journal, b.transfer_id, b.kind, b.amount) AS x (j, id, kind, amount)
        WHERE x.kind = 2 AND live[x.j];
    END IF;
    IF bad IS NULL AND b.pending_id IS NOT NULL THEN
        UPDATE ledger_reservation v
        SET posted_minor = v.posted_minor + s.posted, voided_minor = v.voided_minor + s.voided
        FROM (
            SELECT x.p, coalesce(sum(x.amount) FILTER (WHERE x.kind = 3), 0) AS posted,
                coalesce(sum(x.amount) FILTER (WHERE x.kind = 4), 0) AS voided
            FROM unnest(b.journal, b.kind, b.amount, b.pending_id) AS x (j, kind, amount, p)
            WHERE x.p IS NOT NULL AND live[x.j]
            GROUP BY x.p
        ) s
        WHERE v.id = s.p AND v.id = ANY (b.pending_id);
    END IF;
    RETURN bad;
END $$;

-- Writing the live journals that can be, each standing alone, after a first try at all of them found `bads`. Answers
-- the refusals.
CREATE FUNCTION ledger_write_apart(b ledger_batch, live boolean[], bads jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    n constant integer := cardinality(b.journal_id);
    starts integer[];      -- where each journal's transfers begin
    lo integer := 1;       -- everything before it is written or refused
    hi integer := n;
    step integer := n;     -- how many journals to try at once
    bad integer;
    part ledger_batch;
    accounts uuid[];
    refused jsonb := '[]';
BEGIN
    SELECT array_agg(x.before + 1 ORDER BY x.j) INTO starts
    FROM (
        SELECT u.j, sum(u.size) OVER (ORDER BY u.j) - u.size AS before
        FROM unnest(b.size) WITH ORDINALITY AS u (size, j)
    ) x;
    WHILE bads IS NOT NULL LOOP
        -- What is refused for certain falls out. The first may depend on those before it: they are written before
        -- anything is said of those after it, which go on in smaller steps.
        IF NOT (bads -> 0 ->> 'sure')::boolean THEN
            hi := lo - 1 + (bads -> 0 ->> 'journal')::integer;
            step := greatest(1, step / 2);
        END IF;
        SELECT refused || jsonb_agg(x.bad || jsonb_build_object('journal', lo - 1 + (x.bad ->> 'journal')::integer))
        INTO refused FROM jsonb_array_elements(bads) AS x (bad);
        FOR bad IN SELECT (x.bad ->> 'journal')::integer FROM jsonb_array_elements(bads) AS x (bad) LOOP
            live[lo - 1 + bad] := false;
        END LOOP;
        LOOP
            bads := NULL;
            IF true = ANY (live[lo:hi]) THEN
                part := ledger_part(b, starts, lo, hi);
                SELECT array_agg(DISTINCT x.id) INTO accounts FROM unnest(part.debit || part.credit) AS x (id);
                bads := ledger_write(part, accounts, live[lo:hi], at);
            END IF;
            EXIT WHEN bads IS NOT NULL OR hi = n;
            lo := hi + 1;
            hi := least(n, hi + step);
            step := step * 2;
        END LOOP;
    END LOOP;
    RETURN refused;
END $$;
