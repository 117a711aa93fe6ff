"""The embedded server, really made, killed, saved and brought back, in a home of its own."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jirong.cli import main
from jirong.cli.main import database_empty
from jirong.kernel.errors import Refusal
from jirong.store import embedded
from jirong.store.database import database_settings, secret
from jirong.store.embedded import cluster, copies, places


@pytest.fixture(scope="module")
def home(open_folder: Path) -> Iterator[Path]:
    """A home with a running server; reachable by the account root lends it to. Stopped and removed afterwards."""
    patch = pytest.MonkeyPatch()
    patch.setenv("JIRONG_HOME", str(open_folder))
    patch.delenv("DATABASE_URL", raising=False)
    embedded.ensure_running()
    yield open_folder
    assert main(["db", "stop"]) == 0
    patch.undo()


def test_three_roles_and_what_they_may(home: Path) -> None:
    logins = embedded.ensure_running()
    with psycopg.connect(logins.owner) as connection:
        found = connection.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles"
            " WHERE rolname LIKE 'jirong%' ORDER BY 1"
        ).fetchall()
    assert found == [
        ("jirong_admin", True, True, True, True),
        ("jirong_app", False, False, False, False),
        ("jirong_owner", False, True, False, False),
        ("jirong_read", False, False, False, False),
    ]


def test_no_log_in_without_the_password(home: Path) -> None:
    logins = embedded.ensure_running()
    for conninfo in (logins.owner, logins.app, logins.read, str(logins.admin)):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(conninfo, password="guess")
    with psycopg.connect(str(logins.admin)) as connection:
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        hashes = connection.execute("SELECT left(rolpassword, 13) FROM pg_authid WHERE rolcanlogin").fetchall()
    assert methods == [("scram-sha-256",)]
    assert set(hashes) == {("SCRAM-SHA-256",)}


def test_settings_keep_promises(home: Path) -> None:
    with psycopg.connect(embedded.ensure_running().app) as connection:
        rows = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN"
            " ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'data_checksums') ORDER BY 1"
        ).fetchall()
    assert dict(rows) == {
        "data_checksums": "on", "fsync": "on", "full_page_writes": "on", "listen_addresses": "",
        "synchronous_commit": "on",
    }  # fmt: skip


def test_the_read_role_cannot_write(home: Path) -> None:
    with psycopg.connect(embedded.ensure_running().read) as connection:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE stolen ()")
        connection.rollback()
        connection.execute("SET default_transaction_read_only = off")
        connection.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE stolen ()")


def test_private_things_are_private(home: Path) -> None:
    at = places.places()
    assert stat.S_IMODE(at.passwords.stat().st_mode) == 0o600
    assert stat.S_IMODE(at.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(at.socket.stat().st_mode) == 0o700
    assert len(os.fsencode(at.socket / places.SOCKET_NAME)) <= places.SOCKET_PATH_BYTES_MAX
    assert secret("example") == secret("example")
    assert stat.S_IMODE((home / "secrets" / "example").stat().st_mode) == 0o600


def test_starting_a_running_server_changes_nothing(home: Path) -> None:
    before = postmaster(places.places())
    assert main(["db", "start"]) == 0
    assert postmaster(places.places()) == before


def test_many_starters_make_one_server(home: Path) -> None:
    assert main(["db", "stop"]) == 0
    code = "from jirong.store import embedded; embedded.ensure_running()"
    starters = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [starter.wait() for starter in starters] == [0, 0, 0, 0]
    with psycopg.connect(embedded.ensure_running().app) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_server_comes_back_with_what_it_promised(home: Path) -> None:
    with psycopg.connect(embedded.ensure_running().owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE promise (n int)")
        connection.execute("INSERT INTO promise VALUES (42)")
        os.kill(postmaster(places.places()), signal.SIGKILL)
    logins = embedded.ensure_running()
    with psycopg.connect(logins.owner, autocommit=True) as connection:
        assert connection.execute("SELECT n FROM promise").fetchall() == [(42,)]
        connection.execute("DROP TABLE promise")


def test_a_killed_server_is_revived_and_a_stopped_one_is_not(home: Path) -> None:
    assert not embedded.revive(), "it is running"
    dead = postmaster(places.places())
    os.kill(dead, signal.SIGKILL)
    while cluster.is_running(places.places()):
        pass
    assert embedded.revive()
    assert postmaster(places.places()) != dead
    assert main(["db", "stop"]) == 0
    assert not embedded.revive(), "somebody wanted it to stop"
    embedded.ensure_running()


def test_a_dead_server_whose_process_id_lives_on_elsewhere_is_no_hindrance(home: Path) -> None:
    at = places.places()
    assert main(["db", "stop"]) == 0
    user = {"user": at.account.uid} if at.account.lent else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **user) as stranger:  # type: ignore[call-overload]
        (at.data / "postmaster.pid").write_text(f"{stranger.pid}\n{at.data}\n")
        at.account.own(at.data / "postmaster.pid")
        embedded.ensure_running()
        stranger.kill()
    assert postmaster(at) != stranger.pid


def test_an_interrupted_first_start_is_finished_by_the_next(home: Path) -> None:
    with psycopg.connect(str(embedded.ensure_running().admin), dbname="postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE jirong WITH (FORCE)")
    with psycopg.connect(embedded.ensure_running().app) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("jirong",)


def test_django_settings_follow(home: Path) -> None:
    settings = database_settings("app")
    assert settings["ENGINE"] == "jirong.store.postgresql"
    assert (settings["NAME"], settings["USER"]) == ("jirong", "jirong_app")
    assert settings["HOST"] == str(places.places().socket)
    with pytest.raises(ValueError, match="owner, app, read"):
        database_settings("root")


def test_status_tells_running_from_stopped(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "status"]) == 0
    assert "jirong_admin jirong_app jirong_owner jirong_read" in capsys.readouterr().out
    with psycopg.connect(embedded.ensure_running().app):
        assert main(["db", "stop", "--idle"]) == 0
    assert "in use" in capsys.readouterr().out
    assert main(["db", "status"]) == 0
    assert main(["db", "stop", "--idle"]) == 0
    assert main(["db", "stop"]) == 0
    assert main(["db", "status"]) == 3
    assert "not running" in capsys.readouterr().out
    embedded.ensure_running()


def test_backup_and_restore_bring_every_row_back(home: Path, tmp_path: Path) -> None:
    logins = embedded.ensure_running()
    with psycopg.connect(logins.owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("ALTER TABLE kept ENABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE kept FORCE ROW LEVEL SECURITY")
        connection.execute("CREATE POLICY only_even ON kept USING (n % 2 = 0) WITH CHECK (true)")
        connection.execute("GRANT SELECT ON kept TO jirong_app")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    dump = tmp_path / "saved.dump"
    assert main(["db", "backup", str(dump)]) == 0
    assert main(["db", "backup", str(dump)]) == 2, "a backup is never overwritten"
    with psycopg.connect(logins.owner, autocommit=True) as connection:
        connection.execute("DROP TABLE kept")
        assert main(["db", "restore", str(dump)]) == 2, "refused while somebody is connected"
    assert main(["db", "restore", str(dump)]) == 0
    with psycopg.connect(str(logins.admin)) as connection:
        assert connection.execute("SELECT count(*), sum(n) FROM kept").fetchone() == (1000, 500500)
    with psycopg.connect(logins.app) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (500,), "row security came back too"
    with psycopg.connect(logins.owner, autocommit=True) as connection:
        connection.execute("DROP TABLE kept")


def test_an_altered_backup_is_refused(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = tmp_path / "saved.dump"
    with psycopg.connect(embedded.ensure_running().owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS something (n int)")
    assert main(["db", "backup", str(dump)]) == 0
    content = bytearray(dump.read_bytes())
    content[-1] ^= 1
    dump.write_bytes(content)
    assert main(["--lang", "en", "db", "restore", str(dump)]) == 2
    assert "is not what was backed up; use another backup [backup.altered]" in capsys.readouterr().err


def test_commands_work_on_the_database_that_is_named_and_save_no_empty_one(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logins = embedded.ensure_running()
    with copies.owner(logins) as connection:
        for name in ("jirong_bare", "jirong_full"):
            copies.make(connection, name)
    with psycopg.connect(copies.at_database(logins, "jirong_full").owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE django_migrations AS SELECT generate_series(1, 7) AS n")
    monkeypatch.setenv("JIRONG_DATABASE", "jirong_bare")
    assert main(["--lang", "en", "db", "backup", str(tmp_path / "bare.dump")]) == 2
    assert "database jirong_bare holds no tables; nothing was backed up" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    told = database_empty()
    assert told.reason.en == "database jirong_bare has no tables yet"
    assert told.remedy is not None
    assert told.remedy.en == "run jirong migrate, or name one that has: JIRONG_DATABASE=jirong_full"
    monkeypatch.setenv("JIRONG_DATABASE", "jirong_full")
    assert main(["db", "backup", str(tmp_path / "full.dump")]) == 0
    assert "1 tables, 7 rows" in capsys.readouterr().out


def test_who_may_only_use_a_database_starts_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process beside the site does not bring back what somebody stopped."""
    assert main(["db", "stop"]) == 0
    monkeypatch.setenv(embedded.START, "no")
    with pytest.raises(Refusal, match=r"database\.stopped"):
        embedded.ensure_running()
    monkeypatch.delenv(embedded.START)
    embedded.ensure_running()


