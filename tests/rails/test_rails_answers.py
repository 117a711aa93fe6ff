"""A bank that does not pay says why, in both languages: by its clerk's form, by the API, and as the pretended bank."""

from __future__ import annotations

import datetime as dt
import html
import importlib
import re
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.rails import reasons, sandbox
from jirong.rails.models import Confirmation
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

DAY = dt.date(2026, 3, 2)
STOPPED = reasons.USUAL["stopped"]


def why(instruction: uuid.UUID) -> Text | None:
    with acting_as(SYSTEM), transaction.atomic():
        return Confirmation.objects.get(pk=instruction).why


def fields(page: str) -> dict[str, str]:
    """What the signing panel sends back."""
    form = page.partition("<form")[2] if "data-sign" not in page else page
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form)
    }


def test_the_pretended_bank_says_why_in_both_languages(world: Any) -> None:
    poor, refused = world.order(), world.order(1)
    account = world.accounts["payer"]
    sandbox.set_account(actor=SYSTEM, id=new_id(), account=account, balance=Money(50_00))
    assert sandbox.answer_all() == 2
    assert (why(poor), why(refused)) == (Text("余额不足", "Insufficient funds"), None)
    again = world.order()
    sandbox.set_account(actor=SYSTEM, id=new_id(), account=account, balance=Money(900_00), rejects=True)
    sandbox.answer_all()
    assert why(again) == Text("账户状态异常", "Account not in order")


def test_everybody_reads_it_in_their_language(world: Any) -> None:
    id = world.order()
    world.confirm(id, STOPPED)
    for who in ("payer", "bank"):
        for language, words, other in (("zh-hans", STOPPED.zh, STOPPED.en), ("en", STOPPED.en, STOPPED.zh)):
            for path in ("/payments/", f"/payments/{id}/"):
                page = world.client(who, language).get(path).content.decode()
                assert words in page, (who, language, path)
                assert other not in page, (who, language, path)
    answer = {"paid": False, "bank_reference": f"R{id}", "value_date": "2026-03-02", "reason": STOPPED.as_dict()}
    listed: dict[str, Any] = world.client("payer").get("/api/payments").json()
    assert listed["items"][0]["answer"] == world.client("payer").get(f"/api/payments/{id}").json()["answer"] == answer
    waiting = world.order()
    assert world.client("payer").get(f"/api/payments/{waiting}").json()["answer"] is None


def test_a_clerk_chooses_a_usual_reason_or_writes_another_in_both_languages(world: Any) -> None:
    clerk = world.client("bank")
    sent = {"bank_reference": "B1", "value_date": "2026-03-02", "paid": "no"}
    for given, missing in (({}, "请选择未付原因"), ({"why": "other", "why_zh": "户主身故"}, "请用中英文各写一句")):
        answer = clerk.post(f"/payments/{world.order()}/answer", sent | given)
        assert (answer.status_code, missing in answer.content.decode()) == (422, True)
    cases = [
        ({"why": "stopped"}, STOPPED),
        ({"why": "other", "why_zh": "户主身故", "why_en": "Holder deceased"}, Text("户主身故", "Holder deceased")),
        ({"why": "stopped", "paid": "yes"}, None),
    ]
    for n, (given, expected) in enumerate(cases):
        id, body = world.order(), sent | {"bank_reference": f"C{n}"} | given
        panel = clerk.post(f"/payments/{id}/answer", body).content.decode()
        assert expected is None or expected.zh in panel
        done = clerk.post(f"/payments/{id}/answer", body | fields(panel))
        assert done.status_code == 302, done.content.decode()[:2000]
        assert why(id) == expected


def test_a_reason_too_long_is_refused_and_an_empty_one_cannot_be_kept(world: Any) -> None:
    with pytest.raises(Invalid, match=r"payment\.reason_long"):
        world.confirm(world.order(), Text("长" * 201, "long"))
    other = world.order()
    for wrong in ({"zh": "有"}, {"zh": "", "en": ""}, "words"):
        row = Confirmation(
            instruction_id=other, bank_id=world.parties["bank"], paid=False, bank_reference="X", reason=wrong,
            value_date=DAY,
        )  # fmt: skip
        with pytest.raises(IntegrityError, match="rails_confirmation_reason"), acting_as(SYSTEM), transaction.atomic():
            row.save()


def test_what_was_said_before_is_put_into_both_languages(db: None) -> None:
    widening = importlib.import_module("jirong.rails.migrations.0003_reasons_in_both_languages")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE told (reason varchar(200) NOT NULL)")
        cursor.execute("INSERT INTO told VALUES (''), ('余额不足'), ('户主身故')")
        cursor.execute(widening.WIDEN.format(table="told"))
        cursor.execute("SELECT reason->>'zh', reason->>'en' FROM told")
        assert set(cursor.fetchall()) == {(None, None), ("余额不足", "Insufficient funds"), ("户主身故", "户主身故")}
        cursor.execute(widening.NARROW.format(table="told"))
        cursor.execute("SELECT reason FROM told")
        assert {row for (row,) in cursor.fetchall()} == {"", "余额不足", "户主身故"}
