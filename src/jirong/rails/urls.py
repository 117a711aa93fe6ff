"""Addresses of payments."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.rails import views

urlpatterns: list[URLPattern] = [
    path("payments/", views.payment_list, name="payments"),
    path("payments/answer", views.sandbox_answer, name="sandbox_answer"),
    path("payments/<uuid:id>/", views.payment_page, name="payment"),
    path("payments/<uuid:id>/answer", views.answer_payment, name="answer_payment"),
]
