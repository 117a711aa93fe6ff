"""The assessment room's Django application."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "jirong.assessment"
    label = "assessment"
    default_auto_field = "django.db.models.BigAutoField"
