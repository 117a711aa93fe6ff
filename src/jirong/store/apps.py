"""The store's Django application."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "jirong.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
