"""Disputes of statements and how they ended; insert-only, seen by whoever sees the statement."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security

SEES_DISPUTE = f'{SYSTEM_SEES} OR by_id = jirong_party() OR EXISTS (SELECT FROM facts_fact f WHERE f.id = fact_id)'
SEES_ANSWER = f'{SYSTEM_SEES} OR EXISTS (SELECT FROM facts_dispute d WHERE d.id = dispute_id)'


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0003_pulls'),
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=300)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('fact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='facts.fact')),
            ],
            options={
                'db_table': 'facts_dispute',
                'constraints': [models.UniqueConstraint(fields=('fact', 'by'), name='facts_disputed_once')],
            },
        ),
        migrations.CreateModel(
            name='DisputeAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(max_length=10)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('because', models.UUIDField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('correction', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facts.fact')),
                ('dispute', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='answer', to='facts.dispute')),
            ],
            options={
                'db_table': 'facts_dispute_answer',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('correction__isnull', False), ('outcome', 'corrected')), models.Q(('correction__isnull', True), ('outcome__in', ['upheld', 'withdrawn'])), _connector='OR'), name='facts_dispute_outcome')],
            },
        ),
        insert_only('facts_dispute'),
        insert_only('facts_dispute_answer'),
        row_security('facts_dispute', SEES_DISPUTE, writes=f'{SYSTEM_SEES} OR by_id = jirong_party()'),
        row_security('facts_dispute_answer', SEES_ANSWER, writes=f'{SYSTEM_SEES} OR by_id = jirong_party()'),
    ]
