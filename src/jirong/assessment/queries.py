"""Reading results: one's own, those one made, those one was shown; row security stands behind every query."""

from __future__ import annotations

import datetime
import uuid

from django.db.models import QuerySet

from jirong.assessment.models import Assessment
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.store.identity import Actor


def access_assessment(actor: Actor, id: uuid.UUID) -> Assessment:
    """A result the actor may see; anything else does not exist for it."""
    found = assessments(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("assessment.unknown", Text("没有这份评估结果", "There is no such assessment"))
    return found


def assessments(actor: Actor, subject: uuid.UUID | None = None, method: str = "") -> QuerySet[Assessment]:
    """What the actor may see, newest first."""
    found = Assessment.objects.select_related("subject", "assessor").order_by("-recorded_at", "-pk")
    if subject:
        found = found.filter(subject=subject)
    return found.filter(method=method) if method else found


def newest(
    subject: uuid.UUID, method: str, *, on: datetime.date, assessor: uuid.UUID | None = None
) -> Assessment | None:
    """The latest complete result of ``method`` for a firm by ``on``, by one assessor or any the identity may see."""
    found = Assessment.objects.filter(subject=subject, method=method, as_of__lte=on, status="assessed")
    if assessor:
        found = found.filter(assessor=assessor)
    return found.order_by("-as_of", "-recorded_at").first()
