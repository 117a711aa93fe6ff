-- What stands behind the posting functions: no row is deleted, no term of an account is changed, and the application
-- role may not write the tables at all.

CREATE FUNCTION ledger_refuse_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the terms of ledger account % cannot change', OLD.code USING ERRCODE = 'restrict_violation';
END $$;
-- Named columns, so that moving counters never fires it.
CREATE TRIGGER ledger_account_terms
    BEFORE UPDATE OF id, code, book, unit, owner_id, bound, allowance_minor, parent_id, shard, shards, opened_at
    ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_refuse_terms();
CREATE TRIGGER ledger_account_kept BEFORE DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION jirong_refuse_change();
CREATE TRIGGER ledger_account_no_truncate BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION jirong_refuse_change();
CREATE TRIGGER ledger_reservation_kept BEFORE DELETE ON ledger_reservation
    FOR EACH ROW EXECUTE FUNCTION jirong_refuse_change();
CREATE TRIGGER ledger_reservation_no_truncate BEFORE TRUNCATE ON ledger_reservation
    FOR EACH STATEMENT EXECUTE FUNCTION jirong_refuse_change();

REVOKE ALL ON FUNCTION ledger_post, ledger_post_one, ledger_open, ledger_close FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'jirong_app') THEN
        REVOKE INSERT, UPDATE, DELETE ON ledger_account, ledger_journal, ledger_transfer, ledger_reservation
            FROM jirong_app;
        REVOKE USAGE ON SEQUENCE ledger_transfer_position_seq FROM jirong_app;
        GRANT EXECUTE ON FUNCTION ledger_post, ledger_post_one, ledger_open, ledger_close TO jirong_app;
    END IF;
END $$;
