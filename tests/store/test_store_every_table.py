"""Every table is under row security, or stands here by name because everybody may read it."""

from __future__ import annotations

import pytest
from django.db import connection

OPEN = {
    # The public register: who exists, what they are to the platform, their keys and clusters.
    "parties_cluster", "parties_key", "parties_membership", "parties_role", "facts_source_right",
    # What is published, and what proves the log.
    "financing_scheme", "financing_policy", "financing_policy_signature", "store_business_day",
    "log_checkpoint", "log_cosignature", "log_tile", "log_witness",
    # Log-in, read before anybody is known; Django's own.
    "parties_user", "parties_user_groups", "parties_user_user_permissions", "account_emailaddress",
    "account_emailconfirmation", "mfa_authenticator", "auth_group", "auth_group_permissions", "auth_permission",
    "django_content_type", "django_migrations", "django_session",
}  # fmt: skip


@pytest.mark.django_db
def test_every_other_table_forces_row_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace "
            "AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
        assert {name for (name,) in cursor.fetchall()} == OPEN
