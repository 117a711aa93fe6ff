"""Migration operations for the two promises every table makes: rows are seen by right, and history stays.

``row_security(table, sees)`` enables and forces row-level security with one policy for reads and writes;
``insert_only(table)`` lets rows be added and read but never changed, for the application role and the owner alike.
The policy text may use ``jirong_party()`` (uuid or NULL) and ``jirong_role()``.
"""

from __future__ import annotations

from django.db.migrations import RunSQL

PLATFORM_SEES = "jirong_role() IN ('operator', 'system')"
SYSTEM_SEES = "jirong_role() = 'system'"


def row_security(table: str, sees: str, *, writes: str | None = None) -> RunSQL:
    """Force row security on ``table``: rows for which ``sees`` holds are read, ``writes`` (default: any row the
    action layer writes) may be added or changed.
    """
    check = writes if writes is not None else "true"
    return RunSQL(
        sql=[
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({sees})",
            f"CREATE POLICY {table}_add ON {table} FOR INSERT WITH CHECK ({check})",
            f"CREATE POLICY {table}_change ON {table} FOR UPDATE USING ({sees}) WITH CHECK ({check})",
            f"CREATE POLICY {table}_remove ON {table} FOR DELETE USING ({sees})",
        ],
        reverse_sql=[
            *(f"DROP POLICY {table}_{name} ON {table}" for name in ("read", "add", "change", "remove")),
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ],
    )


def insert_only(table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on ``table`` whoever asks; a correction is a new row."""
    return RunSQL(
        sql=[
            (
                f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION jirong_refuse_change()"
            ),
            (
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION jirong_refuse_change()"
            ),
        ],
        reverse_sql=[f"DROP TRIGGER {table}_insert_only ON {table}", f"DROP TRIGGER {table}_no_truncate ON {table}"],
    )
