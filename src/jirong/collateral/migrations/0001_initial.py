"""Assets, valuations, agreements, registrations, calls and sales, each seen by those it reached."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security

REACHED = f"{SYSTEM_SEES} OR jirong_party() = ANY (seen_by)"
"""Whoever the row has reached; the operator sees no papers of others."""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Asset',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('title', models.CharField(max_length=200)),
                ('number', models.CharField(blank=True, max_length=80)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('facts', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ('measure', models.CharField(blank=True, max_length=12)),
                ('price_minor', models.BigIntegerField(null=True)),
                ('haircut', models.DecimalField(decimal_places=4, default=0, max_digits=6)),
                ('value_minor', models.BigIntegerField(default=0)),
                ('usable_minor', models.BigIntegerField(default=0)),
                ('granted_minor', models.BigIntegerField(default=0)),
                ('promised_minor', models.BigIntegerField(default=0)),
                ('valued_on', models.DateField(null=True)),
                ('valid_until', models.DateField(null=True)),
                ('state', models.CharField(default='held', max_length=8)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('valued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('watcher', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'collateral_asset',
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('secures', models.UUIDField()),
                ('debt_title', models.CharField(blank=True, max_length=200)),
                ('form', models.CharField(max_length=8)),
                ('share_minor', models.BigIntegerField()),
                ('secured_minor', models.BigIntegerField()),
                ('whole', models.BooleanField(default=False)),
                ('delivered_on', models.DateField(null=True)),
                ('owed_minor', models.BigIntegerField(null=True)),
                ('state', models.CharField(default='offered', max_length=10)),
                ('signed_on', models.DateField(null=True)),
                ('register', models.CharField(blank=True, max_length=10)),
                ('register_number', models.CharField(blank=True, max_length=80)),
                ('perfected_at', models.DateTimeField(null=True)),
                ('registered_until', models.DateField(null=True)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='collateral.asset')),
            ],
            options={
                'db_table': 'collateral_agreement',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=10)),
                ('register', models.CharField(max_length=10)),
                ('number', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('until', models.DateField(null=True)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='collateral.agreement')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'collateral_entry',
            },
        ),
        migrations.CreateModel(
            name='Movement',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=6)),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=18)),
                ('after', models.DecimalField(decimal_places=3, max_digits=18)),
                ('paper', models.CharField(blank=True, max_length=80)),
                ('on', models.DateField()),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='collateral.asset')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'collateral_movement',
            },
        ),
        migrations.CreateModel(
            name='Sale',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('how', models.CharField(max_length=10)),
                ('proceeds_minor', models.BigIntegerField()),
                ('costs_minor', models.BigIntegerField()),
                ('parts', models.JSONField()),
                ('owner_minor', models.BigIntegerField()),
                ('on', models.DateField()),
                ('payment', models.UUIDField(null=True)),
                ('state', models.CharField(default='agreed', max_length=10)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sales', to='collateral.asset')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('costs_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('payer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'collateral_sale',
            },
        ),
        migrations.CreateModel(
            name='Secured',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200)),
                ('title_en', models.CharField(max_length=200)),
                ('demands', models.JSONField()),
                ('limit_minor', models.BigIntegerField()),
                ('opened_on', models.DateField()),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'collateral_secured',
            },
        ),
        migrations.CreateModel(
            name='Drawn',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('minor', models.BigIntegerField()),
                ('on', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('secured', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drawings', to='collateral.secured')),
            ],
            options={
                'db_table': 'collateral_drawn',
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('due', models.DateField()),
                ('short_minor', models.BigIntegerField()),
                ('met_on', models.DateField(null=True)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('secured', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='collateral.secured')),
            ],
            options={
                'db_table': 'collateral_call',
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.UUIDField()),
                ('kind', models.CharField(max_length=16)),
                ('on', models.DateField()),
                ('amount_minor', models.BigIntegerField(null=True)),
                ('said', models.JSONField(null=True)),
                ('reasons', models.JSONField(default=list)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asset', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='collateral.asset')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('secured', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='collateral.secured')),
            ],
            options={
                'db_table': 'collateral_step',
            },
        ),
        migrations.CreateModel(
            name='Valuation',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('method', models.CharField(max_length=14)),
                ('value_minor', models.BigIntegerField()),
                ('haircut', models.DecimalField(decimal_places=4, max_digits=6)),
                ('usable_minor', models.BigIntegerField()),
                ('approaches', models.JSONField(default=dict)),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ('price_minor', models.BigIntegerField(null=True)),
                ('on', models.DateField()),
                ('valid_until', models.DateField(null=True)),
                ('report', models.CharField(blank=True, max_length=80)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='valuations', to='collateral.asset')),
                ('corrects', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='collateral.valuation')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'collateral_valuation',
            },
        ),
        migrations.AddIndex(
            model_name='asset',
            index=models.Index(fields=['owner', 'state', '-recorded_at'], name='collateral_by_owner'),
        ),
        migrations.AddIndex(
            model_name='asset',
            index=django.contrib.postgres.indexes.GinIndex(fields=['seen_by'], name='collateral_asset_seen'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['receivables', 'future_receivables', 'stock', 'equipment', 'patents', 'land', 'shares', 'accounts'])), name='collateral_asset_kind'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('held', 'retired', 'sold'))), name='collateral_asset_state'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'held'), models.Q(('number', ''), _negated=True)), fields=('kind', 'number'), name='collateral_asset_once'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('usable_minor__gte', 0), ('value_minor__gte', models.F('usable_minor'))), name='collateral_usable_within'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('granted_minor__gte', models.F('promised_minor')), ('promised_minor__gte', 0)), name='collateral_promised_within'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__isnull', True), ('quantity__gte', 0), _connector='OR'), name='collateral_quantity'),
        ),
        migrations.AddIndex(
            model_name='agreement',
            index=models.Index(fields=['asset', 'state'], name='collateral_of_asset'),
        ),
        migrations.AddIndex(
            model_name='agreement',
            index=models.Index(fields=['secures', 'state'], name='collateral_of_contract'),
        ),
        migrations.AddIndex(
            model_name='agreement',
            index=models.Index(fields=['holder', 'state', '-recorded_at'], name='collateral_by_holder'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('form__in', ('pledge', 'mortgage'))), name='collateral_form'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('offered', 'signed', 'registered', 'released', 'refused', 'withdrawn', 'realised'))), name='collateral_agreement_state'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('secured_minor__gt', 0), ('share_minor__gte', 0)), name='collateral_amounts'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'registered'), _negated=True), models.Q(('perfected_at__isnull', False), models.Q(('register_number', ''), _negated=True)), _connector='OR'), name='collateral_registered_with_number'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('register_number', ''), _negated=True), ('state__in', ('offered', 'signed', 'registered'))), fields=('register', 'register_number', 'asset'), name='collateral_number_once'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('first', 'extended', 'cancelled'))), name='collateral_entry_kind'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('register__in', ['zhongdeng', 'land', 'cnipa', 'samr', 'control'])), name='collateral_entry_register'),
        ),
        migrations.AddIndex(
            model_name='movement',
            index=models.Index(fields=['asset', '-recorded_at'], name='collateral_movements'),
        ),
        migrations.AddConstraint(
            model_name='movement',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('in', 'out', 'count'))), name='collateral_movement_kind'),
        ),
        migrations.AddConstraint(
            model_name='sale',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('agreed', 'instructed', 'paid', 'withdrawn'))), name='collateral_sale_state'),
        ),
        migrations.AddConstraint(
            model_name='sale',
            constraint=models.CheckConstraint(condition=models.Q(('costs_minor__gte', 0), ('owner_minor__gte', 0), ('proceeds_minor__gt', 0)), name='collateral_sale_amounts'),
        ),
        migrations.AddConstraint(
            model_name='sale',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['agreed', 'instructed'])), fields=('asset',), name='collateral_sale_once'),
        ),
        migrations.AddIndex(
            model_name='secured',
            index=models.Index(fields=['lender', '-recorded_at'], name='collateral_by_lender'),
        ),
        migrations.AddIndex(
            model_name='secured',
            index=models.Index(fields=['borrower', '-recorded_at'], name='collateral_by_borrower'),
        ),
        migrations.AddConstraint(
            model_name='drawn',
            constraint=models.CheckConstraint(condition=models.Q(('minor__gt', 0)), name='collateral_drawn_positive'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('short_minor__gt', 0)), name='collateral_call_short'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.UniqueConstraint(condition=models.Q(('met_on__isnull', True)), fields=('secured',), name='collateral_call_once'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(fields=['asset', 'recorded_at'], name='collateral_steps'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(fields=['secured', 'recorded_at'], name='collateral_steps_of_debt'),
        ),
        migrations.AddIndex(
            model_name='valuation',
            index=models.Index(fields=['asset', '-on'], name='collateral_valuations'),
        ),
        migrations.AddConstraint(
            model_name='valuation',
            constraint=models.CheckConstraint(condition=models.Q(('method__in', ('cost', 'market', 'income', 'invoice', 'quantity_price', 'balance', 'other'))), name='collateral_valuation_method'),
        ),
        migrations.AddConstraint(
            model_name='valuation',
            constraint=models.CheckConstraint(condition=models.Q(('usable_minor__gte', 0), ('usable_minor__lte', models.F('value_minor')), ('value_minor__gt', 0)), name='collateral_valuation_value'),
        ),
        *(
            insert_only(f"collateral_{table}")
            for table in ("valuation", "movement", "entry", "drawn", "step")
        ),
        *(
            row_security(f"collateral_{table}", REACHED, writes=SYSTEM_SEES)
            for table in ("asset", "valuation", "movement", "secured", "agreement", "entry", "call", "sale", "step")
        ),
        row_security(
            "collateral_drawn",
            f"{SYSTEM_SEES} OR EXISTS (SELECT 1 FROM collateral_secured s WHERE s.id = secured_id)",  # noqa: S608
            writes=SYSTEM_SEES,
        ),
    ]
