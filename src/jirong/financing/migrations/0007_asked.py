"""What a firm signed for when it asked: the hash of the terms, and the consents it is judged by."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    dependencies = [("financing", "0006_provision_rule")]
    operations = [
        migrations.AddField(
            model_name="application",
            name="consents",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(),
                db_default=Value([], django.contrib.postgres.fields.ArrayField(models.UUIDField())),
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="asked_sha256",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
    ]
