"""Who is looking at a page, and what they prefer: this room's answers to the shell's questions.

The shell (``web.viewer``, ``web.preferences``) knows no users; at start this room hands it these functions. The seats
of a person are read as the house, because the rows of other parties' staff are hidden from the party acted for.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from jirong.parties import labels, queries
from jirong.parties.models import Role, Staff, User
from jirong.store.identity import SYSTEM, acting_as
from jirong.web import preferences, viewer


def register() -> None:
    viewer.set_source(viewer_of)
    preferences.set_keeper(keep_preferences, load_preferences)


def viewer_of(request: HttpRequest) -> viewer.Viewer:
    """The person, the party acted for and every other seat, in two queries."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return viewer.Viewer()
    staff: Staff | None = getattr(request, "staff", None)
    if staff is None:
        return viewer.Viewer(name=str(user))
    with acting_as(SYSTEM), transaction.atomic():
        seats = queries.staff_of(user.pk)
        held: dict[uuid.UUID, list[str]] = {}
        for party, role in Role.objects.filter(party__in=[seat.party_id for seat in seats]).values_list(
            "party", "role"
        ):
            held.setdefault(party, []).append(role)
    roles = held.get(staff.party_id, [])
    return viewer.Viewer(
        name=str(user),
        party=labels.name_of(staff.party),
        role=labels.joined(labels.DUTIES[duty] for duty in staff.duties),
        roles=frozenset(roles),
        seats=tuple(_seat(seat, held.get(seat.party_id, []), staff) for seat in seats) if len(seats) > 1 else (),
    )


def _seat(seat: Staff, roles: list[str], staff: Staff) -> viewer.Seat:
    role = labels.joined(labels.ROLES[role] for role in sorted(roles))
    url = reverse("act_for", args=[seat.party_id])
    return viewer.Seat(labels.name_of(seat.party), role, url, current=seat.party_id == staff.party_id)


def keep_preferences(request: HttpRequest, chosen: Mapping[str, str]) -> None:
    """Keep language and theme with the person; the colour of a rise stays with the browser."""
    user = getattr(request, "user", None)
    fields = {name: value for name, value in chosen.items() if name in ("language", "theme")}
    if user is not None and user.is_authenticated and fields:
        User.objects.filter(pk=user.pk).update(**fields)


def load_preferences(request: HttpRequest) -> Mapping[str, str]:
    user = getattr(request, "user", None)
    return {"language": user.language, "theme": user.theme} if isinstance(user, User) else {}
