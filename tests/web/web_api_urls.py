"""A small API for the tests of the vocabulary: one list, one write, one defect."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
from django.contrib.auth.models import Group, Permission
from django.db import OperationalError
from django.http import HttpRequest
from django.urls import path
from ninja import Query, Router, Status

from jirong.kernel.errors import Conflict, NotFound
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.web import api


class PayIn(api.Schema):
    id: uuid.UUID | None = None
    amount: api.Amount
    memo: str = ""


class PayOut(api.Schema):
    id: uuid.UUID
    amount: api.Amount
    state: api.Sentence


class PermissionOut(api.Schema):
    id: int
    codename: str


router = Router()


@router.post("/pay", response={201: PayOut})
def pay(request: HttpRequest, body: PayIn, key: api.IdempotencyKey = None) -> Status[dict[str, Any]]:
    found = api.action_id(key, body.id)
    return Status(201, {"id": found, "amount": body.amount + Money(1), "state": Text("已付", "Paid")})


@router.get("/permissions", response=api.PageOf[PermissionOut], auth=None)
def permissions(request: HttpRequest, params: Query[api.PageParams]) -> dict[str, Any]:
    return api.page(Permission.objects.all(), params, order=("codename", "id"))


@router.post("/half-done", auth=None)
def half_done(request: HttpRequest, how: str) -> None:
    """Writes a row and then fails, in the way asked for."""
    Group.objects.create(name=f"half {how}")
    if how == "refusal":
        raise Conflict("lot.reserved", Text("已被预占", "It is reserved"), remedy=Text("请稍后", "Wait"))
    if how == "missing":
        raise NotFound("lot.unknown", Text("没有这个份额", "There is no such lot"))
    if how == "outage":
        raise OperationalError("secret cause") from psycopg.errors.AdminShutdown("secret cause")
    raise RuntimeError("secret cause")


api_under_test = api.JirongAPI(
    title="t",
    version="1",
    urls_namespace="web-test",
    auth=[
        api.Bearer(lambda request: request.headers["Authorization"].endswith("good")),
        api.Session(lambda request: request.headers.get("X-Test-Session")),
    ],
)
api_under_test.add_router("", router)
urlpatterns = [path("api/", api_under_test.urls)]
handler404 = "jirong.site.views.not_found"
handler500 = "jirong.site.views.failed"
