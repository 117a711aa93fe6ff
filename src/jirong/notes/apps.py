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

        answers.register()
        wording.register()
        places.register()
