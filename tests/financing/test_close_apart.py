"""A close begun from a page: answered at once, done in a process of its own, and gone on with where it was killed."""

from __future__ import annotations

import datetime
import threading
import uuid
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse

from jirong.financing.actions import closing
from jirong.financing.close import apart, raising, running
from jirong.financing.models import ClosePart, CloseRun, Loan, Provision
from jirong.store.identity import SYSTEM, acting_as

START = datetime.date(2026, 1, 15)
DUE = datetime.date(2026, 2, 15)
Minders = list[threading.Thread]


def rows(model: Any, **where: Any) -> list[Any]:
    with acting_as(SYSTEM), transaction.atomic():
        return list(model.objects.filter(**where).order_by("pk"))


def operator(lending: Any) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    user = get_user_model().objects.get(username=lending.world.logins["operator.maker"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def minders(monkeypatch: pytest.MonkeyPatch) -> Minders:
    """The threads that look after begun closes, so that a test can wait for their end."""
    begun: Minders = []
    start = apart.start

    def kept(*options: str) -> threading.Thread:
        begun.append(start(*options))
        return begun[-1]

    monkeypatch.setattr(apart, "start", kept)
    return begun


def killed_after(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Whoever closes from now on is killed when it comes to ``step``."""
    work = closing._work

    def killed(name: str, part: raising.Part, report: Any) -> dict[str, int]:
        if name == step:
            raise KeyboardInterrupt
        return work(name, part, report)

    monkeypatch.setattr(closing, "_work", killed)


def test_a_page_begins_a_close_and_another_process_does_it(crowd: Any, minders: Minders) -> None:
    crowd.lend("shop0")
    before = len(rows(CloseRun))
    answer = operator(crowd).post(reverse("bank_close_start"), {"on": START.isoformat()}, follow=True)
    # The page has begun the day, and shows that somebody is at it, before anything of it need be done.
    assert answer.redirect_chain == [(reverse("bank_close"), 302)]
    page = answer.content.decode()
    assert "日终已开始" in page
    assert f'hx-get="{reverse("bank_close")}"' in page
    assert reverse("bank_close_start") not in page
    assert len(rows(CloseRun)) == before + 1
    assert len(minders) == 1
    minders[0].join()
    (run,) = rows(CloseRun)
    assert (run.on, run.state, len(rows(ClosePart, run=run))) == (START, "done", len(closing.STEPS))
    after = operator(crowd).get(reverse("bank_close")).content.decode()
    assert reverse("bank_close_start") in after
    assert "every 2s" not in after
    (row,) = operator(crowd).get(reverse("operator_day")).context["rows"]
    assert (row["status"].state.zh, row["run"]["on"], row["run"]["parts"], row["days"]) == (
        "已日终", START.isoformat(), len(closing.STEPS), 0,
    )  # fmt: skip


def test_a_killed_close_is_shown_as_interrupted_and_gone_on_with_from_its_page(
    crowd: Any, minders: Minders, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = crowd.lend("shop0")
    crowd.go_to(DUE)
    with monkeypatch.context() as patched:
        killed_after(patched, "classify")
        with pytest.raises(KeyboardInterrupt):
            running.close(crowd.party("bank"), DUE)
    (run,) = rows(CloseRun)
    assert [part.step for part in rows(ClosePart, run=run)] == ["raise", "debit", "overdue", "watch"]
    assert not apart.is_under_way()
    client, url = operator(crowd), reverse("bank_close_run", args=[run.pk])
    page = client.get(url).content.decode()
    assert "中断" in page
    assert reverse("bank_close_resume", args=[run.pk]) in page
    answer = client.post(reverse("bank_close_resume", args=[run.pk]), follow=True)
    assert answer.redirect_chain == [(url, 302)]
    minders[0].join()
    (run,) = rows(CloseRun)
    assert (run.state, [part.step for part in rows(ClosePart, run=run)]) == ("done", list(closing.STEPS))
    assert len(rows(Provision)) == 1
    assert rows(Loan, pk=id)[0].raised == 1
    page = client.get(url).content.decode()
    assert "已完成" in page
    assert reverse("bank_close_resume", args=[run.pk]) not in page


def test_a_page_holds_nothing_while_the_close_runs(crowd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the time the command is started, what the page began stands for everybody, and no transaction is open."""
    crowd.lend("shop0")
    seen: list[tuple[int, bool]] = []

    def look(*options: str) -> None:
        found: list[int] = []
        other = threading.Thread(target=lambda: found.append(_seen_elsewhere()))
        other.start()
        other.join()
        seen.append((found[0], transaction.get_connection().in_atomic_block))

    monkeypatch.setattr(apart, "start", look)
    operator(crowd).post(reverse("bank_close_start"), {"on": START.isoformat()})
    assert seen == [(1, False)]


def _seen_elsewhere() -> int:
    try:
        return len(rows(CloseRun))
    finally:
        transaction.get_connection().close()


def test_a_close_is_under_way_for_as_long_as_somebody_drives_it(lending: Any) -> None:
    assert not apart.is_under_way()
    with apart.driving():
        with apart.driving():
            assert apart.is_under_way()
        assert apart.is_under_way()
    assert not apart.is_under_way()
    with pytest.raises(RuntimeError), apart.driving():
        raise RuntimeError
    assert not apart.is_under_way()


def test_nothing_is_begun_twice_nor_before_its_day(lending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, ...]] = []
    monkeypatch.setattr(apart, "start", lambda *options: begun.append(options))
    lending.lend("shop0")
    client = operator(lending)
    early = client.post(reverse("bank_close_start"), {"on": DUE.isoformat()})
    assert early.status_code == 409
    assert "尚未到来" in early.content.decode()
    assert client.post(reverse("bank_close_start"), {"on": ""}, follow=True).status_code == 200
    unknown = client.post(reverse("bank_close_resume", args=[uuid.uuid4()]))
    assert unknown.status_code == 404
    with apart.driving():
        page = client.post(reverse("bank_close_start"), {"on": START.isoformat()}, follow=True).content.decode()
        assert "日终正在进行" in page
    assert begun == []
    assert rows(CloseRun) == []
    client.post(reverse("bank_close_start"), {"on": START.isoformat()})
    client.post(reverse("bank_close_start"), {"on": START.isoformat()})
    assert begun == [("--until", "2026-01-15")] * 2
    assert len(rows(CloseRun)) == 1
