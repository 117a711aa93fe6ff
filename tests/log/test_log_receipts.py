"""Receipts from the stored log: what the offline verifier and a second reader make of them."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jirong.kernel.errors import Invalid, NotFound
from jirong.log import authority, cosigning, receipts, sequencer, tiles
from jirong.log.check import check
from jirong.log.models import Checkpoint, Cosignature, Entry, Witness
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id
from jirong.trust import checkpoint, keys, merkle, notes, verify
from jirong.trust import tiles as pure


def add(witness: Any) -> None:
    cosigning.add_witness(actor=SYSTEM, id=new_id(), vkey=witness.vkey, url=witness.url)


def states(verdict: verify.Verdict) -> dict[str, str]:
    return {step.code: step.state for step in verdict.steps}


def test_a_kept_keys_receipt_holds_with_the_weaker_grade(firm: Any, listen: Any, second_reader: Any) -> None:
    for name in ("bank.example", "gov.example"):
        add(listen(name))
    id = firm.transfer()
    sequencer.sequence_all()
    with acting_as(firm.actor):
        data = receipts.receipt_for(id).encode()
    trust = receipts.trust()
    verdict = verify.verify(data, trust)
    assert (verdict.state, verdict.grade, trust.quorum) == ("ok", "platform", 2)
    assert second_reader.accepts(data, trust.as_dict())


def test_an_own_keys_receipt_holds_and_so_does_the_registrations(firm: Any, listen: Any, second_reader: Any) -> None:
    add(listen("bank.example"))
    firm.register_own_key()
    id = firm.transfer(own=True)
    sequencer.sequence_all()
    trust = receipts.trust()
    with acting_as(firm.actor):
        data = receipts.receipt_for(id).encode()
        registration = receipts.receipt_for(Entry.objects.get(action="key.register").pk).encode()
    assert (verify.verify(data, trust).state, verify.verify(data, trust).grade) == ("ok", "own")
    assert second_reader.accepts(data, trust.as_dict())
    # The registration itself was signed with the key the platform kept until then.
    assert (verify.verify(registration, trust).state, verify.verify(registration, trust).grade) == ("ok", "platform")


def test_a_receipt_waits_for_its_leaf_then_for_its_witness(firm: Any, listen: Any) -> None:
    witness = listen("bank.example")
    add(witness)
    id = firm.transfer()
    trust = receipts.trust()
    with acting_as(firm.actor):
        assert verify.verify(receipts.receipt_for(id).encode(), trust).state == "pending"
        sequencer.sequence()
        unseen = verify.verify(receipts.receipt_for(id).encode(), trust)
        assert (unseen.state, states(unseen)["inclusion"], states(unseen)["witnesses"]) == ("pending", "ok", "pending")
        assert cosigning.ask_all() == []
        assert verify.verify(receipts.receipt_for(id).encode(), trust).ok


def test_a_receipt_keeps_to_the_first_checkpoint_all_witnesses_signed(firm: Any, listen: Any) -> None:
    add(listen("bank.example"))
    id = firm.transfer()
    sequencer.sequence_all()
    with acting_as(firm.actor):
        first = receipts.receipt_for(id).encode()
        for lot in range(3):
            firm.transfer(str(lot))
            sequencer.sequence_all()
        assert receipts.receipt_for(id).encode() == first


def test_only_those_it_concerns_get_a_receipt(firm: Any) -> None:
    other, stranger = Actor("party", new_id()), Actor("party", new_id())
    id = firm.transfer(to=other.party)
    sequencer.sequence()
    for actor in (firm.actor, other, SYSTEM):
        with acting_as(actor):
            assert receipts.receipt_for(id).entry.index == 1
    for actor in (stranger, Actor("anonymous")):
        with acting_as(actor), pytest.raises(NotFound):
            receipts.receipt_for(id)
    with acting_as(SYSTEM), pytest.raises(NotFound):
        receipts.receipt_for(new_id())


def test_a_long_statement_is_proved_by_its_hash(firm: Any) -> None:
    id = firm.transfer("长" * 40_000)
    sequencer.sequence()
    with acting_as(firm.actor):
        receipt = receipts.receipt_for(id)
    assert receipt.entry.statement is not None
    assert verify.verify(receipt.encode(), receipts.trust()).ok
    assert check() == []


def test_a_witness_that_is_away_is_passed_over_and_catches_up(firm: Any, listen: Any) -> None:
    present, away = listen("bank.example"), listen("gov.example")
    add(present)
    cosigning.add_witness(actor=SYSTEM, id=new_id(), vkey=away.vkey, url="http://127.0.0.1:9")
    firm.transfer()
    sequencer.sequence()
    patience = cosigning.Patience()
    assert patience.ask() == []  # once is nothing
    assert patience.ask() == []  # it is left alone for a while
    patience.until.clear()
    assert [said.partition(": ")[0] for said in patience.ask()] == ["http://127.0.0.1:9"]
    patience.until.clear()
    assert patience.ask() == []  # it was told
    assert [line.checkpoint_id for line in Cosignature.objects.all()] == [4]
    away_row = Witness.objects.get(vkey=away.vkey)
    away_row.url = away.url
    assert cosigning.ask(away_row, Checkpoint.objects.get()) is None
    firm.transfer()
    sequencer.sequence()
    newest = tiles.head()
    assert newest is not None
    assert cosigning.ask(away_row, newest) is None
    assert Cosignature.objects.count() == 3


def test_a_witness_ahead_of_our_memory_is_asked_from_where_it_is(firm: Any, listen: Any) -> None:
    witness = listen("bank.example")
    sequencer.sequence()
    first = tiles.head()
    assert first is not None
    body = f"old 0\n\n{first.note}".encode()
    assert witness.book.add_checkpoint(body, 1_772_400_000).status == 200
    add(witness)
    sequencer.sequence()
    assert cosigning.ask_all() == []
    assert Cosignature.objects.count() == 1


def test_an_answer_that_is_no_cosignature_is_not_kept(firm: Any, listen: Any) -> None:
    true, other = listen("bank.example"), listen("gov.example")
    cosigning.add_witness(actor=SYSTEM, id=new_id(), vkey=true.vkey, url=other.url)
    sequencer.sequence()
    assert cosigning.ask_all() == [f"{other.url}: the answer is not this witness's cosignature"]
    assert Cosignature.objects.count() == 0


def test_a_false_line_under_the_witnesses_name_is_not_kept(
    firm: Any, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = listen("bank.example")
    add(witness)
    sequencer.sequence()
    false = notes.Signature("bank.example", witness.book.verifier.key, bytes(72))
    monkeypatch.setattr(cosigning, "_post", lambda *_: (200, false.line))
    assert len(cosigning.ask_all()) == 1
    monkeypatch.setattr(cosigning, "_post", lambda *_: (200, "nothing like it"))
    assert len(cosigning.ask_all()) == 1
    assert Cosignature.objects.count() == 0


def test_a_witness_is_added_once_and_well_formed(firm: Any, listen: Any) -> None:
    witness = listen("bank.example")
    add(witness)
    plain = authority.verifier().vkey
    for vkey, url in ((witness.vkey, witness.url), ("nonsense", witness.url), (plain, witness.url)):
        with pytest.raises(Invalid):
            cosigning.add_witness(actor=SYSTEM, id=new_id(), vkey=vkey, url=url)
    with pytest.raises(Invalid):
        cosigning.add_witness(actor=SYSTEM, id=new_id(), vkey=listen("gov.example").vkey, url="file:///etc/passwd")


def test_the_exported_files_are_a_tree_a_second_reader_reads(firm: Any, tmp_path: Path, second_reader: Any) -> None:
    for lot in range(270):
        firm.transfer(str(lot))
    sequencer.sequence_all()
    assert tiles.write_out(tmp_path, entries=True) == 271
    note = (tmp_path / "checkpoint").read_text(encoding="utf-8")
    text, _ = second_reader.read_note(note)
    origin, size, root = text.split("\n")[:3]
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/15",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/15",
    }
    leaves = second_reader.read_bundle((tmp_path / "tile/entries/000").read_bytes())
    leaves += second_reader.read_bundle((tmp_path / "tile/entries/001.p/15").read_bytes())
    assert (len(leaves), size) == (271, "271")
    assert second_reader.base64.b64encode(second_reader.tree_root(leaves)).decode() == root
    assert second_reader.signed(note, authority.verifier().vkey)
    hashes = (tmp_path / "tile/0/000").read_bytes() + (tmp_path / "tile/0/001.p/15").read_bytes()
    assert hashes == b"".join(second_reader.sha(b"\x00" + leaf) for leaf in leaves)
    assert (tmp_path / "tile/1/000.p/1").read_bytes() == second_reader.tree_root(leaves[:256])
    assert origin == authority.origin()


def test_without_entries_no_statement_leaves_the_house(firm: Any, tmp_path: Path) -> None:
    assert tiles.write_out(tmp_path) == 0
    sequencer.sequence()
    assert tiles.write_out(tmp_path) == 1
    assert not (tmp_path / "tile/entries").exists()
    for path in tmp_path.rglob("*"):
        place = str(path.relative_to(tmp_path))
        if path.is_file() and place != "checkpoint":
            assert pure.parse_path(place).level >= 0


@pytest.mark.django_db(transaction=True)
def test_receipts_issued_while_the_log_grows_all_hold(
    committed_firm: Any, listen: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosigning, "TIMEOUT_SECONDS", 60.0)  # a busy machine is no lost witness
    add(listen("bank.example"))
    ids = [committed_firm.transfer(str(lot)) for lot in range(5)]
    stop, told = threading.Event(), list[str]()
    follower = threading.Thread(target=follow, args=(stop, told))
    follower.start()
    try:
        ids += [committed_firm.transfer(str(lot)) for lot in range(15)]
        with acting_as(committed_firm.actor):
            trust = receipts.trust()
            held = {verify.verify(receipts.receipt_for(id).encode(), trust).state for id in ids}
            assert held <= {"ok", "pending"}
    finally:
        stop.set()
        follower.join()
    sequencer.sequence_all()
    with acting_as(committed_firm.actor):
        assert all(verify.verify(receipts.receipt_for(id).encode(), trust).ok for id in ids)
    assert (told, check(ask_witnesses=True)) == ([], [])


def follow(stop: threading.Event, told: list[str]) -> None:
    from django.db import connections

    try:
        sequencer.follow(stop, told.append, interval=0.01)
    finally:
        connections.close_all()


def test_a_false_registration_of_anothers_key_proves_nothing(firm: Any) -> None:
    """The operator logs a transfer in the firm's name, signed with a key of its own making."""
    id = firm.transfer()
    sequencer.sequence()
    with acting_as(firm.actor):
        receipt = receipts.receipt_for(id)
    forged = dict(receipt.entry.leaf)
    private = bytes(32)
    forged["key"] = keys.key_id(keys.public_of(private))
    forged["signature"] = keys.to_text(keys.sign(private, json.dumps(forged["statement"]).encode()))
    body = dataclasses.replace(receipt, entry=dataclasses.replace(receipt.entry, leaf=forged))
    verdict = verify.verify(body.encode(), receipts.trust())
    assert [step.code for step in verdict.failures] == ["key", "signature", "inclusion"]


