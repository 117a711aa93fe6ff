"""Batches: payments of many payers at one bank, seen by whoever collects them and by that bank."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0001_initial'),
        ('rails', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('purpose', models.CharField(max_length=40)),
                ('items', models.IntegerField()),
                ('total_minor', models.BigIntegerField()),
                ('unit', models.CharField(default='CNY', max_length=3)),
                ('business_date', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('bank', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('collector', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'rails_batch',
            },
        ),
        migrations.AddField(
            model_name='instruction',
            name='batch',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='instructions', to='rails.batch'),
        ),
        migrations.AddIndex(
            model_name='instruction',
            index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='rails_of_batch'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['bank', '-recorded_at'], name='rails_batches_of_bank'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['collector', '-recorded_at'], name='rails_batches_collected'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('items__gt', 0), ('total_minor__gt', 0)), name='rails_batch_filled'),
        ),
        insert_only("rails_batch"),
        row_security(
            "rails_batch",
            "jirong_role() IN ('operator', 'system') OR jirong_party() IN (collector_id, bank_id)",
            writes=SYSTEM_SEES,
        ),
    ]
