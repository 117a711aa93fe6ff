"""The log's Django application; at start it tells the shell where receipts are."""

from django.apps import AppConfig


class LogConfig(AppConfig):
    name = "jirong.log"
    label = "log"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from jirong.web import navigation

        navigation.register(navigation.Item("receipts", _("操作凭据"), "receipts", icon="receipt", order=70))
