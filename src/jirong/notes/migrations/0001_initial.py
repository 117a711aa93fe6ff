"""Notes, offers, loans and steps, each seen by those it reached."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES, insert_only, row_security


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=24, unique=True)),
                ('amount_minor', models.BigIntegerField()),
                ('unit', models.CharField(default='CNY', max_length=3)),
                ('issued_on', models.DateField()),
                ('due', models.DateField()),
                ('late_rate', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('backings', models.JSONField()),
                ('trade', models.JSONField()),
                ('status', models.CharField(max_length=8)),
                ('outstanding_minor', models.BigIntegerField()),
                ('consent', models.BooleanField(null=True)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('cluster', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.cluster')),
                ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'notes_note',
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('lot', models.UUIDField()),
                ('amount_minor', models.BigIntegerField()),
                ('purpose', models.CharField(max_length=8)),
                ('expires_on', models.DateField()),
                ('backings', models.JSONField(default=list)),
                ('rate', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('recourse', models.BooleanField(default=False)),
                ('price_minor', models.BigIntegerField(null=True)),
                ('payment', models.UUIDField(null=True)),
                ('loan_minor', models.BigIntegerField(null=True)),
                ('loan_rate', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('state', models.CharField(default='open', max_length=10)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('note', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='notes.note')),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'notes_offer',
            },
        ),
        migrations.CreateModel(
            name='LotLoan',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('lot', models.UUIDField()),
                ('principal_minor', models.BigIntegerField()),
                ('unit', models.CharField(default='CNY', max_length=3)),
                ('rate', models.DecimalField(decimal_places=6, max_digits=9)),
                ('overdue_rate', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('due', models.DateField()),
                ('status', models.CharField(max_length=8)),
                ('accrued_to', models.DateField(null=True)),
                ('finance', models.JSONField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='loan', to='notes.offer')),
            ],
            options={
                'db_table': 'notes_lot_loan',
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.UUIDField()),
                ('lot', models.UUIDField(null=True)),
                ('kind', models.CharField(max_length=24)),
                ('on', models.DateField()),
                ('amount_minor', models.BigIntegerField(null=True)),
                ('reasons', models.JSONField()),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('note', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='notes.note')),
            ],
            options={
                'db_table': 'notes_step',
            },
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['issuer', 'status', 'due'], name='notes_by_issuer'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(condition=models.Q(('status__in', ['live', 'overdue'])), fields=['due'], name='notes_falling_due'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=django.contrib.postgres.indexes.GinIndex(fields=['seen_by'], name='notes_seen_by'),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='notes_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.CheckConstraint(condition=models.Q(('outstanding_minor__gte', 0)), name='notes_outstanding'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['to', 'state', '-recorded_at'], name='notes_offers_to'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['by', 'state', '-recorded_at'], name='notes_offers_by'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['lot'], name='notes_offers_of_lot'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ('transfer', 'pledge', 'discount'))), name='notes_offer_purpose'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('open', 'taken', 'done', 'refused', 'withdrawn', 'lapsed'))), name='notes_offer_state'),
        ),
        migrations.AddIndex(
            model_name='lotloan',
            index=models.Index(fields=['lot'], name='notes_loans_of_lot'),
        ),
        migrations.AddIndex(
            model_name='lotloan',
            index=models.Index(fields=['lender', 'status', 'due'], name='notes_loans_by_lender'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(fields=['note', 'recorded_at'], name='notes_steps'),
        ),
        insert_only("notes_step"),
        row_security("notes_note", f"{PLATFORM_SEES} OR jirong_party() = ANY (seen_by)", writes=SYSTEM_SEES),
        row_security("notes_offer", f"{SYSTEM_SEES} OR jirong_party() IN (by_id, to_id)", writes=SYSTEM_SEES),
        row_security("notes_lot_loan", f"{PLATFORM_SEES} OR jirong_party() IN (lender_id, borrower_id)", writes=SYSTEM_SEES),
        row_security("notes_step", f"{SYSTEM_SEES} OR jirong_party() = ANY (seen_by)", writes=SYSTEM_SEES),
    ]
