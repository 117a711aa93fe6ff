"""Showing entries, and so their receipts, to a party they did not concern."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from jirong.log.models import Disclosure, Entry


def disclose(entries: Iterable[uuid.UUID], to: uuid.UUID, because: uuid.UUID) -> None:
    """Let ``to`` read ``entries`` from now on; part of the caller's action ``because``, acting as the house.

    Ids that name no entry (a step the engine took inside another action) are passed over.
    """
    known = Entry.objects.filter(pk__in=set(entries)).values_list("pk", flat=True)
    Disclosure.objects.bulk_create(
        [Disclosure(entry_id=entry, party=to, because=because) for entry in known], ignore_conflicts=True
    )
