"""Receipts: what holds, what waits, and what fails by which field; every altered byte is found."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from jirong.kernel.errors import Invalid
from jirong.trust import canonical, checkpoint, keys, notes, receipt, tiles, verify
from jirong.trust.commands import run
from jirong.trust.receipt import Receipt, Trust

BOTH = ("bank.example", "gov.example")


def states(verdict: verify.Verdict) -> dict[str, str]:
    return {step.code: step.state for step in verdict.steps}


def failed(verdict: verify.Verdict) -> list[tuple[str, str]]:
    return [(step.code, step.where) for step in verdict.failures]


def changed(made: Receipt, path: str, value: Any) -> bytes:
    """The receipt's bytes with the field at a dotted ``path`` replaced."""
    *above, last = path.split(".")
    root = at = json.loads(made.encode())
    for name in above:
        at = at[name]
    at[last] = value
    return canonical.encode(root)


def test_a_cosigned_receipt_holds_for_both_readers(log: Any, trust: Trust, second_reader: Any) -> None:
    data = log.receipt(5, 0, *BOTH).encode()
    verdict = verify.verify(data, trust)
    assert states(verdict) == dict.fromkeys(
        ("format", "statement", "outcome", "key", "signature", "log", "inclusion", "registration", "witnesses"), "ok"
    )
    assert (verdict.ok, verdict.state, verdict.grade, verdict.size) == (True, "ok", "own", 9)
    assert receipt.parse(data).encode() == data
    assert second_reader.accepts(data, trust.as_dict())


def test_every_byte_of_a_receipt_matters(log: Any, trust: Trust, second_reader: Any) -> None:
    data = log.receipt(5, 0, *BOTH).encode()
    for at in range(len(data)):
        altered = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        verdict = verify.verify(altered, trust)
        assert not verdict.ok, f"byte {at}: {data[at - 20 : at + 20]!r}"
        assert verdict.state == "pending" or all(step.where for step in verdict.failures)
    for at in range(0, len(data), 401):
        assert not second_reader.accepts(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], trust.as_dict())


@pytest.mark.parametrize(
    ("path", "value", "steps"),
    [
        (
            "entry.leaf.statement.body",
            {"amount": "9000.00"},
            ["signature", "inclusion"],
        ),
        ("entry.leaf.outcome", "0" * 64, ["outcome", "inclusion"]),
        ("entry.leaf.recorded_at", "2026-03-01", ["inclusion"]),
        ("entry.leaf.grade", "platform", ["key", "inclusion"]),
        ("entry.leaf.key", "0" * 32, ["key", "inclusion"]),
        ("entry.leaf.signature", keys.to_text(bytes(64)), ["signature", "inclusion"]),
        ("entry.leaf.grade", "system", ["signature", "inclusion"]),
        ("entry.index", 6, ["inclusion"]),
        ("entry.index", 900, ["inclusion"]),
        ("entry.proof", [], ["inclusion"]),
        ("entry.outcome", {"lot": "5"}, ["outcome"]),
        ("registration.outcome.custody", "platform", ["outcome", "key"]),
        ("registration.leaf.statement.actor", "another", ["key", "registration"]),
        ("registration.outcome.public", keys.to_text(bytes(32)), ["outcome", "key", "signature"]),
        ("registration.outcome", {"state": "done"}, ["outcome", "key", "signature"]),
        ("registration.index", 7, ["key", "registration"]),
        ("registration.leaf.recorded_at", "x", ["registration"]),
        ("registration", None, ["key"]),
        ("checkpoint", "nonsense", ["log"]),
    ],
)
def test_what_was_changed_is_named(log: Any, trust: Trust, path: str, value: Any, steps: list[str]) -> None:
    verdict = verify.verify(changed(log.receipt(5, 0, *BOTH), path, value), trust)
    assert [step.code for step in verdict.failures] == steps
    assert any(path.split(".")[0] in step.where for step in verdict.failures)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("format", "jirong-receipt/2", "$.format"),
        ("more", 1, "$.more"),
        ("entry.index", -1, "$.entry.index"),
        ("entry.index", True, "$.entry.index"),
        ("entry.proof", ["AAAA"], "$.entry.proof[0]"),
        ("entry.proof", "none", "$.entry.proof"),
        ("entry.leaf", [], "$.entry.leaf"),
        ("entry.leaf.grade", "best", "$.entry.leaf.grade"),
        ("entry.leaf.key", None, "$.entry.leaf.key"),
        ("entry.leaf.extra", 1, "$.entry.leaf.extra"),
        ("entry.leaf.statement", {"sha256": "0"}, "$.entry.statement"),
        ("entry.leaf.statement", {"action": "x"}, "$.entry.statement.actor"),
        ("entry.statement", {}, "$.entry.statement"),
        ("entry.outcome", 5, "$.entry.outcome"),
        ("checkpoint", 5, "$.checkpoint"),
    ],
)
def test_a_malformed_receipt_names_the_field(log: Any, trust: Trust, path: str, value: Any, where: str) -> None:
    verdict = verify.verify(changed(log.receipt(5, 0, *BOTH), path, value), trust)
    assert failed(verdict) == [("format", where)]


