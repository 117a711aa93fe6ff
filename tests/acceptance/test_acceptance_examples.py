"""Every file in ``examples/``, through the HTTP API as `make demo` plays it: each figure to the fen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jirong.cli.examples import document, stage, table

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("path", document.find_all(EXAMPLES), ids=lambda path: path.stem)
def test_example(path: Path, test_databases: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        here = stage.Stage(test_databases.logins, test_databases.template, f"{test_databases.template}_example")
        played = here.play(document.read(path))
    assert played.good, "\n" + table.show([played], "en")