def test_lost_passwords_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    aside = places.places().passwords.rename(home / "aside")
    try:
        assert main(["--lang", "zh", "db", "start"]) == 2
        assert "不见了" in capsys.readouterr().err
        aside.chmod(0o644)
        aside.rename(places.places().passwords)
        assert main(["--lang", "en", "db", "start"]) == 2
        assert "run chmod 600" in capsys.readouterr().err
    finally:
        if aside.exists():
            aside.rename(places.places().passwords)
        places.places().passwords.chmod(0o600)


def test_a_starter_waits_for_the_lock_only_so_long(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "LOCK_SECONDS_MAX", 0)
    with cluster.locked(places.places()):
        assert main(["--lang", "en", "db", "stop"]) == 2
    assert "another process is starting, stopping or restoring the database; wait for it" in capsys.readouterr().err


def test_a_full_disk_is_told(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "stop"]) == 0
    monkeypatch.setattr(cluster, "DISK_BYTES_MIN", 2**60)
    assert main(["--lang", "en", "db", "start"]) == 2
    assert "disk full" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setenv("JIRONG_HOME", str(home))
    embedded.ensure_running()


def postmaster(at: places.Places) -> int:
    """The server's process id: the first line of its own file."""
    return int((at.data / "postmaster.pid").read_text().splitlines()[0])
