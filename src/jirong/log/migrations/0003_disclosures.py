"""Entries may be disclosed to a party they did not concern, so that a funder can check what it is asked to finance."""

import django.db.models.deletion
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES, insert_only, row_security

SEES_ENTRY = (
    f"{PLATFORM_SEES} OR actor = jirong_party() OR jirong_party() = ANY (concerns) OR EXISTS "
    "(SELECT FROM log_disclosure d WHERE d.entry_id = log_entry.id AND d.party = jirong_party())"
)
BEFORE = f"{PLATFORM_SEES} OR actor = jirong_party() OR jirong_party() = ANY (concerns)"


class Migration(migrations.Migration):
    dependencies = [("log", "0002_tree")]
    operations = [
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("party", models.UUIDField()),
                ("because", models.UUIDField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disclosures", to="log.entry"
                    ),
                ),
            ],
            options={"db_table": "log_disclosure"},
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.UniqueConstraint(fields=("entry", "party"), name="log_disclosed_once"),
        ),
        insert_only("log_disclosure"),
        row_security("log_disclosure", f"{SYSTEM_SEES} OR party = jirong_party()", writes=SYSTEM_SEES),
        migrations.RunSQL(
            f"ALTER POLICY log_entry_read ON log_entry USING ({SEES_ENTRY})",
            f"ALTER POLICY log_entry_read ON log_entry USING ({BEFORE})",
        ),
    ]
