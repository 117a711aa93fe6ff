"""Claims, seen by whoever holds or held them or an ancestor, and by their debtor."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES, row_security


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("store", "0001_ground"),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimRow',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('contract', models.UUIDField()),
                ('kind', models.CharField(max_length=20)),
                ('debtor', models.UUIDField()),
                ('creditor', models.UUIDField()),
                ('amount_minor', models.BigIntegerField()),
                ('outstanding_minor', models.BigIntegerField()),
                ('moved_minor', models.BigIntegerField(default=0)),
                ('settled_minor', models.BigIntegerField(default=0)),
                ('written_off_minor', models.BigIntegerField(default=0)),
                ('voided_minor', models.BigIntegerField(default=0)),
                ('reserved_minor', models.BigIntegerField(default=0)),
                ('unit', models.CharField(max_length=3)),
                ('due', models.DateField()),
                ('state', models.CharField(max_length=12)),
                ('root', models.UUIDField()),
                ('tier', models.IntegerField(default=0)),
                ('pledgee', models.UUIDField(null=True)),
                ('recourse', models.UUIDField(null=True)),
                ('background', models.JSONField(default=list)),
                ('frozen_by', models.CharField(blank=True, max_length=200)),
                ('late_from', models.DateField(null=True)),
                ('seen_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='claims.claimrow')),
            ],
            options={
                'db_table': 'claims_claim',
                'indexes': [models.Index(fields=['contract'], name='claims_by_contract'), models.Index(fields=['root'], name='claims_by_root'), models.Index(fields=['creditor', 'state', 'due'], name='claims_by_creditor'), models.Index(fields=['debtor', 'state', 'due'], name='claims_by_debtor'), models.Index(condition=models.Q(('state__in', ['held', 'overdue'])), fields=['due'], name='claims_falling_due'), django.contrib.postgres.indexes.GinIndex(fields=['seen_by'], name='claims_seen_by')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('outstanding_minor'), '+', models.F('moved_minor')), '+', models.F('settled_minor')), '+', models.F('written_off_minor')), '+', models.F('voided_minor')))), name='claims_amount_conserved'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('outstanding_minor__gte', 0), ('moved_minor__gte', 0), ('settled_minor__gte', 0), ('written_off_minor__gte', 0), ('voided_minor__gte', 0), ('reserved_minor__gte', 0)), name='claims_not_negative'), models.CheckConstraint(condition=models.Q(('reserved_minor__lte', models.F('outstanding_minor'))), name='claims_reserved_within'), models.CheckConstraint(condition=models.Q(('pledgee__isnull', True), ('reserved_minor', 0), _connector='OR'), name='claims_pledged_not_promised'), models.CheckConstraint(condition=models.Q(('state__in', ['held', 'moved', 'offered', 'overdue', 'settled', 'void', 'written_off'])), name='claims_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('outstanding_minor__gt', 0), ('state__in', ['held', 'offered', 'overdue'])), models.Q(models.Q(('state__in', ['held', 'offered', 'overdue']), _negated=True), ('outstanding_minor', 0)), _connector='OR'), name='claims_open_while_outstanding')],
            },
        ),
        row_security("claims_claim", f"{PLATFORM_SEES} OR jirong_party() = ANY (seen_by)", writes=SYSTEM_SEES),
    ]
