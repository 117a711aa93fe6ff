"""Pages of connectors, insert-only, seen by the party whose connector brought them."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0002_tally_and_source_rights'),
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pull',
            fields=[
                ('number', models.BigAutoField(primary_key=True, serialize=False)),
                ('connector', models.CharField(max_length=60)),
                ('cursor', models.CharField(max_length=500)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pulls', to='facts.batch')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'facts_pull',
                'indexes': [models.Index(fields=['source', 'connector', '-number'], name='facts_pull_latest')],
            },
        ),
        insert_only('facts_pull'),
        row_security('facts_pull', f'{SYSTEM_SEES} OR source_id = jirong_party()'),
    ]
