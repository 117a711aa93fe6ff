"""What parties, roles, duties and sizes are called on screen, in both languages."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from jirong.kernel.text import Text
from jirong.parties.models import Party

ROLES = {
    "firm": Text("集群企业", "Firm"),
    "core": Text("核心企业", "Core enterprise"),
    "treasury": Text("集群财务公司", "Cluster finance company"),
    "bank": Text("银行", "Bank"),
    "lessor": Text("租赁公司", "Lessor"),
    "insurer": Text("保险公司", "Insurer"),
    "guarantor": Text("担保公司", "Guarantor"),
    "factor": Text("保理公司", "Factor"),
    "fund": Text("基金", "Fund"),
    "government": Text("政府", "Government"),
    "investor": Text("民间投资人", "Private investor"),
    "provider": Text("服务商", "Service provider"),
    "planner": Text("规划师", "Planner"),
    "operator": Text("平台运营方", "Operator"),
    "witness": Text("见证人", "Witness"),
}
DUTIES = {
    "viewer": Text("查看", "Viewer"),
    "maker": Text("经办", "Maker"),
    "checker": Text("复核", "Checker"),
    "admin": Text("管理员", "Administrator"),
}
SIZES = {
    "large": Text("大型企业", "Large"),
    "medium": Text("中型企业", "Medium"),
    "small": Text("小型企业", "Small"),
    "micro": Text("微型企业", "Micro"),
    "public": Text("机关或事业单位", "Public body"),
    "person": Text("自然人", "Natural person"),
}
SCOPES = {"all": Text("读写", "Read and write"), "read": Text("只读", "Read only")}
UNKNOWN = Text("不可见的主体", "A party you may not see")


def name_of(party: Party) -> Text:
    """The party's name; its Chinese name stands in English too where it has no other."""
    return Text(party.name, party.name_en or party.name)


def names(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Text]:
    """Names by id, in one query."""
    rows = Party.objects.filter(pk__in={id for id in ids if id}).values_list("pk", "name", "name_en")
    return {id: Text(name, name_en or name) for id, name, name_en in rows}


def counted(count: int, one: str, many: str) -> str:
    """A count with its English noun: ``1 day``, ``2 days``."""
    return f"{count} {one if count == 1 else many}"


def joined(labels: Iterable[Text]) -> Text:
    """Several labels as one: with 、 in Chinese, a comma in English."""
    found = list(labels) or [Text("无", "none")]
    return Text("、".join(label.zh for label in found), ", ".join(label.en for label in found))
