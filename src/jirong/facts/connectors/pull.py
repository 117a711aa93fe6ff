"""Pulling: page by page, each page and its cursor in one action, so that a pull resumes where it was killed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from jirong.facts import actions
from jirong.facts.connectors.base import Connector
from jirong.facts.models import Pull
from jirong.kernel.errors import Refusal
from jirong.store.identity import Actor, acting_as
from jirong.store.ids import new_id


@dataclass(frozen=True, slots=True)
class Pulled:
    """One page's report; ``set_aside`` says why a page could not be read at all."""

    name: str
    kind: str
    cursor: str
    added: int
    known: int
    refused: int
    set_aside: Refusal | None = None


def pull(actor: Actor, name: str, connector: Connector) -> Iterator[Pulled]:
    """Store every page after the last stored one of its kind, as facts of the acting party; a page's report as it is
    stored. A page that cannot be read is stored as a batch that took nothing in, with its reason.
    """
    for page in connector.pages(cursors_of(actor, name)):
        with acting_as(actor):
            done = actions.pull_page(
                actor=actor,
                id=new_id(),
                connector=name,
                kind=page.kind,
                rows=[dict(row) for row in page.rows],
                cursor=page.cursor,
                name=page.name,
                set_aside=page.refusal.as_dict() if page.refusal else None,
            )
        refused = 0 if page.refusal else len(done["refused"])
        yield Pulled(name, page.kind, page.cursor, done["added"], done["known"], refused, page.refusal)


def cursors_of(actor: Actor, name: str) -> dict[str, str]:
    """Where the party's connector stopped, by kind; kinds of which no page was stored are absent."""
    with acting_as(actor), transaction.atomic():
        stored = Pull.objects.filter(source=actor.party, connector=name).order_by("batch__kind", "-number")
        return dict(stored.distinct("batch__kind").values_list("batch__kind", "cursor"))
