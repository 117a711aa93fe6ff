"""The ledger's Django application."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "jirong.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
