"""Addresses of receipts and the trust file."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.log import views

urlpatterns: list[URLPattern] = [
    path("receipts/", views.receipt_list, name="receipts"),
    path("receipts/<uuid:id>/", views.receipt_page, name="receipt"),
    path("receipts/<uuid:id>/receipt.json", views.receipt_file, name="receipt_file"),
    path("trust.json", views.trust_file, name="trust_file"),
]
