"""The notes' Django application; at start it tells the rails whose answers it acts on, and the shell where its
pages are.
"""

from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "jirong.notes"
    label = "notes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jirong.notes import answers, places, wording
        from jirong.notes import freezing as freezing  # its actions are known once it is read

        answers.register()
        wording.register()
        places.register()

    def close_day(self) -> dict[str, object]:
        """The room's own day, for the close of business: offers lapse, what is unpaid is overdue."""
        from jirong.notes import closing
        from jirong.store.identity import SYSTEM

        return vars(closing.close(SYSTEM))
