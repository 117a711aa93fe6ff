"""API tokens of one's party: make one, see it once, see when it was last used, revoke it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.parties import acting, forms, guard, labels
from jirong.parties import actions as party_actions
from jirong.parties.models import Token
from jirong.web import display, parts
from jirong.web.api import actor_of


def status_of(token: Token) -> parts.Status:
    """Whether a token opens anything, and until when."""
    if token.revoked_at:
        return parts.Status(Text("已吊销", "Revoked"))
    if token.expires_at <= timezone.now():
        return parts.Status(Text("已过期", "Expired"))
    days = (token.expires_at - timezone.now()).days + 1
    return parts.Status(
        Text("有效", "Valid"),
        Text(f"还有{days}天", f"{labels.counted(days, 'day', 'days')} left"),
        "wait" if days <= 7 else "good",
    )


def shown(token: Token) -> dict[str, Any]:
    """A token as a row of the page."""
    status = status_of(token)
    return {"row": token, "status": status, "scope": labels.SCOPES[token.scope], "live": status.tone != "plain"}


@never_cache
@guard.acting()
@require_http_methods(["GET", "POST"])
def new_token(request: HttpRequest) -> HttpResponseBase:
    """A form, then the token itself: shown here and nowhere else, for only its hash is kept."""
    form, refusal = forms.MakeToken(request.POST or None), None
    id = acting.action_id(request)
    if request.method == "POST" and form.is_valid():
        try:
            party_actions.create_token(actor=actor_of(request), id=id, **form.cleaned_data)
        except Refusal as caught:
            refusal = caught
        else:
            context = {"token": party_actions.token_of(id), "name": form.cleaned_data["name"],
                       "site": request.build_absolute_uri("/")[:-1]}  # fmt: skip
            return render(request, "parties/token_made.html", context)
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "parties/new_token.html", {"form": form, "refusal": refusal, "id": id}, status=status)


@guard.acting()
@require_POST
def revoke_token(request: HttpRequest, token: int) -> HttpResponseBase:
    party_actions.revoke_token(actor=actor_of(request), id=acting.action_id(request), token=token)
    messages.success(request, display.say(Text("令牌已吊销", "The token is revoked")))
    return redirect("own_party_tab", "tokens")
