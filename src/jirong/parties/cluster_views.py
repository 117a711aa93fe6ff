"""Clusters: which there are, who belongs to one, and asking to belong."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from jirong.kernel.errors import NotFound, Refusal
from jirong.kernel.text import Text
from jirong.parties import acting, forms, guard, labels, queries, tables
from jirong.parties import actions as party_actions
from jirong.parties.models import Cluster, JoinRequest
from jirong.store import business_date
from jirong.web import display, parts
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


def name_of(cluster: Cluster) -> Text:
    return Text(cluster.name, cluster.name_en or cluster.name)


@guard.acting()
def cluster_list(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    table = tables.ClusterTable(request, queries.clusters())
    context = {"operates": actor.role == "operator", "requests": list(queries.join_requests(actor))}
    return web_tables.respond(request, "parties/clusters.html", table, context=context)


@guard.acting()
def cluster_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Who belongs, who asks to, and what the person looking may do."""
    actor = actor_of(request)
    row = queries.cluster(id)
    table = tables.MemberTable(request, queries.members(id))
    requests = list(queries.join_requests(actor, id))
    member = bool(actor.party) and queries.members(id).filter(party=actor.party).exists()
    context = {
        "cluster": row, "header": _header(request, row, member, requests), "requests": requests,
        "operates": actor.role == "operator", "member": member,
    }  # fmt: skip
    return web_tables.respond(request, "parties/cluster.html", table, context=context)


def _header(request: HttpRequest, row: Cluster, member: bool, requests: list[JoinRequest]) -> parts.Header:
    actor = actor_of(request)
    count = queries.members(row.pk).count()
    return parts.Header(
        title=name_of(row),
        kind=Text("集群", "Cluster"),
        status=_status(request, row, member, requests),
        next_action=_next(request, row, member, requests),
        actions=[parts.Action(Text("退出集群", "Leave"), reverse("leave_cluster", args=[row.pk, actor.party]))]
        if member and actor.role == "party" and queries.has_duty(actor, "admin")
        else [],
        figures=[
            parts.Figure(Text("成员", "Members"), count),
            parts.Figure(Text("地区", "Region"), row.region or None),
            parts.Figure(Text("设立时间", "Since"), row.recorded_at, kind="moment"),
        ],
    )


def _status(request: HttpRequest, row: Cluster, member: bool, requests: list[JoinRequest]) -> parts.Status:
    actor = actor_of(request)
    if actor.role == "operator":
        if requests:
            return parts.Status(Text("运行中", "Active"),
                                Text(f"{len(requests)}家申请加入，待您答复", f"{len(requests)} ask to join"), "wait")  # fmt: skip
        return parts.Status(Text("运行中", "Active"), tone="good")
    if member:
        return parts.Status(Text("贵单位是成员", "Your party is a member"), tone="good")
    if requests:
        return parts.Status(
            Text("已申请加入", "You asked to join"), Text("待运营方答复", "the operator answers"), "wait"
        )
    last = queries.last_request(actor, row.pk)
    if last is not None and last.state == "declined":
        return parts.Status(Text("申请未获同意", "Your request was declined"), last.answer, "bad")
    return parts.Status(Text("贵单位不是成员", "Your party is no member"))


def _next(request: HttpRequest, row: Cluster, member: bool, requests: list[JoinRequest]) -> parts.Action | None:
    if actor_of(request).role == "operator":
        return parts.Action(Text("增加成员", "Add a member"), reverse("add_member", args=[row.pk]))
    if member or requests:
        return None
    return parts.Action(Text("申请加入", "Ask to join"), reverse("ask_to_join", args=[row.pk]))


@guard.acting("operator")
def new_cluster(request: HttpRequest) -> HttpResponseBase:
    act = acting.Act(
        code="cluster.create",
        title=Text("设立集群", "Create a cluster"),
        lead=Text(
            "集群是看待一组企业的方式，不改变任何单位的权属；一家单位可属于多个集群。",
            "A cluster is a way of seeing firms, not of owning them; a party may belong to several.",
        ),
        submit=Text("设立", "Create"),
        form=forms.MakeCluster,
        body=lambda values: dict(values),
        done=lambda outcome: reverse("cluster", args=[outcome["cluster"]]),
        said=Text("已设立。下一步：增加成员", "Created. Next: add its members"),
        plain=True,
        back=reverse("clusters"),
    )
    return acting.respond(request, act)


