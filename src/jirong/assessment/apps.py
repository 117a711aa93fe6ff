"""The assessment room's Django application; at start it tells the shell where its pages are."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "jirong.assessment"
    label = "assessment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from jirong.web import navigation

        knowledge = _("方法与数据")
        navigation.register(
            navigation.Item("methods", _("评估方法"), "methods", icon="calculator", order=72, group=knowledge)
        )
        navigation.register(navigation.Item("models", _("模型卡"), "models", icon="chart", order=73, group=knowledge))
