"""Addresses of the operator's pages across rooms."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.site.operations import views

urlpatterns: list[URLPattern] = [
    path("operator/day/", views.day, name="operator_day"),
    path("operator/day/close", views.close, name="close_everything"),
    path("operator/processes/", views.process_list, name="processes"),
]
