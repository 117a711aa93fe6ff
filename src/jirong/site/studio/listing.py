"""The list of schemes as a filter table."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.site.studio import shelf
from jirong.web import tables
from jirong.web.display import Label

SOURCE_TITLES: dict[str, Text] = {
    "sources/000": Text("000 产业集群场景金融", "000 scene finance in clusters"),
    "sources/001": Text("001 科技金融", "001 technology finance"),
    "sources/002": Text("002 小微企业融资协调机制", "002 coordination mechanism"),
    "sources/003": Text("003 产业集群网络融资", "003 network financing of clusters"),
}
ORIGINS: tuple[tuple[str, Label], ...] = ((shelf.CATALOGUE, _("目录")), (shelf.PUBLISHED, _("已发布")))


class Cites(tables.Choice):
    """Schemes whose text cites one of the four sources."""

    def keeps(self, row: Any, value: str) -> bool:
        return value in row.sources


class Found(tables.Choice):
    """Schemes with remarks, or without."""

    def keeps(self, row: Any, value: str) -> bool:
        return bool(row.errors or row.warnings) == (value == "some")


class SchemeTable(tables.Table):
    """Every scheme there is to read."""

    name, title = "schemes", _("方案")
    page_rows = 40
    columns = (
        tables.Column("title", _("方案"), template="studio/_title_cell.html", primary=True, sort="name"),
        tables.Column("version", _("版本"), kind="number", value="version"),
        tables.Column("kind", _("合同类型"), value=lambda row: vocabulary.KIND.get(row.kind), sort="kind"),
        tables.Column("vehicle", _("持牌载体"), value=lambda row: vocabulary.VEHICLE.get(row.vehicle), sort="vehicle"),
        tables.Column("source", _("依据"), template="studio/_source_cell.html", optional=True),
        tables.Column("origin", _("出处"), optional=True, value=lambda row: dict(ORIGINS)[row.origin]),
        tables.Column(
            "warnings", _("检查"), template="studio/_findings_cell.html", value=lambda row: row.errors + row.warnings
        ),
    )
    filters = (
        tables.Search("q", _("名称或代号"), ("name", "title", "source")),
        tables.Choice("kind", _("合同类型"), tuple(vocabulary.KIND.items())),
        tables.Choice("vehicle", _("持牌载体"), tuple(vocabulary.VEHICLE.items())),
        Cites("source", _("依据"), tuple(SOURCE_TITLES.items())),
        tables.Choice("origin", _("出处"), ORIGINS),
        Found("found", _("检查"), (("some", _("有提醒")), ("none", _("无提醒")))),
    )
    order = ("origin", "key")
    empty = _("没有符合条件的方案。清除筛选，或从模板新建一个。")
