"""Addresses of the pages about parties."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from jirong.parties import invitations, views

urlpatterns: list[URLPattern] = [
    path("act-for/<uuid:party>", views.act_for, name="act_for"),
    path("parties/", views.party_list, name="parties"),
    path("parties/new", views.register_party, name="register_party"),
    path("parties/<uuid:id>/", views.party_page, name="party"),
    path("parties/<uuid:party>/staff", views.add_staff, name="add_party_staff"),
    path("own/", views.own_party, name="own_party"),
    path("own/staff/new", views.add_staff, name="add_staff"),
    path("own/staff/end", views.end_staff, name="end_staff"),
    path("own/keys/new", views.register_key, name="register_key"),
    path("own/keys/<str:key>/revoke", views.revoke_key, name="revoke_key"),
    path("own/accounts/new", views.add_account, name="add_account"),
    re_path(r"^own/(?P<tab>staff|keys|accounts)/$", views.own_party, name="own_party_tab"),
    path("invitation/<uidb64>/<token>/", invitations.InvitationView.as_view(), name="invitation"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<uuid:id>/", views.proposal, name="proposal"),
]
