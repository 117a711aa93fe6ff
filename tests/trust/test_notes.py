"""Signed notes, checkpoints and cosignatures, against the examples of their specifications (github.com/C2SP/C2SP)."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any

import pytest

from jirong.kernel.errors import Invalid
from jirong.trust import checkpoint, keys, merkle, notes

# signed-note.md, “Example”.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# tlog-cosignature.md, the example that opens it (its keys are not published).
COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
PRIVATE = bytes(range(32))
HEAD = checkpoint.Checkpoint("log.example/jirong", 3, merkle.leaf_hash(b"x"))


def test_the_published_note_verifies() -> None:
    verifier = notes.Verifier.parse(VKEY)
    note = notes.parse(NOTE)
    assert (verifier.name, verifier.type, verifier.key.hex(), verifier.vkey) == ("example.com/foo", 1, "530d903a", VKEY)
    assert notes.signed_by(note, verifier)
    assert note.encode() == NOTE
    assert not notes.signed_by(notes.parse(NOTE.replace("message", "massage")), verifier)


def test_the_second_reader_agrees_on_the_published_note(second_reader: Any) -> None:
    assert second_reader.signed(NOTE, VKEY)
    assert not second_reader.signed(NOTE.replace("message", "massage"), VKEY)


def test_the_published_checkpoint_is_read_and_written_alike() -> None:
    note = notes.parse(COSIGNED)
    head = checkpoint.parse(note.text)
    root = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert head == checkpoint.Checkpoint("example.com/behind-the-sofa", 20852163, root)
    assert head.text == note.text
    assert note.encode() == COSIGNED
    # The example's cosignature carries the time its text gives: 1679315147.
    assert int.from_bytes(note.signatures[1].value[:8], "big") == 1679315147
    assert len(note.signatures[1].value) == 72


def test_a_signature_of_rfc_8032() -> None:
    """RFC 8032 §7.1, test 2."""
    private = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    assert keys.public_of(private) == bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    assert keys.sign(private, b"\x72") == bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_log_and_witness_sign_what_both_readers_accept(second_reader: Any) -> None:
    log = notes.verifier_of(HEAD.origin, PRIVATE)
    witness = notes.verifier_of("bank.example", bytes(32), notes.COSIGNATURE)
    note = checkpoint.sign(HEAD, PRIVATE)
    note = note.with_signatures([checkpoint.cosign(note.text, "bank.example", bytes(32), 1_772_400_000)])
    assert notes.parse(note.encode()) == note
    assert notes.signed_by(note, log)
    assert checkpoint.cosigned_at(note, witness) == 1_772_400_000
    assert second_reader.signed(note.encode(), log.vkey)
    assert second_reader.signed(note.encode(), witness.vkey)
    assert note.with_signatures(note.signatures) == note


def test_a_cosignature_holds_for_its_time_and_text_only(second_reader: Any) -> None:
    private = bytes(32)
    witness = notes.verifier_of("bank.example", private, notes.COSIGNATURE)
    line = checkpoint.cosign(HEAD.text, "bank.example", private, 1_772_400_000)
    later = dataclasses.replace(line, value=(1_772_400_001).to_bytes(8, "big") + line.value[8:])
    other = dataclasses.replace(HEAD, size=4).text
    for text, signature in ((HEAD.text, later), (other, line), (HEAD.text, dataclasses.replace(line, value=b"12345"))):
        note = notes.Note(text, (signature,))
        assert checkpoint.cosigned_at(note, witness) is None
        assert not second_reader.signed(note.encode(), witness.vkey)
    # One false line beside a true one spoils both.
    assert checkpoint.cosigned_at(notes.Note(HEAD.text, (line, later)), witness) is None


def test_a_false_line_of_a_known_key_spoils_the_note_and_an_unknown_one_is_ignored() -> None:
    log = notes.verifier_of(HEAD.origin, PRIVATE)
    true = notes.sign(HEAD.text, HEAD.origin, PRIVATE)
    false = dataclasses.replace(true, value=bytes(64))
    stranger = notes.sign(HEAD.text, HEAD.origin, bytes(32))
    assert notes.signed_by(notes.Note(HEAD.text, (true, stranger)), log)
    assert not notes.signed_by(notes.Note(HEAD.text, (true, false)), log)
    assert not notes.signed_by(notes.Note(HEAD.text, (stranger,)), log)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text without signatures\n",
        NOTE.rstrip("\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("example.com/foo ", "example.com/foo+x "),
        NOTE.replace("example.com/foo ", ""),
        NOTE.replace("aQM=", "aQN="),  # the same bytes in another spelling
        NOTE.replace("aQM=", "aQM"),
        NOTE.replace("This", "Th\tis"),
        NOTE + "\n",
        NOTE + "— a " + base64.b64encode(b"1234").decode() + "\n",
        "text\n\n" + NOTE.split("\n")[2].join(["", "\n"]) * (notes.SIGNATURES_MAX + 1),
    ],
)
def test_malformed_notes_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        notes.parse(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name+00000000",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY[:-4],
        VKEY.replace("AekyeRrm56", "AukyeRrm56"),
        "two words+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_malformed_verifier_keys_are_refused(vkey: str) -> None:
    with pytest.raises(Invalid):
        notes.Verifier.parse(vkey)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        HEAD.text.rstrip("\n"),
        HEAD.text.replace("\n3\n", "\n03\n"),
        HEAD.text.replace("\n3\n", "\n-3\n"),
        HEAD.text.replace("\n3\n", "\n٣\n"),
        HEAD.text.replace("\n3\n", "\n9223372036854775808\n"),
        HEAD.text.replace("=\n", "\n"),
        HEAD.text.replace("log.example", "").replace("/jirong", ""),
        HEAD.text + "\n",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        checkpoint.parse(text)


def test_extension_lines_are_kept() -> None:
    head = checkpoint.parse(HEAD.text + "extension\n")
    assert head.extensions == ("extension",)
    assert head.text == HEAD.text + "extension\n"


@pytest.mark.parametrize(("public", "algorithm"), [(b"", "ed25519"), (bytes(31), "ed25519"), (bytes(32), "sm2")])
def test_keys_no_signature_could_be_checked_with_are_refused(public: bytes, algorithm: str) -> None:
    with pytest.raises(Invalid):
        keys.key_id(public, algorithm)


def test_new_keys_differ_and_sign() -> None:
    first, second = keys.generate(), keys.generate()
    signature = keys.sign(first, b"message")
    assert keys.verify(keys.public_of(first), signature, b"message")
    assert not keys.verify(keys.public_of(first), signature, b"massage")
    assert not keys.verify(keys.public_of(second), signature, b"message")
    assert not keys.verify(b"", signature, b"message")
    assert not keys.verify(keys.public_of(first), b"", b"message")
    assert keys.key_id(keys.public_of(first)) != keys.key_id(keys.public_of(second))


@pytest.mark.parametrize("text", ["AA", "AAA", "AB==", "A A=", "ÀAA=", "AAA=\n", "_-8="])
def test_base64_has_one_spelling(text: str) -> None:
    assert keys.from_text(text) is None
