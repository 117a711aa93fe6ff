"""The claims' Django application."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "jirong.claims"
    label = "claims"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jirong.claims import check
        from jirong.ledger import check as ledger_check

        ledger_check.add(*check.RULES)
