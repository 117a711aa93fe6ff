"""The tree over the entries: leaves, tiles, checkpoints, witnesses; insert-only by trigger and by revoked rights."""

import django.db.models.deletion
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security

HISTORY = ("log_leaf", "log_tile", "log_checkpoint", "log_witness", "log_cosignature", "log_registration")

# Whoever writes an entry queues it in the same transaction, so the sequencer never has to guess from serials which
# entries are still being written: a smaller serial may commit later.
QUEUE = """
CREATE FUNCTION log_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log_queue (entry, serial) VALUES (NEW.id, NEW.serial);
    RETURN NULL;
END $$;
CREATE TRIGGER log_entry_enqueue AFTER INSERT ON log_entry FOR EACH ROW EXECUTE FUNCTION log_enqueue();
"""

SHAPES = """
ALTER TABLE log_leaf ADD CONSTRAINT log_leaf_shape CHECK (index >= 0 AND octet_length(hash) = 32);
ALTER TABLE log_tile ADD CONSTRAINT log_tile_shape CHECK (
    level BETWEEN 0 AND 6 AND number >= 0 AND octet_length(hashes) = 8192 AND octet_length(root) = 32);
ALTER TABLE log_checkpoint ADD CONSTRAINT log_checkpoint_shape CHECK (size > 0 AND octet_length(root) = 32);
"""

REVOKE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'jirong_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON log_entry, log_leaf, log_tile, log_checkpoint, log_witness, log_cosignature,
            log_registration FROM jirong_app;
        REVOKE UPDATE, TRUNCATE ON log_queue FROM jirong_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("log", "0001_entries")]
    operations = [
        migrations.CreateModel(
            name="Queued",
            fields=[
                ("entry", models.UUIDField(primary_key=True, serialize=False)),
                ("serial", models.BigIntegerField()),
            ],
            options={"db_table": "log_queue"},
        ),
        migrations.AddIndex("queued", models.Index(fields=["serial"], name="log_queue_in_order")),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField()),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaf", to="log.entry"
                    ),
                ),
            ],
            options={"db_table": "log_leaf"},
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
                ("root", models.BinaryField()),
            ],
            options={
                "db_table": "log_tile",
                "constraints": [models.UniqueConstraint(fields=("level", "number"), name="log_tile_once")],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
            ],
            options={"db_table": "log_checkpoint"},
        ),
        migrations.CreateModel(
            name="Witness",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("vkey", models.CharField(max_length=300, unique=True)),
                ("url", models.CharField(max_length=300)),
            ],
            options={"db_table": "log_witness"},
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.TextField()),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cosignatures", to="log.checkpoint"
                    ),
                ),
                (
                    "witness",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cosignatures", to="log.witness"
                    ),
                ),
            ],
            options={
                "db_table": "log_cosignature",
                "constraints": [
                    models.UniqueConstraint(fields=("checkpoint", "witness"), name="log_cosignature_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="log.entry"
                    ),
                ),
            ],
            options={"db_table": "log_registration"},
        ),
        migrations.RunSQL(SHAPES, migrations.RunSQL.noop),
        migrations.RunSQL(QUEUE, "DROP FUNCTION log_enqueue CASCADE"),
        *[insert_only(table) for table in HISTORY],
        # Hashes and heads are for everyone; which entry is which leaf is the machinery's to know.
        row_security("log_queue", SYSTEM_SEES, writes=SYSTEM_SEES),
        row_security("log_leaf", SYSTEM_SEES, writes=SYSTEM_SEES),
        row_security("log_registration", SYSTEM_SEES, writes=SYSTEM_SEES),
        migrations.RunSQL(REVOKE, migrations.RunSQL.noop),
    ]
