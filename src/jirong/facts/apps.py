"""The facts' Django application."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "jirong.facts"
    label = "facts"
    default_auto_field = "django.db.models.BigAutoField"
