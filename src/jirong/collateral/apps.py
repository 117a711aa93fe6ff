"""The collateral's Django application; at start it tells the rails whose answers it acts on, and the shell its pages."""

from django.apps import AppConfig


class CollateralConfig(AppConfig):
    name = "jirong.collateral"
    label = "collateral"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jirong.collateral import places, wording
        from jirong.collateral.actions import sales
        from jirong.rails import actions as rails

        rails.when_answered(sales.PURPOSE, sales.answered)
        wording.register()
        places.register()

    def close_day(self) -> dict[str, object]:
        """The room's own day, for the close of business: top-ups are called, calls that are met end."""
        from jirong.collateral import closing

        return vars(closing.close())