def test_the_trust_file_names_the_log_and_asks_all_witnesses(firm: Any, listen: Any) -> None:
    add(listen("bank.example"))
    trust = receipts.trust()
    assert trust.log == notes.Verifier.parse(authority.verifier().vkey)
    assert (len(trust.witnesses), trust.quorum, receipts.trust(0).quorum) == (1, 1, 0)
    head = checkpoint.Checkpoint(authority.origin(), 1, merkle.leaf_hash(b""))
    assert notes.signed_by(checkpoint.sign(head, authority.private_key()), trust.log)


def test_an_entry_sequenced_while_its_receipt_is_made_is_never_without_its_key(
    firm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two reads of one receipt the sequencer may give both the entry and its key's registration their leaves."""
    id = firm.transfer()
    before = receipts._registration

    def sequenced_just_before(entry: Any) -> Any:
        sequencer.sequence()
        return before(entry)

    def sequenced_just_after(entry: Any) -> Any:
        found = before(entry)
        sequencer.sequence()
        return found

    with acting_as(firm.actor):
        for interrupted in (sequenced_just_after, sequenced_just_before):
            monkeypatch.setattr(receipts, "_registration", interrupted)
            made = receipts.receipt_for(id)
            assert verify.verify(made.encode(), receipts.trust()).state in ("ok", "pending")
