"""A small log in memory, its keys, and receipts from it, as the stored log would issue them."""

from __future__ import annotations

import hashlib
import importlib.util
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jirong.trust import canonical, checkpoint, keys, leaf, merkle, notes, receipt

ORIGIN = "log.example/jirong"
PARTY = "0198a000-0000-7000-8000-000000000001"


def private_key(name: str) -> bytes:
    """A key that is the same in every run, so that failures repeat."""
    return hashlib.sha256(name.encode()).digest()


@dataclass
class Log:
    """Leaves with their statements and outcomes, sequenced as they are added."""

    leaves: list[dict[str, Any]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, action: str, body: dict[str, Any], outcome: dict[str, Any], *, key: str = "party", grade: str = "own"
    ) -> int:
        number = len(self.leaves)
        statement = {"action": action, "actor": PARTY, "body": body, "id": str(uuid.UUID(int=number))}
        private = private_key(key)
        public = keys.public_of(private)
        self.statements.append(statement)
        self.outcomes.append(outcome)
        self.leaves.append(
            leaf.build(
                statement=statement,
                signature=keys.to_text(keys.sign(private, leaf.encode(statement))),
                key=keys.key_id(public),
                grade=grade,
                outcome=canonical.digest(outcome),
                row={"serial": number},
                recorded_at=f"2026-03-02T01:02:{number % 60:02}.000000Z",
                business_date="2026-03-02",
            )
        )
        return number

    def register_key(self, key: str = "party", custody: str = "own") -> int:
        public = keys.public_of(private_key(key))
        outcome = {"custody": custody, "key": keys.key_id(public), "public": keys.to_text(public)}
        if custody == "platform":
            return self.add("party.register", {}, outcome | {"party": PARTY})
        return self.add("key.register", {"public": outcome["public"]}, outcome, key=key)

    def node(self) -> merkle.Node:
        return merkle.over([merkle.leaf_hash(leaf.encode(row)) for row in self.leaves])

    def checkpoint(self, *witnesses: str) -> notes.Note:
        head = checkpoint.Checkpoint(ORIGIN, len(self.leaves), merkle.root(self.node(), len(self.leaves)))
        note = checkpoint.sign(head, private_key("log"))
        cosigned = [checkpoint.cosign(note.text, name, private_key(name), 1_772_400_000) for name in witnesses]
        return note.with_signatures(cosigned)

    def proven(self, index: int) -> receipt.Proven:
        row = self.leaves[index]
        return receipt.Proven(
            leaf=row,
            index=index,
            proof=tuple(merkle.inclusion_proof(self.node(), index, len(self.leaves))),
            statement=None if leaf.holds_statement(row) else self.statements[index],
            outcome=self.outcomes[index],
        )

    def receipt(self, index: int, registration: int, *witnesses: str) -> receipt.Receipt:
        return receipt.Receipt(self.proven(index), self.proven(registration), self.checkpoint(*witnesses).encode())


@pytest.fixture
def log() -> Log:
    """Nine entries: a key registered (0), a transfer signed with it (5), others round them."""
    made = Log()
    made.register_key()
    for number in range(8):
        made.add(
            "note.transfer", {"amount": "1000.00", "lot": f"批次{number}"}, {"lot": str(number), "state": "offered"}
        )
    return made


@pytest.fixture
def trust() -> receipt.Trust:
    return receipt.Trust(
        log=notes.verifier_of(ORIGIN, private_key("log")),
        witnesses=tuple(
            notes.verifier_of(name, private_key(name), notes.COSIGNATURE) for name in ("bank.example", "gov.example")
        ),
        quorum=2,
    )


@pytest.fixture
def private() -> Callable[[str], bytes]:
    """The private keys of this log and its witnesses, by name."""
    return private_key


@pytest.fixture(scope="session")
def second_reader() -> Any:
    """The independent reader beside this file (test folders are no packages)."""
    path = Path(__file__).parent / "second_reader.py"
    spec = importlib.util.spec_from_file_location("second_reader", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
