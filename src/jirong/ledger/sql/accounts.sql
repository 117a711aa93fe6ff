-- Opening and closing accounts. Opening one that exists with the same terms changes nothing; the answer is the codes
-- that exist with other terms.

CREATE FUNCTION ledger_open(
    ids uuid[], codes text[], books text[], units text[], owners uuid[], bounds text[], allowances bigint[],
    shard_counts smallint[]
) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    door text := set_config('jirong.posting', 'on', true);
    other text[];
BEGIN
    INSERT INTO ledger_account (id, code, book, unit, owner_id, bound, allowance_minor, shards)
    SELECT x.id, x.code, x.book, x.unit, x.owner_id, x.bound, x.allowance, x.shards
    FROM unnest(ids, codes, books, units, owners, bounds, allowances, shard_counts)
        AS x (id, code, book, unit, owner_id, bound, allowance, shards)
    ORDER BY x.id
    ON CONFLICT DO NOTHING;
    INSERT INTO ledger_account (id, code, book, unit, owner_id, parent_id, shard)
    -- Ids that sort after all others: sub-accounts are locked last.
    SELECT ('ffffffff' || substr(md5(x.id::text || '#' || k), 9))::uuid, x.code || '#' || k, x.book, x.unit, x.owner_id, x.id, k
    FROM unnest(ids, codes, books, units, owners, shard_counts) AS x (id, code, book, unit, owner_id, shards),
        generate_series(0, x.shards - 1) AS k
    ORDER BY x.id, k
    ON CONFLICT DO NOTHING;
    SELECT array_agg(x.code ORDER BY x.code) INTO other
    FROM unnest(ids, codes, books, units, owners, bounds, allowances, shard_counts)
        AS x (id, code, book, unit, owner_id, bound, allowance, shards)
    LEFT JOIN ledger_account a ON a.id = x.id
    WHERE (a.code, a.book, a.unit, a.owner_id, a.bound, a.allowance_minor, a.shards)
        IS DISTINCT FROM (x.code, x.book, x.unit, x.owner_id, x.bound, x.allowance, x.shards);
    door := set_config('jirong.posting', '', true);
    RETURN coalesce(other, '{}');
END $$;

-- Close an account for good once nothing stands on it. Answers what still does: NULL (closed), or its counters.
CREATE FUNCTION ledger_close(account uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    door text := set_config('jirong.posting', 'on', true);
    standing jsonb;
BEGIN
    PERFORM FROM ledger_account a WHERE account IN (a.id, a.parent_id) ORDER BY a.id FOR NO KEY UPDATE;
    SELECT to_jsonb(s) INTO standing
    FROM (
        SELECT sum(a.debits_pending)::bigint AS debits_pending, sum(a.debits_posted)::bigint AS debits_posted,
            sum(a.credits_pending)::bigint AS credits_pending, sum(a.credits_posted)::bigint AS credits_posted
        FROM ledger_account a WHERE account IN (a.id, a.parent_id)
    ) s
    WHERE s.debits_pending <> 0 OR s.credits_pending <> 0 OR s.debits_posted <> s.credits_posted;
    IF standing IS NULL THEN
        UPDATE ledger_account a SET closed = true WHERE account IN (a.id, a.parent_id);
    END IF;
    door := set_config('jirong.posting', '', true);
    RETURN standing;
END $$;
