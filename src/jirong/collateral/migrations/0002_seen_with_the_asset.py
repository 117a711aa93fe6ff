"""Whoever sees an asset sees what it was valued at and what moved: a lender asked later reads the whole history."""

from django.db import migrations

from jirong.store.security import SYSTEM_SEES

WITH_ASSET = f"{SYSTEM_SEES} OR EXISTS (SELECT 1 FROM collateral_asset a WHERE a.id = asset_id)"  # noqa: S608
REACHED = f"{SYSTEM_SEES} OR jirong_party() = ANY (seen_by)"


def follow_asset(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        sql=[f"ALTER POLICY {table}_{verb} ON {table} USING ({WITH_ASSET})" for verb in ("read", "change", "remove")],
        reverse_sql=[f"ALTER POLICY {table}_{verb} ON {table} USING ({REACHED})" for verb in ("read", "change", "remove")],
    )


class Migration(migrations.Migration):
    dependencies = [("collateral", "0001_initial")]

    operations = [
        follow_asset("collateral_valuation"),
        follow_asset("collateral_movement"),
        migrations.RemoveField("valuation", "seen_by"),
        migrations.RemoveField("movement", "seen_by"),
    ]
