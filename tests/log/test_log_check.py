"""Altering any column of any row of the log is found, and the altered row is the one that is named.

The alterations are made as the owner of the database with the triggers switched off: what a bent operator could do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from jirong.log import authority, check, cosigning, sequencer
from jirong.log.commands import run_check
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id
from jirong.trust import checkpoint, notes

# Leaf 0 registers the party; 1 and 2 add the witnesses; 3 registers the party's own key; transfers follow.
FULL, TAIL = 100, 258
SIZE = 260

# table, which row, what is set, how the row is named
ALTERATIONS: list[tuple[str, str, str, str]] = [
    *[
        ("log_entry", f"id = (SELECT entry_id FROM log_leaf WHERE index = {index})", change, "log_entry:{serial}")
        for index in (FULL, TAIL)
        for change in (
            "action = 'note.pledge'",
            "actor = gen_random_uuid()",
            "actor = NULL",
            '"user" = 7',
            "statement = replace(statement, '1000.00', '9000.00')",
            "statement = statement || ' '",
            "statement = 'nonsense'",
            "signature = reverse(signature)",
            "key = 'another'",
            "grade = 'own'",
            "grade = 'system'",
            "outcome = replace(outcome, 'offered', 'settled')",
            "outcome = ' ' || outcome",
            "concerns = concerns || gen_random_uuid()",
            "concerns = '{}'",
            "business_date = '2026-01-01'",
            "recorded_at = recorded_at + interval '1 microsecond'",
            "serial = serial + 100000",
        )
    ],
    *[
        ("log_leaf", f"index = {index}", "hash = sha256(hash)", f"log_leaf:{index}")
        for index in (0, FULL, 255, 256, TAIL)
    ],
    ("log_tile", "number = 0", "hashes = set_byte(hashes, 3300, 255 - get_byte(hashes, 3300))", "log_tile:tile/0/000"),
    ("log_tile", "number = 0", "root = set_byte(root, 0, 255 - get_byte(root, 0))", "log_tile:tile/0/000"),
    ("log_tile", "number = 0", "number = 5", "log_tile:tile/0/005"),
    ("log_checkpoint", "size = 260", "root = set_byte(root, 0, 255 - get_byte(root, 0))", "log_checkpoint:260"),
    ("log_checkpoint", "size = 100", "root = set_byte(root, 0, 255 - get_byte(root, 0))", "log_checkpoint:100"),
    ("log_checkpoint", "size = 100", "note = replace(note, '100', '101')", "log_checkpoint:100"),
    ("log_checkpoint", "size = 100", "note = note || chr(10)", "log_checkpoint:100"),
    ("log_checkpoint", "size = 260", "note = left(note, -6) || 'AAAA=' || chr(10)", "log_checkpoint:260"),
    ("log_cosignature", "true", "line = replace(line, 'example', 'exemple')", "log_cosignature"),
    ("log_cosignature", "true", "line = left(line, -9) || 'AAAAAAA=' || chr(10)", "log_cosignature"),
    ("log_witness", "url LIKE '%'", "url = url || '/elsewhere'", "log_witness"),
    ("log_witness", "url LIKE '%'", "vkey = replace(vkey, 'example', 'exemple')", "log_witness"),
    ("log_registration", "true", "key = reverse(key)", "log_registration"),
]  # fmt: skip

REMOVALS = [
    (f"DELETE FROM log_leaf WHERE index = {FULL}", f"log_leaf:{FULL}"),
    (f"DELETE FROM log_leaf WHERE index = {TAIL}", f"log_leaf:{TAIL}"),
    ("DELETE FROM log_tile", "log_tile:tile/0/000"),
    ("DELETE FROM log_registration", "log_registration"),
    ("DELETE FROM log_cosignature; DELETE FROM log_checkpoint WHERE size = 260", "log_checkpoint"),
    ("INSERT INTO log_queue SELECT entry_id, 1 FROM log_leaf WHERE index = 5", "log_queue"),
    ("INSERT INTO log_queue VALUES (gen_random_uuid(), 1)", "log_queue"),
    (
        "INSERT INTO log_entry SELECT gen_random_uuid(), nextval('log_entry_serial'), action, actor, \"user\","
        " statement, signature, key, grade, outcome, concerns, business_date, recorded_at FROM log_entry LIMIT 1",
        "log_entry",
    ),
]


@pytest.fixture
def grown(committed_firm: Any, listen: Callable[[str], Any], as_owner: None) -> Any:
    """A log of 260 leaves with a full tile, two checkpoints and two witnesses; Django is logged in as the owner."""
    for name in ("bank.example", "gov.example"):
        witness = listen(name)
        cosigning.add_witness(actor=SYSTEM, id=new_id(), vkey=witness.vkey, url=witness.url)
    committed_firm.register_own_key()
    committed_firm.transfer("own", own=True)
    for lot in range(SIZE - 5):
        committed_firm.transfer(str(lot), to=committed_firm.actor.party)
    assert sequencer.sequence(100) == 100
    assert sequencer.sequence_all() == 160
    assert check.check(ask_witnesses=True) == []
    return committed_firm


@contextmanager
def altered(*statements: str) -> Iterator[None]:
    """Run ``statements`` with every trigger of the log off; undo all afterwards."""
    with acting_as(SYSTEM), transaction.atomic():
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for constraint in CONSTRAINTS:
                cursor.execute(constraint)
            for statement in statements:
                cursor.execute(statement)
        yield
        transaction.set_rollback(True)


TABLES = (
    "log_entry", "log_leaf", "log_tile", "log_checkpoint", "log_witness", "log_cosignature", "log_registration",
)  # fmt: skip
CONSTRAINTS = ("ALTER TABLE log_entry DROP CONSTRAINT log_entry_signed_unless_system",)


def found() -> list[str]:
    return [f"{finding.table}:{finding.row}" for finding in check.check()]


@pytest.mark.django_db(transaction=True)
def test_every_altered_row_is_named_and_no_other(grown: Any) -> None:
    for table, where, change, named in ALTERATIONS:
        with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} WHERE {where} LIMIT 1")
            serial = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True)).get(
                "serial", 0
            )
        with altered(f"UPDATE {table} SET {change} WHERE ctid = (SELECT ctid FROM {table} WHERE {where} LIMIT 1)"):
            names = found()
        shown = serial + 100000 if change.startswith("serial") else serial
        expected = named.format(serial=f"{shown} (")
        assert names, f"{table} SET {change} was not found"
        assert any(name.startswith(expected) for name in names), f"{table} SET {change}: {names}"
        assert {name.split(":")[0] for name in names} <= {table} | LINKED.get(table, set()), f"SET {change}: {names}"
    assert found() == []


# A row that others point at takes them along: a cosignature cannot be checked against an altered key.
LINKED = {
    "log_witness": {"log_cosignature"},
    "log_checkpoint": {"log_cosignature"},
    "log_registration": {"log_entry"},
}


@pytest.mark.django_db(transaction=True)
def test_every_removed_or_added_row_is_named(grown: Any) -> None:
    for statement, named in REMOVALS:
        with altered(*statement.split("; ")):
            names = found()
        assert any(name.startswith(named) for name in names), f"{statement}: {names}"
    with altered(
        *DROP_REFERENCES, f"DELETE FROM log_entry WHERE id = (SELECT entry_id FROM log_leaf WHERE index = {FULL})"
    ):
        assert any(name.startswith("log_entry:") for name in found())
    assert found() == []


DROP_REFERENCES = [
    "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint"
    " WHERE contype = 'f' AND confrelid = 'log_entry'::regclass"
    " LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); END LOOP; END $$"
]


@pytest.mark.django_db(transaction=True)
def test_a_second_history_signed_by_the_log_itself_contradicts_the_witnesses(grown: Any) -> None:
    """The operator rewrites an entry, every leaf, tile and head that follows, and drops the cosignatures."""
    rewrite = (
        "DELETE FROM log_cosignature",
        "DELETE FROM log_checkpoint",
        "DELETE FROM log_tile",
        "DELETE FROM log_registration",
        "DELETE FROM log_leaf",
        f"UPDATE log_entry SET recorded_at = recorded_at + interval '1 day' WHERE serial = {FULL}",
        "INSERT INTO log_queue SELECT id, serial FROM log_entry",
    )
    with altered(*rewrite):
        while sequencer.sequence():
            pass
        assert found() == []
        told = check.check(ask_witnesses=True)
        assert [finding.table for finding in told] == ["log_witness", "log_witness"]
        assert all("another history" in finding.text.en for finding in told)
        assert all("refused" in failure or "422" in failure for failure in cosigning.ask_all())
    with altered(*rewrite, f"DELETE FROM log_queue WHERE serial > {FULL}"):
        while sequencer.sequence():
            pass
        assert all("has cosigned" in finding.text.en for finding in check.check(ask_witnesses=True)[-2:])


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_the_log_signed_over_another_tree_is_named(grown: Any) -> None:
    false = checkpoint.sign(checkpoint.Checkpoint(authority.origin(), 100, bytes(32)), authority.private_key())
    hexed = bytes(32).hex()
    change = f"UPDATE log_checkpoint SET note = '{false.encode()}', root = '\\x{hexed}' WHERE size = 100"
    with altered(change):
        assert found() == ["log_checkpoint:100"]
    stranger = checkpoint.sign(checkpoint.Checkpoint(authority.origin(), 100, bytes(32)), bytes(32))
    with altered(f"UPDATE log_checkpoint SET note = '{stranger.encode()}' WHERE size = 100"):
        assert found() == ["log_checkpoint:100"]
    assert notes.signed_by(false, authority.verifier())


def test_an_entry_slipped_in_without_a_true_signature_is_named_though_its_leaf_fits(firm: Any) -> None:
    forge = (
        "INSERT INTO log_entry (id, action, actor, statement, signature, key, grade, outcome, concerns)"
        " SELECT new.id, action, actor, replace(statement, e.id::text, new.id::text), signature, key, grade, outcome,"
        " concerns FROM log_entry e, (SELECT gen_random_uuid() AS id) new WHERE action = 'test.transfer' RETURNING id"
    )
    firm.transfer()
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(forge)
        (forged,) = cursor.fetchone()
    sequencer.sequence()
    (finding,) = check.check()
    assert str(forged) in finding.row
    assert finding.text.en.endswith("signature does not fit the statement or the key")


def test_the_command_answers_by_its_status(firm: Any, capsys: Any) -> None:
    import argparse

    sequencer.sequence()
    asked = {"ask_witnesses": False, "lang": "en"}
    assert run_check(argparse.Namespace(json=False, **asked)) == 0
    assert capsys.readouterr().out == "The log is whole: 1 leaves\n"
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("INSERT INTO log_queue VALUES (gen_random_uuid(), 1)")
    assert run_check(argparse.Namespace(json=True, **asked)) == 1
    answer = json.loads(capsys.readouterr().out)
    assert [finding["table"] for finding in answer["findings"]] == ["log_queue"]
    assert run_check(argparse.Namespace(json=False, **asked)) == 1
    assert "of log_queue: has no entry that waits for a leaf" in capsys.readouterr().out
