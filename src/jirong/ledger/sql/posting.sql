-- Posting journals in batches: a handful of statements for thousands of transfers.
--
-- Order of work: find the accounts, lock them in id order, set aside journals that are already known, then write the
-- rest in one statement that checks everything first and writes nothing at all if anything is wrong. Nothing is
-- raised, so the caller's transaction goes on whatever the answer.
--
-- What each function is told it is told by arrays, one element a journal or one a transfer: psycopg sends them in
-- binary, which costs a third of the same rows as JSON.

CREATE TYPE ledger_batch AS (
    -- one element a journal
    journal_id    uuid[],
    business_date date[],
    event_at      timestamptz[], -- NULL array or element: the moment of recording
    reason        text[],        -- NULL array: none
    subject_id    uuid[],        -- NULL array: none
    size          integer[],     -- how many transfers
    -- one element a transfer, journal after journal
    journal       integer[],     -- which of the journals above, from 1
    ordinal       integer[],     -- its place in the journal, from 1
    transfer_id   uuid[],
    kind          smallint[],    -- 1 post, 2 reserve, 3 post_pending, 4 void_pending
    debit         uuid[],
    credit        uuid[],
    amount        bigint[],      -- NULL element for 3, 4: all that is left; for a reversal: what it reverses
    unit          text[],        -- NULL array or element: not said
    pending_id    uuid[],        -- NULL array: none
    reverses_id   uuid[]         -- NULL array: none
);

-- The batch with real accounts in it: a sub-account in place of each heading, and for transfers that settle or reverse
-- the accounts of what they settle or reverse: NULL where that is not there (yet), the zero id where others were said.
CREATE FUNCTION ledger_place(b ledger_batch) RETURNS ledger_batch
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off SET enable_seqscan = off AS $$
DECLARE
    other constant uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    -- The journal's id picks the sub-account, so that a repeated request meets the first one's locks.
    IF EXISTS (SELECT FROM ledger_account a WHERE a.shards > 0 AND a.id = ANY (b.debit || b.credit)) THEN
        WITH shard AS (
            SELECT h.id, s.shard, h.shards, s.id AS sub
            FROM ledger_account h JOIN ledger_account s ON s.parent_id = h.id
            WHERE h.shards > 0 AND h.id = ANY (b.debit || b.credit)
        ), t AS (
            SELECT x.*, x.p IS NULL AND x.r IS NULL AS plain, uuid_hash(b.journal_id[x.j]) & 2147483647 AS pick
            FROM unnest(b.journal, b.debit, b.credit, b.pending_id, b.reverses_id)
                WITH ORDINALITY AS x (j, debit, credit, p, r, o)
        )
        SELECT array_agg(coalesce(d.sub, t.debit) ORDER BY t.o), array_agg(coalesce(c.sub, t.credit) ORDER BY t.o)
        INTO b.debit, b.credit
        FROM t
        LEFT JOIN shard d ON d.id = t.debit AND d.shard = t.pick % d.shards AND t.plain
        LEFT JOIN shard c ON c.id = t.credit AND c.shard = t.pick % c.shards AND t.plain;
    END IF;
    IF b.pending_id IS NOT NULL OR b.reverses_id IS NOT NULL THEN
        WITH t AS (
            SELECT x.o, x.id, x.debit, x.credit, x.r IS NOT NULL AS swapped, coalesce(x.p, x.r) AS target
            FROM unnest(b.transfer_id, b.debit, b.credit, b.pending_id, b.reverses_id)
                WITH ORDINALITY AS x (id, debit, credit, p, r, o)
        ), known AS (
            SELECT f.id, f.debit_account_id AS debit, f.credit_account_id AS credit FROM ledger_transfer f
            WHERE f.id = ANY (b.pending_id || b.reverses_id)
        ), target AS (
            SELECT * FROM known
            UNION ALL
            -- One of this very call; only one that needs no looking up itself.
            SELECT t.id, t.debit, t.credit FROM t
            WHERE t.target IS NULL AND t.id = ANY (b.pending_id || b.reverses_id)
                AND NOT EXISTS (SELECT FROM known k WHERE k.id = t.id)
        ), meant AS (
            SELECT t.o, t.target, t.debit AS said_debit, t.credit AS said_credit,
                CASE WHEN t.swapped THEN g.credit ELSE g.debit END AS debit,
                CASE WHEN t.swapped THEN g.debit ELSE g.credit END AS credit
            FROM t LEFT JOIN target g ON g.id = t.target
        )
        SELECT
            array_agg(CASE
                WHEN m.target IS NULL THEN m.said_debit
                WHEN m.debit IS NULL OR m.said_debit IS NULL OR m.said_debit = m.debit THEN m.debit
                WHEN m.said_debit = (SELECT a.parent_id FROM ledger_account a WHERE a.id = m.debit) THEN m.debit
                ELSE other END ORDER BY m.o),
            array_agg(CASE
                WHEN m.target IS NULL THEN m.said_credit
                WHEN m.credit IS NULL OR m.said_credit IS NULL OR m.said_credit = m.credit THEN m.credit
                WHEN m.said_credit = (SELECT a.parent_id FROM ledger_account a WHERE a.id = m.credit) THEN m.credit
                ELSE other END ORDER BY m.o)
        INTO b.debit, b.credit
        FROM meant m;
    END IF;
    RETURN b;
END $$;

