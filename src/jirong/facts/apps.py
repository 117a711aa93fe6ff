"""The facts' Django application; at start it tells the shell where documents are."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "jirong.facts"
    label = "facts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from jirong.web import navigation

        roles = frozenset({"firm", "core"})
        navigation.register(
            navigation.Item("documents", _("单据"), "documents", icon="invoice", order=50, roles=roles, group=_("贸易"))
        )
        navigation.register(
            navigation.Item("features", _("特征"), "features", icon="filter", order=71, group=_("方法与数据"))
        )
        navigation.register(
            navigation.Item(
                "connectors", _("数据连接器"), "connectors", icon="upload", order=72, roles=frozenset({"operator"}),
                group=_("方法与数据"),
            )
        )  # fmt: skip