@guard.acting("operator")
def add_member(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    row = queries.cluster(id)
    name, back = name_of(row), reverse("cluster", args=[id])
    act = acting.Act(
        code="cluster.join",
        title=Text(f"为{name.zh}增加成员", f"Add a member to {name.en}"),
        submit=Text("增加", "Add"),
        form=lambda *args, **kwargs: forms.AddMember(*args, cluster=id, **kwargs),
        start={"since": business_date.today()},
        body=lambda values: {"cluster": id, "party": values["party"].pk, "since": values["since"]},
        done=lambda outcome: back,
        said=Text("已增加", "Added"),
        plain=True,
        back=back,
    )
    return acting.respond(request, act)


@guard.acting()
def leave_cluster(request: HttpRequest, id: uuid.UUID, party: uuid.UUID) -> HttpResponseBase:
    """End a membership: one's own, or, for the operator, anybody's."""
    actor = actor_of(request)
    if actor.role == "party" and actor.party != party:
        raise NotFound("cluster.unknown", Text("没有这个集群", "There is no such cluster"))
    row, who = name_of(queries.cluster(id)), labels.name_of(queries.party(party))
    back = reverse("cluster", args=[id])
    act = acting.Act(
        code="cluster.leave",
        title=Text("退出集群", "Leave a cluster"),
        submit=Text("签署并退出", "Sign and leave"),
        body=lambda values: {"cluster": id, "party": party},
        words=lambda values: [
            Text(f"{who.zh}今日起退出{row.zh}。", f"{who.en} leaves {row.en} from today."),
            Text(
                "已签订的合同不受影响；新的申请不再计入该集群的往来。",
                "Contracts stay as they are; new applications no longer count this cluster's ties.",
            ),
        ],
        done=lambda outcome: back,
        said=Text("已退出", "Left"),
        back=back,
    )
    return acting.respond(request, act)


@guard.acting()
def ask_to_join(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    name, back = name_of(queries.cluster(id)), reverse("cluster", args=[id])
    act = acting.Act(
        code="cluster.ask",
        title=Text(f"申请加入{name.zh}", f"Ask to join {name.en}"),
        lead=Text(
            "成员身份是公开的；贵单位的数据仍由贵单位授权后才可使用。",
            "Membership is public; your data is still used only where you consent.",
        ),
        submit=Text("提交申请", "Ask"),
        form=forms.AskToJoin,
        body=lambda values: {"cluster": id, "note": values["note"]},
        done=lambda outcome: back,
        said=Text("已提交，待运营方答复", "Sent; the operator answers"),
        plain=True,
        back=back,
    )
    return acting.respond(request, act)


@guard.acting()
@require_POST
def withdraw_request(request: HttpRequest, request_id: uuid.UUID) -> HttpResponseBase:
    party_actions.withdraw_request(actor=actor_of(request), id=acting.action_id(request), request=request_id)
    messages.success(request, display.say(Text("已撤回", "Withdrawn")))
    return redirect("clusters")


@guard.acting("operator")
@require_http_methods(["GET", "POST"])
def answer_request(request: HttpRequest, request_id: uuid.UUID) -> HttpResponseBase:
    """Who asks, why, and the two answers."""
    found = next((row for row in queries.join_requests(actor_of(request)) if row.pk == request_id), None)
    if found is None:
        raise NotFound("cluster.request", Text("没有这项待答复的申请", "There is no such open request"))
    form, refusal = forms.AnswerRequest(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        accepted = "accept" in request.POST
        try:
            party_actions.answer_request(actor=actor_of(request), id=acting.action_id(request), request=request_id,
                                         accepted=accepted, answer=form.cleaned_data["answer"])  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            said = (
                Text("已同意，该单位已成为成员", "Accepted: it is a member now")
                if accepted
                else Text("已答复", "Answered")
            )
            messages.success(request, display.say(said))
            return redirect("cluster", found.cluster_id)
    context: dict[str, Any] = {
        "found": found, "form": form, "refusal": refusal, "cluster": name_of(found.cluster),
        "who": labels.name_of(found.party), "action_id": acting.action_id(request),
    }  # fmt: skip
    return render(request, "parties/answer_request.html", context, status=refusal.status if refusal else 200)
