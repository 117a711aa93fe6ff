"""Answers of banks that could not be booked, seen by the operator, the payer and its bank."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, row_security

SEES = """
    jirong_role() IN ('operator', 'system')
    OR EXISTS (
        SELECT FROM rails_instruction i
        WHERE i.id = rails_unbooked.instruction_id
          AND (i.payer_id = jirong_party()
               OR i.account_id IN (SELECT a.id FROM parties_bank_account a WHERE a.bank_id = jirong_party()))
    )
"""


class Migration(migrations.Migration):

    dependencies = [("rails", "0003_reasons_in_both_languages")]

    operations = [
        migrations.CreateModel(
            name="Unbooked",
            fields=[
                ("instruction", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="unbooked", serialize=False, to="rails.instruction")),
                ("code", models.CharField(max_length=80)),
                ("reason", models.JSONField()),
                ("tried_on", models.DateField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "rails_unbooked"},
        ),
        row_security("rails_unbooked", SEES, writes=SYSTEM_SEES),
    ]
