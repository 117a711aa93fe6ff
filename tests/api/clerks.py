"""Clerks who move one note's lots while connections are cut under them, and the memory their promises are held to.

A clerk never gives up on a request: when no answer came, the outcome is unknown, and the same request goes out again
with the same id until it is answered. What was answered is all the :class:`Memory` keeps, as plain sums: what each lot
was cut to, what is reserved on it, how each offer ended. Whatever happened on the way, the house must agree with it.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jirong.kernel.ids import derived_id

Send = Callable[[str, str, dict[str, Any], uuid.UUID], "tuple[int, Any] | None"]
"""``(who, action, body, id)`` → status and answer, or ``None`` where the connection broke under it."""

PATIENCE_S = 120.0
TAKERS = {"transfer": ("mill.maker", "offer.take"), "pledge": ("bank_a.maker", "offer.lend")}
FINANCE = {"registration": "0523", "registered_on": "2026-01-08", "background_checked": True}


class Offer(NamedTuple):
    lot: uuid.UUID
    purpose: str
    minor: int


@dataclass
class Memory:
    """What was promised: amounts in fen. A refusal promises nothing and leaves no trace."""

    lots: dict[uuid.UUID, int]
    offers: dict[uuid.UUID, Offer] = field(default_factory=dict)
    ended: dict[uuid.UUID, str] = field(default_factory=dict)
    answers: dict[uuid.UUID, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def state_of(self, offer: uuid.UUID) -> str:
        return self.ended.get(offer, "open")

    def expected(self) -> dict[uuid.UUID, tuple[int, int, int]]:
        """Each lot's amount, what of it was passed on or split off, and what is reserved."""
        moved, reserved = dict.fromkeys(self.lots, 0), dict.fromkeys(self.lots, 0)
        for id, offer in self.offers.items():
            if self.state_of(id) == "done":
                moved[offer.lot] += offer.minor
            elif self.state_of(id) == "open":
                reserved[offer.lot] += offer.minor
        return {lot: (amount, moved[lot], reserved[lot]) for lot, amount in self.lots.items()}


@dataclass
class Clerk:
    """One of several at once: asks, takes, lends, refuses and withdraws at random; counts what went unanswered."""

    send: Send
    memory: Memory
    parties: dict[str, str]
    lot: uuid.UUID
    invoice: str
    chance: random.Random
    losses: int = 0
    repeats: int = 0

    def work(self) -> None:
        """One thing a clerk does."""
        with self.memory.lock:
            waiting = [id for id in self.memory.offers if id not in self.memory.ended][-50:]
        if waiting and self.chance.random() < 0.55:
            self._answer(self.chance.choice(waiting))
        else:
            self._offer()

    def _offer(self) -> None:
        minor = self.chance.randint(1, 500)
        amount = f"{minor / 100:.2f}"
        id = uuid.uuid4()
        if self.chance.random() < 0.8:
            body: dict[str, Any] = {"lot": str(self.lot), "to": self.parties["mill"],
                                    "backings": [{"invoice": self.invoice, "amount": amount}]}  # fmt: skip
            status, _ = self._insist("merchant.maker", "lot.transfer", body, id)
            purpose = "transfer"
        else:
            body = {"lot": str(self.lot), "lender": self.parties["bank_a"], "principal": "0.01", "rate": "0.035",
                    "amount": amount}  # fmt: skip
            status, _ = self._insist("merchant.maker", "lot.ask_loan", body, id)
            purpose = "pledge"
        if status == 200:
            with self.memory.lock:
                self.memory.offers[id] = Offer(self.lot, purpose, minor)

    def _answer(self, id: uuid.UUID) -> None:
        """Take or drop an offer that others may be answering at this moment; only one of them is told yes."""
        offer = self.memory.offers[id]
        taker, action = TAKERS[offer.purpose]
        drops = self.chance.random() < 0.3
        who = self.chance.choice([taker, "merchant.maker"]) if drops else taker
        more = FINANCE if action == "offer.lend" and not drops else {}
        act = uuid.uuid4()
        status, answer = self._insist(who, "offer.drop" if drops else action, {"offer": str(id), **more}, act)
        if status != 200:
            return
        with self.memory.lock:
            assert id not in self.memory.ended, f"offer {id} was ended twice"
            self.memory.ended[id] = answer["outcome"]["state"] if drops else "done"
            if not drops:
                self.memory.lots[derived_id(id, "lot")] = offer.minor

    def _insist(self, who: str, action: str, body: dict[str, Any], id: uuid.UUID) -> tuple[int, Any]:
        """Ask until answered; sometimes once more, and then the answer must be the same."""
        status, answer = self._until_answered(who, action, body, id)
        if status == 200 and self.chance.random() < 0.1:
            again = self._until_answered(who, action, body, id)
            assert again == (status, answer), (again, answer)
            self.repeats += 1
        if status == 200:
            self.memory.answers[id] = answer["outcome"]
        assert status in (200, 404, 409, 422), (status, answer)
        return status, answer

    def _until_answered(self, who: str, action: str, body: dict[str, Any], id: uuid.UUID) -> tuple[int, Any]:
        until, pause = time.monotonic() + PATIENCE_S, 0.02
        while True:
            answered = self.send(who, action, body, id)
            if answered is not None and answered[0] < 500:
                return answered
            self.losses += 1
            assert time.monotonic() < until, f"{action}: no answer for {PATIENCE_S:.0f} s"
            # Waiting longer each time, so that a server that is away counts a few times and not hundreds of times.
            time.sleep(self.chance.uniform(0, pause))
            pause = min(2 * pause, 2.0)


def work_all(clerks: list[Clerk], enough: Callable[[], bool], finish: Callable[[], None] = lambda: None) -> None:
    """Let every clerk work in a thread of its own until it is enough; the first defect ends the run and is raised."""
    defects: list[BaseException] = []

    def work(clerk: Clerk) -> None:
        try:
            while not enough() and not defects:
                clerk.work()
        except BaseException as defect:  # noqa: BLE001  # whatever it is, the run must end and tell it
            defects.append(defect)
        finally:
            finish()

    threads = [threading.Thread(target=work, args=[clerk]) for clerk in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if defects:
        raise defects[0]
