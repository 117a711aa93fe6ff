"""The tests' database: migrated once a run by the owner, copied for each worker, used as the application role.

The application role may not truncate, and tables that keep history refuse it to everybody, so a test that really
commits (``transaction=True``) gets a fresh copy of the migrated database afterwards instead of a clean-up.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest

from jirong.kernel.errors import Refusal
from jirong.store import embedded
from jirong.store.database import database_settings
from jirong.store.embedded import copies

# A busy machine is no failure: no property is judged by the clock.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("house")

# A home of the tests' own: nothing of theirs meets what people work with.
if not os.environ.get("DATABASE_URL"):
    os.environ["JIRONG_HOME"] = str(Path(__file__).resolve().parents[1] / "var" / "test")

STALE_SECONDS = 6 * 3600
RUN = f"test_jirong_{int(time.time())}_{uuid.uuid4().hex[:8]}"


class TestDatabases:
    """The databases of one test run: a migrated ``template`` and numbered copies of it for this worker."""

    __test__ = False

    def __init__(self, run: str, worker: str) -> None:
        self.template = run
        self.worker = worker
        self.copies = 0
        self.logins = ensure_server()

    @property
    def name(self) -> str:
        """The database the running test sees."""
        return f"{self.template}_{self.worker}_{self.copies}"

    def ensure_template(self) -> None:
        """Make and migrate the template, whichever worker comes first."""
        with copies.owner(self.logins) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.template])
            copies.drop(connection, stale(copies.named_like(connection, "test_jirong_")))
            if not copies.exists(connection, self.template):
                making = f"{self.template}_making"
                copies.drop(connection, [making])
                copies.make(connection, making)
                migrate(making)
                copies.rename(connection, making, self.template)

    def renew(self) -> None:
        """Point Django at a fresh copy of the template and drop the copy it leaves."""
        left = self.name
        self.copies += 1
        with copies.owner(self.logins) as connection:
            copies.make(connection, self.name, template=self.template)
            use("app", self.name)
            copies.drop(connection, [left])


def ensure_server() -> embedded.Connections:
    """The tests' own server (or the one ``DATABASE_URL`` names).

    It writes ahead as ever, so killing processes loses nothing that was promised, but it does not wait for the disk:
    only a power cut could tell the difference, and hundreds of databases are made and dropped here.
    """
    logins = embedded.ensure_running()
    if logins.admin is not None:
        with psycopg.connect(logins.admin, autocommit=True) as connection:
            if connection.execute("SELECT current_setting('fsync')").fetchone() == ("on",):
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
    return logins


def use(role: str, name: str) -> None:
    """Point Django's default connection at database ``name`` as ``role``."""
    from django.conf import settings
    from django.db import connections

    connections.close_all()
    # A request is one transaction in the site, so it is one in the tests.
    kept = {"ATOMIC_REQUESTS": settings.DATABASES["default"]["ATOMIC_REQUESTS"]}
    chosen = database_settings(role) | kept | {"NAME": name, "CONN_MAX_AGE": 0}
    settings.DATABASES["default"].update(chosen)
    connections["default"].settings_dict.update(chosen)


def migrate(name: str) -> None:
    from django.core.management import call_command
    from django.db import connections

    use("owner", name)
    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()


def stale(names: list[str]) -> list[str]:
    """Databases that killed runs left behind, by the time in their names."""
    made = {name: re.match(r"test_jirong_(\d+)_", name) for name in names}
    return [name for name, match in made.items() if match and int(match[1]) < time.time() - STALE_SECONDS]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    from django.test import TransactionTestCase

    try:
        databases = TestDatabases(run_name(request.config), worker_name())
    except Refusal as refusal:
        pytest.exit(f"{refusal.reason} — {refusal.remedy}", returncode=2)
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock():
        databases.ensure_template()
        databases.renew()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: databases.renew())
        request.config.stash[DATABASES] = databases
        yield
        patch.undo()
        from django.db import connections

        connections.close_all()


DATABASES = pytest.StashKey[TestDatabases]()


@pytest.fixture(scope="session")
def test_databases(request: pytest.FixtureRequest, django_db_setup: None) -> TestDatabases:
    """The run's migrated template, for tests that serve databases of their own."""
    return request.config.stash[DATABASES]


@pytest.fixture
def database_logins(request: pytest.FixtureRequest, transactional_db: None) -> embedded.Connections:
    """Connection strings for owner, app and read of this test's database; what they commit is thrown away after."""
    databases = request.config.stash[DATABASES]
    return copies.at_database(databases.logins, databases.name)


def run_name(config: pytest.Config) -> str:
    """One name for all workers of a run: the controller hands it over."""
    given = getattr(config, "workerinput", {}).get("jirong_run")
    return str(given or RUN)


def worker_name() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


class HandOver:
    """What the controller of a parallel run tells each worker."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["jirong_run"] = RUN


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    config.pluginmanager.register(HandOver())
    # `collectstatic` makes it for a site; here pages only must not be warned that it is missing.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whoever started the run drops its databases."""
    if hasattr(session.config, "workerinput"):
        return
    with suppress(psycopg.OperationalError, Refusal):
        known = embedded.known_connections()
        if known is not None:
            with copies.owner(known) as connection:
                copies.drop(connection, copies.named_like(connection, RUN))
