"""Public facts (a registration, a court record) are seen by every party that is logged in, without consent."""

from django.db import migrations

PUBLIC = (
    "registration.record",
    "qualification.certificate",
    "court.records",
    "production.status",
    "shock.list",
    "price.quotes",
    "tech.contract",
    "weather.station",
)
"""As they were public when this was written; a test holds the policy equal to the kinds of today."""


def see_public(table):
    kinds = ", ".join(f"'{kind}'" for kind in PUBLIC)
    sees = f"(SELECT jirong_party()) IS NOT NULL AND kind IN ({kinds})"
    return migrations.RunSQL(
        f"CREATE POLICY {table}_public ON {table} FOR SELECT USING ({sees})",
        f"DROP POLICY {table}_public ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("facts", "0007_said_once_but_for_corrections"),
    ]

    operations = [see_public("facts_fact"), see_public("facts_tally")]
