"""Addresses of the pages about parties."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from jirong.parties import cluster_views, invitations, token_views, views

urlpatterns: list[URLPattern] = [
    path("act-for/<uuid:party>", views.act_for, name="act_for"),
    path("parties/", views.party_list, name="parties"),
    path("parties/new", views.register_party, name="register_party"),
    path("parties/<uuid:id>/", views.party_page, name="party"),
    path("parties/<uuid:party>/staff", views.add_staff, name="add_party_staff"),
    path("parties/<uuid:party>/roles", views.add_role, name="add_role"),
    path("clusters/", cluster_views.cluster_list, name="clusters"),
    path("clusters/new", cluster_views.new_cluster, name="new_cluster"),
    path("clusters/requests/<uuid:request_id>/", cluster_views.answer_request, name="answer_request"),
    path("clusters/requests/<uuid:request_id>/withdraw", cluster_views.withdraw_request, name="withdraw_request"),
    path("clusters/<uuid:id>/", cluster_views.cluster_page, name="cluster"),
    path("clusters/<uuid:id>/members", cluster_views.add_member, name="add_member"),
    path("clusters/<uuid:id>/members/<uuid:party>/leave", cluster_views.leave_cluster, name="leave_cluster"),
    path("clusters/<uuid:id>/ask", cluster_views.ask_to_join, name="ask_to_join"),
    path("own/", views.own_party, name="own_party"),
    path("own/staff/new", views.add_staff, name="add_staff"),
    path("own/staff/end", views.end_staff, name="end_staff"),
    path("own/keys/new", views.register_key, name="register_key"),
    path("own/keys/<str:key>/revoke", views.revoke_key, name="revoke_key"),
    path("own/accounts/new", views.add_account, name="add_account"),
    path("own/tokens/new", token_views.new_token, name="new_token"),
    path("own/tokens/<int:token>/revoke", token_views.revoke_token, name="revoke_token"),
    re_path(r"^own/(?P<tab>staff|roles|keys|accounts|tokens)/$", views.own_party, name="own_party_tab"),
    path("invitation/<uidb64>/<token>/", invitations.InvitationView.as_view(), name="invitation"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/several", views.approve_several, name="approve_several"),
    path("inbox/<uuid:id>/", views.proposal, name="proposal"),
]
