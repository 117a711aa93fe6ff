"""Pages of the notes as a person's browser asks for them: who sees what, how often the database is asked, and what
happens when the same form comes twice or the world has moved on.
"""

from __future__ import annotations

import datetime
import itertools
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jirong.facts.models import Fact
from jirong.kernel.errors import NotFound
from jirong.kernel.money import Money
from jirong.log import sequencer
from jirong.log.models import Entry
from jirong.notes import actions as notes
from jirong.notes.models import Note
from jirong.parties.models import Proposal, Staff, User
from jirong.rails.models import Instruction
from jirong.store.identity import SYSTEM, acting_as

LISTS = ["notes", "maturities", "lots", "offers", "loans", "trades", "invoices", "documents", "batches", "payments",
         "receipts", "parties", "inbox", "own_party", "issue", "home_core", "home_firm"]  # fmt: skip
BANK_LISTS = ["notes", "lots", "offers", "loans", "payments", "receipts", "parties", "home_bank"]


def log_in(world: Any, who: str, person: str = "maker") -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        User.objects.get(username=world.world.logins[f"{who}.{person}"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def asks(client: Client, url: str) -> int:
    """How many statements a page needs, once whatever a process keeps is warm."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(url)
    assert answer.status_code == 200, url
    return len(
        [query for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]
    )


@pytest.fixture
def running(textile: Any) -> Any:
    """A note accepted, part of it lent against, and a second one that awaits acceptance."""
    textile.issue("4000000.00")
    asked = textile.do(
        "merchant", notes.ask_loan, lot=textile.lot, lender=textile.party("bank_a"),
        principal=Money.parse("3000000.00"), rate=Decimal("0.035"),
    )  # fmt: skip
    textile.offer = uuid.UUID(asked["offer"])
    textile.first = textile.note
    textile.first_lot = textile.lot
    textile.issue("1000000.00", accept=False)
    textile.offered = textile.note
    return textile


def objects(world: Any) -> dict[str, str]:
    """Addresses of things that belong to the trade of core and merchant."""
    with acting_as(SYSTEM):
        invoice = Fact.objects.get(kind="invoice", subject=world.party("merchant"))
        entry = Entry.objects.filter(action="note.accept").latest("recorded_at")
    return {
        "note": reverse("note", args=[world.first]),
        "lot": reverse("lot", args=[world.first_lot]),
        "offer": reverse("offer", args=[world.offer]),
        "document": reverse("document", args=[invoice.pk]),
        "trade": reverse("trade", args=[invoice.subject_id, invoice.order_no]),
        "receipt": reverse("receipt", args=[entry.pk]),
        "receipt_file": reverse("receipt_file", args=[entry.pk]),
        "accept": reverse("accept_note", args=[world.offered]),
        "pay": reverse("pay_note", args=[world.first]),
        "drop": reverse("drop_offer", args=[world.offer]),
        "ask_loan": reverse("ask_loan", args=[world.first_lot]),
        "transfer": reverse("transfer_lot", args=[world.first_lot]),
    }


SEEN = {
    "merchant": {
        "note",
        "lot",
        "offer",
        "document",
        "trade",
        "receipt",
        "receipt_file",
        "accept",
        "drop",
        "ask_loan",
        "transfer",
    },
    "core": {"note", "lot", "document", "trade", "receipt", "receipt_file", "accept", "pay"},
    # Asked to finance the lot, it may check what proves it.
    "bank_a": {"note", "lot", "offer", "document", "trade", "receipt", "receipt_file", "drop"},
    "bank_b": set(),
    "mill": set(),
    "fibre": set(),
}


def test_what_is_not_ones_own_answers_404(running: Any) -> None:
    addresses = objects(running)
    for who, name in itertools.product(SEEN, addresses):
        status = log_in(running, who).get(addresses[name]).status_code
        if name in SEEN[who]:
            assert status == 200, (who, name, status)
        elif not SEEN[who] and name != "pay":
            assert status == 404, (who, name, status)
        else:
            # Seen but not one's to act on: told so; or not seen at all.
            assert status in (403, 404, 409), (who, name, status)


def test_a_stranger_is_sent_to_the_log_in(running: Any) -> None:
    for url in [*objects(running).values(), *map(reverse, LISTS)]:
        answer = Client().get(url)
        assert answer.status_code == 302, url
        assert answer.headers["Location"].startswith("/accounts/login/?next="), url


def test_another_partys_proposal_batch_and_payment_do_not_exist(running: Any) -> None:
    propose(running)
    running.banks_answer()
    with acting_as(SYSTEM):
        proposal = Proposal.objects.get()
    for who in ("merchant", "bank_a", "operator"):
        assert log_in(running, who).get(reverse("proposal", args=[proposal.pk])).status_code == 404, who


def test_lists_ask_the_database_no_more_for_more_rows(running: Any) -> None:
    core, firm, bank = (log_in(running, who) for who in ("core", "merchant", "bank_a"))
    before = {name: asks(core, reverse(name)) for name in LISTS}
    before |= {f"bank {name}": asks(bank, reverse(name)) for name in BANK_LISTS}
    before["firm lots"] = asks(firm, reverse("lots"))
    for amount in ("100000.00", "200000.00", "300000.00"):
        running.issue(amount)
        running.do(
            "merchant", notes.ask_loan, lot=running.lot, lender=running.party("bank_a"),
            principal=Money.parse("10000.00"), rate=Decimal("0.035"),
        )  # fmt: skip
    after = {name: asks(core, reverse(name)) for name in LISTS}
    after |= {f"bank {name}": asks(bank, reverse(name)) for name in BANK_LISTS}
    after["firm lots"] = asks(firm, reverse("lots"))
    assert after == before
    # A home asks once a section, and every room that has something to say there is a section of it.
    assert max(count for name, count in after.items() if "home" not in name) <= 25, after
    assert max(after.values()) <= 45, after


def test_every_list_exports_filters_and_sorts(running: Any) -> None:
    client = log_in(running, "merchant")
    for name in ("notes", "lots", "offers", "documents", "trades", "invoices", "payments", "receipts", "parties"):
        url = reverse(name)
        assert "attachment" in client.get(f"{url}?export=csv").headers["Content-Disposition"], name
        assert client.get(f"{url}?q=%E9%94%A6&sort=amount&amount_from=1&due_from=2026-01-01").status_code == 200, name
    csv = client.get(reverse("lots") + "?export=csv").content.decode()
    assert "4000000.00" in csv


def hidden(content: str) -> dict[str, str]:
    """The hidden fields of the signing panel (or plain form) in a page."""
    form = content[content.index('class="signing"') :] if 'class="signing"' in content else content
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def terms(world: Any, amount: str = "500000.00") -> tuple[str, dict[str, str]]:
    invoice = world.invoice("merchant")
    form = {f"amount_{invoice}": amount, "due": "2026-07-07", "note_agreed": "on", "set_off_waived": "on"}
    return f"{reverse('issue_terms')}?invoice={invoice}", form


def propose(world: Any) -> None:
    client = log_in(world, "core")
    url, form = terms(world)
    panel = hidden(client.post(url, form).content.decode())
    assert client.post(url, panel).status_code == 302


def test_the_same_panel_twice_is_one_proposal_and_one_note(running: Any) -> None:
    client = log_in(running, "core")
    url, form = terms(running)
    panel = hidden(client.post(url, form).content.decode())
    first, second = client.post(url, panel), client.post(url, panel)
    assert (first.status_code, second.status_code) == (302, 302)
    with acting_as(SYSTEM):
        proposal = Proposal.objects.get()
        issued = Note.objects.count()
    page = reverse("proposal", args=[proposal.pk])
    own = client.get(page).content.decode()
    assert 'class="signing"' not in own
    assert "须由另一位同事复核" in own
    checker = log_in(running, "core", "checker")
    approval = hidden(checker.get(page).content.decode())
    first, second = checker.post(page, approval), checker.post(page, approval)
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"] == reverse("note", args=[proposal.pk])
    with acting_as(SYSTEM):
        assert Note.objects.count() == issued + 1


def test_a_maker_cannot_approve_by_sending_the_form(running: Any) -> None:
    propose(running)
    with acting_as(SYSTEM):
        proposal = Proposal.objects.get()
    page = reverse("proposal", args=[proposal.pk])
    approval = hidden(log_in(running, "core", "checker").get(page).content.decode())
    answer = log_in(running, "core").post(page, approval)
    assert answer.status_code == 403
    with acting_as(SYSTEM):
        assert Proposal.objects.get().state == "proposed"


def test_a_rejection_needs_its_reason_and_shows_it(running: Any) -> None:
    propose(running)
    with acting_as(SYSTEM):
        page = reverse("proposal", args=[Proposal.objects.get().pk])
    checker = log_in(running, "core", "checker")
    assert checker.post(page, {"note": ""}).status_code == 422
    assert checker.post(page, {"note": "金额与合同不符"}).status_code == 302
    assert "金额与合同不符" in log_in(running, "core").get(page).content.decode()


def test_other_bytes_than_those_shown_are_refused_in_place(running: Any) -> None:
    client = log_in(running, "merchant")
    url = reverse("accept_note", args=[running.offered])
    panel = hidden(client.post(url, {"consents_to_term": "yes"}).content.decode())
    answer = client.post(url, {**panel, "consents_to_term": "no"})
    assert answer.status_code == 409
    assert "内容在签署前已改变" in answer.content.decode()
    with acting_as(SYSTEM):
        assert Note.objects.get(pk=running.offered).status == "offered"


def test_a_step_the_world_overtook_says_so_with_what_to_do(running: Any) -> None:
    """The bank's page was open while the merchant withdrew."""
    bank, url = log_in(running, "bank_a"), reverse("offer", args=[running.offer])
    form = {"registration": "05231187002466790123", "registered_on": "2026-01-08", "background_checked": "on"}
    panel = hidden(bank.post(url, form).content.decode())
    running.do("merchant", notes.drop_offer, offer=running.offer)
    answer = bank.post(url, panel)
    assert answer.status_code == 404
    assert "该要约不存在或已答复" in answer.content.decode()
    assert "怎么办" in answer.content.decode()
    with acting_as(SYSTEM):
        assert not Instruction.objects.exists()
    assert "这项要约已有结果" in bank.get(url).content.decode()


def test_the_rules_judge_while_one_types(running: Any) -> None:
    client = log_in(running, "core")
    url, form = terms(running, "99000000.00")
    check = url.replace(reverse("issue_terms"), reverse("issue_check"))
    assert "不能继续" in client.post(check, form).content.decode()
    _, form = terms(running)
    fragment = client.post(check, form).content.decode()
    assert "有1项警示" in fragment
    assert "2026-03-09" in fragment
    assert "填完整后" in client.post(check, {}).content.decode()


def test_the_life_of_a_note_is_drawn_with_its_table(running: Any) -> None:
    transferred = running.do(
        "merchant", notes.accept_note, note=running.offered, consents_to_term=True
    )  # fmt: skip
    moved = running.do(
        "merchant", notes.transfer_lot, lot=uuid.UUID(transferred["lot"]), to=running.party("mill"),
        backings=running.part("mill", "300000.00"),
    )  # fmt: skip
    running.do("mill", notes.take_offer, offer=uuid.UUID(moved["offer"]))
    page = log_in(running, "core").get(reverse("note", args=[running.offered])).content.decode()
    assert len(re.findall(r'<path class="strand', page)) == 2
    assert len(re.findall(r'class="life-knot"', page)) == 2
    assert "700,000.00" in page
    assert "300,000.00" in page
    # The mill holds a part and sees the promise; the papers of the trade before it are not its own.
    mill = log_in(running, "mill").get(reverse("note", args=[running.offered])).content.decode()
    assert "单据只有交易双方和其融资方可见" in mill


def test_uploading_reports_each_row_and_twice_is_once(running: Any) -> None:
    client = log_in(running, "merchant")
    core, merchant = running.world.codes["core"], running.world.codes["merchant"]
    text = (
        "订单号,卖方信用代码,买方信用代码,签订日期,品名,数量,金额\n"
        f"JC-9,{merchant},{core},2026-01-02,布,10,100.00\n"
        f"JC-10,{merchant},{core},不是日期,布,10,100.00\n"
    )
    url, id = reverse("import_file"), str(uuid.uuid4())

    def send() -> Any:
        file = SimpleUploadedFile("orders.csv", text.encode(), "text/csv")
        return client.post(url, {"id": id, "kind": "order", "file": file}, follow=True)

    send()
    answer = send()
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse("batch", args=[id])
    assert "第 3 行" in page
    assert "不是有效日期" in page
    assert client.post(url, {"kind": "order"}).status_code == 422
    with acting_as(SYSTEM):
        assert Fact.objects.filter(key="JC-9").count() == 1


def test_a_person_of_two_parties_chooses_whom_to_act_for(running: Any) -> None:
    with acting_as(SYSTEM):
        user = User.objects.get(username=running.world.logins["core.maker"])
        Staff.objects.create(user=user, party_id=running.party("merchant"), duties=["maker"])
    client = log_in(running, "core")
    assert client.get("/").headers["Location"] == reverse("home_core")
    assert client.post(reverse("act_for", args=[running.party("merchant")])).status_code == 302
    assert client.get("/").headers["Location"] == reverse("home_firm")
    assert client.post(reverse("act_for", args=[running.party("bank_b")])).status_code == 404


def test_each_role_starts_at_its_own_home(running: Any) -> None:
    homes = {"core": "home_core", "merchant": "home_firm", "bank_a": "home_bank", "operator": "home_operator"}
    for who, home in homes.items():
        client = log_in(running, who)
        assert client.get("/").headers["Location"] == reverse(home)
        assert client.get(reverse(home)).status_code == 200
        others = {"home_core", "home_bank", "home_operator"} - {home}
        assert {client.get(reverse(other)).status_code for other in others} == {403}, who


def test_the_operator_closes_advances_and_checks(running: Any) -> None:
    client = log_in(running, "operator")
    sequencer.sequence_all()
    assert client.post(reverse("close_day")).status_code == 302
    panel = hidden(client.post(reverse("advance_day"), {"to": "2026-01-09"}).content.decode())
    assert client.post(reverse("advance_day"), panel).status_code == 302
    assert "2026-01-09" in client.get(reverse("home_operator")).content.decode()
    whole = client.post(reverse("check_whole")).content.decode()
    assert "账本平衡" in whole


def test_a_payment_is_seen_by_its_sides_and_answered_by_its_bank(running: Any) -> None:
    client = log_in(running, "bank_a")
    url = reverse("offer", args=[running.offer])
    form = {"registration": "05231187002466790123", "registered_on": "2026-01-08", "background_checked": "on"}
    panel = hidden(client.post(url, form).content.decode())
    first, second = client.post(url, panel), client.post(url, panel)
    assert first.headers["Location"] == second.headers["Location"]
    with acting_as(SYSTEM):
        payment = reverse("payment", args=[Instruction.objects.get().pk])
    assert log_in(running, "merchant").get(payment).status_code == 200
    assert log_in(running, "mill").get(payment).status_code == 404
    answer = {"paid": "yes", "bank_reference": "REF-1", "value_date": "2026-01-08"}
    panel = hidden(client.post(payment + "answer", answer).content.decode())
    assert client.post(payment + "answer", panel).status_code == 302
    assert "REF-1" in client.get(payment).content.decode()
    assert log_in(running, "merchant").get(payment + "answer").status_code == 403


def test_a_discounts_price_is_for_its_two_sides_alone(running: Any) -> None:
    running.do("merchant", notes.accept_note, note=running.offered, consents_to_term=True)
    asked = running.do(
        "merchant", notes.ask_discount, lot=running.lot, funder=running.party("bank_b"), rate=Decimal("0.038")
    )
    bought = running.do(
        "bank_b", notes.buy_lot, offer=uuid.UUID(asked["offer"]), registration="R-2",
        registered_on=datetime.date(2026, 1, 8), background_checked=True,
    )  # fmt: skip
    running.banks_answer()
    price = Money.parse(bought["price"]).grouped()
    page = reverse("note", args=[running.offered])
    assert price in log_in(running, "merchant").get(page).content.decode()
    for url in (page, f"/api/notes/{running.offered}"):
        body = log_in(running, "core").get(url).content.decode()
        assert price not in body, url
        assert bought["price"] not in body, url


def test_the_receipt_file_is_the_one_the_api_gives(running: Any) -> None:
    client = log_in(running, "merchant")
    url = objects(running)["receipt_file"]
    sequencer.sequence_all()
    id = url.split("/")[2]
    assert client.get(url).json() == client.get(f"/api/receipts/{id}").json()
    assert client.get(reverse("trust_file")).json()["format"] == "jirong-trust/1"


def test_an_offer_withdrawn_cannot_be_taken_on_another_ones_reservation(running: Any) -> None:
    """The lot is offered again after the first offer was withdrawn; the first funder may not take the second's place."""
    running.do("merchant", notes.drop_offer, offer=running.offer)
    running.do(
        "merchant", notes.ask_loan, lot=running.first_lot, lender=running.party("bank_b"),
        principal=Money.parse("3000000.00"), rate=Decimal("0.034"),
    )  # fmt: skip
    with pytest.raises(NotFound) as refused:
        running.do(
            "bank_a", notes.lend, offer=running.offer, registration="R-1", registered_on=datetime.date(2026, 1, 8),
            background_checked=True,
        )  # fmt: skip
    assert refused.value.code == "note.no_such_offer"
