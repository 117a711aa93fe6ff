"""Addresses of documents, their imports, and features."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.facts import feature_views, views

urlpatterns: list[URLPattern] = [
    path("documents/", views.document_list, name="documents"),
    path("documents/import", views.import_file, name="import_file"),
    path("documents/imports/", views.batch_list, name="batches"),
    path("documents/imports/<uuid:id>/", views.batch_page, name="batch"),
    path("documents/<uuid:id>/", views.document_page, name="document"),
    path("features/", feature_views.feature_list, name="features"),
    path("features/<str:code>/", feature_views.feature_page, name="feature"),
]
