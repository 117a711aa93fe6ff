"""Addresses of the assessment room: model cards and methods."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.assessment.views import methods, models

urlpatterns: list[URLPattern] = [
    path("models/", models.models, name="models"),
    path("models/compare/", models.compare, name="model_compare"),
    path("models/<slug:name>/", models.model, name="model"),
    path("methods/", methods.methods, name="methods"),
    path("methods/<str:name>/", methods.method, name="method"),
]
