"""Pages about security: who may open what, in both languages; forms that lead to a signed deed; what is in the way."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from jirong.collateral.actions import pledges, sales
from jirong.collateral.models import Agreement, Asset
from jirong.kernel.money import Money
from jirong.parties.models import Proposal
from jirong.store.identity import SYSTEM, acting_as

NAMES = {"五项发明专利", "正衡评估", "别家企业", "平台", "通达仓储", "买受人", "湘净环保"}
"""Names that have no English."""
LISTS = ("assets", "pledges", "securities", "asset_record")
PEOPLE = ("firm", "bank", "other", "rival", "appraiser", "warehouse", "buyer", "operator")


def log_in(world: Any, who: str, person: str = "maker", language: str = "zh-hans") -> Client:
    found: Client = world.client(who, person, language)
    return found


@pytest.fixture
def busy(pledging: Any) -> Any:
    """Patents with three rights in three states and a sale agreed, and a debt drawn on them."""
    pledging.asset = pledging.patents("30000000.00")
    pledging.deal = pledging.contract()
    pledging.given = pledging.pledge(pledging.asset, pledging.deal, "10000000.00", share=Money.parse("20000000.00"))
    pledging.draw(pledging.deal, "5000000.00")
    second = pledging.contract(lender="other")
    pledging.second = pledging.offer(pledging.asset, second, "1000000.00", "other", share=Money.parse("4000000.00"))
    agreed = pledging.do("bank", sales.agree_sale, asset=pledging.asset, payer=pledging.party("buyer"),
                         proceeds=Money.parse("6000000.00"), how="sale")  # fmt: skip
    pledging.sale = uuid.UUID(agreed["sale"])
    return pledging


def addresses(world: Any) -> dict[str, str]:
    of_asset = ("asset", "asset_show", "asset_value", "asset_stock", "asset_retire", "asset_pledge", "asset_sell",
                "asset_pledge_outside")  # fmt: skip
    of_pledge = ("pledge", "pledge_accept", "pledge_drop", "pledge_register", "pledge_prolong", "pledge_release",
                 "pledge_cancel", "pledge_debt")  # fmt: skip
    return {
        **{name: reverse(name, args=[world.asset]) for name in of_asset},
        **{name: reverse(name, args=[world.given]) for name in of_pledge},
        **{name: reverse(name, args=[world.deal]) for name in ("security", "security_check")},
        **{name: reverse(name, args=[world.sale]) for name in ("sale", "sale_pay", "sale_withdraw")},
    }


PLEDGE = {
    "pledge",
    "pledge_accept",
    "pledge_drop",
    "pledge_register",
    "pledge_prolong",
    "pledge_release",
    "pledge_cancel",
}
ASSET = {"asset", "asset_value", "asset_stock"}
SEEN = {
    "firm": {"asset", "asset_show", "asset_retire", "asset_pledge", "asset_pledge_outside", "asset_value", "asset_stock",
             "pledge", "pledge_drop", "security", "security_check", "sale", "sale_withdraw"},
    "bank": ASSET | PLEDGE | {"pledge_debt", "asset_sell", "security", "security_check", "sale", "sale_withdraw"},
    "other": ASSET | {"sale", "sale_withdraw"},
    "appraiser": ASSET,
    "buyer": ASSET | {"sale", "sale_pay", "sale_withdraw"},
    "warehouse": set(),
    "rival": set(),
    "operator": set(),
}  # fmt: skip
"""Pages that open; of the rest, what one may see at all refuses (403 or 409), everything else is not there (404)."""
REACHED = {
    "firm": {"asset", "pledge", "security", "sale"}, "bank": {"asset", "pledge", "security", "sale"},
    "other": {"asset", "sale"}, "appraiser": {"asset"}, "buyer": {"asset", "sale"},
}  # fmt: skip


def test_every_page_opens_for_those_it_reaches_and_for_nobody_else(busy: Any) -> None:
    pages = addresses(busy)
    for who in PEOPLE:
        client = log_in(busy, who)
        for name, url in pages.items():
            status = client.get(url).status_code
            thing = name.partition("_")[0]
            if name in SEEN[who]:
                assert status == 200, (who, name, status)
            elif thing in REACHED.get(who, set()):
                assert status in (403, 409), (who, name, status)
            else:
                assert status == 404, (who, name, status)


def test_a_stranger_is_sent_to_the_log_in(busy: Any) -> None:
    for url in [*addresses(busy).values(), *map(reverse, LISTS)]:
        answer = Client().get(url)
        assert (answer.status_code, answer.headers["Location"].startswith("/accounts/login/")) == (302, True), url


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_speak_one_language_at_a_time(busy: Any, language: str) -> None:
    pages = addresses(busy)
    for who in ("firm", "bank"):
        client = log_in(busy, who, language=language)
        for url in [*map(reverse, LISTS), *(pages[name] for name in ("asset", "pledge", "security", "sale", "asset_pledge") if name in SEEN[who])]:  # fmt: skip
            text = re.sub(r"<(script|pre)[^>]*>.*?</\1>", "", client.get(url).content.decode(), flags=re.DOTALL)
            main = re.sub(r"<[^>]+>", " ", text.partition("<main")[2].partition("</main>")[0])
            if language == "en":
                left = set(re.findall(r"[\u4e00-\u9fff]+", main)) - NAMES
                assert not left, (who, url, left)


def test_another_bank_sees_the_registered_right_but_not_whose_the_unregistered_one_is(busy: Any) -> None:
    asset = addresses(busy)["asset"]
    seen_by_appraiser = log_in(busy, "appraiser").get(asset).content.decode()
    assert "甲银行" in seen_by_appraiser  # registered: public
    assert "乙银行" not in seen_by_appraiser  # only offered: not yet
    assert "未公示的担保" in seen_by_appraiser
    assert "乙银行" in log_in(busy, "other").get(asset).content.decode()


def test_the_state_of_an_unregistered_pledge_is_a_sentence_with_its_blocker(pledging: Any) -> None:
    contract, goods = pledging.contract("stock-pledge-iot"), pledging.stock()
    given = pledging.offer(goods, contract, "1000000.00")
    pledging.do("bank", pledges.accept_pledge, pledge=given)
    for who in ("firm", "bank"):
        for url in (reverse("assets"), reverse("asset", args=[goods]), reverse("pledges")):
            page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", log_in(pledging, who).get(url).content.decode()))
            assert "待中登登记" in page, (who, url)
            assert "还差登记号" in page, (who, url)


def test_a_firm_gives_security_by_form_and_a_colleague_approves_what_was_shown(pledging: Any) -> None:
    patents, contract = pledging.patents("30000000.00"), pledging.contract()
    maker = log_in(pledging, "firm")
    url = reverse("asset_pledge", args=[patents])
    typed = {"contract": str(contract), "secured": "11,000,000.00", "share": "25000000"}
    panel = maker.post(url, typed)
    shown = panel.content.decode()
    assert "最高担保额 11,000,000.00 元" in shown
    assert "国家知识产权局" in shown
    fields = dict(re.findall(r'name="(id|statement|signature|key)" value="([^"]*)"', shown))
    sent = maker.post(url, {**typed, **fields})
    with acting_as(SYSTEM), transaction.atomic():
        proposal = Proposal.objects.get()
    assert sent.headers["Location"] == reverse("proposal", args=[proposal.pk])
    checker = log_in(pledging, "firm", "checker")
    page = checker.get(sent.headers["Location"]).content.decode()
    assert "该部分不能再向他人担保" in page
    assert "价值只担保一次" in page
    too_much = maker.post(url, {**typed, "share": "30000000.01"}).content.decode()
    assert re.search(r"<button[^>]*disabled", too_much)


def test_a_holder_signs_and_registers_by_form(pledging: Any) -> None:
    patents, contract = pledging.patents(), pledging.contract()
    given = pledging.offer(patents, contract, "10000000.00")
    pledging.do("bank", pledges.accept_pledge, pledge=given)
    bank = log_in(pledging, "bank")
    url = reverse("pledge_register", args=[given])
    wrong = {"number": "Y1", "registered_on": "2026-01-15", "registered_time": "2 pm", "until": ""}
    shown = bank.post(url, wrong).content.decode()
    fields = dict(re.findall(r'name="(id|statement|signature|key)" value="([^"]*)"', shown))
    assert bank.post(url, {**wrong, **fields}).status_code == 422
    typed = {**wrong, "registered_time": "14:00:01"}
    fields = dict(
        re.findall(r'name="(id|statement|signature|key)" value="([^"]*)"', bank.post(url, typed).content.decode())
    )
    assert bank.post(url, {**typed, **fields}).headers["Location"] == reverse("pledge", args=[given])
    with acting_as(SYSTEM), transaction.atomic():
        assert Agreement.objects.get(pk=given).state == "registered"


def test_recording_and_valuing_by_form(pledging: Any) -> None:
    firm = log_in(pledging, "firm")
    typed = {"kind": "equipment", "title": "注塑机", "number": "SN-7", "place": "二车间", "watcher": "", "quantity": "2",
             "measure": "台", "show_to": str(pledging.party("appraiser"))}  # fmt: skip
    fields = dict(re.findall(r'name="(id|statement|signature|key)" value="([^"]*)"', firm.post(reverse("asset_record"), typed).content.decode()))  # fmt: skip
    page = firm.post(reverse("asset_record"), {**typed, **fields}).headers["Location"]
    with acting_as(SYSTEM), transaction.atomic():
        machine = Asset.objects.get(number="SN-7")
    assert page == reverse("asset", args=[machine.pk])
    appraiser, url = log_in(pledging, "appraiser"), reverse("asset_value", args=[machine.pk])
    both = {"method": "cost", "value": "1000", "price": "500", "haircut": "30", "on": "2026-01-15"}
    assert appraiser.post(url, both).status_code == 422
    one = {**both, "value": ""}
    fields = dict(
        re.findall(r'name="(id|statement|signature|key)" value="([^"]*)"', appraiser.post(url, one).content.decode())
    )
    assert appraiser.post(url, {**one, **fields}).status_code == 302
    with acting_as(SYSTEM), transaction.atomic():
        machine.refresh_from_db()
    assert (machine.value_minor, machine.usable_minor) == (100_000, 70_000)
