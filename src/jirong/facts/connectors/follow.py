"""Pulling by itself: whatever is due is pulled, one connector after the other, and when it ran is kept for the page.

The process stands beside the site (``jirong facts follow``) and wakes every half minute; a connector is due at first,
and again ``every`` so many minutes after it ran. One that fails says why and is tried again at its next hour; it stops
nobody else. Killed at any moment it goes on where the last stored page ended.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.db import close_old_connections, transaction
from django.utils import timezone

from jirong.facts.connectors import base, settings
from jirong.facts.connectors.pull import pull
from jirong.facts.models import Following
from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.store.identity import SYSTEM, acting_as

WAKE_SECONDS = 30.0


def follow(path: Path, stop: threading.Event, tell: Callable[[str], None]) -> None:
    """Run what is due until ``stop``; the settings are read anew each time."""
    while not stop.is_set():
        try:
            for line in step(settings.load(path), timezone.now()):
                tell(line)
        except Refusal as refusal:
            tell(f"{refusal.reason.zh} / {refusal.reason.en}")
        close_old_connections()
        stop.wait(WAKE_SECONDS)


def step(known: Mapping[str, Mapping[str, Any]], now: datetime.datetime) -> list[str]:
    """Run the connectors that are due at ``now``; a line for each that ran. Those no longer in the settings are
    forgotten; what they brought stays.
    """
    with acting_as(SYSTEM), transaction.atomic():
        Following.objects.exclude(pk__in=known).delete()
        waiting = set(Following.objects.filter(next_run__gt=now).values_list("pk", flat=True))
    return [_run(name, found, now) for name, found in sorted(known.items()) if name not in waiting]


def _run(name: str, found: Mapping[str, Any], now: datetime.datetime) -> str:
    ran: dict[str, Any] = {"last_run": now, "added": 0, "set_aside": 0, "error": None, "source_id": None}
    due = now + datetime.timedelta(minutes=settings.EVERY)
    try:
        due = now + settings.every(found)
        actor = settings.acting(found)
        ran["source_id"] = actor.party
        for page in pull(actor, name, base.make(settings.with_token(found))):
            ran["added"] += page.added
            ran["set_aside"] += page.set_aside is not None
            if page.set_aside is not None:
                ran["error"] = _of_page(page.cursor, page.set_aside)
    except Refusal as refusal:
        ran["error"] = refusal.as_dict()
    except Exception as error:  # noqa: BLE001 – whatever a source does wrong stops nobody else
        said = Text(f"取数出错（{type(error).__name__}）", f"The pull failed ({type(error).__name__})")
        ran["error"] = {"code": "connector.broken", "reason": said.as_dict()}
    with acting_as(SYSTEM), transaction.atomic():
        Following.objects.update_or_create(name=name, defaults={**ran, "next_run": due})
    return f"{name}  +{ran['added']}  !{ran['set_aside']}" + (f"  {ran['error']['code']}" if ran["error"] else "")


def _of_page(cursor: str, refusal: Refusal) -> dict[str, Any]:
    """The reason a file was set aside for, with its name."""
    said = Text(f"{cursor}：{refusal.reason.zh}", f"{cursor}: {refusal.reason.en}")
    return {**refusal.as_dict(), "reason": said.as_dict()}
