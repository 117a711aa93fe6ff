"""Addresses of documents and their imports."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.facts import views

urlpatterns: list[URLPattern] = [
    path("documents/", views.document_list, name="documents"),
    path("documents/import", views.import_file, name="import_file"),
    path("documents/imports/", views.batch_list, name="batches"),
    path("documents/imports/<uuid:id>/", views.batch_page, name="batch"),
    path("documents/<uuid:id>/", views.document_page, name="document"),
]
