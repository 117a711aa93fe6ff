"""What lending has to say on the first page of a firm and of a lender."""

from __future__ import annotations

from django.http import HttpRequest

from jirong.financing.pages import bank_reads, firm_home, firm_reads
from jirong.kernel.text import Text
from jirong.store import business_date
from jirong.web import display, home
from jirong.web.api import actor_of


def register() -> None:
    home.register_credit(credit)
    home.register_waiting("firm", of_the_firm)
    home.register_waiting("bank", of_the_lender)


def credit(request: HttpRequest) -> list[home.Credit]:
    """What is free on the firm's lines, and the best one offer or foreseen answer (offers exclude each other)."""
    actor = actor_of(request)
    if actor.party is None:
        return []
    found = firm_home.available(actor, business_date.today())
    return [
        home.Credit(firm_home.KINDS[one.kind][0], _of(one), one.amount.minor, one.annual, one.url)
        for one in found.sources
    ]


def of_the_firm(request: HttpRequest) -> list[home.Waiting]:
    actor, today = actor_of(request), business_date.today()
    held_back = firm_reads.held_back(firm_reads.lines(actor, today))
    todos = firm_home.todos(
        firm_reads.offers(actor, today), 0, firm_reads.next_dues(actor, today), held_back, firm_reads.to_join(actor)
    )
    return [home.Waiting(one.label, one.detail, one.url, urgent=one.urgent) for one in todos]


def of_the_lender(request: HttpRequest) -> list[home.Waiting]:
    """The lender's queue, the gravest first."""
    return [
        home.Waiting(
            one.what,
            f"{display.say(one.who)} · {display.say(one.detail)}",
            one.url,
            one.amount_minor,
            one.tone == "bad",
        )
        for one in bank_reads.todos(actor_of(request), business_date.today())
    ]


def _of(source: firm_home.Source) -> Text:
    return Text(f"{source.lender.zh} · {source.title.zh}", f"{source.lender.en} · {source.title.en}")
