"""The roof's Django application: templates and static files of the shell."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "jirong.site"
    label = "jirong_site"
