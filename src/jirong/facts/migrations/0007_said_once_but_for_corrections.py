"""A source says a thing once; a correction may go back to what was said before another correction."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0006_a_row_a_document'),
    ]

    operations = [
        migrations.RemoveConstraint('fact', 'facts_said_once'),
        migrations.AddConstraint(
            'fact',
            models.UniqueConstraint(
                condition=models.Q(corrects__isnull=True), fields=('source', 'digest'), name='facts_said_once'
            ),
        ),
    ]
