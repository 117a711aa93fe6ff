"""The textile world over HTTP: a client that speaks as anyone in it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from jirong.cli import world as worlds
from jirong.rails import sandbox

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


class Speaker:
    """Requests as ``core.maker`` and the like, each with an id of its own unless one is given."""

    def __init__(self) -> None:
        plan = yaml.safe_load((EXAMPLES / "textile-n-tier.yaml").read_text(encoding="utf-8"))
        self.world = worlds.found("textile", plan)
        self.http = Client(raise_request_exception=False)

    def party(self, who: str) -> str:
        return str(self.world.parties[who])

    def send(self, who: str | None, method: str, path: str, body: Any = None, key: Any = None) -> Answer:
        headers = {"Accept-Language": "en"}
        if who:
            headers["Authorization"] = f"Bearer {self.world.tokens[who]}"
        if method == "post":
            headers["Idempotency-Key"] = str(key or uuid.uuid4())
        data = json.dumps(body if body is not None else {})
        options: dict[str, Any] = {"content_type": "application/json", "data": data} if method == "post" else {}
        found = getattr(self.http, method)(path, headers=headers, **options)
        return Answer(found.status_code, json.loads(found.content) if found.content else None)

    def do(self, who: str, action: str, key: Any = None, **body: Any) -> Any:
        """An action that must succeed, approved by the checker where it takes two; its outcome."""
        answer = self.send(who, "post", f"/api/actions/{action}", body, key)
        if answer.status == 202:
            path = f"/api/proposals/{answer.body['proposal']}/approve"
            answer = self.send(who.replace("maker", "checker"), "post", path)
        assert answer.status == 200, answer
        return answer.body["outcome"]

    def get(self, who: str, path: str) -> Any:
        answer = self.send(who, "get", path)
        assert answer.status == 200, answer
        return answer.body

    def upload(self, who: str, kind: str, file: Path) -> Any:
        with file.open("rb") as content:
            found = self.http.post(
                "/api/facts/import",
                data={"kind": kind, "file": content},
                headers={
                    "Authorization": f"Bearer {self.world.tokens[who]}", "Idempotency-Key": str(uuid.uuid4())
                },
            )  # fmt: skip
        return json.loads(found.content)

    def file(self, seller: str, buyer: str, folder: str) -> None:
        for kind, by in {"order": seller, "delivery": seller, "acceptance": buyer, "invoice": seller}.items():
            plural = {"delivery": "deliveries"}.get(kind, f"{kind}s")
            report = self.upload(f"{by}.maker", kind, EXAMPLES / folder / f"{plural}.csv")
            assert report["refused"] == [], report

    def invoice(self, seller: str, order_no: str, buyer: str) -> str:
        trade = self.get(f"{buyer}.maker", f"/api/trades/{self.party(seller)}/{order_no}")
        return str(trade["invoices"][0]["id"])

    def held_lot(self) -> str:
        """A note of ten million, issued and accepted; its first lot."""
        self.file("merchant", "core", "textile")
        issued = self.do(
            "core.maker", "note.issue", payee=self.party("merchant"), due="2026-07-07",
            backings=[{"invoice": self.invoice("merchant", "JC-2025-1107", "core"), "amount": "10000000.00"}],
        )  # fmt: skip
        self.note = issued["note"]
        self.do("merchant.maker", "note.accept", note=self.note, consents_to_term=True)
        return str(issued["lot"])

    def ask(self, lot: str, bank: str, principal: str = "8000000.00", amount: str | None = None) -> str:
        more = {"amount": amount} if amount else {}
        asked = self.do(
            "merchant.maker", "lot.ask_loan", lot=lot, lender=self.party(bank), principal=principal, rate="0.035",
            **more,
        )  # fmt: skip
        return str(asked["offer"])

    def lend(self, bank: str, offer: str, key: Any = None) -> Answer:
        body = {
            "offer": offer, "registration": "0523", "registered_on": "2026-01-08", "background_checked": True
        }  # fmt: skip
        return self.send(f"{bank}.maker", "post", "/api/actions/offer.lend", body, key)

    def until(self, day: str) -> None:
        self.do("operator.maker", "business_date.advance", to=day)

    def banks_answer(self) -> int:
        return sandbox.answer_all()


@pytest.fixture
def fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def api(db: None, fast_passwords: None) -> Speaker:
    return Speaker()


@pytest.fixture
def committed(transactional_db: None, fast_passwords: None) -> Speaker:
    """The same, really committed, for tests that come from several sides at once."""
    return Speaker()
