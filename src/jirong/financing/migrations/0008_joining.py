"""An offer waits for its joint debtors, who see it from then on; a draft thrown away stays with its firm."""

from __future__ import annotations

from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q, Value

from jirong.store.security import SYSTEM_SEES

STATES = (
    "draft", "asked", "referred", "refused", "offered", "joining", "signed", "declined", "withdrawn", "lapsed",
    "discarded",
)  # fmt: skip
OPEN = ("asked", "referred", "offered", "joining")
LENDS = "EXISTS (SELECT 1 FROM financing_policy p WHERE p.id = policy_id AND p.lender_id = jirong_party())"
BEFORE = f"{SYSTEM_SEES} OR jirong_party() = borrower_id OR (state <> 'draft' AND {LENDS})"
JOINS = "jirong_party() = ANY (joined) OR (state IN ('joining', 'signed') AND jirong_party() = ANY (joint))"
NOW = f"{SYSTEM_SEES} OR jirong_party() = borrower_id OR (state NOT IN ('draft', 'discarded') AND {LENDS}) OR {JOINS}"


def seen_by(who: str) -> list[str]:
    return [
        f"ALTER POLICY financing_application_{name} ON financing_application USING ({who})"
        for name in ("read", "change", "remove")
    ]


def throw_away(apps: Any, schema_editor: Any) -> None:
    """What was withdrawn before anybody decided on it was a draft."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jirong.role', 'system', true)")
        cursor.execute(
            "UPDATE financing_application SET state = 'discarded' WHERE state = 'withdrawn' AND decision IS NULL"
        )


class Migration(migrations.Migration):
    dependencies = [("financing", "0007_asked")]
    operations = [
        migrations.AddField(
            model_name="application",
            name="joined",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(),
                db_default=Value([], django.contrib.postgres.fields.ArrayField(models.UUIDField())),
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(model_name="application", name="relays", field=models.UUIDField(null=True)),
        migrations.RemoveConstraint(model_name="application", name="financing_app_state"),
        migrations.RemoveConstraint(model_name="application", name="financing_app_once"),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(condition=Q(state__in=STATES), name="financing_app_state"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                fields=["policy", "borrower"], condition=Q(state__in=OPEN), name="financing_app_once"
            ),
        ),
        migrations.RunSQL(seen_by(NOW), seen_by(BEFORE)),
        migrations.RunPython(throw_away, migrations.RunPython.noop),
    ]
