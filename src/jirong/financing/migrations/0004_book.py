"""What a book is read by: level and policy on the loan, when it closed, when it was first 30 or 90 days late.

The database fills them itself, because every write of a loan goes through its row whichever path wrote it (one loan
through the engine, or a whole partition in columns), and only the row knows the due date that a payment has just met.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import SYSTEM_SEES, insert_only, row_security

FUNCTIONS = """
CREATE FUNCTION financing_loan_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT c.policy_id, coalesce(d.terms ->> 'level', '') INTO NEW.policy_id, NEW.level
    FROM financing_contract c JOIN financing_application a ON a.id = c.application_id
        LEFT JOIN financing_decision d ON d.id = a.decision
    WHERE c.id = NEW.contract_id;
    NEW.level := coalesce(NEW.level, '');
    RETURN NEW;
END $$;
CREATE FUNCTION financing_loan_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE today date;
BEGIN
    SELECT date INTO today FROM store_business_day WHERE calendar IN (NEW.lender_id::text, 'platform')
    ORDER BY calendar = 'platform' LIMIT 1;
    IF OLD.oldest_due IS NOT NULL AND OLD.oldest_due IS DISTINCT FROM NEW.oldest_due THEN
        INSERT INTO financing_late_mark (loan_id, lender_id, started, days, "on")
        SELECT NEW.id, NEW.lender_id, NEW.started, late, OLD.oldest_due + late FROM unnest(ARRAY[30, 90]) AS late
        WHERE today - OLD.oldest_due >= late ON CONFLICT DO NOTHING;
    END IF;
    IF NEW.status IN ('repaid', 'written_off') THEN
        NEW.closed_on := coalesce(OLD.closed_on, today);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER financing_loan_begins BEFORE INSERT ON financing_loan FOR EACH ROW
    WHEN (NEW.contract_id IS NOT NULL) EXECUTE FUNCTION financing_loan_begins();
CREATE TRIGGER financing_loan_moves BEFORE UPDATE ON financing_loan FOR EACH ROW
    WHEN ((OLD.oldest_due IS NOT NULL AND OLD.oldest_due IS DISTINCT FROM NEW.oldest_due)
        OR NEW.status IN ('repaid', 'written_off'))
    EXECUTE FUNCTION financing_loan_moves();
"""
FILL = """
SELECT set_config('jirong.role', 'system', true);
UPDATE financing_loan l SET policy_id = c.policy_id, level = coalesce(d.terms ->> 'level', '')
FROM financing_contract c JOIN financing_application a ON a.id = c.application_id
    LEFT JOIN financing_decision d ON d.id = a.decision
WHERE c.id = l.contract_id;
UPDATE financing_loan l SET closed_on = coalesce((SELECT max(s."on") FROM financing_step s WHERE s.loan = l.id), l.started)
WHERE l.status IN ('repaid', 'written_off') AND l.closed_on IS NULL;
"""
DROP = """
DROP TRIGGER financing_loan_begins ON financing_loan;
DROP TRIGGER financing_loan_moves ON financing_loan;
DROP FUNCTION financing_loan_begins();
DROP FUNCTION financing_loan_moves();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('financing', '0003_by_partition'),
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LateMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started', models.DateField()),
                ('days', models.SmallIntegerField()),
                ('on', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'financing_late_mark',
            },
        ),
        migrations.AddField(
            model_name='loan',
            name='level',
            field=models.CharField(db_default='', max_length=16),
        ),
        migrations.AddField(
            model_name='loan',
            name='policy',
            field=models.ForeignKey(db_default=models.Value(None), db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.policy'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(fields=['lender', '-recorded_at', '-id'], name='financing_book'),
        ),
        migrations.AddField(
            model_name='latemark',
            name='lender',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party'),
        ),
        migrations.AddField(
            model_name='latemark',
            name='loan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.loan'),
        ),
        migrations.AddIndex(
            model_name='latemark',
            index=models.Index(fields=['lender', 'days'], name='financing_late_marks'),
        ),
        migrations.AddConstraint(
            model_name='latemark',
            constraint=models.UniqueConstraint(fields=('loan', 'days'), name='financing_late_once'),
        ),
        insert_only("financing_late_mark"),
        row_security("financing_late_mark", f"{SYSTEM_SEES} OR jirong_party() = lender_id", writes=SYSTEM_SEES),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
