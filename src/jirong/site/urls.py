"""The URL table: each room brings its own list; the API is assembled in ``jirong.api``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from jirong.api.urls import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jirong.site.pages")),
    path("", include("jirong.parties.urls")),
    path("", include("jirong.log.urls")),
    path("", include("jirong.facts.urls")),
    path("", include("jirong.assessment.urls")),
    path("", include("jirong.rails.urls")),
    path("", include("jirong.collateral.urls")),
    path("", include("jirong.notes.urls")),
    path("", include("jirong.financing.urls")),
    path("", include("jirong.site.studio.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
]

handler400 = "jirong.site.views.bad_request"
handler403 = "jirong.site.views.forbidden"
handler404 = "jirong.site.views.not_found"
handler500 = "jirong.site.views.failed"
