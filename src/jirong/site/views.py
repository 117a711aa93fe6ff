"""The shell's own pages: the front door, reading preferences, the public verifier, and the error pages.

Nothing here reads a room's rows. The front door sends a person who is logged in to the home their role has
registered.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_POST

from jirong.web import navigation, preferences, problem, viewer


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """To the role's home; without one, what Jirong is and where to log in."""
    looking = viewer.of(request)
    home = navigation.home_of(looking.roles) if looking.is_known else None
    return redirect(home) if home else render(request, "site/front.html")


@require_POST
def choose_preferences(request: HttpRequest) -> HttpResponse:
    """Language, theme or the colour of a rise; back to where the reader was."""
    chosen = preferences.accepted({name: value for name, value in request.POST.items() if isinstance(value, str)})
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    preferences.set_cookies(request, response, chosen)
    preferences.keep(request, chosen)
    return response


@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """The public verifier: everything it does, it does in the reader's browser."""
    return render(request, "site/verify.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    return _error(request, 404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    return _error(request, 403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    return _error(request, 400)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A form that was open too long, or came from elsewhere."""
    if problem.is_api(request):
        return problem.response(request, problem.GENERIC[403])
    return render(request, "403_csrf.html", status=403)


def failed(request: HttpRequest) -> HttpResponseBase:
    """A defect of ours. Drawn without the shell, whose queries may be what failed."""
    found = problem.defect()
    if problem.is_api(request):
        return problem.response(request, found)
    return render(request, "500.html", {"number": found.details["number"]}, status=500, using=None)


def _error(request: HttpRequest, status: int) -> HttpResponseBase:
    if problem.is_api(request):
        return problem.response(request, problem.GENERIC[status])
    return render(request, f"{status}.html", status=status)
