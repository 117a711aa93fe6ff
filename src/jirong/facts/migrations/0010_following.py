"""When each connector ran and runs next; kept by the house, seen by the operator and the party it works for."""

import django.db.models.deletion
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES, row_security


class Migration(migrations.Migration):
    dependencies = [
        ("facts", "0009_disputes_counted_anew"),
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Following",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("last_run", models.DateTimeField()),
                ("next_run", models.DateTimeField()),
                ("added", models.IntegerField()),
                ("set_aside", models.IntegerField()),
                ("error", models.JSONField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "facts_following",
            },
        ),
        row_security("facts_following", f"{PLATFORM_SEES} OR source_id = jirong_party()", writes=SYSTEM_SEES),
    ]
