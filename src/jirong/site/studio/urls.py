"""Addresses of the scheme studio."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.site.studio import published, publishing, views

urlpatterns: list[URLPattern] = [
    path("studio/", views.schemes, name="studio"),
    path("studio/new/", views.kinds, name="studio_kinds"),
    path("studio/new/<slug:kind>/", views.new, name="studio_new"),
    path("studio/diff/", views.compare, name="studio_diff"),
    path("studio/set/", views.set_value, name="studio_set"),
    path("studio/publish/", publishing.publish, name="studio_publish"),
    path("studio/published/", published.version_list, name="studio_published"),
    path("studio/try/", views.attempt, name="studio_try"),
    path("studio/download/", views.download_typed, name="studio_download_typed"),
    path("studio/schemes/<slug:name>/", views.scheme, name="studio_scheme"),
    path("studio/schemes/<slug:name>/<int:version>/", views.version, name="studio_version"),
    path("studio/schemes/<slug:name>/download/", views.download, name="studio_download"),
    path("studio/schemes/<slug:name>/<int:version>/download/", views.download, name="studio_download_version"),
]
