"""``DATABASE_URL``: a server that is not ours, played here by a bare embedded one reached only through its URL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from jirong.cli import main
from jirong.store import embedded
from jirong.store.database import database_settings
from jirong.store.embedded import cluster, external, places


def server_url(user: str, password: str, database: str) -> str:
    return f"postgresql://{user}:{password}@/{database}?host={quote(str(places.places().socket), safe='')}"


@pytest.fixture(scope="module")
def bare(open_folder: Path) -> Iterator[dict[str, str]]:
    """A server with a superuser and nothing else; answers URLs of log-ins with and without rights."""
    patch = pytest.MonkeyPatch()
    patch.setenv("JIRONG_HOME", str(open_folder))
    at = places.places()
    places.prepare(at)
    cluster.make(at, "top-secret")
    cluster.start(at)
    urls = {
        "super": server_url("jirong_admin", "top-secret", "cluster_finance"),
        "plain": server_url("plain", "plain-secret", "plain"),
        "socket": str(at.socket),
    }
    with psycopg.connect(server_url("jirong_admin", "top-secret", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN PASSWORD 'plain-secret'")
        connection.execute("CREATE DATABASE plain OWNER plain")
    yield urls
    cluster.stop(at)
    patch.undo()


@pytest.fixture
def elsewhere(bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An installation in a home of its own that knows only the URL."""
    monkeypatch.setenv("JIRONG_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    monkeypatch.delenv("DATABASE_READ_URL", raising=False)
    return bare


def test_rights_make_three_roles_and_the_database(elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["super"])
    first = embedded.ensure_running()
    for role in ("owner", "app", "read"):
        with psycopg.connect(first.of(role)) as connection:
            row = connection.execute("SELECT current_user, current_database()").fetchone()
        assert row == (f"jirong_{role}", "cluster_finance")
    with psycopg.connect(first.owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE owned ()")
        connection.execute("DROP TABLE owned")
    with psycopg.connect(first.app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE stolen ()")
    assert first.admin is None
    assert database_settings("app")["USER"] == "jirong_app"
    assert database_settings("owner")["NAME"] == "cluster_finance"


def test_another_installation_with_the_same_url_agrees(
    elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["super"])
    first = embedded.ensure_running()
    monkeypatch.setenv("JIRONG_HOME", str(tmp_path / "second"))
    assert embedded.ensure_running() == first


def test_roles_of_somebody_else_are_left_alone(
    elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["super"])
    embedded.ensure_running()
    with psycopg.connect(elsewhere["super"], autocommit=True) as connection:
        connection.execute("CREATE ROLE second_admin SUPERUSER LOGIN PASSWORD 'other'")
    url = f"postgresql://second_admin:other@/cluster_finance?host={quote(elsewhere['socket'], safe='')}"
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["--lang", "en", "db", "start"]) == 2
    assert "[database.roles_taken]" in capsys.readouterr().err
    with psycopg.connect(elsewhere["super"]) as connection:
        owner = connection.execute("SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()")
        assert owner.fetchone() == ("jirong_owner",), "nothing was changed on the way"
    with psycopg.connect(elsewhere["super"], autocommit=True) as connection:
        connection.execute("DROP ROLE second_admin")


def test_a_log_in_without_rights_is_used_as_given(elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["plain"])
    logins = embedded.ensure_running()
    assert logins.owner == logins.app == logins.read
    assert database_settings("owner")["USER"] == "plain"


def test_three_urls_are_used_as_given(elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["plain"])
    monkeypatch.setenv("DATABASE_OWNER_URL", elsewhere["super"].replace("cluster_finance", "plain"))
    logins = embedded.ensure_running()
    assert database_settings("owner")["USER"] == "jirong_admin"
    assert logins.read == logins.app


def test_backup_is_left_to_its_administrator(
    elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["plain"])
    assert main(["--lang", "en", "db", "backup"]) == 2
    assert "pg_dump" in capsys.readouterr().err
    assert main(["db", "status"]) == 0
    assert main(["db", "start"]) == 0


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://somebody@127.0.0.1:1/jirong", "database.unreachable"),
        ("postgresql:/nonsense:", "database.url_unreadable"),
    ],
)
def test_a_url_that_leads_nowhere_is_one_line(
    url: str, code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIRONG_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["db", "start"]) == 2
    error = capsys.readouterr().err
    assert code in error
    assert error.count("\n") == 1


def test_a_wrong_password_is_told(
    elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["plain"].replace("plain-secret", "guess"))
    assert main(["--lang", "en", "db", "start"]) == 2
    assert "password authentication failed" in capsys.readouterr().err


def test_an_old_server_is_refused(elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external, "VERSION_MIN", 190000)
    monkeypatch.setenv("DATABASE_URL", elsewhere["plain"])
    assert main(["db", "start"]) == 2


def test_a_missing_database_without_the_right_to_make_it(
    elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["plain"].replace("/plain?", "/nowhere?"))
    assert main(["--lang", "en", "db", "start"]) == 2
    assert "CREATE DATABASE nowhere" in capsys.readouterr().err


def test_nothing_of_the_url_is_kept_in_the_clear(
    elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", elsewhere["super"])
    embedded.ensure_running()
    kept = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert "top-secret" not in kept
