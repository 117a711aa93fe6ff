"""The parties' Django application: at start it hands the log its keyring and the shell its navigation."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "jirong.parties"
    label = "parties"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jirong.log import naming, signing
        from jirong.parties import keyring, labels, looking, places

        signing.register(keyring.PartyKeyring())
        looking.register()
        places.register()
        naming.register(labels.names)
