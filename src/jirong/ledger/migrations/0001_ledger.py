"""Accounts, journals, transfers and reservations, and the functions that alone write them."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, insert_only, row_security

SQL = Path(__file__).parent.parent / 'sql'
CREATE = '\n'.join(
    (SQL / f'{name}.sql').read_text(encoding='utf-8')
    for name in ('tables', 'posting', 'write', 'post', 'accounts', 'guards')
)
DROP = """
DROP FUNCTION ledger_close, ledger_open, ledger_post_one, ledger_post, ledger_replay, ledger_write_apart, ledger_write,
    ledger_settle, ledger_place, ledger_part;
DROP TYPE ledger_batch;
DROP TABLE ledger_reservation, ledger_transfer, ledger_journal, ledger_account;
DROP FUNCTION ledger_refuse_terms;
"""

# Subqueries, so that a setting is read once a statement and not once a row. While a posting function runs, it sees
# and writes every row; nobody else writes.
POSTING = "(SELECT current_setting('jirong.posting', true)) = 'on'"
ALL = f"(SELECT {PLATFORM_SEES}) OR {POSTING}"
OWNS = "a.owner_id = (SELECT jirong_party())"

STATE = [
    migrations.CreateModel(
        name='Account',
        fields=[
            ('id', models.UUIDField(primary_key=True, serialize=False)),
            ('code', models.TextField(unique=True)),
            ('book', models.TextField()),
            ('unit', models.TextField()),
            ('owner_id', models.UUIDField(null=True)),
            ('bound', models.TextField()),
            ('allowance_minor', models.BigIntegerField()),
            ('closed', models.BooleanField()),
            ('shard', models.SmallIntegerField(null=True)),
            ('shards', models.SmallIntegerField()),
            ('entries', models.BigIntegerField()),
            ('debits_pending', models.BigIntegerField()),
            ('debits_posted', models.BigIntegerField()),
            ('credits_pending', models.BigIntegerField()),
            ('credits_posted', models.BigIntegerField()),
            ('opened_at', models.DateTimeField()),
            ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sub_accounts', to='ledger.account')),
        ],
        options={'db_table': 'ledger_account'},
    ),
    migrations.CreateModel(
        name='JournalRow',
        fields=[
            ('id', models.UUIDField(primary_key=True, serialize=False)),
            ('event_at', models.DateTimeField()),
            ('recorded_at', models.DateTimeField()),
            ('business_date', models.DateField()),
            ('size', models.IntegerField()),
            ('reason', models.TextField(blank=True)),
            ('subject_id', models.UUIDField(null=True)),
        ],
        options={'db_table': 'ledger_journal'},
    ),
    migrations.CreateModel(
        name='TransferRow',
        fields=[
            ('id', models.UUIDField(primary_key=True, serialize=False)),
            ('amount_minor', models.BigIntegerField()),
            ('position', models.BigIntegerField()),
            ('ordinal', models.IntegerField()),
            ('kind', models.SmallIntegerField()),
            ('pending_id', models.UUIDField(null=True)),
            ('reverses_id', models.UUIDField(null=True)),
            ('credit_account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='ledger.account')),
            ('debit_account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='debits', to='ledger.account')),
            ('journal', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='ledger.journalrow')),
        ],
        options={'db_table': 'ledger_transfer'},
    ),
    migrations.CreateModel(
        name='Reservation',
        fields=[
            ('id', models.UUIDField(primary_key=True, serialize=False)),
            ('amount_minor', models.BigIntegerField()),
            ('posted_minor', models.BigIntegerField()),
            ('voided_minor', models.BigIntegerField()),
        ],
        options={'db_table': 'ledger_reservation'},
    ),
]


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('store', '0001_ground'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState([migrations.RunSQL(CREATE, DROP)], STATE),
        insert_only('ledger_journal'),
        insert_only('ledger_transfer'),
        row_security('ledger_account', f'{ALL} OR {OWNS.replace("a.", "")}', writes=POSTING),
        row_security(
            'ledger_transfer',
            f'{ALL} OR EXISTS (SELECT FROM ledger_account a WHERE a.id IN (debit_account_id, credit_account_id) AND {OWNS})',
            writes=POSTING,
        ),
        row_security(
            'ledger_journal',
            f'{ALL} OR EXISTS (SELECT FROM ledger_transfer t WHERE t.journal_id = ledger_journal.id)',
            writes=POSTING,
        ),
        row_security(
            'ledger_reservation',
            f'{ALL} OR EXISTS (SELECT FROM ledger_transfer t WHERE t.id = ledger_reservation.id)',
            writes=POSTING,
        ),
    ]
