"""Addresses of the pages about financing: the lender's and the firm's lists."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jirong.financing.pages.bank_urls")),
    path("", include("jirong.financing.pages.firm_urls")),
]
