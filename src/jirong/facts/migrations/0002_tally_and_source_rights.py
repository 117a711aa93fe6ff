"""What features count, by day and insert-only; the rights of third sources; facts already there are counted."""

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security

# Subselects are asked once a statement, not once a row: a firm's tally has tens of thousands.
SEES_TALLY = """
    (SELECT jirong_role()) = 'system' OR subject_id = (SELECT jirong_party())
    OR EXISTS (
        SELECT FROM parties_consent c
        WHERE c.grantor_id = facts_tally.subject_id AND c.grantee_id = (SELECT jirong_party())
          AND c.withdrawn_at IS NULL AND facts_tally.kind = ANY (c.scope)
          AND c.valid @> (SELECT b.date FROM store_business_day b WHERE b.calendar = 'platform')
    )
"""


def count_what_is_there(apps, schema_editor):
    """A database from before the tally has at most a demonstration's facts; corrections stand, echoes do not."""
    from jirong.facts import kinds, tally

    Fact, Tally = apps.get_model('facts', 'Fact'), apps.get_model('facts', 'Tally')
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jirong.role', 'system', true)")
    seen = set()
    for fact in Fact.objects.filter(corrections__isnull=True).order_by('recorded_at', 'pk'):
        if (document := (fact.kind, fact.subject_id, fact.key)) not in seen:
            seen.add(document)
            said = tally.counted(kinds.kind_of(fact.kind), fact.values, fact.amount_minor)
            Tally.objects.create(
                batch_id=fact.batch_id, subject_id=fact.subject_id, kind=fact.kind, on=fact.on, key=said.key,
                label=said.label, count=1, recorded_at=fact.recorded_at,
                **{name: figure or 0 for name, figure in said.figures.items()},
            )



class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0001_initial'),
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SourceRight',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('licence', models.CharField(max_length=200)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'facts_source_right',
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('on', models.DateField()),
                ('key', models.CharField(blank=True, max_length=200)),
                ('label', models.CharField(blank=True, max_length=60)),
                ('count', models.IntegerField()),
                ('disputes', models.IntegerField(default=0)),
                ('amount', models.BigIntegerField(default=0)),
                ('a', models.BigIntegerField(default=0)),
                ('b', models.BigIntegerField(default=0)),
                ('c', models.BigIntegerField(default=0)),
                ('d', models.BigIntegerField(default=0)),
                ('recorded_at', models.DateTimeField()),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tallies', to='facts.batch')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'facts_tally',
                'indexes': [models.Index(fields=['subject', 'kind', 'on'], include=('recorded_at', 'key', 'label', 'count', 'disputes', 'amount', 'a', 'b', 'c', 'd', 'id'), name='facts_tally_by_subject')],
            },
        ),
        insert_only('facts_tally'),
        row_security('facts_tally', SEES_TALLY, writes=SYSTEM_SEES),
        migrations.RunPython(count_what_is_there, migrations.RunPython.noop),
    ]
