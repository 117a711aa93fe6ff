"""Addresses of documents, their imports, and features."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.facts import amending, feature_views, firm_views, views

urlpatterns: list[URLPattern] = [
    path("documents/", views.document_list, name="documents"),
    path("documents/import", views.import_file, name="import_file"),
    path("documents/imports/", views.batch_list, name="batches"),
    path("documents/imports/<uuid:id>/", views.batch_page, name="batch"),
    path("documents/connectors/", views.connector_list, name="connectors"),
    path("documents/firms/<uuid:id>/", firm_views.firm_page, name="firm_facts"),
    path("documents/<uuid:id>/", views.document_page, name="document"),
    path("documents/<uuid:id>/correct", amending.correct, name="correct_fact"),
    path("documents/<uuid:id>/dispute", amending.dispute, name="dispute_fact"),
    path("documents/disputes/", amending.dispute_list, name="disputes"),
    path("documents/disputes/<uuid:id>/uphold", amending.uphold, name="uphold_fact"),
    path("documents/disputes/<uuid:id>/withdraw", amending.withdraw, name="withdraw_dispute"),
    path("features/", feature_views.feature_list, name="features"),
    path("features/<str:code>/", feature_views.feature_page, name="feature"),
]
