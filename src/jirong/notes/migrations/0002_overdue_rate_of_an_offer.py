"""The rate for late days stands in the offer that both sides sign."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="overdue_rate",
            field=models.DecimalField(decimal_places=6, max_digits=9, null=True),
        ),
    ]
