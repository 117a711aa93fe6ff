"""Facts, insert-only, seen by the sides of the trade, the source, whom they were disclosed to, and under consent."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security

SEES_FACT = """
    jirong_role() = 'system' OR jirong_party() IN (subject_id, counterparty_id, source_id)
    OR EXISTS (SELECT FROM facts_disclosure d WHERE d.fact_id = facts_fact.id AND d.party_id = jirong_party())
    OR EXISTS (
        SELECT FROM parties_consent c
        WHERE c.grantor_id = facts_fact.subject_id AND c.grantee_id = jirong_party() AND c.withdrawn_at IS NULL
          AND facts_fact.kind = ANY (c.scope)
          AND c.valid @> (SELECT b.date FROM store_business_day b WHERE b.calendar = 'platform')
    )
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('added', models.IntegerField()),
                ('known', models.IntegerField()),
                ('refused', models.JSONField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'facts_batch',
            },
        ),
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=200)),
                ('order_no', models.CharField(blank=True, max_length=200)),
                ('on', models.DateField()),
                ('amount_minor', models.BigIntegerField(null=True)),
                ('unit', models.CharField(default='CNY', max_length=3)),
                ('values', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('line', models.IntegerField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='facts.batch')),
                ('corrects', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='facts.fact')),
                ('counterparty', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'facts_fact',
            },
        ),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('because', models.UUIDField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('fact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to='facts.fact')),
            ],
            options={
                'db_table': 'facts_disclosure',
            },
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(fields=['subject', 'kind', 'on'], name='facts_by_subject'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(fields=['counterparty', 'kind', 'on'], name='facts_by_counterparty'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('order_no', ''), _negated=True), fields=['subject', 'order_no'], name='facts_by_order'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(fields=['kind', 'key'], name='facts_by_key'),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.UniqueConstraint(fields=('source', 'digest'), name='facts_said_once'),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.UniqueConstraint(fields=('corrects',), name='facts_corrected_once'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.UniqueConstraint(fields=('fact', 'party'), name='facts_disclosed_once'),
        ),
        insert_only("facts_fact"),
        insert_only("facts_batch"),
        insert_only("facts_disclosure"),
        # The operator runs the platform and reads no documents (design, chain notes: who sees).
        row_security("facts_fact", SEES_FACT, writes=f"{SYSTEM_SEES} OR source_id = jirong_party()"),
        row_security("facts_batch", f"{SYSTEM_SEES} OR source_id = jirong_party()"),
        row_security("facts_disclosure", f"{SYSTEM_SEES} OR party_id = jirong_party()"),
    ]
