"""A loan's rate and price are for lender and borrower; the operator sees none of it (the house still does)."""

from django.db import migrations

from jirong.store.security import PLATFORM_SEES, SYSTEM_SEES

SIDES = "jirong_party() IN (lender_id, borrower_id)"


def _seen_by(sees: str) -> list[str]:
    return [
        f"ALTER POLICY notes_lot_loan_{name} ON notes_lot_loan USING ({sees} OR {SIDES})"
        for name in ("read", "change", "remove")
    ]


class Migration(migrations.Migration):
    dependencies = [("notes", "0002_overdue_rate_of_an_offer")]

    operations = [migrations.RunSQL(_seen_by(SYSTEM_SEES), _seen_by(PLATFORM_SEES))]
