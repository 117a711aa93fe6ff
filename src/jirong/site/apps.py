"""The roof's Django application: templates and static files of the shell, the menus, and the public tools' places."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "jirong.site"
    label = "jirong_site"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from jirong.site import menu
        from jirong.site.studio import places, publishing
        from jirong.web import navigation

        places.register()
        publishing.register()
        menu.register()
        operator = frozenset({"operator"})
        for place in (
            navigation.Item("calculator", _("融资测算"), "calculator", icon="calculator", order=75, public=True),
            navigation.Item("verify", _("核验凭据"), "verify", icon="verify", order=76, public=True),
            navigation.Item("operator_day", _("营业日"), "operator_day", icon="calendar", order=3, roles=operator),
            navigation.Item("check_whole", _("检查日志与账本"), "check_whole", icon="verify", order=4, roles=operator),
            navigation.Item("processes", _("后台进程"), "processes", icon="machine", order=5, roles=operator),
        ):
            navigation.register(place)
