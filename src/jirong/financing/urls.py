"""Addresses of the pages about financing: the lender's here included, the firm's below."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jirong.financing.pages.bank_urls")),
]
