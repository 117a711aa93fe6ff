"""Chromium against the live site. Skipped where there is none, unless ``JIRONG_REQUIRE_BROWSER=1`` says it must be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

import jirong.site

VENDOR = Path(jirong.site.__file__).parent / "static" / "vendor"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PATIENCE = 45_000
"""Milliseconds a page may take on a busy machine: a limit for what hangs, never a measure of speed."""
CUT_OFF = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx says of a question a person left behind by going on to the next page; a failed one is said otherwise."""
expect.set_options(timeout=PATIENCE)


def missing() -> str:
    """What the browser tests lack here; empty when they can run."""
    if shutil.which("chromium") is None:
        return "no chromium on PATH (apt-get install --no-install-recommends chromium fonts-noto-cjk)"
    if not (VENDOR / "htmx" / "htmx.min.js").exists():
        return "no page assets (make assets)"
    return ""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    lacking = missing()
    if lacking and os.environ.get("JIRONG_REQUIRE_BROWSER") == "1":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    # Playwright's loop lives in this thread; Django must be told that its calls from here are not asynchronous.
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield chromium
        chromium.close()
    patch.undo()


@pytest.fixture(scope="session")
def site(browser: Browser, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of a server for pages that commit nothing but log-in sessions; it outlives single tests.

    A test whose page writes more uses pytest-django's ``live_server`` and hands its ``url`` to ``open_page``.
    """
    with django_db_blocker.unblock():
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: str, settings: Any) -> Iterator[OpenPage]:
    """Open an address of the site in a fresh context; at the end, no page may have complained.

    ``language`` is ``zh-hans`` or ``en``, ``theme`` what the machine prefers, ``width`` in CSS pixels, ``server`` the
    address of another server than :func:`site`.
    """
    settings.JIRONG_DESIGN_PAGE = True
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(CUT_OFF):
            complaints.append(message.text)

    def opened(
        path: str,
        *,
        language: str = "zh-hans",
        theme: Any = "light",
        width: int = 1280,
        server: str = site,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=server, viewport={"width": width, "height": 800}, color_scheme=theme, **options
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "django_language", "value": language, "url": server}])
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    opened.complaints = complaints  # type: ignore[attr-defined]
    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
