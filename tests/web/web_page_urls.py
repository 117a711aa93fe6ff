"""A few views that refuse, for the tests of what a refusal looks like."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from jirong.kernel.errors import Conflict, NotFound
from jirong.kernel.text import Text


def taken(request: HttpRequest) -> HttpResponse:
    raise Conflict(
        "lot.reserved",
        Text("已被预占", "It is reserved"),
        remedy=Text("请稍后", "Wait"),
        clause=Text("一物一押", "One pledge a lot"),
        where="lot",
    )


def hidden(request: HttpRequest) -> HttpResponse:
    raise NotFound("lot.secret", Text("份额 LD-7 不存在", "There is no lot LD-7"))


urlpatterns = [
    path("taken", taken, name="taken"),
    path("lots/", taken, name="lots"),
    path("lots/old/", taken, name="old_lots"),
    path("hidden", hidden),
    path("trust.json", taken, name="trust_file"),
    path("", include("jirong.site.pages")),
    path("accounts/", include("allauth.urls")),
]
handler404 = "jirong.site.views.not_found"
