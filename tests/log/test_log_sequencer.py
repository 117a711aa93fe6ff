"""Leaves come in order, without a gap, each entry once, whatever commits when and whoever is killed."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError, OperationalError, ProgrammingError

from jirong.log import cosigning, sequencer, tiles
from jirong.log.check import check
from jirong.log.models import Checkpoint, Entry, Leaf, Queued, Tile
from jirong.store import embedded
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import merkle


def leaves() -> list[tuple[int, int]]:
    """Index and serial of every leaf, in order."""
    with acting_as(SYSTEM), transaction.atomic():
        return list(Leaf.objects.order_by("index").values_list("index", "entry__serial"))


def waiting() -> int:
    with acting_as(SYSTEM), transaction.atomic():
        return Queued.objects.count()


def test_entries_get_leaves_in_batches_without_a_gap(firm: Any) -> None:
    for lot in range(9):
        firm.transfer(str(lot))
    counts = []
    while count := sequencer.sequence(4):
        counts.append(count)
    assert counts == [4, 4, 2]
    found = leaves()
    assert [index for index, _ in found] == list(range(10))
    assert [serial for _, serial in found] == sorted(serial for _, serial in found)
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [4, 8, 10]
    assert (waiting(), sequencer.sequence()) == (0, 0)
    assert check() == []


def test_the_tree_of_many_batches_is_the_tree_of_its_leaves(firm: Any) -> None:
    for lot in range(299):
        firm.transfer(str(lot))
    while sequencer.sequence(77):
        pass
    with acting_as(SYSTEM), transaction.atomic():
        hashes = [bytes(hash) for hash in Leaf.objects.order_by("index").values_list("hash", flat=True)]
        assert [(tile.level, tile.number) for tile in Tile.objects.all()] == [(0, 0)]
        for head in Checkpoint.objects.all():
            assert bytes(head.root) == merkle.root(merkle.over(hashes), head.size)
            node, plain = tiles.nodes(head.size), merkle.over(hashes)
            assert merkle.inclusion_proof(node, 20, head.size) == merkle.inclusion_proof(plain, 20, head.size)
    assert check() == []


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_with_a_smaller_serial_comes_later(
    committed_firm: Any, database_logins: embedded.Connections
) -> None:
    sequencer.sequence()
    with psycopg.connect(database_logins.app) as slow:
        slow.execute("SELECT set_config('jirong.role', 'system', false)")
        insert_copy(slow)
        committed_firm.transfer("fast")
        assert sequencer.sequence() == 1
        slow.commit()
    assert sequencer.sequence() == 1
    found = leaves()
    assert [index for index, _ in found] == [0, 1, 2]
    assert found[2][1] < found[1][1]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_entry_leaves_no_gap(committed_firm: Any, database_logins: embedded.Connections) -> None:
    with psycopg.connect(database_logins.app) as lost:
        lost.execute("SELECT set_config('jirong.role', 'system', false)")
        insert_copy(lost)
        lost.rollback()
    committed_firm.transfer()
    assert sequencer.sequence() == 2
    assert [index for index, _ in leaves()] == [0, 1]
    assert check() == []


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_at_once_give_each_entry_one_leaf(committed_firm: Any) -> None:
    for lot in range(40):
        committed_firm.transfer(str(lot))
    counts: list[int] = []

    def run() -> None:
        try:
            while waiting():
                counts.append(sequencer.sequence(3))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 41
    assert [index for index, _ in leaves()] == list(range(41))
    assert check() == []


@pytest.mark.django_db(transaction=True)
def test_a_sequencer_killed_before_commit_has_done_nothing(
    committed_firm: Any, database_logins: embedded.Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed_firm.transfer()
    sign = sequencer._sign

    def killed(size: int) -> None:
        sign(size)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
        with psycopg.connect(database_logins.app, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [backend])

    monkeypatch.setattr(sequencer, "_sign", killed)
    with pytest.raises(OperationalError):
        sequencer.sequence()
    connection.close()
    monkeypatch.setattr(sequencer, "_sign", sign)
    assert (leaves(), waiting(), Checkpoint.objects.count()) == ([], 2, 0)
    assert sequencer.sequence() == 2
    assert check() == []


@pytest.mark.django_db(transaction=True)
def test_following_waits_for_a_lost_database(committed_firm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    told: list[str] = []
    sequence = sequencer.sequence
    answers = iter(
        [
            OperationalError("gone"),
            OperationalError("gone"),
            psycopg.errors.AdminShutdown("stopped\nby its administrator"),
            None,
        ]
    )

    def once_lost(limit: int = sequencer.BATCH) -> int:
        answer = next(answers, None)
        if answer:
            raise answer
        count = sequence(limit)
        if not count:
            stop.set()
        return count

    monkeypatch.setattr(sequencer, "sequence", once_lost)
    sequencer.follow(stop, told.append, interval=0)
    assert told == ["database: gone", "database: stopped"]
    assert len(leaves()) == 1


TABLES = ["log_entry", "log_leaf", "log_tile", "log_checkpoint", "log_witness", "log_cosignature", "log_registration"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {} = {}"])
def test_the_application_may_not_change_history(firm: Any, table: str, change: str) -> None:
    column = {"log_checkpoint": "note", "log_tile": "root", "log_leaf": "hash", "log_registration": "entry_id"}
    name = column.get(table, "id")
    with acting_as(SYSTEM), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(change.format(table, name, name))


@pytest.mark.django_db(transaction=True)
def test_the_owner_may_not_change_history_either(committed_firm: Any, as_owner: None) -> None:
    sequencer.sequence()
    for table, column in (("log_entry", "action"), ("log_leaf", "hash"), ("log_checkpoint", "note")):
        for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with acting_as(SYSTEM), pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
                connection.cursor().execute(change)


def test_no_other_party_sees_leaves_or_the_queue(firm: Any) -> None:
    firm.transfer()
    sequencer.sequence(1)
    with acting_as(firm.actor), transaction.atomic():
        assert (Leaf.objects.count(), Queued.objects.count(), Entry.objects.count()) == (0, 0, 2)


def test_without_witnesses_nobody_is_asked(firm: Any) -> None:
    assert sequencer.sequence_all() == 1
    assert cosigning.ask_all() == []


def insert_copy(at: psycopg.Connection[Any]) -> None:
    """Write an entry like the first one, under a new id, and leave the transaction open."""
    at.execute(
        "INSERT INTO log_entry (id, action, actor, statement, signature, key, grade, outcome, concerns)"
        " SELECT new.id, action, actor, replace(statement, e.id::text, new.id::text), signature, key, grade, outcome,"
        " concerns FROM (SELECT * FROM log_entry ORDER BY serial LIMIT 1) e, (SELECT gen_random_uuid() AS id) new"
    )
