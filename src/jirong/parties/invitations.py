"""Invitations: how a log-in that was registered gets its first password, from its person and nobody else.

The link carries Django's one-time token: it dies with the first password, and after three days. The administrator
who registered the log-in hands it over; the platform sends no mail.
"""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from jirong.parties.models import User


def path_for(user: User) -> str:
    """The invitation's address on this site; empty for a person who has a password already."""
    if user.has_usable_password():
        return ""
    return reverse(
        "invitation",
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
        },
    )


class InvitationView(PasswordResetConfirmView):
    """Set one's first password; afterwards log in with it."""

    template_name = "parties/invitation.html"
    success_url = reverse_lazy("account_login")
