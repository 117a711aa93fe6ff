"""Where a server lies: in its home, unless the account that runs it could not get there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from jirong.kernel.errors import Refusal
from jirong.store.embedded import account, binaries, cluster, passwords, places

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server to another account")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="only an ordinary user runs the server itself")


@pytest.fixture
def machine_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "MACHINE_FOLDER", tmp_path / "machine")
    return tmp_path / "machine"


@as_root
def test_a_home_the_account_can_reach_holds_the_server(
    open_folder: Path, machine_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIRONG_HOME", str(open_folder))
    at = places.places()
    assert at.folder == open_folder / "postgres"
    assert at.account.lent
    assert at.account.uid != 0


@as_root
def test_a_closed_home_sends_the_server_to_the_machine_s_folder(
    open_folder: Path, machine_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("JIRONG_HOME", str(closed / "var"))
    first = places.places().folder
    assert first.parent == machine_folder
    assert places.places().folder == first, "the same home always has the same folder"
    monkeypatch.setenv("JIRONG_HOME", str(closed / "other"))
    assert places.places().folder != first


@as_root
def test_data_once_made_decides_even_when_folders_change(
    open_folder: Path, machine_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = open_folder / "moved"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("JIRONG_HOME", str(home))
    outside = places.places().folder
    (outside / "data").mkdir(parents=True)
    home.chmod(0o755)
    assert places.places().folder == outside


@as_root
def test_programs_the_account_cannot_reach_are_copied_whole(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRONG_HOME", str(open_folder / "copying"))
    at = places.places()
    places.prepare(at)
    monkeypatch.setattr(binaries, "_usable", lambda found, where: False)
    copied = binaries.for_server(at)
    assert str(copied.folder).startswith(str(at.folder))
    for program in ("postgres", "psql", "pg_dump"):
        done = at.account.run([copied.program(program), "--version"])
        assert (done.returncode, done.stderr) == (0, ""), program
        assert done.stdout.startswith(program)


@as_user
def test_an_ordinary_user_runs_the_server_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRONG_HOME", str(tmp_path))
    at = places.places()
    assert (at.account.uid, at.account.lent, at.folder) == (os.geteuid(), False, tmp_path / "postgres")


def test_a_long_path_gets_a_short_socket_folder(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = open_folder.joinpath(*["a-long-name-of-a-folder"] * 5)
    monkeypatch.setenv("JIRONG_HOME", str(long))
    at = places.places()
    assert len(os.fsencode(at.socket / places.SOCKET_NAME)) <= places.SOCKET_PATH_BYTES_MAX
    assert not at.socket.is_relative_to(long)
    places.prepare(at)
    assert stat.S_IMODE(at.socket.stat().st_mode) == 0o700
    at.socket.rmdir()


def test_a_socket_folder_that_is_a_trap_is_refused(open_folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(open_folder)
    me = account.server_account(open_folder / "data")
    with pytest.raises(Refusal) as refused:
        places.prepare(places.Places(open_folder / "trapped", link, me))
    assert refused.value.code == "database.socket_folder_taken"


def test_reach_follows_owner_group_and_others(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    stranger = account.Account("stranger", 4242, 4242, lent=True)
    for mode, reached in ((0o700, False), (0o701, False), (0o705, True), (0o755, True)):
        folder.chmod(mode)
        assert stranger._may(folder, 0o5) is reached
    assert not stranger.reaches(tmp_path / "nothing")


def test_memory_settings_leave_room() -> None:
    small = cluster.server_settings(Path("/s"), 512 * 2**20)
    large = cluster.server_settings(Path("/s"), 64 * 2**30)
    assert "shared_buffers = 64MB" in small
    assert "shared_buffers = 1024MB" in large
    assert "fsync = on" in small
    assert "synchronous_commit = on" in large


def test_passwords_are_made_once_and_only_added_to(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    first = passwords.load_or_make(path, ["owner", "app"])
    assert passwords.load_or_make(path, ["owner"]) == first
    more = passwords.load_or_make(path, ["read"])
    assert {**more, **first} == more
    assert len(set(more.values())) == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