def test_a_receipt_reformatted_is_not_the_file_that_was_issued(log: Any, trust: Trust) -> None:
    data = log.receipt(5, 0, *BOTH).encode()
    pretty = json.dumps(json.loads(data), indent=1).encode()
    assert failed(verify.verify(pretty, trust)) == [("format", "$")]
    assert failed(verify.verify(b"\xff", trust)) == [("format", "$")]
    assert verify.verify(data + b"\n", trust).ok


def test_a_receipt_waits_for_its_checkpoint_and_for_enough_witnesses(log: Any, trust: Trust) -> None:
    made = log.receipt(5, 0, "bank.example")
    verdict = verify.verify(made.encode(), trust)
    assert (verdict.state, states(verdict)["witnesses"]) == ("pending", "pending")
    assert verify.verify(made.encode(), dataclasses.replace(trust, quorum=1)).ok
    entry, registration = (dataclasses.replace(p, index=None, proof=()) for p in (made.entry, made.registration))
    unsequenced = verify.verify(Receipt(entry, registration, None).encode(), trust)
    assert (unsequenced.state, unsequenced.ok, states(unsequenced)["log"]) == ("pending", False, "pending")


def test_a_false_witness_is_named_even_where_others_suffice(log: Any, trust: Trust) -> None:
    made = log.receipt(5, 0, *BOTH)
    note = notes.parse(made.checkpoint)
    false = dataclasses.replace(note.signatures[2], value=note.signatures[2].value[:-1] + b"\0")
    spoiled = dataclasses.replace(made, checkpoint=notes.Note(note.text, (*note.signatures[:2], false)).encode())
    verdict = verify.verify(spoiled.encode(), dataclasses.replace(trust, quorum=1))
    assert [step.text.en for step in verdict.failures] == ["False cosignature: gov.example"]


def test_another_logs_checkpoint_is_not_trusted(log: Any, trust: Trust) -> None:
    data = log.receipt(5, 0, *BOTH).encode()
    stranger = notes.verifier_of(trust.log.name, bytes(32))
    renamed = notes.Verifier("other.example", trust.log.public)
    for other in (stranger, renamed):
        verdict = verify.verify(data, dataclasses.replace(trust, log=other))
        assert failed(verdict) == [("log", "$.checkpoint")]


def test_the_logs_key_under_another_origin_is_not_trusted(log: Any, trust: Trust, private: Any) -> None:
    """A checkpoint of some other log of the same operator, signed with this log's key and name."""
    head = checkpoint.parse(log.checkpoint().text)
    text = dataclasses.replace(head, origin="log.example/other").text
    note = notes.Note(text, (notes.sign(text, trust.log.name, private("log")),))
    made = dataclasses.replace(log.receipt(5, 0), checkpoint=note.encode())
    verdict = verify.verify(made.encode(), dataclasses.replace(trust, quorum=0))
    assert failed(verdict) == [("log", "$.checkpoint")]


def test_a_second_history_is_not_cosigned(log: Any, trust: Trust) -> None:
    """The operator signs another tree with the log's own key, but can only reuse the witnesses' lines of the first."""
    lines = log.checkpoint(*BOTH).signatures[1:]
    log.leaves[5]["outcome"] = canonical.digest({"lot": "stolen"})
    log.outcomes[5] = {"lot": "stolen"}
    made = log.receipt(5, 0)
    forged = notes.parse(made.checkpoint).with_signatures(lines)
    verdict = verify.verify(dataclasses.replace(made, checkpoint=forged.encode()).encode(), trust)
    assert failed(verdict) == [("witnesses", "$.checkpoint")]


def test_platform_custody_is_shown_and_cannot_pass_for_own(log: Any, trust: Trust) -> None:
    kept = log.register_key("kept", custody="platform")
    signed = log.add("note.transfer", {"lot": "1"}, {"lot": "1"}, key="kept", grade="platform")
    posing = log.add("note.transfer", {"lot": "2"}, {"lot": "2"}, key="kept", grade="own")
    verdict = verify.verify(log.receipt(signed, kept, *BOTH).encode(), trust)
    assert (verdict.ok, verdict.grade) == (True, "platform")
    assert "weaker" in next(step.text.en for step in verdict.steps if step.code == "key")
    assert failed(verify.verify(log.receipt(posing, kept, *BOTH).encode(), trust)) == [("key", "$.entry.leaf.grade")]


