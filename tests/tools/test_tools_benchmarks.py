"""``make bench`` finds every benchmark and lets none go missing."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.__main__")


def test_every_benchmark_is_found_by_what_it_says_of_itself() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    names = [line.split()[0] for line in told.splitlines()]
    assert {"instruments", "ledger", "notes_http"} <= set(names)
    assert "ledger_hordak" not in names  # a helper of another, not a benchmark


def test_all_run_though_one_fails_and_the_status_says_so(
    door: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[str, bool]] = []

    def run(name: str, small: bool, said: list[str]) -> bool:
        ran.append((name, small))
        return name != "instruments"

    monkeypatch.setattr(door, "run", run)
    assert door.main(["--small"]) == 1
    assert ran == [(name, True) for name in door.known()]
    assert capsys.readouterr().out.endswith("failed: instruments\n")
    assert door.main(["ledger"]) == 0
    with pytest.raises(SystemExit):
        door.main(["nothing"])
