"""What of a loan's principal is not its lender's any more, so that a book counts what its lender holds.

``others_minor`` is owed to others (a bearer of loss who paid took the lender's place); what was given up is in neither.
Loans of several debtors get an index of their own: a close finds them among a million without reading the rest.
"""

from django.db import migrations, models

FILL = """
SELECT set_config('jirong.role', 'system', true);
UPDATE financing_loan l SET others_minor = c.minor
FROM (
    SELECT c.contract, sum(c.outstanding_minor) AS minor
    FROM claims_claim c JOIN financing_loan l ON l.id = c.contract
    WHERE l.status = 'defaulted' AND c.kind = 'loan' AND c.creditor <> l.lender_id
        AND c.state IN ('offered', 'held', 'overdue')
    GROUP BY c.contract
) AS c
WHERE c.contract = l.id;
"""
JOINT = "CREATE INDEX financing_joint ON financing_loan (lender_id) WHERE cardinality(borrowers) > 1"


class Migration(migrations.Migration):
    dependencies = [("financing", "0008_joining"), ("claims", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="loan", name="others_minor", field=models.BigIntegerField(db_default=0, default=0)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="loan",
            name="held_minor",
            field=models.GeneratedField(
                expression=models.F("principal_left_minor") - models.F("others_minor"),
                output_field=models.BigIntegerField(),
                db_persist=True,
            ),
        ),
        migrations.RunSQL(JOINT, "DROP INDEX financing_joint"),
    ]
