"""Every table with another party's rows is guarded, for the owner too; history refuses change whoever asks."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from jirong.parties import actions as parties
from jirong.store import embedded
from jirong.store.identity import SYSTEM
from jirong.store.ids import new_id

PUBLIC = {
    "store_business_day": "the business date is everyone's",
    "parties_user": "read at log-in, before anyone is known",
    "parties_role": "what a party may do is public, as its licence is",
    "parties_key": "public keys",
    "parties_cluster": "clusters are public",
    "parties_membership": "and so is who belongs to them",
    "facts_source_right": "who may state what kind of fact is known to all",
    "financing_scheme": "a published scheme is published",
    "financing_policy": "what a lender has signed to offer under it, firms must be able to find",
    "financing_policy_signature": "and who stands behind it",
}
"""Tables without row security, and why."""

INSERT_ONLY = {
    "log_entry",
    "log_disclosure",
    "facts_fact",
    "facts_batch",
    "facts_disclosure",
    "rails_leg",
    "rails_confirmation",
    "notes_step",
    "ledger_journal",
    "ledger_transfer",
}
OURS = ("store_", "parties_", "log_", "ledger_", "claims_", "facts_", "rails_", "notes_", "assessment_", "financing_")


def rows(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_every_table_is_guarded_or_says_why_not(db: None) -> None:
    found = rows(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    ours = {name: guarded for name, guarded in found if name.startswith(OURS)}
    open_tables = {name for name, guarded in ours.items() if not guarded}
    log_tree = {name for name in open_tables if name.startswith("log_")}  # hashes and checkpoints, meant for everyone
    joining = {name for name in open_tables if name.startswith("parties_user_")}  # Django's groups and permissions
    assert open_tables - log_tree - joining == set(PUBLIC)


def test_history_has_a_trigger_against_change(db: None) -> None:
    found = rows("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 24 <> 0")
    assert {name for (name,) in found} >= INSERT_ONLY


def test_the_application_role_is_nobody_special(database_logins: embedded.Connections) -> None:
    with psycopg.connect(database_logins.app) as app:
        (found,) = app.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchall()
        assert found == (False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("TRUNCATE facts_fact")


@pytest.mark.parametrize("table", ["parties_kept_key", "log_entry"])
def test_who_says_nothing_sees_nothing(database_logins: embedded.Connections, table: str) -> None:
    parties.register_party(
        actor=SYSTEM, id=new_id(), name="晨光五金", uscc="91310115591693856A", size="small", roles=["firm"]
    )
    for login in (database_logins.app, database_logins.read, database_logins.owner):
        with psycopg.connect(login) as there:
            assert there.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
            there.execute("SELECT set_config('jirong.role', 'system', true)")
            assert there.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
