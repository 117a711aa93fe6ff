"""An index for the question every step on a lot asks: does a red letter reverse the invoice it stands on?"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notes", "0003_a_loan_is_for_its_two_sides"), ("facts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX notes_red_letters ON facts_fact (subject_id, (values->>'red_of'))"
            " WHERE kind = 'invoice' AND amount_minor < 0",
            "DROP INDEX notes_red_letters",
        )
    ]