def test_only_a_registration_registers(log: Any, trust: Trust) -> None:
    """An outcome that looks like one, under another action, gives no key."""
    posing = log.add("facts.import", {}, log.outcomes[0])
    verdict = verify.verify(log.receipt(5, posing, *BOTH).encode(), trust)
    assert failed(verdict) == [("key", "$.registration.outcome")]


def test_the_houses_own_action_has_no_signature(log: Any, trust: Trust) -> None:
    log.add("ledger.close", {}, {"day": "2026-03-02"})
    row = log.leaves[-1]
    row.update(grade="system", key="", signature="")
    row["statement"]["actor"] = None
    made = dataclasses.replace(log.receipt(9, 0, *BOTH), registration=None)
    verdict = verify.verify(made.encode(), trust)
    assert (verdict.ok, verdict.grade) == (True, "system")
    row["signature"] = "something"
    again = dataclasses.replace(log.receipt(9, 0, *BOTH), registration=None)
    assert failed(verify.verify(again.encode(), trust)) == [("signature", "$.entry.leaf.grade")]


def test_a_statement_too_long_for_a_leaf_travels_beside_it(log: Any, trust: Trust, second_reader: Any) -> None:
    body = {"rows": ["行" * 100] * 400}
    index = log.add("facts.import", body, {"rows": 400})
    assert len(canonical.encode(log.leaves[index])) < tiles.ENTRY_MAX < len(canonical.encode(body))
    made = log.receipt(index, 0, *BOTH)
    assert verify.verify(made.encode(), trust).ok
    assert second_reader.accepts(made.encode(), trust.as_dict())
    verdict = verify.verify(changed(made, "entry.statement.body", {"rows": []}), trust)
    assert failed(verdict)[0] == ("statement", "$.entry.statement")


def test_a_trust_file_is_read_back(trust: Trust) -> None:
    assert receipt.parse_trust(json.dumps(trust.as_dict(), indent=2).encode()) == trust


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("format", "x", "$.format"),
        ("log", "x", "$.log"),
        ("log", 1, "$.log"),
        ("quorum", 3, "$.quorum"),
        ("quorum", True, "$.quorum"),
        ("witnesses", ["x"], "$.witnesses[0]"),
        ("witnesses", None, "$.witnesses"),
        ("other", 1, "$.other"),
    ],
)
def test_a_malformed_trust_file_names_the_field(trust: Trust, field: str, value: Any, where: str) -> None:
    with pytest.raises(Invalid) as refusal:
        receipt.parse_trust(json.dumps(trust.as_dict() | {field: value}).encode())
    assert refusal.value.where == where


def test_a_trust_file_mixes_up_no_keys(trust: Trust) -> None:
    witness, log = trust.witnesses[0].vkey, trust.log.vkey
    for swapped in ({"log": witness}, {"witnesses": [log]}, {"witnesses": [witness, witness]}):
        with pytest.raises(Invalid):
            receipt.parse_trust(json.dumps(trust.as_dict() | {"quorum": 1} | swapped).encode())


def test_the_command_answers_by_its_status(log: Any, trust: Trust, tmp_path: Any, capsys: Any) -> None:
    import argparse

    from jirong.trust.commands import register

    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    trusted, good, bad = tmp_path / "trust.json", tmp_path / "good.json", tmp_path / "bad.json"
    trusted.write_text(json.dumps(trust.as_dict()))
    good.write_bytes(log.receipt(5, 0, *BOTH).encode())
    bad.write_bytes(changed(log.receipt(5, 0, *BOTH), "entry.outcome", {}))

    assert run(parser.parse_args(["verify", str(good), "--trust", str(trusted)])) == 0
    assert capsys.readouterr().out.endswith("凭据成立\n")
    assert run(parser.parse_args(["verify", str(bad), "--trust", str(trusted), "--lang", "en"])) == 1
    assert "✗ The outcome does not have the hash the log holds  [$.entry.outcome]\n" in capsys.readouterr().out
    assert run(parser.parse_args(["verify", str(bad), "--trust", str(trusted), "--json"])) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["state"], answer["grade"], answer["size"]) == (False, "failed", "own", 9)
    for missing in (
        ["verify", str(tmp_path / "no"), "--trust", str(trusted)],
        ["verify", str(good), "--trust", str(good)],
    ):
        with pytest.raises(Invalid):
            run(parser.parse_args(missing))


def test_a_checkpoint_signed_by_the_log_names_its_origin(log: Any) -> None:
    head = checkpoint.parse(log.checkpoint().text)
    assert (head.origin, head.size) == ("log.example/jirong", 9)
