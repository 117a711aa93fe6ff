"""The Django app that carries the components' templates, template tags and translations."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "jirong.web"
    label = "web"
    verbose_name = "web"
