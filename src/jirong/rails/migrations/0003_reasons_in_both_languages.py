"""Why a bank did not pay, in Chinese and English: what the pretended bank said is put into English, what others said
stands in both languages as it was.
"""

from django.db import migrations, models

WIDEN = """
ALTER TABLE {table} ALTER COLUMN reason DROP NOT NULL;
ALTER TABLE {table} ALTER COLUMN reason TYPE jsonb USING CASE reason
  WHEN '' THEN NULL
  WHEN '余额不足' THEN jsonb_build_object('zh', reason, 'en', 'Insufficient funds')
  WHEN '账户状态异常' THEN jsonb_build_object('zh', reason, 'en', 'Account not in order')
  ELSE jsonb_build_object('zh', reason, 'en', reason) END;
ALTER TABLE {table} ADD CONSTRAINT {table}_reason CHECK (
  reason IS NULL OR coalesce(length(reason->>'zh') BETWEEN 1 AND 200 AND length(reason->>'en') BETWEEN 1 AND 200, false)
);
"""
NARROW = """
ALTER TABLE {table} DROP CONSTRAINT {table}_reason;
ALTER TABLE {table} ALTER COLUMN reason TYPE varchar(200) USING coalesce(reason->>'zh', '');
ALTER TABLE {table} ALTER COLUMN reason SET NOT NULL;
"""


def widen(model, table):
    return migrations.RunSQL(
        WIDEN.format(table=table),
        NARROW.format(table=table),
        state_operations=[migrations.AlterField(model, "reason", models.JSONField(null=True))],
    )


class Migration(migrations.Migration):

    dependencies = [("rails", "0002_batches")]

    operations = [widen("confirmation", "rails_confirmation"), widen("sandboxmovement", "rails_sandbox_movement")]
