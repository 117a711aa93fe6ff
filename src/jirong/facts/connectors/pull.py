"""Pulling: page by page, each page and its cursor in one action, so that a pull resumes where it was killed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from jirong.facts import actions
from jirong.facts.connectors.base import Connector
from jirong.facts.models import Pull
from jirong.store.identity import Actor, acting_as
from jirong.store.ids import new_id


@dataclass(frozen=True, slots=True)
class Pulled:
    """One page's report."""

    name: str
    kind: str
    cursor: str
    added: int
    known: int
    refused: int


def pull(actor: Actor, name: str, connector: Connector) -> Iterator[Pulled]:
    """Store every page after the last stored one, as facts of the acting party; a page's report as it is stored."""
    for page in connector.pages(cursor_of(actor, name)):
        with acting_as(actor):
            done = actions.pull_page(
                actor=actor,
                id=new_id(),
                connector=name,
                kind=page.kind,
                rows=[dict(row) for row in page.rows],
                cursor=page.cursor,
                name=page.name,
            )
        yield Pulled(name, page.kind, page.cursor, done["added"], done["known"], len(done["refused"]))


def cursor_of(actor: Actor, name: str) -> str:
    """Where the party's connector stopped; "" before its first page."""
    with acting_as(actor), transaction.atomic():
        stored = Pull.objects.filter(source=actor.party, connector=name).order_by("-number").first()
    return stored.cursor if stored else ""
