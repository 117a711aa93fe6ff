"""Addresses of the lender's pages of financing."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
