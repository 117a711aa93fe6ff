"""A loss in the stored world: bearers who cannot pay, money under way, guarantors, relays, and strangers."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from jirong.claims.models import ClaimRow
from jirong.cli import world as worlds
from jirong.financing import runtime, signing
from jirong.financing.actions import applications, contracts, loans, schemes
from jirong.financing.models import Contract, Loan
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.ledger import check as ledger_check
from jirong.parties import actions as parties
from jirong.parties.models import BankAccount
from jirong.rails import actions as payments
from jirong.rails import sandbox
from jirong.rails.models import Instruction, Leg
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

START, DUE = datetime.date(2026, 1, 15), datetime.date(2026, 4, 15)
SCHEME = """
scheme: {name}
version: 1
title: {{zh: 风险分担贷款, en: Loan of shared risk}}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {{borrower: firm, lender: bank, pool: compensation_pool, controller: controller}}
words:
  shop_months: {{zh: 店铺连续经营时间, en: months the shop has run, kind: number}}
  shop.orders: {{zh: 店铺交易流水, en: the shop's payments}}
when_missing: ask
eligible:
  - {{feature: shop_months, at_least: 6}}
consent:
  - {{of: borrower, by: lender, read: [shop.orders], purpose: credit_assessment, lasts: 12 months}}
limit: {{amount: 100000.00}}
price: {{fixed: 4.00%}}
instrument: {{kind: credit_line, open_for: 12 months, repay: bullet, tenor: {{up_to: 3 months}}, day_count: A/360}}
drawing: {{how: revolving, early: free}}
{more}
losses: {{of: principal_and_interest, borne: [{{by: pool, share: 60%, up_to: means}}, {{by: lender, share: 40%}}], excess: lender}}
disclose: {{borrower: all, lender: all, pool: [payments, losses], controller: [contract]}}
"""
GUARANTEED = "security:\n  - {guarantee: joint_and_several, by: controller}"


class Shared:
    """A drawn loan of 100,000.00 under a scheme whose loss a pool shares; due whole on 15 April with 1,000.00."""

    def __init__(self, lending: Any, more: str = "", means: str = "90000.00", name: str = "shared-risk") -> None:
        self.lending, self.do = lending, lending.do
        lending.know("shop0")
        self.do("bureau", schemes.commit_means, amount=Money.parse(means))
        lending.policy = lending.sign_text(SCHEME.format(name=name, more=more), pool="bureau", controller="shop1")
        done = lending.apply("shop0", amount=Money.parse("100000.00"), accept_rate=Decimal("0.04"))
        self.contract = uuid.UUID(done["contract"])
        self.loan = self.draw("100000.00")
        lending.banks_answer()

    def draw(self, amount: str, **more: Any) -> uuid.UUID:
        done = self.do("shop0", contracts.draw, contract=self.contract, amount=Money.parse(amount), **more)
        return uuid.UUID(done["loan"])

    def share(self) -> dict[str, Any]:
        self.lending.go_to(DUE)
        return dict(self.do("bank", loans.share_loss, loan_id=self.loan))

    def set_balance(self, who: str, amount: str) -> None:
        with acting_as(SYSTEM), transaction.atomic():
            account = BankAccount.objects.get(party=self.lending.party(who)).pk
        sandbox.set_account(actor=SYSTEM, id=new_id(), account=account, balance=Money.parse(amount))

    def row(self, id: uuid.UUID | None = None) -> Loan:
        with acting_as(SYSTEM), transaction.atomic():
            return Loan.objects.get(pk=id or self.loan)

    def holds(self) -> dict[str, str]:
        """What each holds open of the loan, and that the books agree with it."""
        names = {self.lending.party(name): name for name in ("bank", "bureau", "shop1")}
        with acting_as(SYSTEM), transaction.atomic():
            assert ledger_check.check() == []
            found: dict[str, int] = {}
            for claim in ClaimRow.objects.filter(contract=self.loan, outstanding_minor__gt=0):
                found[names[claim.creditor]] = found.get(names[claim.creditor], 0) + claim.outstanding_minor
        return {name: str(Money(minor)) for name, minor in sorted(found.items())}

    def paid(self, because: str) -> dict[str, str]:
        names = {self.lending.party(name): name for name in ("bank", "bureau", "shop0", "shop1")}
        with acting_as(SYSTEM), transaction.atomic():
            legs = Leg.objects.filter(because=because, instruction__state="paid")
            found: dict[str, int] = {}
            for leg in legs:
                found[names[leg.payee_id]] = found.get(names[leg.payee_id], 0) + leg.amount_minor
        return {name: str(Money(minor)) for name, minor in sorted(found.items())}


@pytest.fixture
def shared(lending: Any) -> Shared:
    return Shared(lending)


def refused(code: str, act: Any, *given: Any, **body: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        act(*given, **body)
    assert found.value.code == code
    return found.value


def test_a_loss_waits_for_a_repayment_under_way(shared: Shared) -> None:
    shared.lending.go_to(DUE)
    shared.do("shop0", loans.repay, loan_id=shared.loan, amount=Money.parse("50000.00"))
    assert refused("loan.payment_unanswered", shared.share).remedy is not None
    assert shared.lending.banks_answer() == 1
    shared.share()
    assert shared.lending.banks_answer() == 1
    assert shared.holds() == {"bank": "20400.00", "bureau": "30600.00"}


def test_a_part_a_bank_did_not_pay_is_called_again(shared: Shared) -> None:
    shared.set_balance("bureau", "100.00")
    shared.share()
    shared.lending.banks_answer()
    assert shared.holds() == {"bank": "101000.00"}
    assert "call_again" in str(refused("loan.is_defaulted", shared.share).remedy)
    refused("loan.parts_unpaid", shared.do, "bank", loans.write_off, loan_id=shared.loan)
    shared.do("shop0", loans.recover, loan_id=shared.loan, amount=Money.parse("10100.00"))
    shared.lending.banks_answer()
    assert shared.paid("recovery") == {"bank": "10100.00"}
    shared.set_balance("bureau", "1000000.00")
    done = shared.do("bank", loans.call_again, loan_id=shared.loan)
    # 60 % of 101,000.00 less 60 % of the 10,100.00 that came back to the bank in the pool's stead.
    assert done["called"] == {str(shared.lending.party("bureau")): "54540.00"}
    shared.lending.banks_answer()
    assert shared.holds() == {"bank": "36360.00", "bureau": "54540.00"}
    refused("loan.nothing_to_call", shared.do, "bank", loans.call_again, loan_id=shared.loan)


def test_who_cannot_pay_is_named_and_its_part_moves_as_the_scheme_says(shared: Shared) -> None:
    shared.set_balance("bureau", "100.00")
    shared.share()
    shared.lending.banks_answer()
    bureau, shop = shared.lending.party("bureau"), shared.lending.party("shop1")
    refused("step.wrong_party", shared.do, "shop0", loans.call_again, loan_id=shared.loan)
    refused("loan.not_called", shared.do, "bank", loans.call_again, loan_id=shared.loan, unable=[shop])
    done = shared.do("bank", loans.call_again, loan_id=shared.loan, unable=[bureau])
    assert (done["called"], done["borne"][str(shared.lending.party("bank"))]) == ({}, "101000.00")
    shared.do("bank", loans.write_off, loan_id=shared.loan)
    assert (shared.row().status, shared.holds()) == ("written_off", {})
    shared.do("shop0", loans.recover, loan_id=shared.loan, amount=Money.parse("1000.00"))
    shared.lending.banks_answer()
    assert shared.paid("recovery") == {"bank": "1000.00"}


def test_means_spent_meanwhile_lower_what_is_called_again(lending: Any) -> None:
    shared = Shared(lending, means="60600.00")
    shared.set_balance("bureau", "100.00")
    shared.share()
    shared.lending.banks_answer()
    shared.set_balance("bureau", "1000000.00")
    bureau = shared.lending.party("bureau")
    assert shared.do("bank", loans.call_again, loan_id=shared.loan)["called"] == {str(bureau): "60600.00"}
    shared.lending.banks_answer()
    assert shared.holds() == {"bank": "40400.00", "bureau": "60600.00"}


def test_every_fen_that_comes_back_goes_to_who_paid(shared: Shared) -> None:
    shared.share()
    shared.lending.banks_answer()
    for amount in ("0.12", "0.01", "0.01", "0.03", "0.01"):
        shared.do("shop0", loans.recover, loan_id=shared.loan, amount=Money.parse(amount))
        shared.lending.banks_answer()
    assert shared.row().recovered_minor == 18
    assert shared.paid("recovery") == {"bank": "0.06", "bureau": "0.12"}
    shared.do("shop0", loans.recover, loan_id=shared.loan, amount=Money.parse("100999.82"))
    shared.lending.banks_answer()
    assert (shared.row().status, shared.holds()) == ("repaid", {})
    assert shared.paid("recovery") == {"bank": "40400.00", "bureau": "60600.00"}


def test_nothing_is_written_off_before_others_have_borne_their_part(shared: Shared) -> None:
    shared.lending.go_to(DUE + datetime.timedelta(days=30))
    refused("loan.loss_not_shared", shared.do, "bank", loans.write_off, loan_id=shared.loan)
    shared.do("bank", loans.share_loss, loan_id=shared.loan)
    shared.lending.banks_answer()
    shared.do("bank", loans.write_off, loan_id=shared.loan)


def test_a_guarantor_signs_is_called_first_and_takes_the_lenders_place(lending: Any) -> None:
    shared = Shared(lending, GUARANTEED)
    shared.set_balance("shop1", "500000.00")
    controller = lending.party("shop1")
    assert shared.share()["called"] == {str(controller): "101000.00"}
    lending.banks_answer()
    assert shared.holds() == {"shop1": "101000.00"}
    shared.do("shop0", loans.recover, loan_id=shared.loan, amount=Money.parse("5000.00"))
    lending.banks_answer()
    assert shared.paid("recovery") == {"shop1": "5000.00"}


def test_what_a_guarantor_cannot_pay_is_shared_by_the_clause_on_losses(lending: Any) -> None:
    shared = Shared(lending, GUARANTEED)
    shared.set_balance("shop1", "1.00")
    shared.share()
    lending.banks_answer()
    done = shared.do("bank", loans.call_again, loan_id=shared.loan, unable=[lending.party("shop1")])
    assert done["called"] == {str(lending.party("bureau")): "60600.00"}
    lending.banks_answer()
    assert shared.holds() == {"bank": "40400.00", "bureau": "60600.00"}


def test_a_policy_with_a_guarantor_waits_for_its_signature(lending: Any) -> None:
    document = schemes.SchemeText(SCHEME.format(name="guaranteed", more=GUARANTEED))
    scheme = uuid.UUID(lending.do("bank", schemes.publish_scheme, document=document)["scheme"])
    sign = {"scheme": scheme, "budget": Money.parse("1000000.00")}
    pool = schemes.Stand("pool", lending.party("bureau"))
    refused("policy.parties", lending.do, "bank", schemes.sign_policy, parties_named=[pool], **sign)
    named = [pool, schemes.Stand("controller", lending.party("shop1"))]
    done = lending.do("bank", schemes.sign_policy, parties_named=named, **sign)
    assert (done["state"], done["waits_for"]) == ("signing", ["pool", "controller"])


class Relay:
    """A second bank whose line may take the first bank's loan over."""

    def __init__(self, lending: Any) -> None:
        self.lending, self.shared = lending, Shared(lending)
        bank = {"name": "接力银行", "size": "large", "roles": ["bank"], "bank": "rival", "balance": "9000000.00"}
        more = worlds.found("lending", {"business_date": str(START), "parties": {"rival": bank}})
        lending.world.parties |= more.parties
        lending.world.logins |= more.logins
        text = SCHEME.format(name="rival-line", more="").replace(
            "by: pool, share: 60%, up_to: means", "by: lender, share: 60%"
        )
        document = schemes.SchemeText(text)
        scheme = uuid.UUID(lending.do("rival", schemes.publish_scheme, document=document)["scheme"])
        named = [schemes.Stand("pool", lending.party("bureau")), schemes.Stand("controller", lending.party("shop1"))]
        policy = lending.do(
            "rival", schemes.sign_policy, scheme=scheme, budget=Money.parse("1000000.00"), parties_named=named
        )
        lending.do(
            "shop0", parties.grant_consent, grantee=lending.party("rival"), purpose="credit_assessment",
            scope=["shop.orders"], since=START, until=datetime.date(2026, 12, 31),
        )  # fmt: skip
        done = lending.do(
            "shop0", applications.apply, policy=uuid.UUID(policy["policy"]), use="working_capital",
            amount=Money.parse("100000.00"), accept_rate=Decimal("0.04"),
        )  # fmt: skip
        self.contract = uuid.UUID(done["contract"])

    def draw(self, amount: str = "100000.00", **more: Any) -> uuid.UUID:
        wanted = {"contract": self.contract, "amount": Money.parse(amount), "relays": self.shared.loan} | more
        return uuid.UUID(self.lending.do("shop0", contracts.draw, **wanted)["loan"])

    def all_banks_answer(self) -> None:
        while self.lending.banks_answer():
            pass
        with acting_as(SYSTEM), transaction.atomic():
            assert not Instruction.objects.filter(state="instructed").exists()
            assert ledger_check.check() == []


@pytest.fixture
def relay(lending: Any) -> Relay:
    return Relay(lending)


def test_a_loan_taken_over_that_was_repaid_meanwhile_sends_the_second_money_back(relay: Relay) -> None:
    new = relay.draw()
    # The firm repays by itself before the banks answer: whichever comes second goes back.
    relay.lending.do("shop0", loans.repay, loan_id=relay.shared.loan, amount=Money.parse("100000.00"))
    relay.all_banks_answer()
    assert (relay.shared.row().status, relay.shared.row(new).status) == ("repaid", "live")
    assert relay.shared.paid("refund") == {"shop0": "100000.00"}


def test_a_revolving_line_whose_loan_was_taken_over_is_free_again(relay: Relay) -> None:
    relay.draw()
    relay.all_banks_answer()
    with acting_as(SYSTEM), transaction.atomic():
        assert Contract.objects.get(pk=relay.shared.contract).in_use_minor == 0


def test_interest_made_principal_was_never_drawn_and_frees_no_limit(shared: Shared) -> None:
    """101,000.00 comes back of a limit of 100,000.00; in two parts, the drawn 60,000.00 and then the rest."""
    shared.lending.go_to(DUE)
    more = {"repay": "bullet", "rate": Decimal("0.04"), "months": 3, "capitalise_interest": True}
    shared.do("bank", loans.restructure, loan_id=shared.loan, **more)
    for amount, in_use in (("60000.00", 4_000_000), ("41000.00", 0)):
        shared.do("shop0", loans.repay, loan_id=shared.loan, amount=Money.parse(amount))
        assert shared.lending.banks_answer() == 1
        with acting_as(SYSTEM), transaction.atomic():
            assert Contract.objects.get(pk=shared.contract).in_use_minor == in_use
    assert shared.row().status == "repaid"


def test_a_loan_is_not_taken_over_ended_or_taken_twice_while_money_is_under_way(relay: Relay) -> None:
    relay.lending.do("shop0", loans.repay, loan_id=relay.shared.loan, amount=Money.parse("10.00"))
    refused("loan.payment_unanswered", relay.draw)
    relay.all_banks_answer()
    relay.draw("99995.00")
    refused("loan.payment_unanswered", relay.draw, "1000.00")
    refused("loan.payment_unanswered", relay.shared.share)


def test_a_lender_is_neither_paid_its_own_loan_nor_relieved_by_itself(shared: Shared) -> None:
    back = {"loan_id": shared.loan, "amount": Money.parse("50000.00")}
    shared.do("shop0", loans.repay, **back)
    shared.lending.banks_answer()
    answer = refused("draw.relay_own", shared.draw, "50000.00", relays=shared.loan)
    assert (answer.where, answer.remedy is None) == ("relays", False)
    with acting_as(SYSTEM), transaction.atomic():
        contract = Contract.objects.select_related("policy__scheme").get(pk=shared.contract)
        bank = contract.lender_id
        contract.borrower_id = bank
        with pytest.raises(Refusal) as found:
            signing._payouts(contract, 100, None, None, START)
    assert (found.value.code, found.value.where) == ("draw.payee_lender", "payee")


@pytest.mark.parametrize("who", ["shop1", "bureau", "source"])
def test_a_loan_that_is_no_business_of_ones_own_is_not_there_to_settle(shared: Shared, who: str) -> None:
    refused("loan.unknown", shared.do, who, loans.settle, loan_id=shared.loan, amount=Money.parse("1.00"))
    refused("loan.unknown", shared.do, who, loans.settle, loan_id=new_id(), amount=Money.parse("1.00"))


def test_who_settles_need_not_see_the_contract(lending: Any) -> None:
    settles = "repaid_from:\n  - {how: platform_settlement, by: controller}"
    shared = Shared(lending, settles)
    shared.set_balance("shop1", "500000.00")
    done = shared.do("shop1", loans.settle, loan_id=shared.loan, amount=Money.parse("100500.00"))
    assert [leg["because"] for leg in done["payments"]] == ["repayment", "surplus"]
    lending.banks_answer()
    assert shared.row().status == "repaid"


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("collect.kind", {"kind": "shout", "note": "喊话"}),
        ("collect.note", {"kind": "call", "note": " "}),
        ("collect.note", {"kind": "call", "note": "长" * 501}),
        ("collect.promise", {"kind": "promise", "note": "承诺", "promised": Money.parse("5.00")}),
        ("collect.promise", {"kind": "promise", "note": "承诺", "promised_on": DUE}),
        ("amount.not_positive", {"kind": "promise", "note": "承诺", "promised": Money(-500), "promised_on": DUE}),
        ("collect.promised_on", {"kind": "call", "note": "通话", "promised_on": datetime.date(1990, 1, 1)}),
    ],
)
def test_a_collection_step_says_what_was_done_and_what_was_promised(
    shared: Shared, code: str, body: dict[str, Any]
) -> None:
    found = refused(code, shared.do, "bank", loans.collect, loan_id=shared.loan, **body)
    assert (found.where is not None, found.remedy is not None) == (True, True)


def test_days_are_counted_once_whatever_order_banks_answer_in(shared: Shared) -> None:
    """Two repayments, the earlier paid confirmed last: nothing is counted backwards and nothing breaks."""
    shared.lending.go_to(START + datetime.timedelta(days=10))
    shared.do("shop0", loans.repay, loan_id=shared.loan, amount=Money.parse("1000.00"))
    with acting_as(SYSTEM), transaction.atomic():
        instruction = Instruction.objects.get(state="instructed")
    shared.lending.go_to(START + datetime.timedelta(days=20))
    shared.lending.do(
        "bank", payments.confirm_payment, instruction=instruction.pk, paid=True, bank_reference="R1",
        value_date=START + datetime.timedelta(days=12),
    )  # fmt: skip
    running = runtime.lock_loan(shared.loan)
    assert [event.on for event in running.state.events] == [START + datetime.timedelta(days=12)]
