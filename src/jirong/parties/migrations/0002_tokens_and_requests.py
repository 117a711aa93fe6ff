"""API tokens have a scope and are seen in use; parties ask to join clusters."""


import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, row_security


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='JoinRequest',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('state', models.CharField(default='asked', max_length=10)),
                ('answer', models.CharField(blank=True, max_length=500)),
                ('decided_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'parties_join_request',
            },
        ),
        migrations.AddField(
            model_name='token',
            name='last_used_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='token',
            name='scope',
            field=models.CharField(default='all', max_length=4),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ('all', 'read'))), name='parties_token_scope_known'),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='cluster',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='parties.cluster'),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='party',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='join_requests', to='parties.party'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('asked', 'accepted', 'declined', 'withdrawn'))), name='parties_join_request_state_known'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('cluster', 'party'), name='parties_join_request_once'),
        ),
        row_security("parties_join_request", f"{PLATFORM_SEES} OR party_id = jirong_party()"),
    ]
