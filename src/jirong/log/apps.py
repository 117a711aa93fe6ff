"""The log's Django application."""

from django.apps import AppConfig


class LogConfig(AppConfig):
    name = "jirong.log"
    label = "log"
    default_auto_field = "django.db.models.BigAutoField"
