"""Several answers under one confirmation, and the page that freezes lots for a red-letter invoice."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jirong.claims.models import ClaimRow
from jirong.facts import actions as facts
from jirong.facts.models import Fact
from jirong.log.models import Entry
from jirong.notes import actions as notes
from jirong.notes.models import Note, Offer
from jirong.parties import proposals
from jirong.parties.models import User
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id


def log_in(world: Any, who: str, person: str = "maker", language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    client.force_login(
        User.objects.get(username=world.world.logins[f"{who}.{person}"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def fields(answer: Any) -> dict[str, str]:
    """The hidden fields of the form that asks to confirm."""
    page = answer.content.decode()
    form = re.search(r"<form[^>]*data-together.*?</form>", page, re.DOTALL)
    assert form, page
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


@pytest.fixture
def offered(textile: Any) -> Any:
    """The merchant has offered the mill three parts of its lot in payment."""
    textile.issue("4000000.00")
    textile.offers = [
        uuid.UUID(textile.do("merchant", notes.transfer_lot, lot=textile.lot, to=textile.party("mill"),
                             backings=textile.part("mill", amount))["offer"])
        for amount in ("100000.00", "200000.00", "300000.00")
    ]  # fmt: skip
    return textile


def states(world: Any) -> list[str]:
    with acting_as(SYSTEM):
        found = dict(Offer.objects.values_list("pk", "state"))
    return [found[offer] for offer in world.offers]


def test_what_is_ticked_is_taken_each_as_its_own_action_and_only_once(offered: Any) -> None:
    mill, url = log_in(offered, "mill"), reverse("take_several")
    form = fields(mill.get(url)) | {"chosen": [str(offer) for offer in offered.offers[:2]]}
    assert mill.post(url, form).status_code == 302
    assert states(offered) == ["done", "done", "open"]
    mill.post(url, form)
    with acting_as(SYSTEM):
        entries = list(Entry.objects.filter(action="offer.take").values_list("pk", "actor"))
    assert len({pk for pk, _ in entries}) == 2
    assert {actor for _, actor in entries} == {offered.party("mill")}
    assert states(offered)[2] == "open"


def test_one_that_is_refused_takes_none_of_the_others_with_it(offered: Any) -> None:
    mill, url = log_in(offered, "mill"), reverse("take_several")
    form = fields(mill.get(url)) | {"chosen": [str(offer) for offer in offered.offers]}
    form[f"statement-{offered.offers[1]}"] = form[f"statement-{offered.offers[0]}"]
    answer = mill.post(url, form)
    assert answer.status_code == 409
    assert "内容在签署前已改变" in answer.content.decode()
    assert states(offered) == ["done", "open", "done"]


def test_nothing_ticked_is_nothing_done(offered: Any) -> None:
    mill, url = log_in(offered, "mill"), reverse("take_several")
    answer = mill.post(url, fields(mill.get(url)))
    assert (answer.status_code, "请先勾选" in answer.content.decode()) == (422, True)
    assert states(offered) == ["open"] * 3


def test_another_partys_offers_are_not_on_the_list(offered: Any) -> None:
    url = reverse("take_several")
    assert "没有可以一并办理的事项" in log_in(offered, "fibre").get(url).content.decode()
    form = fields(log_in(offered, "mill").get(url)) | {"chosen": [str(offered.offers[0])]}
    log_in(offered, "fibre").post(url, form)
    assert states(offered) == ["open"] * 3


def test_a_checker_approves_several_notes_with_one_confirmation(textile: Any) -> None:
    maker = textile.actor("core")
    for _ in range(2):
        body = proposals.body_of(
            payee=textile.party("merchant"), backings=textile.part("merchant", "1000000.00"),
            due=datetime.date(2026, 7, 7),
        )  # fmt: skip
        with acting_as(maker):
            proposals.propose(actor=maker, id=new_id(), code="note.issue", action_id=new_id(), body=body)
    url = reverse("approve_several")
    assert log_in(textile, "core").get(url).status_code == 403
    checker = log_in(textile, "core", "checker")
    assert "一并复核 2 项" in checker.get(reverse("inbox")).content.decode()
    page = checker.get(url)
    assert page.content.decode().count("无条件向") == 2
    form = fields(page)
    form["chosen"] = [name.removeprefix("statement-") for name in form if name.startswith("statement-")]  # type: ignore[assignment]
    assert checker.post(url, form).status_code == 302
    with acting_as(SYSTEM):
        assert {str(note.pk) for note in Note.objects.all()} == set(form["chosen"])
    assert log_in(textile, "core", "checker", "en").get(url).status_code == 200


RED = "发票号码,订单号,卖方信用代码,买方信用代码,开票日期,数量,不含税金额,税额,价税合计,发票类型,对应蓝字发票号码\n"


@pytest.fixture
def red(textile: Any) -> uuid.UUID:
    """A note accepted on an invoice that is then reversed."""
    textile.issue("4000000.00")
    codes = textile.world.codes
    with acting_as(SYSTEM):
        blue = Fact.objects.get(pk=textile.invoice("merchant"))
    row = f"R-1,{blue.order_no},{codes['merchant']},{codes['core']},2026-01-08,500000,-8849557.52,-1150442.48,-10000000.00,红字,{blue.key}\n"
    done = facts.import_file(
        actor=textile.actor("merchant"), id=new_id(), kind="invoice", name="red.csv", data=(RED + row).encode()
    )
    assert not done["refused"], done
    with acting_as(SYSTEM):
        return Fact.objects.get(key="R-1").pk


def test_what_will_freeze_is_shown_before_and_frozen_after(textile: Any, red: uuid.UUID) -> None:
    client, url = log_in(textile, "merchant"), reverse("freeze_lots", args=[red])
    with acting_as(SYSTEM):
        lot = ClaimRow.objects.get(pk=textile.lot)
    assert url in client.get(reverse("trade", args=[textile.party("merchant"), trade_of(red)])).content.decode()
    page = client.get(url).content.decode()
    assert reverse("lot", args=[lot.pk]) in page
    assert "4,000,000.00" in page
    assert lot.frozen_by == ""
    panel = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition('class="signing"')[2])
    )
    assert client.post(url, panel).status_code == 302
    with acting_as(SYSTEM):
        assert ClaimRow.objects.get(pk=textile.lot).frozen_by == "R-1"
    assert "相关份额都已冻结" in client.get(url).content.decode()


def trade_of(red: uuid.UUID) -> str:
    with acting_as(SYSTEM):
        return Fact.objects.get(pk=red).order_no


def test_a_red_letter_of_others_does_not_exist(textile: Any, red: uuid.UUID) -> None:
    for who in ("mill", "fibre", "bank_a"):
        assert log_in(textile, who).get(reverse("freeze_lots", args=[red])).status_code == 404
    blue = textile.invoice("merchant")
    assert log_in(textile, "merchant").get(reverse("freeze_lots", args=[blue])).status_code == 422
