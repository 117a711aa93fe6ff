-- The two doors: `ledger_post` for a batch, `ledger_post_one` for a journal of one plain transfer.
--
-- Both run as the tables' owner, whatever role calls them, with a fixed search path. The setting `jirong.posting` opens
-- the tables' forced row security for the length of a call (a rollback, to a savepoint too, takes it back), and nothing
-- else sets it: no other statement can write a counter or a transfer.

-- Of a batch, which journals are new (`live`), which are there with the same body, and which are there with another.
-- What a caller leaves open (an amount, a moment) is not compared.
CREATE FUNCTION ledger_replay(b ledger_batch, OUT live boolean[], OUT replayed jsonb, OUT refused jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_nestloop = off SET enable_seqscan = off AS $$
BEGIN
    WITH k AS (
        SELECT x.j, x.id, g.id IS NOT NULL AS known, g.recorded_at,
            g.business_date <> x.business_date OR coalesce(g.event_at <> x.event_at, false) OR g.size <> x.size
                OR g.reason <> coalesce(x.reason, '') OR g.subject_id IS DISTINCT FROM x.subject_id AS differs
        FROM unnest(b.journal_id, b.business_date, b.event_at, b.size, b.reason, b.subject_id)
            WITH ORDINALITY AS x (id, business_date, event_at, size, reason, subject_id, j)
        LEFT JOIN (SELECT * FROM ledger_journal g WHERE g.id = ANY (b.journal_id)) g ON g.id = x.id
    ), t AS (
        SELECT x.j, f.id IS NULL OR f.id <> x.id OR f.kind <> x.kind
            OR x.debit IS DISTINCT FROM f.debit_account_id OR x.credit IS DISTINCT FROM f.credit_account_id
            OR x.amount <> f.amount_minor OR x.unit <> a.unit
            OR x.p IS DISTINCT FROM f.pending_id OR x.r IS DISTINCT FROM f.reverses_id AS differs
        FROM unnest(b.journal, b.ordinal, b.transfer_id, b.kind, b.debit, b.credit, b.amount, b.unit, b.pending_id,
            b.reverses_id) AS x (j, ordinal, id, kind, debit, credit, amount, unit, p, r)
        LEFT JOIN (SELECT * FROM ledger_transfer f WHERE f.journal_id = ANY (b.journal_id)) f
            ON f.journal_id = b.journal_id[x.j] AND f.ordinal = x.ordinal
        LEFT JOIN (SELECT * FROM ledger_account a WHERE a.id = ANY (b.debit)) a ON a.id = f.debit_account_id
    ), verdict AS (
        SELECT k.j, k.known, k.recorded_at, k.known AND (k.differs OR coalesce(d.differs, false)) AS reused
        FROM k LEFT JOIN (SELECT t.j, bool_or(t.differs) AS differs FROM t GROUP BY t.j) d ON d.j = k.j
    )
    SELECT array_agg(NOT v.known ORDER BY v.j),
        jsonb_object_agg(v.j, v.recorded_at) FILTER (WHERE v.known AND NOT v.reused),
        coalesce(jsonb_agg(jsonb_build_object('journal', v.j, 'code', 'journal_id_reused') ORDER BY v.j)
            FILTER (WHERE v.reused), '[]')
    INTO live, replayed, refused
    FROM verdict v;
END $$;

CREATE FUNCTION ledger_post(
    asked ledger_batch, together boolean, OUT recorded_at timestamptz, OUT replayed jsonb, OUT refused jsonb
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
DECLARE
    door text := set_config('jirong.posting', 'on', true);
    b ledger_batch := asked;
    live boolean[] := array_fill(true, ARRAY[cardinality(asked.journal_id)]);
    accounts uuid[];
    locked integer;
    bads jsonb;
BEGIN
    refused := '[]';
    IF b.pending_id IS NOT NULL OR b.reverses_id IS NOT NULL THEN
        b := ledger_place(b);
    END IF;
    SELECT array_agg(DISTINCT x.id) INTO accounts FROM unnest(b.debit || b.credit) AS x (id);
    PERFORM FROM ledger_account a WHERE a.id = ANY (accounts) AND a.shards = 0 ORDER BY a.id FOR NO KEY UPDATE;
    GET DIAGNOSTICS locked = ROW_COUNT;
    IF locked < cardinality(accounts) THEN
        -- Some are headings (or unknown). Sub-accounts have ids that sort after all others, so the order is kept.
        b := ledger_place(asked);
        SELECT array_agg(DISTINCT x.id) INTO accounts FROM unnest(b.debit || b.credit) AS x (id);
        PERFORM FROM ledger_account a WHERE a.id = ANY (accounts) ORDER BY a.id FOR NO KEY UPDATE;
    END IF;
    -- Journals of before the locks; from here on nobody else can be writing the same.
    IF EXISTS (SELECT FROM ledger_journal k WHERE k.id = ANY (b.journal_id)) THEN
        SELECT r.live, r.replayed, r.refused INTO live, replayed, refused FROM ledger_replay(b) r;
    END IF;
    recorded_at := clock_timestamp();
    IF NOT (together AND refused <> '[]') THEN
        bads := ledger_write(b, accounts, live, recorded_at);
        IF together AND bads IS NOT NULL THEN
            refused := jsonb_build_array(bads -> 0);
        ELSIF bads IS NOT NULL THEN
            refused := refused || ledger_write_apart(b, live, bads, recorded_at);
        END IF;
    END IF;
    door := set_config('jirong.posting', '', true);
END $$;

-- The lean path: one `post` or `reserve` between two plain accounts, in three statements. Whatever is unusual about it
-- (a heading, a known journal, anything to refuse) goes the long way round, which knows what to say.
CREATE FUNCTION ledger_post_one(
    journal_id uuid, business_date date, event_at timestamptz, reason text, subject_id uuid,
    transfer_id uuid, kind smallint, debit uuid, credit uuid, amount bigint, unit text,
    OUT recorded_at timestamptz, OUT replayed jsonb, OUT refused jsonb
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
#variable_conflict use_variable
DECLARE
    door text := set_config('jirong.posting', 'on', true);
    a record;
    kinds text[] := '{}'; -- book and unit of each account found
    plain boolean := amount BETWEEN 1 AND 1000000000000000 AND kind IN (1, 2);
BEGIN
    FOR a IN
        SELECT x.id, x.book || ' ' || x.unit AS kind, x.unit, x.closed, CASE
                WHEN x.bound = 'debits' AND x.id = debit
                    THEN x.debits_pending + x.debits_posted + amount > x.credits_posted + x.allowance_minor
                WHEN x.bound = 'credits' AND x.id = credit
                    THEN x.credits_pending + x.credits_posted + amount > x.debits_posted + x.allowance_minor
                ELSE false END AS over
        FROM ledger_account x WHERE x.id IN (debit, credit) AND x.shards = 0 ORDER BY x.id FOR NO KEY UPDATE
    LOOP
        kinds := kinds || a.kind;
        plain := plain AND NOT a.closed AND NOT a.over AND a.unit = coalesce(unit, a.unit);
    END LOOP;
    IF plain AND kinds[1] = kinds[2] AND NOT EXISTS (SELECT FROM ledger_journal j WHERE j.id = journal_id)
        AND NOT EXISTS (SELECT FROM ledger_transfer t WHERE t.id = transfer_id)
    THEN
        recorded_at := clock_timestamp();
        refused := '[]';
        WITH journal AS (
            INSERT INTO ledger_journal VALUES (
                journal_id, coalesce(event_at, recorded_at), recorded_at, business_date, 1, coalesce(reason, ''),
                subject_id)
        ), transfer AS (
            INSERT INTO ledger_transfer (id, journal_id, debit_account_id, credit_account_id, amount_minor, ordinal,
                kind)
            VALUES (transfer_id, journal_id, debit, credit, amount, 1, kind)
        ), reservation AS (
            INSERT INTO ledger_reservation (id, amount_minor) SELECT transfer_id, amount WHERE kind = 2
        )
        UPDATE ledger_account x SET entries = x.entries + 1,
            debits_posted = x.debits_posted + CASE WHEN x.id = debit AND kind = 1 THEN amount ELSE 0 END,
            debits_pending = x.debits_pending + CASE WHEN x.id = debit AND kind = 2 THEN amount ELSE 0 END,
            credits_posted = x.credits_posted + CASE WHEN x.id = credit AND kind = 1 THEN amount ELSE 0 END,
            credits_pending = x.credits_pending + CASE WHEN x.id = credit AND kind = 2 THEN amount ELSE 0 END
        WHERE x.id IN (debit, credit);
    ELSE
        SELECT p.recorded_at, p.replayed, p.refused INTO recorded_at, replayed, refused
        FROM ledger_post(ROW(
            ARRAY[journal_id], ARRAY[business_date], ARRAY[event_at], ARRAY[reason], ARRAY[subject_id], ARRAY[1],
            ARRAY[1], ARRAY[1], ARRAY[transfer_id], ARRAY[kind], ARRAY[debit], ARRAY[credit], ARRAY[amount], ARRAY[unit],
            NULL, NULL
        )::ledger_batch, true) p;
    END IF;
    door := set_config('jirong.posting', '', true);
END $$;
