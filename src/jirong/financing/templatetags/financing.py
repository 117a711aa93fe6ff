"""Filters that name what financing's pages show: kinds of fact, purposes, who states a kind."""

from __future__ import annotations

from django import template

from jirong.facts import kinds
from jirong.facts.sources import ROLE_NAMES
from jirong.financing.pages import shared
from jirong.kernel.text import Text
from jirong.parties import labels

register = template.Library()


@register.filter
def fact_kind(code: str) -> Text:
    """A kind of fact by its title."""
    return shared.kind_title(code)


@register.filter
def fact_sources(code: str) -> Text:
    """Who states facts of the kind."""
    found = kinds.KINDS.get(code)
    if found is None:
        return Text("由第三方提供", "stated by a third party")
    names = labels.joined(ROLE_NAMES.get(role, Text(role, role)) for role in found.by)
    return Text(f"由{names.zh}提供", f"stated by {names.en}")


@register.filter
def purpose(code: str) -> Text:
    """What facts are read for."""
    return shared.purpose_words(code)
