"""Bad input through HTTP: each has a defined answer, in both languages, for the one who can act on it.

Nothing here is decided on silence: what is missing, stale, withheld or contradictory is asked of the firm or referred to
the lender's people; only what is known refuses.
"""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any

import pytest
from django.test import Client

from jirong.financing import queries
from jirong.store.ids import new_id

ROW = {"record_no": "1", "date": "2026-01-10"}
WIDE = {
    "scope": [
        "registration.record", "tax.filing", "shop.orders", "shop.reviews", "logistics.deliveries", "court.records",
        "repayment.record",
    ],
    "purpose": "credit_assessment", "since": "2026-01-15", "until": "2027-01-14",
}  # fmt: skip
TINY = """
scheme: {name}
version: 1
title: {{zh: 试验, en: Trial}}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {{borrower: firm, lender: bank}}
when_missing: ask
eligible:
  - {{feature: {feature}, at_least: 6}}
consent:
  - of: borrower
    by: lender
    read: [shop.orders, shop.reviews, logistics.deliveries, repayment.record]
    purpose: credit_assessment
    lasts: 12 months
assess: {{method: {method}, levels: [A, B, C], refer: [D]}}
limit: {{amount: 1000.00}}
price: {{fixed: 4%}}
instrument: {{kind: loan, repay: bullet, tenor: 1 month}}
losses: {{of: principal, borne: [{{by: lender, share: 100%}}], excess: lender}}
disclose: {{borrower: all, lender: all}}
"""


