"""Lists of this room: the register, and what waits for a second person."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.kernel.text import Text
from jirong.parties import labels, wording
from jirong.parties.models import ROLES, SIZES, Proposal
from jirong.web import display, parts, tables

PROPOSAL_STATES = {
    "proposed": Text("待复核", "Awaiting approval"),
    "approved": Text("已通过", "Approved"),
    "rejected": Text("已退回", "Sent back"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}


def proposal_status(row: Proposal, why_not: Text | None = None) -> parts.Status:
    """How a proposal stands, with who is awaited or why it came back."""
    tone = {"proposed": "wait", "approved": "good", "rejected": "bad"}.get(row.state, "plain")
    blocker: Any = row.note if row.state == "rejected" else ""
    if row.state == "proposed":
        blocker = why_not or Text("等您签署", "awaits your signature")
    return parts.Status(PROPOSAL_STATES[row.state], blocker, tone=tone)


def _options(values: tuple[str, ...], words: dict[str, Text]) -> list[tuple[str, display.Label]]:
    return [(value, words[value]) for value in values]


class PartyTable(tables.Table):
    name, title = "parties", _("主体名录")
    columns = (
        tables.Column("name", _("名称"), value=labels.name_of, sort="name", primary=True,
                      link=lambda row: reverse("party", args=[row.pk])),
        tables.Column("uscc", _("统一社会信用代码"), sort="uscc"),
        tables.Column("roles", _("角色"), value=lambda row: labels.joined(
            labels.ROLES[role.role] for role in sorted(row.roles.all(), key=lambda role: role.role))),
        tables.Column("size", _("规模"), value=lambda row: labels.SIZES[row.size], optional=True),
        tables.Column("sector", _("行业"), sort="sector", optional=True),
        tables.Column("region", _("地区"), sort="region", optional=True),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("名称或信用代码"), ("name", "name_en", "uscc")),
        tables.Choice("role", _("角色"), _options(ROLES, labels.ROLES), "roles__role"),
        tables.Choice("size", _("规模"), _options(tuple(s for s in SIZES if s != "person"), labels.SIZES)),
    )
    order = ("name", "id")
    empty = _("名录还是空的。运营方登记的企业、银行和机构会出现在这里。")


class ProposalTable(tables.Table):
    name, title = "proposals", _("复核箱")
    columns = (
        tables.Column("action", _("事项"), value=lambda row: wording.title(row.action), primary=True,
                      link=lambda row: reverse("proposal", args=[row.pk])),
        tables.Column("state", _("状态"), template="parties/_proposal_state.html", value=proposal_status, sort="state"),
        tables.Column("recorded_at", _("提交时间"), kind="moment", sort="recorded_at"),
        tables.Column("decided_at", _("处理时间"), kind="moment", optional=True),
        tables.Column("note", _("退回原因"), optional=True),
    )  # fmt: skip
    filters = (tables.Choice("state", _("状态"), list(PROPOSAL_STATES.items())),)
    order = ("-recorded_at", "-id")
    empty = _("没有待复核的事项。需要两人办理的事（如开立链单）由经办人提交后出现在这里。")


def _cluster_name(row: Any) -> Text:
    return Text(row.name, row.name_en or row.name)


class ClusterTable(tables.Table):
    name, title = "clusters", _("集群")
    columns = (
        tables.Column("name", _("集群"), value=_cluster_name, sort="name", primary=True,
                      link=lambda row: reverse("cluster", args=[row.pk])),
        tables.Column("region", _("地区"), sort="region"),
        tables.Column("members", _("成员数"), kind="number"),
        tables.Column("recorded_at", _("设立时间"), kind="moment", sort="recorded_at", optional=True),
    )  # fmt: skip
    filters = (tables.Search("q", _("名称或地区"), ("name", "name_en", "region")),)
    order = ("name", "id")
    empty = _("还没有集群。运营方把同一产业链上的企业编入集群后，它们的往来便可一并计入信用。")


class MemberTable(tables.Table):
    name, title = "members", _("集群成员")
    columns = (
        tables.Column("party", _("单位"), value=lambda row: labels.name_of(row.party), sort="party__name", primary=True,
                      link=lambda row: reverse("party", args=[row.party_id])),
        tables.Column("roles", _("角色"), value=lambda row: labels.joined(
            labels.ROLES[role.role] for role in sorted(row.party.roles.all(), key=lambda role: role.role))),
        tables.Column("size", _("规模"), value=lambda row: labels.SIZES[row.party.size], optional=True),
        tables.Column("sector", _("行业"), value=lambda row: row.party.sector, sort="party__sector"),
        tables.Column("region", _("地区"), value=lambda row: row.party.region, optional=True),
        tables.Column("since", _("入群日期"), kind="date", sort="since"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("名称或信用代码"), ("party__name", "party__name_en", "party__uscc")),
        tables.Choice("role", _("角色"), _options(ROLES, labels.ROLES), "party__roles__role"),
        tables.Choice(
            "size", _("规模"), _options(tuple(s for s in SIZES if s != "person"), labels.SIZES), "party__size"
        ),
    )
    order = ("since", "id")
    empty = _("还没有成员。运营方增加的单位，或申请获准的单位会出现在这里。")
