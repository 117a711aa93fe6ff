"""Addresses of the calculator."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.site.calculator import views

urlpatterns: list[URLPattern] = [
    path("tools/calculator", views.loan, name="calculator"),
    path("tools/calculator/compare", views.compare, name="calculator_compare"),
    path("tools/calculator/discount", views.discount, name="calculator_discount"),
    path("tools/calculator/actus", views.actus, name="calculator_actus"),
]
