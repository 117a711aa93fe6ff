"""Entitlements of a scheme's other parties, triggers as they stand, calls made; seen as their contract is."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES, row_security

IN_SIGHT = f"{SYSTEM_SEES} OR jirong_party() = ANY (seen_by)"
OF_CONTRACT = f"{PLATFORM_SEES} OR EXISTS (SELECT 1 FROM financing_contract t WHERE t.id = contract_id)"  # noqa: S608 (our own names)


class Migration(migrations.Migration):
    dependencies = [
        ("financing", "0004_book"),
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("place", models.SmallIntegerField()),
                ("name", models.CharField(max_length=60)),
                ("to", models.CharField(max_length=16)),
                ("on", models.DateField()),
                ("due", models.DateField()),
                ("done_on", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("action", models.UUIDField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="financing.contract"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "financing_call",
                "indexes": [
                    models.Index(fields=["contract", "-recorded_at"], name="financing_calls"),
                    models.Index(
                        condition=models.Q(("done_on__isnull", True)),
                        fields=["party", "due"],
                        name="financing_calls_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("loan", models.UUIDField()),
                ("what", models.CharField(max_length=8)),
                ("place", models.SmallIntegerField()),
                ("basis", models.BigIntegerField(default=0)),
                ("accrued_minor", models.BigIntegerField(default=0)),
                ("lost_minor", models.BigIntegerField(default=0)),
                ("counted_to", models.DateField()),
                ("seen_by", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="financing.contract",
                    ),
                ),
                (
                    "creditor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
                (
                    "debtor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entitlements", to="financing.policy"
                    ),
                ),
            ],
            options={
                "db_table": "financing_entitlement",
                "indexes": [
                    models.Index(fields=["loan"], name="financing_entitled_loan"),
                    models.Index(fields=["policy", "what", "place", "creditor"], name="financing_entitled"),
                    models.Index(fields=["debtor", "-recorded_at"], name="financing_entitling"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("loan", "what", "place"), name="financing_entitled_once"),
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ("income", "subsidy"))), name="financing_entitled_what"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accrued_minor__gte", 0), ("basis__gte", 0), ("lost_minor__gte", 0)),
                        name="financing_entitled_counts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.SmallIntegerField()),
                ("standing", models.CharField(max_length=8)),
                ("since", models.DateField()),
                ("on", models.DateField()),
                ("froze", models.BooleanField(default=False)),
                ("moved", models.JSONField(default=dict)),
                ("answers", models.JSONField()),
                ("action", models.UUIDField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="watches", to="financing.contract"
                    ),
                ),
            ],
            options={
                "db_table": "financing_watch",
                "constraints": [
                    models.UniqueConstraint(fields=("contract", "place"), name="financing_watched_once"),
                    models.CheckConstraint(
                        condition=models.Q(("standing__in", ("quiet", "firing", "unknown"))),
                        name="financing_watch_standing",
                    ),
                ],
            },
        ),
        row_security("financing_entitlement", IN_SIGHT, writes=SYSTEM_SEES),
        row_security("financing_watch", OF_CONTRACT, writes=SYSTEM_SEES),
        row_security("financing_call", f"{OF_CONTRACT} OR jirong_party() = party_id", writes=SYSTEM_SEES),
    ]
