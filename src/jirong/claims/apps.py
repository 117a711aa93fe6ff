"""The claims' Django application."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "jirong.claims"
    label = "claims"
    default_auto_field = "django.db.models.BigAutoField"
