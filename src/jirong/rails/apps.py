"""The rails' Django application; at start it tells the shell where payments are."""

from django.apps import AppConfig


class RailsConfig(AppConfig):
    name = "jirong.rails"
    label = "rails"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from jirong.web import navigation

        navigation.register(navigation.Item("payments", _("付款"), "payments", icon="bank", order=60))
