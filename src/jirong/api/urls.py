"""The API under ``/api/``: who calls, the operations of actions, the reads, receipts, and the document itself."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.utils.module_loading import autodiscover_modules

from jirong.api import calculator, operations, proposals
from jirong.assessment import api as assessment
from jirong.collateral import api as collateral
from jirong.facts import api as facts
from jirong.financing import api as financing
from jirong.log import api as log
from jirong.notes import api as notes
from jirong.parties import api as parties
from jirong.rails import api as rails
from jirong.web import queries
from jirong.web.api import Bearer, JirongAPI, Session


def acting(request: HttpRequest) -> Any:
    """The actor the middleware found, unless it is nobody."""
    actor = request.actor  # type: ignore[attr-defined]
    return actor if actor.role != "anonymous" else None


api = JirongAPI(
    title="Jirong 集融",
    version="1",
    description="Finances an industrial cluster as a cluster. Every write is one action with a client-supplied id.",
    urls_namespace="api",
    auth=[Bearer(acting), Session(acting)],
    docs_url=None,
)
# An action is known once its module is imported; every room's is, whoever asked for the API first.
assert apps.ready
autodiscover_modules("actions", "sandbox", "proposals", "cosigning")
for router in (
    operations.operations(),
    proposals.router,
    calculator.router,
    *(room.router for room in (parties, facts, assessment, collateral, notes, financing, rails, log)),
):
    api.add_router("", router)
queries.refuse_unknown(api)
urls = api.urls
