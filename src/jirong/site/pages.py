"""Addresses of the shell's own pages; the URL table includes this list at the root."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.site import design, views
from jirong.site.calculator import urls as calculator
from jirong.site.operations import urls as operations

urlpatterns: list[URLPattern] = [
    path("", views.front, name="front"),
    path("preferences", views.choose_preferences, name="preferences"),
    path("verify", views.verify, name="verify"),
    *calculator.urlpatterns,
    *operations.urlpatterns,
    path("design", design.design, name="design"),
    path("design/form", design.design_form, name="design_form"),
    path("design/wizard", design.design_wizard, name="design_wizard"),
    path("design/error/<int:status>", design.design_error, name="design_error"),
]
