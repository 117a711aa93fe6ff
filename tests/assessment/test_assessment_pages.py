"""Model cards and methods as a browser asks for them: who sees them, what stands first, what a trial changes."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jirong.assessment import cards
from jirong.assessment.methods import house_methods
from jirong.assessment.models import Assessment
from jirong.cli import world as worlds
from jirong.facts import actions as facts
from jirong.kernel.errors import NotFound
from jirong.parties.models import User
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

PLAN: dict[str, Any] = {
    "business_date": "2026-06-30",
    "parties": {
        "operator": {"name": "集融平台", "size": "medium", "roles": ["operator"]},
        "firm": {"name": "云河食品厂", "size": "small", "roles": ["firm"]},
        "bank": {"name": "白沙农商行", "size": "large", "roles": ["bank"]},
        "county": {"name": "白沙县工信局", "size": "public", "roles": ["government"]},
    },
    "clusters": {"food": {"name": "白沙食品集群", "members": ["firm"]}},
}
ZH = {"Accept-Language": "zh-CN"}
PAGES = ["/models/", "/models/sba/", "/models/polish/", "/models/compare/", "/models/compare/?a=polish&b=sba",
         "/methods/", *(f"/methods/{method.id}/" for method in house_methods())]  # fmt: skip
STATEMENTS_MOST = 40


@pytest.fixture
def world(db: None, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return worlds.found("pages", PLAN)


def log_in(world: Any, who: str) -> Client:
    client = Client()
    user = User.objects.get(username=world.logins[f"{who}.maker"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, url: str) -> str:
    answer = client.get(url, headers=ZH)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize("url", PAGES)
def test_everybody_who_acts_for_a_party_reads_them_and_nobody_else(world: Any, url: str) -> None:
    found = {who: log_in(world, who).get(url, headers=ZH).status_code for who in ("firm", "bank", "county", "operator")}
    assert found == dict.fromkeys(("firm", "bank", "county", "operator"), 200)
    assert Client().get(url).status_code == 302


def test_what_is_not_there_answers_so(world: Any) -> None:
    client = log_in(world, "firm")
    found = {
        url: client.get(url).status_code for url in ("/models/none/", "/methods/none@1/", "/methods/tax-score@99/")
    }
    assert set(found.values()) == {404}


def test_what_fails_is_said_first_in_plain_words(world: Any) -> None:
    html = page(log_in(world, "bank"), "/models/sba/")
    fault = html.index("校准不合格")
    assert fault < html.index("数据与时期")
    assert "不得用于授信决定" in html
    assert "它预测平均7.1%的企业会违约，实际违约22.8%，低估到3.2倍；10档中有10档的风险被显著低估" in html
    reader = log_in(world, "bank")
    reader.cookies["django_language"] = "en"
    english = page(reader, "/models/sba/")
    assert "Calibration fails" in english
    assert "Out of time: trained on 1997 to 2003, tested on 2004 after it" in english


def test_a_card_says_what_its_figures_say() -> None:
    sba, polish = cards.card("sba"), cards.card("polish")
    assert [fault.code for fault in cards.faults(sba) if fault.bars] == ["calibration", "ranking"]
    assert [fault.code for fault in cards.faults(polish) if fault.bars] == []
    assert {"in_time", "absence", "fairness"} <= {fault.code for fault in cards.faults(polish)}
    assert (sba.is_out_of_time, polish.is_out_of_time) == (True, False)
    assert sba.came == Decimal(1262) / 5547
    assert [figure.title.en for figure in sba.ranking[:3]] == ["AUC", "Gini", "KS"]
    assert all(figure.low <= figure.value <= figure.high for figure in sba.ranking)
    with pytest.raises(NotFound):
        cards.card("none")


def test_no_card_passes_by_leaving_a_figure_out(tmp_path: Path) -> None:
    body = json.loads((cards.CATALOGUE / "sba.json").read_text(encoding="utf-8"))
    for grade in body["report"]["grades"]:
        grade["seen"], grade["p_value"] = grade["said"], 0.5
    mended = cards.read(json.dumps(body).encode())
    assert "calibration" in [fault.code for fault in cards.faults(mended)], "the defaults tested still say it fails"
    body["report"]["tested"]["defaults"] = int(body["report"]["tested"]["firms"] * 0.0712)
    assert "calibration" not in [fault.code for fault in cards.faults(cards.read(json.dumps(body).encode()))]


def test_a_trial_counts_the_firms_own_facts_and_what_is_typed(world: Any) -> None:
    client, url = log_in(world, "firm"), "/methods/transaction-rating@1/"
    before = page(client, url)
    assert "资料不全，不给分数，也不作决定" in before
    typed = "?x-trade_tonnes_12m=5000&x-trade_value_12m=8000000&x-member_farmers=120&x-overdue_12m=0"
    after = page(client, url + typed)
    assert "90.00 <small>分" in after
    assert "按现有资料还得不出分数" in after
    assert 'class="band-now"' in after
    assert "距A级" not in after
    worse = page(client, url + typed.replace("overdue_12m=0", "overdue_12m=5"))
    assert "80.00 <small>分" in worse
    with acting_as(SYSTEM):
        assert not Assessment.objects.exists(), "a trial keeps nothing"


def test_a_trial_starts_from_what_is_on_file(world: Any) -> None:
    with acting_as(Actor("system", world.parties["county"])) as house:
        done = facts.push(
            actor=house, id=new_id(), kind="tax.filing",
            rows=[{"filing_no": "1", "firm": world.codes["firm"], "date": "2026-05-31", "sales": "8640000.00",
                   "tax_due": "0.00", "tax_paid": "0.00", "arrears": "0.00", "grade": "A"}],
        )  # fmt: skip
    assert (done["added"], done["refused"]) == (1, [])
    html = page(log_in(world, "firm"), "/methods/tax-score@1/")
    assert "现为本单位资料，截至 <time" in html
    assert 'placeholder="8,640,000元"' in html


@pytest.mark.parametrize(
    "typed", ["x-trade_tonnes_12m=abc", "x-trade_tonnes_12m=1e99", "x-trade_tonnes_12m=NaN", "x-overdue_12m=%00",
              "x-trade_tonnes_12m=" + "9" * 500],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_breaks_nothing(world: Any, typed: str) -> None:
    assert log_in(world, "firm").get(f"/methods/transaction-rating@1/?{typed}").status_code == 200


@pytest.mark.parametrize("url", PAGES)
def test_pages_ask_the_database_little(world: Any, url: str) -> None:
    client = log_in(world, "firm")
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert len(queries) <= STATEMENTS_MOST, [query["sql"][:120] for query in queries]
