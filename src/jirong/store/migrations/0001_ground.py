"""Functions every later migration uses, and what the application and read-only roles may do by default."""

from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION jirong_party() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('jirong.party', true), '')::uuid $$;
CREATE FUNCTION jirong_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(nullif(current_setting('jirong.role', true), ''), 'anonymous') $$;
CREATE FUNCTION jirong_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""

# On a database where only one role exists (a managed PostgreSQL), that role is owner and application at once;
# FORCE ROW LEVEL SECURITY still holds it.
GRANTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'jirong_app') THEN
        GRANT USAGE ON SCHEMA public TO jirong_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO jirong_app;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO jirong_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO jirong_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO jirong_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'jirong_read') THEN
        GRANT USAGE ON SCHEMA public TO jirong_read;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO jirong_read;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO jirong_read;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    # First of all: tables made after this inherit the grants. Sessions and users come later.
    run_before = [("contenttypes", "0001_initial"), ("sessions", "0001_initial")]
    dependencies = []
    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION jirong_party, jirong_role, jirong_refuse_change"),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="BusinessDay",
            fields=[
                ("calendar", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("date", models.DateField()),
            ],
            options={"db_table": "store_business_day"},
        ),
    ]
