"""Instructions, legs and confirmations, seen by payer, payee and bank; the sandbox bank's own tables."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security

# Payer, payer's bank and each payee; a leg is seen with its instruction, but a payee sees only its own leg. The
# helper function reads legs as the house, because the two policies would otherwise call each other for ever.
SEES_INSTRUCTION = """
    jirong_role() IN ('operator', 'system') OR payer_id = jirong_party()
    OR account_id IN (SELECT a.id FROM parties_bank_account a WHERE a.bank_id = jirong_party())
    OR rails_is_paid(id, jirong_party())
"""
SEES_OTHER = """
    jirong_role() IN ('operator', 'system')
    OR EXISTS (
        SELECT FROM rails_instruction i
        WHERE i.id = {table}.instruction_id
          AND (i.payer_id = jirong_party()
               OR i.account_id IN (SELECT a.id FROM parties_bank_account a WHERE a.bank_id = jirong_party()))
    )
"""
IS_PAID = """
CREATE FUNCTION rails_is_paid(instruction uuid, party uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE role_before text := jirong_role(); found boolean;
BEGIN
    PERFORM set_config('jirong.role', 'system', true);
    SELECT EXISTS (SELECT FROM rails_leg l WHERE l.instruction_id = instruction AND l.payee_id = party) INTO found;
    PERFORM set_config('jirong.role', role_before, true);
    RETURN found;
END $$;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Instruction',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('purpose', models.CharField(max_length=40)),
                ('subject', models.UUIDField()),
                ('state', models.CharField(default='instructed', max_length=10)),
                ('business_date', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.bankaccount')),
                ('payer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'rails_instruction',
            },
        ),
        migrations.CreateModel(
            name='SandboxMovement',
            fields=[
                ('instruction', models.UUIDField(primary_key=True, serialize=False)),
                ('paid', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('reference', models.CharField(max_length=80)),
                ('answered', models.BooleanField(default=False)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'rails_sandbox_movement',
            },
        ),
        migrations.CreateModel(
            name='Leg',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('amount_minor', models.BigIntegerField()),
                ('unit', models.CharField(default='CNY', max_length=3)),
                ('because', models.CharField(max_length=20)),
                ('lot', models.UUIDField(null=True)),
                ('settles', models.JSONField(default=list)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.bankaccount')),
                ('instruction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='rails.instruction')),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'rails_leg',
            },
        ),
        migrations.CreateModel(
            name='SandboxAccount',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='sandbox', serialize=False, to='parties.bankaccount')),
                ('balance_minor', models.BigIntegerField()),
                ('rejects', models.BooleanField(default=False)),
                ('silent', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'rails_sandbox_account',
                'constraints': [models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0)), name='rails_sandbox_covered')],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('instruction', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='confirmation', serialize=False, to='rails.instruction')),
                ('paid', models.BooleanField()),
                ('bank_reference', models.CharField(max_length=80)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('value_date', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('bank', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'rails_confirmation',
            },
        ),
        migrations.AddIndex(
            model_name='instruction',
            index=models.Index(fields=['payer', '-recorded_at'], name='rails_by_payer'),
        ),
        migrations.AddIndex(
            model_name='instruction',
            index=models.Index(fields=['subject'], name='rails_by_subject'),
        ),
        migrations.AddIndex(
            model_name='instruction',
            index=models.Index(condition=models.Q(('state', 'instructed')), fields=['recorded_at'], name='rails_waiting'),
        ),
        migrations.AddConstraint(
            model_name='instruction',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('instructed', 'paid', 'rejected'))), name='rails_instruction_state'),
        ),
        migrations.AddIndex(
            model_name='leg',
            index=models.Index(fields=['payee'], name='rails_by_payee'),
        ),
        migrations.AddConstraint(
            model_name='leg',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='rails_leg_positive'),
        ),
        migrations.AddConstraint(
            model_name='confirmation',
            constraint=models.UniqueConstraint(fields=('bank', 'bank_reference'), name='rails_reference_once'),
        ),
        migrations.RunSQL(IS_PAID, "DROP FUNCTION rails_is_paid"),
        insert_only("rails_confirmation"),
        insert_only("rails_leg"),
        row_security("rails_instruction", SEES_INSTRUCTION),
        row_security("rails_leg", SEES_OTHER.format(table="rails_leg") + " OR payee_id = jirong_party()"),
        row_security("rails_confirmation", SEES_OTHER.format(table="rails_confirmation")),
        row_security("rails_sandbox_account", SYSTEM_SEES, writes="true"),
        row_security("rails_sandbox_movement", SYSTEM_SEES),
    ]
