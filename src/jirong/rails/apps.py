"""The rails' Django application."""

from django.apps import AppConfig


class RailsConfig(AppConfig):
    name = "jirong.rails"
    label = "rails"
    default_auto_field = "django.db.models.BigAutoField"
