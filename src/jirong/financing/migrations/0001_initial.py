"""Schemes, policies, applications, contracts, loans, the day's close; each row seen by those it belongs to."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES, insert_only, row_security

LENDS = "EXISTS (SELECT 1 FROM financing_policy p WHERE p.id = policy_id AND p.lender_id = jirong_party())"
PARTIES = f"{SYSTEM_SEES} OR jirong_party() IN (lender_id, borrower_id)"
IN_SIGHT = f"{SYSTEM_SEES} OR jirong_party() = ANY (seen_by)"
LENDER = f"{PLATFORM_SEES} OR jirong_party() = lender_id"


def _of(table: str, key: str) -> str:
    """Seen by whoever sees the row it belongs to."""
    return f"{PLATFORM_SEES} OR EXISTS (SELECT 1 FROM {table} t WHERE t.id = {key})"  # noqa: S608 (our own names)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClosePlan',
            fields=[
                ('lender', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='parties.party')),
                ('steps', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ('provision_bp', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('mandates', models.BooleanField(default=False)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'financing_close_plan',
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('joint', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('asked_minor', models.BigIntegerField(null=True)),
                ('use', models.CharField(blank=True, max_length=40)),
                ('months', models.IntegerField(null=True)),
                ('payee', models.UUIDField(null=True)),
                ('purpose', models.CharField(blank=True, max_length=500)),
                ('accept_rate', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('state', models.CharField(default='draft', max_length=10)),
                ('decision', models.UUIDField(null=True)),
                ('offered_until', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_application',
            },
        ),
        migrations.CreateModel(
            name='CloseRun',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('state', models.CharField(default='running', max_length=8)),
                ('steps', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_close_run',
            },
        ),
        migrations.CreateModel(
            name='ClosePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(max_length=20)),
                ('partition', models.SmallIntegerField()),
                ('counts', models.JSONField()),
                ('seconds', models.FloatField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='financing.closerun')),
            ],
            options={
                'db_table': 'financing_close_part',
            },
        ),
        migrations.CreateModel(
            name='CloseError',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(max_length=20)),
                ('loan', models.UUIDField()),
                ('code', models.CharField(max_length=80)),
                ('reason', models.JSONField()),
                ('solved_on', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='errors', to='financing.closerun')),
            ],
            options={
                'db_table': 'financing_close_error',
            },
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('borrowers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('parties', models.JSONField()),
                ('limit_minor', models.BigIntegerField()),
                ('unit', models.CharField(default='CNY', max_length=3)),
                ('rate', models.DecimalField(decimal_places=6, max_digits=9)),
                ('annual_rate', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('product', models.JSONField()),
                ('how', models.CharField(max_length=10)),
                ('least_minor', models.BigIntegerField()),
                ('multiple_minor', models.BigIntegerField()),
                ('opened_on', models.DateField()),
                ('ends', models.DateField()),
                ('status', models.CharField(max_length=8)),
                ('in_use_minor', models.BigIntegerField(default=0)),
                ('lowered_minor', models.BigIntegerField(default=0)),
                ('draws', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='contract', to='financing.application')),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_contract',
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('verdict', models.CharField(max_length=8)),
                ('automatic', models.BooleanField()),
                ('terms', models.JSONField(null=True)),
                ('answers', models.JSONField()),
                ('inputs', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='financing.application')),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_decision',
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=8)),
                ('name', models.CharField(max_length=80)),
                ('value', models.JSONField()),
                ('on', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_figure',
            },
        ),
        migrations.CreateModel(
            name='Loan',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('borrowers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('principal_minor', models.BigIntegerField()),
                ('unit', models.CharField(default='CNY', max_length=3)),
                ('payouts', models.JSONField(default=list)),
                ('product', models.JSONField()),
                ('status', models.CharField(max_length=12)),
                ('started', models.DateField(null=True)),
                ('standing', models.UUIDField(null=True)),
                ('relays', models.UUIDField(null=True)),
                ('paid_by', models.JSONField(default=dict)),
                ('borne', models.JSONField(null=True)),
                ('recovered_minor', models.BigIntegerField(default=0)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('rate_e6', models.IntegerField()),
                ('periods', models.IntegerField()),
                ('every_months', models.IntegerField()),
                ('repayment', models.SmallIntegerField()),
                ('basis', models.SmallIntegerField()),
                ('plain', models.BooleanField(default=False)),
                ('partition', models.SmallIntegerField()),
                ('principal_left_minor', models.BigIntegerField(default=0)),
                ('raised', models.IntegerField(default=0)),
                ('next_due', models.DateField(null=True)),
                ('oldest_due', models.DateField(null=True)),
                ('loan_class', models.SmallIntegerField(default=0)),
                ('closed_on', models.DateField(null=True)),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('contract', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='financing.contract')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_loan',
            },
        ),
        migrations.CreateModel(
            name='CollectionStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.UUIDField()),
                ('kind', models.CharField(max_length=12)),
                ('note', models.CharField(max_length=500)),
                ('promised_on', models.DateField(null=True)),
                ('promised_minor', models.BigIntegerField(null=True)),
                ('on', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collection', to='financing.loan')),
            ],
            options={
                'db_table': 'financing_collection',
            },
        ),
        migrations.CreateModel(
            name='LoanEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.IntegerField()),
                ('on', models.DateField()),
                ('kind', models.CharField(max_length=20)),
                ('body', models.JSONField()),
                ('action', models.UUIDField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='financing.loan')),
            ],
            options={
                'db_table': 'financing_loan_event',
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('parties', models.JSONField()),
                ('waits_for', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ('automatic', models.BooleanField()),
                ('budget_minor', models.BigIntegerField()),
                ('state', models.CharField(max_length=10)),
                ('signed_on', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_policy',
            },
        ),
        migrations.AddField(
            model_name='contract',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='financing.policy'),
        ),
        migrations.AddField(
            model_name='application',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='financing.policy'),
        ),
        migrations.CreateModel(
            name='PolicySignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('action', models.UUIDField()),
                ('on', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='financing.policy')),
            ],
            options={
                'db_table': 'financing_policy_signature',
            },
        ),
        migrations.CreateModel(
            name='Provision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('partition', models.SmallIntegerField()),
                ('loan_class', models.SmallIntegerField()),
                ('loans', models.IntegerField()),
                ('principal_minor', models.BigIntegerField()),
                ('accrued_minor', models.BigIntegerField()),
                ('provision_minor', models.BigIntegerField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_provision',
            },
        ),
        migrations.CreateModel(
            name='SchemeVersion',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('version', models.IntegerField()),
                ('title', models.CharField(max_length=200)),
                ('title_en', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('canonical', models.TextField()),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('effective', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('published_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_scheme',
            },
        ),
        migrations.AddField(
            model_name='policy',
            name='scheme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='financing.schemeversion'),
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.UUIDField()),
                ('loan', models.UUIDField(null=True)),
                ('kind', models.CharField(max_length=24)),
                ('on', models.DateField()),
                ('amount_minor', models.BigIntegerField(null=True)),
                ('reasons', models.JSONField()),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('contract', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='financing.contract')),
            ],
            options={
                'db_table': 'financing_step',
            },
        ),
        migrations.CreateModel(
            name='ClassChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('before', models.SmallIntegerField()),
                ('after', models.SmallIntegerField()),
                ('days_past_due', models.IntegerField()),
                ('rules', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('debtor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'financing_class_change',
                'indexes': [models.Index(fields=['debtor', 'lender', '-on'], name='financing_classes')],
            },
        ),
        migrations.AddConstraint(
            model_name='closerun',
            constraint=models.UniqueConstraint(fields=('lender', 'on'), name='financing_closed_once'),
        ),
        migrations.AddConstraint(
            model_name='closepart',
            constraint=models.UniqueConstraint(fields=('run', 'step', 'partition'), name='financing_part_once'),
        ),
        migrations.AddIndex(
            model_name='closeerror',
            index=models.Index(fields=['run', 'step'], name='financing_close_errors'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['application', '-recorded_at'], name='financing_decisions'),
        ),
        migrations.AddIndex(
            model_name='figure',
            index=models.Index(fields=['subject', 'name', '-on'], name='financing_figures'),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('feature', 'evidence', 'rating'))), name='financing_figure_kind'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(fields=['contract'], name='financing_loans'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(fields=['borrower', 'status'], name='financing_loans_of_firm'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(condition=models.Q(('status__in', ['live', 'overdue'])), fields=['lender', 'partition', 'next_due'], name='financing_falling_due'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(condition=models.Q(('oldest_due__isnull', False)), fields=['lender', 'partition', 'oldest_due'], name='financing_late'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=True, fields=['seen_by'], name='financing_loan_seen'),
        ),
        migrations.AddConstraint(
            model_name='loan',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('new', 'paying', 'live', 'overdue', 'defaulted', 'written_off', 'repaid'))), name='financing_loan_state'),
        ),
        migrations.AddConstraint(
            model_name='loanevent',
            constraint=models.UniqueConstraint(fields=('loan', 'place'), name='financing_event_once'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(fields=['lender', 'status', '-recorded_at'], name='financing_by_lender'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(fields=['borrower', 'status', '-recorded_at'], name='financing_by_borrower'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=django.contrib.postgres.indexes.GinIndex(fields=['seen_by'], name='financing_contract_seen'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('live', 'frozen', 'closed'))), name='financing_contract_state'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('limit_minor__gt', 0)), name='financing_limit_positive'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['borrower', 'state', '-recorded_at'], name='financing_apps_of_firm'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['policy', 'state', '-recorded_at'], name='financing_apps_of_policy'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'asked', 'referred', 'refused', 'offered', 'signed', 'declined', 'withdrawn', 'lapsed'))), name='financing_app_state'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('asked', 'referred', 'offered'))), fields=('policy', 'borrower'), name='financing_app_once'),
        ),
        migrations.AddConstraint(
            model_name='policysignature',
            constraint=models.UniqueConstraint(fields=('policy', 'name'), name='financing_signed_once'),
        ),
        migrations.AddConstraint(
            model_name='provision',
            constraint=models.UniqueConstraint(fields=('lender', 'on', 'partition', 'loan_class'), name='financing_provided_once'),
        ),
        migrations.AddConstraint(
            model_name='schemeversion',
            constraint=models.UniqueConstraint(fields=('name', 'version'), name='financing_scheme_once'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('signing', 'open', 'withdrawn'))), name='financing_policy_state'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('budget_minor__gt', 0)), name='financing_policy_budget'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(fields=['contract', 'recorded_at'], name='financing_steps'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(fields=['loan', 'recorded_at'], name='financing_steps_of_loan'),
        ),
        *(
            insert_only(table)
            for table in (
                "financing_scheme", "financing_policy_signature", "financing_figure", "financing_decision",
                "financing_loan_event", "financing_step", "financing_collection", "financing_class_change",
            )
        ),
        row_security("financing_figure", f"{SYSTEM_SEES} OR jirong_party() IN (subject_id, source_id)", writes=SYSTEM_SEES),
        row_security(
            "financing_application",
            f"{SYSTEM_SEES} OR jirong_party() = borrower_id OR (state <> 'draft' AND {LENDS})",
            writes=SYSTEM_SEES,
        ),
        row_security("financing_decision", PARTIES, writes=SYSTEM_SEES),
        row_security("financing_contract", IN_SIGHT, writes=SYSTEM_SEES),
        row_security("financing_loan", IN_SIGHT, writes=SYSTEM_SEES),
        row_security("financing_loan_event", f"{SYSTEM_SEES} OR {_of('financing_loan', 'loan_id')}", writes=SYSTEM_SEES),
        row_security("financing_step", IN_SIGHT, writes=SYSTEM_SEES),
        row_security("financing_collection", f"{SYSTEM_SEES} OR jirong_party() = by_id", writes=SYSTEM_SEES),
        row_security("financing_class_change", f"{SYSTEM_SEES} OR jirong_party() = lender_id", writes=SYSTEM_SEES),
        row_security("financing_close_plan", LENDER, writes=SYSTEM_SEES),
        row_security("financing_close_run", LENDER, writes=SYSTEM_SEES),
        row_security("financing_close_part", _of("financing_close_run", "run_id"), writes=SYSTEM_SEES),
        row_security("financing_close_error", _of("financing_close_run", "run_id"), writes=SYSTEM_SEES),
        row_security("financing_provision", LENDER, writes=SYSTEM_SEES),
    ]
