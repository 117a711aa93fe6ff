"""Results, insert-only, seen by the firm, the assessor and whoever a result was disclosed to."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security

SEES = f"""
    {SYSTEM_SEES} OR jirong_party() IN (subject_id, assessor_id)
    OR EXISTS (
        SELECT FROM assessment_disclosure d
        WHERE d.assessment_id = assessment_result.id AND d.party_id = jirong_party()
    )
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('method', models.CharField(max_length=80)),
                ('as_of', models.DateField()),
                ('status', models.CharField(max_length=10)),
                ('score', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('level', models.CharField(max_length=16, null=True)),
                ('pd', models.DecimalField(decimal_places=6, max_digits=7, null=True)),
                ('reasons', models.JSONField()),
                ('inputs', models.JSONField()),
                ('inputs_hash', models.CharField(max_length=64)),
                ('figures', models.JSONField()),
                ('verified', models.BooleanField()),
                ('because', models.UUIDField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'assessment_result',
            },
        ),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('because', models.UUIDField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to='assessment.assessment')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'assessment_disclosure',
            },
        ),
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(fields=['subject', 'method', '-as_of', '-recorded_at'], name='assessment_newest'),
        ),
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(fields=['assessor', '-recorded_at'], name='assessment_by_assessor'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['assessed', 'incomplete'])), name='assessment_status'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('level__isnull', False), ('score__isnull', False), ('status', 'assessed')), models.Q(('level__isnull', True), ('pd__isnull', True), ('score__isnull', True), ('status', 'incomplete')), _connector='OR'), name='assessment_no_decision_on_silence'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('pd__isnull', True), models.Q(('pd__gte', 0), ('pd__lte', 1)), _connector='OR'), name='assessment_pd'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.UniqueConstraint(fields=('assessment', 'party'), name='assessment_disclosed_once'),
        ),
        insert_only("assessment_result"),
        insert_only("assessment_disclosure"),
        row_security("assessment_result", SEES, writes=SYSTEM_SEES),
        row_security("assessment_disclosure", f"{SYSTEM_SEES} OR party_id = jirong_party()", writes=SYSTEM_SEES),
    ]