-- What the amounts become once every "all that is left" is a number, and the first transfer that settles or reverses
-- what it may not.
CREATE FUNCTION ledger_settle(b ledger_batch, live boolean[], OUT amount bigint[], OUT bad jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off SET enable_seqscan = off AS $$
DECLARE
    other constant uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    WITH t AS MATERIALIZED (
        SELECT x.*, live[x.j] AS here
        FROM unnest(b.journal, b.transfer_id, b.kind, b.debit, b.credit, b.amount, b.pending_id, b.reverses_id)
            WITH ORDINALITY AS x (j, id, kind, debit, credit, amount, p, r, o)
    ), booked AS MATERIALIZED (
        SELECT f.id, f.kind, f.amount_minor AS amount FROM ledger_transfer f
        WHERE f.id = ANY (b.pending_id || b.reverses_id)
    ), plain AS (
        -- Of this very call; an id that was used before means what it meant then.
        SELECT t.id, t.kind, t.amount, t.o FROM t
        WHERE t.here AND t.p IS NULL AND t.r IS NULL AND NOT EXISTS (SELECT FROM booked k WHERE k.id = t.id)
    ), reservation AS (
        SELECT v.id, v.amount_minor - v.posted_minor - v.voided_minor AS rest, 0 AS since
        FROM ledger_reservation v WHERE v.id = ANY (b.pending_id)
        UNION ALL
        SELECT n.id, n.amount, n.o FROM plain n WHERE n.kind = 2
    ), settling AS (
        SELECT t.o, t.j, t.id, t.p AS target, t.amount, t.debit, t.credit, v.rest, v.since,
            coalesce(sum(coalesce(t.amount, 0)) OVER earlier, 0) AS taken,
            coalesce(bool_or(t.amount IS NULL) OVER earlier, false) AS emptied
        FROM t LEFT JOIN reservation v ON v.id = t.p
        WHERE t.here AND t.p IS NOT NULL
        WINDOW earlier AS (PARTITION BY t.p ORDER BY t.o ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), settled AS (
        SELECT s.*, CASE WHEN s.emptied THEN 0 ELSE s.rest - s.taken END AS left_minor FROM settling s
    ), reversible AS (
        SELECT k.id, k.kind, k.amount, 0 AS since FROM booked k
        UNION ALL
        SELECT n.id, n.kind, n.amount, n.o FROM plain n
    ), reversed AS (
        SELECT f.reverses_id AS id FROM ledger_transfer f WHERE f.reverses_id = ANY (b.reverses_id)
    ), reversing AS (
        SELECT t.o, t.j, t.id, t.r AS target, t.amount, t.debit, t.credit, v.kind, v.amount AS whole, v.since,
            d.id IS NOT NULL OR row_number() OVER (PARTITION BY t.r ORDER BY t.o) > 1 AS again
        FROM t LEFT JOIN reversible v ON v.id = t.r LEFT JOIN reversed d ON d.id = t.r
        WHERE t.here AND t.r IS NOT NULL
    ), found AS (
        SELECT s.o, s.j, s.id, s.target, s.left_minor AS available, coalesce(s.amount, s.left_minor) AS amount,
            CASE
                WHEN s.rest IS NULL OR s.since > s.o OR s.debit IS NULL THEN 'reservation_unknown'
                WHEN other IN (s.debit, s.credit) THEN 'reservation_mismatch'
                WHEN s.left_minor <= 0 THEN 'reservation_settled'
                WHEN s.amount > s.left_minor THEN 'reservation_exceeded'
            END AS code
        FROM settled s
        UNION ALL
        SELECT v.o, v.j, v.id, v.target, v.whole, v.whole,
            CASE
                -- What itself settles or reverses in this call was not looked up: only a later call can reverse it.
                WHEN v.whole IS NULL OR v.since > v.o OR v.debit IS NULL OR v.kind NOT IN (1, 3)
                    THEN 'reversal_unknown'
                WHEN other IN (v.debit, v.credit) OR v.amount <> v.whole THEN 'reversal_mismatch'
                WHEN v.again THEN 'already_reversed'
            END
        FROM reversing v
    )
    SELECT
        array_agg(CASE WHEN f.o IS NULL THEN t.amount WHEN f.code IS NULL THEN f.amount::bigint END ORDER BY t.o),
        (SELECT jsonb_build_object('journal', w.j, 'code', w.code, 'transfer', w.id, 'target', w.target,
                'amount', w.amount, 'available', w.available)
            FROM found w WHERE w.code IS NOT NULL ORDER BY w.o LIMIT 1)
    INTO amount, bad
    FROM t LEFT JOIN found f ON f.o = t.o;
END $$;

-- Journals lo to hi of a batch as a batch of their own, numbered from 1; `starts` says where each one's transfers begin.
CREATE FUNCTION ledger_part(b ledger_batch, starts integer[], lo integer, hi integer) RETURNS ledger_batch
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    f constant integer := starts[lo];
    l constant integer := starts[hi] + b.size[hi] - 1;
    numbers integer[];
BEGIN
    SELECT array_agg(x.j - lo + 1 ORDER BY x.o) INTO numbers
    FROM unnest(b.journal[f:l]) WITH ORDINALITY AS x (j, o);
    RETURN ROW(
        b.journal_id[lo:hi], b.business_date[lo:hi], b.event_at[lo:hi], b.reason[lo:hi], b.subject_id[lo:hi],
        b.size[lo:hi], numbers, b.ordinal[f:l], b.transfer_id[f:l], b.kind[f:l], b.debit[f:l], b.credit[f:l],
        b.amount[f:l], b.unit[f:l], b.pending_id[f:l], b.reverses_id[f:l])::ledger_batch;
END $$;
