"""Compiled sources are kept under the home where Python was forbidden to keep them, and only there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jirong.cli import bytecode

START = [sys.executable, "-m", "jirong.cli", "--version"]


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("JIRONG_HOME", str(tmp_path))
    monkeypatch.setenv(bytecode.FORBIDDEN, "1")
    monkeypatch.delenv(bytecode.PLACE, raising=False)
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_kept_under_the_home_for_this_process_and_its_children(tmp_path: Path) -> None:
    bytecode.keep()
    assert (sys.pycache_prefix, sys.dont_write_bytecode) == (str(tmp_path / "bytecode"), False)
    assert os.environ[bytecode.PLACE] == str(tmp_path / "bytecode")
    assert bytecode.FORBIDDEN not in os.environ


def test_a_place_somebody_chose_stays(tmp_path: Path) -> None:
    os.environ[bytecode.PLACE] = str(tmp_path / "theirs")
    bytecode.keep()
    assert sys.pycache_prefix == str(tmp_path / "theirs")


def test_nothing_where_python_keeps_them_itself() -> None:
    del os.environ[bytecode.FORBIDDEN]
    bytecode.keep()
    assert (sys.pycache_prefix, bytecode.PLACE in os.environ) == (None, False)


def test_a_command_leaves_compiled_rooms_and_no_other_trace(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
    subprocess.run(START, env=environment, check=True, capture_output=True)
    assert [path.name for path in tmp_path.iterdir()] == ["bytecode"]
    assert list((tmp_path / "bytecode").rglob("jirong/instruments/__init__.*.pyc"))
