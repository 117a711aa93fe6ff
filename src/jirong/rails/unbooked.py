"""Answers that cannot be booked: each is set aside with its reason, and keeps no other from being booked.

A bank's answer says that money has moved, so it is never dropped: the instruction stays as it is, what stands in the way
is kept beside it and shown to the operator, and the answer is taken again when it is sent again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

from jirong.kernel.errors import Refusal
from jirong.rails.models import Instruction, Unbooked
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as
from jirong.web import problem

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def attempt(instruction: uuid.UUID, act: Callable[[], Result]) -> Result | Refusal:
    """What ``act`` answers, or why it could not be done; then nothing of it was. A fault of ours is logged whole and
    told by its number; a lost lock or database is nobody's answer and is raised, for the request is run again.
    """
    try:
        with transaction.atomic():
            return act()
    except Refusal as refusal:
        found = refusal
        log.warning("instruction %s: %s [%s]", instruction, refusal.reason, refusal.code)
    except OperationalError:
        raise
    except Exception:
        found = problem.defect()
        log.exception("instruction %s: %s", instruction, found.reason)
    _keep(instruction, found)
    return found


def _keep(instruction: uuid.UUID, refusal: Refusal) -> None:
    with acting_as(SYSTEM), transaction.atomic():
        if Instruction.objects.filter(pk=instruction, state="instructed").exists():
            said = {"code": refusal.code, "reason": refusal.reason.as_dict(), "tried_on": business_date.today()}
            Unbooked.objects.update_or_create(instruction_id=instruction, defaults=said)
