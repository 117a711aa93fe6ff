"""Which dated rule gave a provision's share."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("financing", "0005_conduct")]
    operations = [
        migrations.AddField(model_name="provision", name="rule", field=models.CharField(max_length=60, null=True)),
    ]
