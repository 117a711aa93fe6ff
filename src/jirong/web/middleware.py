"""What happens to every request and answer: the reader's language, our security policy, refusals made readable.

A room's view may raise any :class:`Refusal`; here it becomes a page that says what is wrong and what to do, or
problem+json where the caller is a program. Raising (rather than returning) is what rolls the request's transaction
back.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from jirong.kernel.errors import Refusal
from jirong.web import preferences, problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    # Charts place their tooltips with style attributes; style elements stay forbidden.
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
POLICY_HEADER = "Content-Security-Policy"


class LocaleMiddleware:
    """Language by cookie, else as kept for the logged-in person, else as the browser asks, else Chinese.

    Stands after authentication. What was kept also comes back as cookies, so that a new device looks familiar.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        kept = preferences.kept_for(request)
        language = kept.get("language") or translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language() or language
        response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        preferences.set_cookies(request, response, kept)
        return response


class ContentSecurityPolicyMiddleware:
    """No inline script, no other host, no ``eval``: what runs in a signer's browser is only what we ship.

    A view that set its own policy keeps it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            policy = "; ".join(f"{name} {value}" for name, value in POLICY.items())
            response.headers.setdefault(POLICY_HEADER, policy)
        return response


class ProblemMiddleware:
    """Outermost: under the API's path every error is problem+json, whoever made it (routing, CSRF, a defect)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not problem.is_api(request):
            return response
        if response.headers.get("Content-Type", "").startswith(problem.MEDIA_TYPE):
            return response
        return problem.from_status(request, response)


class RefusalMiddleware:
    """Turns a refusal that left a view into an answer, in the form the caller can read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        if problem.is_api(request):
            return problem.response(request, exception)
        # A 404 must not tell "there is none" from "not for you": every one says the same.
        hidden = exception.status == 404
        if request.headers.get("HX-Request"):
            return self._flash(request, problem.GENERIC[404] if hidden else exception)
        template = "404.html" if hidden else "web/refusal.html"
        return render(request, template, {"refusal": exception}, status=exception.status)

    @staticmethod
    def _flash(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """To htmx: the refusal as a flash in the page's corner, leaving what was typed where it is."""
        response = render(request, "web/refusal_flash.html", {"refusal": refusal}, status=refusal.status)
        response.headers["HX-Retarget"] = "#flashes"
        response.headers["HX-Reswap"] = "beforeend"
        return response
