"""Filters for names of parties and duties in the reader's language."""

from __future__ import annotations

from django import template

from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.parties.models import Cluster, Party
from jirong.web import display

register = template.Library()


@register.filter
def party(value: Party | None) -> str:
    """A party's name; a dash where there is none."""
    return display.say(labels.name_of(value)) if value else display.EMPTY


@register.filter
def duty(value: str) -> str:
    return display.say(labels.DUTIES[value])


@register.filter
def role(value: str) -> str:
    return display.say(labels.ROLES[value])


@register.filter
def cluster(value: Cluster) -> str:
    return display.say(Text(value.name, value.name_en or value.name))
