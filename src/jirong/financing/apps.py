"""The financing room's Django application; at start it tells the rails whose answers it acts on,
and hears who computes features and ratings.
"""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "jirong.financing"
    label = "financing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jirong.financing import answers, secured, sources

        answers.register()
        sources.register()
        secured.register()
        from jirong.financing.pages import bank_places, bank_words, firm_places, homes

        homes.register()
        firm_places.register()
        bank_places.register()
        bank_words.register()
