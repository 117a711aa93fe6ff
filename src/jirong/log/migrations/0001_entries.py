"""The log's entries and salts: insert-only, read by those they concern."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES, insert_only, row_security

SEQUENCE = """
CREATE SEQUENCE log_entry_serial OWNED BY log_entry.serial;
ALTER TABLE log_entry ALTER COLUMN serial SET DEFAULT nextval('log_entry_serial');
"""

# Both act as the house's machinery for their own duration, so that an action costs two statements and no change of
# identity on the way. (A SET clause would say it better, but naming a custom parameter there takes a superuser.)
# log_take waits until a concurrent holder of the same id has finished, then answers what that id already did.
FUNCTIONS = """
CREATE FUNCTION log_take(taken uuid) RETURNS TABLE (statement text, outcome text) LANGUAGE plpgsql AS $$
DECLARE role_before text := jirong_role();
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(taken::text, 0)), set_config('jirong.role', 'system', true);
    RETURN QUERY SELECT e.statement, e.outcome FROM log_entry e WHERE e.id = taken;
    PERFORM set_config('jirong.role', role_before, true);
END $$;
CREATE FUNCTION log_record(
    entry uuid, code text, by_party uuid, by_user bigint, signed text, signed_with text, signed_by text, graded text,
    answered text, about uuid[], salts jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE role_before text := jirong_role();
BEGIN
    PERFORM set_config('jirong.role', 'system', true);
    INSERT INTO log_entry (id, action, actor, "user", statement, signature, key, grade, outcome, concerns, business_date)
    VALUES (entry, code, by_party, by_user, signed, signed_with, signed_by, graded, answered, about,
            (SELECT date FROM store_business_day WHERE calendar = 'platform'));
    INSERT INTO log_salt (entry, path, salt) SELECT entry, s.key, s.value FROM jsonb_each_text(salts) AS s;
    PERFORM set_config('jirong.role', role_before, true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0001_ground")]
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("serial", models.BigIntegerField(db_default=models.Value(0), editable=False, unique=True)),
                ("action", models.CharField(max_length=80)),
                ("actor", models.UUIDField(null=True)),
                ("user", models.BigIntegerField(null=True)),
                ("statement", models.TextField()),
                ("signature", models.TextField(blank=True)),
                ("key", models.CharField(blank=True, max_length=64)),
                ("grade", models.CharField(max_length=8)),
                ("outcome", models.TextField()),
                (
                    "concerns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("business_date", models.DateField(null=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "log_entry"},
        ),
        migrations.CreateModel(
            name="Salt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry", models.UUIDField()),
                ("path", models.CharField(max_length=200)),
                ("salt", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "log_salt",
                "constraints": [models.UniqueConstraint(fields=("entry", "path"), name="log_salt_once")],
            },
        ),
        migrations.AddIndex(
            model_name="entry", index=models.Index(fields=["actor", "-recorded_at"], name="log_entry_by_actor")
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade__in", ["own", "platform", "system"])), name="log_entry_grade_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("grade", "system"),
                    models.Q(models.Q(("signature", ""), _negated=True), models.Q(("key", ""), _negated=True)),
                    _connector="OR",
                ),
                name="log_entry_signed_unless_system",
            ),
        ),
        migrations.RunSQL(SEQUENCE, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION log_take, log_record"),
        insert_only("log_entry"),
        row_security(
            "log_entry",
            f"{PLATFORM_SEES} OR actor = jirong_party() OR jirong_party() = ANY (concerns)",
            writes=SYSTEM_SEES,
        ),
        row_security("log_salt", SYSTEM_SEES, writes=SYSTEM_SEES),
    ]
