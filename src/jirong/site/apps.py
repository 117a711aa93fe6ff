"""The roof's Django application: templates and static files of the shell, and the public calculator's place."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "jirong.site"
    label = "jirong_site"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from jirong.site.studio import places, publishing
        from jirong.web import navigation

        places.register()
        publishing.register()
        place = navigation.Item("calculator", _("融资测算"), "calculator", icon="calculator", order=75, public=True)
        navigation.register(place)