class Http:
    """A user's program: bearer tokens, JSON, refusals as they come."""

    def __init__(self, lending: Any, client: Client) -> None:
        self.lending, self.client = lending, client
        self.party, self.code = lending.party, lending.world.codes.__getitem__

    def do(self, who: str, action: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Ask for an action; where it takes two people the second approves."""
        sent = {"id": str(new_id()), **body}
        status, answer = self.send("post", f"/api/actions/{action}", f"{who}.maker", sent)
        if status != 202:
            return status, answer
        return self.send("post", f"/api/proposals/{answer['proposal']}/approve", f"{who}.checker", {})

    def get(self, who: str, path: str) -> dict[str, Any]:
        status, answer = self.send("get", path, f"{who}.maker")
        assert status == 200, answer
        return answer

    def send(self, method: str, path: str, who: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.lending.world.tokens[who]}"}
        if body is not None and "id" not in body:
            headers["Idempotency-Key"] = str(new_id())
        data = json.dumps(body, default=str) if body is not None else None
        answer = self.client.generic(method.upper(), path, data or "", content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    def apply(self, who: str = "shop0", **body: Any) -> dict[str, Any]:
        wanted = {"policy": str(self.lending.policy), "amount": "40000.00", "use": "working_capital"} | body
        status, answer = self.do(who, "application.apply", **wanted)
        assert status == 200, answer
        outcome: dict[str, Any] = answer["outcome"]
        return outcome

    def refused(self, status: int, answer: dict[str, Any], code: str) -> None:
        """It is refused with this code, a reason and a remedy or field in both languages."""
        assert (status >= 400, answer.get("code")) == (True, code), answer
        for key in ("reason", "remedy"):
            said = answer.get(key)
            assert said is None or (said["zh"] and said["en"] and said["zh"] != said["en"]), answer
        assert answer["reason"]["zh"]
        assert answer.get("remedy") or answer.get("where") or answer.get("clause"), answer


@pytest.fixture
def http(lending: Any, client: Client) -> Http:
    return Http(lending, client)


def why(outcome: dict[str, Any], path: str) -> dict[str, Any]:
    (found,) = [answer for answer in outcome["why"] if answer["path"] == path]
    assert all(found[key]["zh"] and found[key]["en"] for key in ("rule", "reason", "change"))
    return found  # type: ignore[no-any-return]


# Facts that are missing, late, contradictory or withheld.


@pytest.mark.parametrize(
    ("changed", "path", "reason", "change"),
    [
        ({"shop_months": ""}, "eligible/0", ("没有这项资料", "there are no facts"), "补充这项资料"),
        ({"flows_12m": ""}, "assess", ("评估尚不能完成", "cannot be assessed yet"), "补齐上述资料"),
    ],
)
def test_what_is_missing_is_asked_of_the_firm(
    http: Http, changed: dict[str, str], path: str, reason: tuple[str, str], change: str
) -> None:
    http.lending.know("shop0", **changed)
    outcome = http.apply()
    assert (outcome["state"], outcome["next"]["party"]) == ("asked", str(http.party("shop0")))
    answer = why(outcome, path)
    assert (reason[0] in answer["reason"]["zh"], reason[1] in answer["reason"]["en"]) == (True, True)
    assert answer["change"]["zh"] == change
    assert "重新提交" in outcome["next"]["say"]["zh"]
    assert "submits again" in outcome["next"]["say"]["en"]


def test_an_assessment_without_an_answer_says_what_it_lacks_and_what_helped(http: Http) -> None:
    http.lending.know("shop0", flows_12m="")
    outcome = http.apply()
    told = http.get("shop0", f"/api/applications/{outcome['application']}")["decisions"][0]
    (answer,) = [answer for answer in told["answers"] if answer["path"] == "assess"]
    assert {reason["feature"] for reason in answer["assessment"] if reason["effect"] == "lacking"} == {"flows_12m"}
    http.lending.state("shop0", "flows_12m", "360000.00")
    _, answered = http.do(
        "shop0", "application.submit", application=outcome["application"], policy=str(http.lending.policy),
        amount="40000.00", use="working_capital",
    )  # fmt: skip
    told = http.get("shop0", f"/api/applications/{outcome['application']}")["decisions"][0]
    (answer,) = [answer for answer in told["answers"] if answer["path"] == "assess"]
    effects = {reason["effect"] for reason in answer["assessment"]}
    assert (answered["outcome"]["state"], {"helped", "change"} <= effects) == ("offered", True)
    assert all(reason["text"]["zh"] and reason["text"]["en"] for reason in answer["assessment"])


def test_what_only_people_may_vouch_for_is_referred_to_the_lender(http: Http) -> None:
    http.lending.know("shop0", court_defaulter="")
    outcome = http.apply()
    assert (outcome["state"], outcome["next"]["party"]) == ("referred", str(http.party("bank")))
    assert why(outcome, "eligible/4")["standing"] == "refer"
    status, answer = http.do("shop0", "application.decide", application=outcome["application"], approve=True, note="好")
    http.refused(status, answer, "step.wrong_party")
    status, answer = http.do(
        "bank", "application.decide", application=outcome["application"], approve=True, note="已查询，无记录"
    )
    assert (status, answer["outcome"]["state"]) == (200, "offered")


def test_late_facts_are_asked_for_anew(http: Http) -> None:
    http.lending.know("shop0", shop_stability="")
    http.lending.state("shop0", "shop_stability", "66", on=datetime.date(2025, 12, 1))
    outcome = http.apply()
    answer = why(outcome, "eligible/1")
    assert (outcome["state"], answer["change"]) == ("asked", {"zh": "更新这项资料", "en": "Bring it up to date"})
    assert "2025年12月1日" in answer["reason"]["zh"]
    assert outcome["next"]["party"] == str(http.party("shop0"))


def test_facts_of_tomorrow_are_refused_by_line(http: Http) -> None:
    status, answer = http.do(
        "source", "figure.state", subject=http.party("shop0"), kind="feature", name="shop_months", value="20",
        on="2026-01-16",
    )  # fmt: skip
    http.refused(status, answer, "figure.future")


def test_sources_that_contradict_each_other_decide_nothing(http: Http) -> None:
    http.lending.know("shop0")
    http.lending.state("shop0", "shop_months", "2", who="other_source")
    outcome = http.apply()
    answer = why(outcome, "eligible/0")
    assert (outcome["state"], outcome["next"]["party"]) == ("asked", str(http.party("shop0")))
    assert ("互相矛盾" in answer["reason"]["zh"], "contradict" in answer["reason"]["en"]) == (True, True)
    assert answer["change"]["zh"] == "说明差异并补充证明"


def test_consent_withdrawn_in_mid_application_withholds_and_asks(http: Http) -> None:
    http.lending.know("shop0", consent=False, court_defaulter="")
    _, given = http.do("shop0", "consent.grant", grantee=http.party("bank"), **WIDE)
    outcome = http.apply()
    assert outcome["state"] == "referred"
    http.do("shop0", "consent.withdraw", consent=given["outcome"]["consent"])
    status, answer = http.do("bank", "application.decide", application=outcome["application"], approve=True, note="好")
    http.refused(status, answer, "application.no_terms")
    assert answer["remedy"]["zh"] == "请企业补充后重新提交"
    again = http.apply("shop1")
    assert (again["state"], why(again, "eligible/0")["change"]["zh"]) == ("asked", "授权读取这项资料")


def push(http: Http, who: str, received: str, **changed: str) -> dict[str, Any]:
    row = {**ROW, "firm": http.code("shop0"), "orders": "10", "received": received} | changed
    status, answer = http.do(who, "facts.push", kind="shop.orders", rows=[row])
    assert status == 200
    return answer["outcome"]  # type: ignore[no-any-return]


def test_two_platforms_that_tell_one_record_differently_decide_nothing(http: Http) -> None:
    http.lending.know("shop0", shop_months="", shop_stability="", flows_12m="")
    assert push(http, "source", "30000.00")["added"] == 1
    assert push(http, "other_source", "30000.00")["added"] == 1
    assert http.apply()["terms"] is None
    (application,) = http.get("shop0", "/api/applications")["items"]
    told = http.get("shop0", f"/api/applications/{application['id']}")["decisions"][0]["inputs"]["features"]
    assert told["shop_months"]["known"] == "present"
    push(http, "other_source", "99000.00", record_no="2")
    push(http, "source", "1.00", record_no="2")
    outcome = http.apply()
    # Contradictory: neither the greater nor the lesser is taken.
    answer = why(outcome, "eligible/1")
    assert (outcome["state"], answer["standing"]) == ("asked", "ask")
    assert "互相矛盾" in answer["reason"]["zh"]
    assert outcome["next"]["party"] == str(http.party("shop0"))


def test_facts_that_come_late_change_no_decision_that_was_made(http: Http) -> None:
    http.lending.know("shop0", shop_months="")
    push(http, "source", "30000.00", date="2025-12-10")
    first = http.apply()
    before = http.get("shop0", f"/api/applications/{first['application']}")["decisions"][0]
    push(http, "source", "20000.00", date="2024-12-10", record_no="2")
    after = http.get("shop0", f"/api/applications/{first['application']}")["decisions"][0]
    assert after == before
    assert before["inputs"]["features"]["shop_months"]["value"] == "1"
    again = http.apply("shop0") if first["state"] == "refused" else None
    assert again is not None
    told = http.get("shop0", f"/api/applications/{again['application']}")["decisions"][0]
    assert told["inputs"]["features"]["shop_months"]["value"] == "13"
    assert told["sha256"] != before["sha256"]


# Facts that are forged.


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("shop.orders", {"orders": "1000", "received": "99999999.00"}),
        ("tax.filing", {"filing_no": "1", "sales": "9.00", "tax_due": "0", "tax_paid": "0", "arrears": "0"}),
        ("court.records", {"case_no": "1", "matter": "clear", "status": "closed"}),
        ("repayment.record", {"product": "loan", "due": "1.00", "late": "no", "unpaid": "no"}),
    ],
)
def test_a_firm_forges_no_fact_of_an_office_a_platform_or_a_bank(http: Http, kind: str, row: dict[str, str]) -> None:
    given = {**({} if kind == "tax.filing" else {"record_no": "1"}), "firm": http.code("shop0"), "date": "2026-01-10"}
    status, answer = http.do("shop0", "facts.push", kind=kind, rows=[given | row])
    assert (status, answer["outcome"]["added"]) == (200, 0)
    (line,) = answer["outcome"]["refused"]
    assert (line["line"], line["code"]) == (1, "fact.not_its_source")
    assert "须由" in line["reason"]["zh"]
    assert line["remedy"]["en"]
    outcome = http.apply()
    assert outcome["state"] == "asked"


@pytest.mark.parametrize(
    ("who", "name", "kind", "code"),
    [
        ("shop0", "shop_months", "feature", "figure.own"),
        ("shop1", "shop_months", "feature", "fact.not_its_source"),
        ("other_source", "court_defaulter", "feature", "fact.no_source_right"),
        ("source", "credit-opinion@1", "rating", "figure.no_consent"),
        ("shop1", "credit-opinion@1", "rating", "figure.no_source"),
    ],
)
def test_figures_are_stated_only_by_those_with_the_right(http: Http, who: str, name: str, kind: str, code: str) -> None:
    said = {"value": "36"} if kind == "feature" else {"level": "A"}
    status, answer = http.do(
        who, "figure.state", subject=http.party("shop0"), kind=kind, name=name, on="2026-01-14", **said
    )
    assert status == 403
    http.refused(status, answer, code)


def test_a_figure_is_read_only_under_consent_for_the_purpose(http: Http) -> None:
    http.lending.know("shop0", consent=False)
    other = WIDE | {"purpose": "monitoring"}
    http.do("shop0", "consent.grant", grantee=http.party("bank"), **other)
    outcome = http.apply()
    told = http.get("bank", f"/api/applications/{outcome['application']}")["decisions"][0]["inputs"]["features"]
    assert {value["known"] for value in told.values()} == {"withheld"}
    assert {value["value"] for value in told.values()} == {None}


def test_what_another_said_cannot_be_corrected(http: Http) -> None:
    row = {**ROW, "firm": http.code("shop0"), "orders": "1", "received": "10.00"}
    http.do("source", "facts.push", kind="shop.orders", rows=[row])
    (fact,) = http.get("shop0", "/api/facts?kind=shop.orders")["items"]
    status, answer = http.do("shop0", "facts.correct", fact=fact["id"], values={"received": "999999.00"})
    assert (status >= 400, answer["code"]) == (True, "fact.not_yours")


# Schemes that refer to what is not there, and policies nobody may lend under.


@pytest.mark.parametrize(
    ("feature", "method", "code", "hint"),
    [
        ("shop_month", "behaviour-score@1", "scheme.feature_unknown", "shop_months"),
        ("shop_months", "behaviour-scores@1", "scheme.method_unknown", "behaviour-score@1"),
        ("shop_months", "behaviour-score@9", "scheme.method_unknown", "behaviour-score@1"),
    ],
)
def test_a_scheme_that_names_what_nobody_computes_is_refused_with_its_line(
    http: Http, feature: str, method: str, code: str, hint: str
) -> None:
    text = TINY.format(name="trial-" + code[7:14].replace("_", "-"), feature=feature, method=method)
    status, answer = http.do("bank", "scheme.publish", document={"text": text})
    found = answer.get("details", {}).get("findings") or [answer]
    assert status == 422, answer
    (finding,) = [item for item in found if item["code"] == code]
    assert hint in finding["remedy"]["zh"]
    assert hint in finding["remedy"]["en"]
    assert finding["reason"]["zh"] != finding["reason"]["en"]
    line = text.splitlines().index(next(row for row in text.splitlines() if feature in row or method in row)) + 1
    assert finding.get("line", line) >= 1


@pytest.mark.parametrize(
    ("action", "body", "code"),
    [
        ("scheme.publish_catalogue", {"name": "no-such-scheme"}, "scheme.not_in_catalogue"),
        ("policy.sign", {"scheme": str(uuid.UUID(int=1)), "budget": "1.00", "parties_named": []}, "scheme.unknown"),
        ("means.commit", {"amount": "1.00"}, "party.other_role"),
    ],
)
def test_what_does_not_exist_is_said_so(http: Http, action: str, body: dict[str, Any], code: str) -> None:
    status, answer = http.do("bank", action, **body)
    assert (status in (403, 404, 422), answer["code"]) == (True, code), answer
    assert answer["reason"]["zh"] != answer["reason"]["en"]


# A firm in two clusters.


def test_a_firm_in_two_clusters_applies_once_and_is_counted_once(http: Http) -> None:
    for name, since in (("东集群", "2025-06-01"), ("西集群", "2025-01-01")):
        _, made = http.do("operator", "cluster.create", name=name)
        cluster = made["outcome"]["cluster"]
        _, joined = http.do("operator", "cluster.join", cluster=cluster, party=http.party("shop0"), since=since)
        assert joined["outcome"]["cluster"] == cluster
    http.lending.know("shop0")
    # The earliest membership that still holds counts: 12 whole months, not 12 and 7.
    text = TINY.format(name="member-loan", feature="membership_months", method="behaviour-score@1")
    member = str(http.lending.sign_text(text))
    outcome = http.apply(policy=member, amount="1000.00", use="")
    told = http.get("shop0", f"/api/applications/{outcome['application']}")["decisions"][0]["inputs"]
    assert told["features"]["membership_months"]["value"] == "12"
    http.apply(accept_rate="0.06")
    http.lending.banks_answer()
    both = [http.party("shop0"), http.party("shop0")]
    assert queries.group_exposure_minor(both) == queries.exposure_minor(http.party("shop0")) == 4_000_000
    wanted = {"policy": member, "amount": "1000.00", "use": ""}
    status, answer = http.do("shop0", "application.apply", **wanted)
    assert status == 409
    http.refused(status, answer, "application.another_open")


# Extreme values.


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"amount": "-1.00"}, 422), ({"amount": "0.00"}, 422), ({"amount": "0.001"}, 422), ({"amount": "NaN"}, 422),
        ({"amount": "1e30"}, 422), ({"amount": "99999999999999999999.00"}, 422), ({"months": -1}, 422),
        ({"months": 10_000_000}, 422), ({"accept_rate": "NaN"}, 422), ({"accept_rate": "-0.01"}, 422),
        ({"accept_rate": "99999"}, 422), ({"use": "u" * 5000}, 422), ({"purpose": "长" * 5000}, 422),
        ({"joint": [str(uuid.UUID(int=7))] * 2000}, 422), ({"payee": "nobody"}, 422), ({"unheard_of": 1}, 422),
    ],
)  # fmt: skip
def test_extreme_values_are_refused_and_never_a_fault(http: Http, changed: dict[str, Any], status: int) -> None:
    http.lending.know("shop0")
    wanted = {"policy": str(http.lending.policy), "amount": "40000.00", "use": "working_capital"} | changed
    found, answer = http.do("shop0", "application.apply", **wanted)
    assert (found, bool(answer["reason"]["zh"]), bool(answer["reason"]["en"])) == (status, True, True), answer


def test_the_greatest_amount_gets_the_limit_and_says_so(http: Http) -> None:
    http.lending.know("shop0")
    outcome = http.apply(amount="90000000000000.00")
    assert (outcome["state"], outcome["terms"]["limit"]) == ("offered", "40000.00")
    told = http.get("shop0", f"/api/applications/{outcome['application']}")["decisions"][0]["answers"]
    assert [answer["code"] for answer in told if answer["code"] == "less_than_asked"] == ["less_than_asked"]


@pytest.mark.parametrize("value", ["1e400", "-5", "99999999999999999999999999"])
def test_implausible_figures_give_no_level(http: Http, value: str) -> None:
    http.lending.know("shop0", flows_12m=value)
    outcome = http.apply()
    assert outcome["state"] in ("asked", "referred", "refused")
    assert outcome["terms"] is None
