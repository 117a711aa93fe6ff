"""A bare machine's troubles are each told in one line with the remedy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

Tool = Callable[[str], ModuleType]


@pytest.fixture
def environment(tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, believing that ``tmp_path`` is the repository."""
    module = tool("environment")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").write_text("")
    venv = tmp_path / ".venv"
    for name, value in {"ROOT": tmp_path, "VENV": venv, "PYTHON": venv / "bin" / "python"}.items():
        monkeypatch.setattr(module, name, value)
    return module


def told(environment: ModuleType, monkeypatch: pytest.MonkeyPatch, *profiles: str) -> str:
    """What the script says when it stops."""
    monkeypatch.setattr(sys, "argv", ["environment.py", *profiles])
    with pytest.raises(SystemExit) as stopped:
        environment.main()
    message = str(stopped.value)
    assert "\n" not in message
    return message


def test_an_environment_is_made_once_and_then_left_alone(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed: list[Path] = []
    monkeypatch.setattr(sys, "argv", ["environment.py", "base"])
    monkeypatch.setattr(environment, "make_venv", lambda: venv.create(tmp_path / ".venv", symlinks=True))
    monkeypatch.setattr(environment, "install", installed.append)
    assert environment.main() == 0
    assert installed == [tmp_path / "requirements" / "base.txt"]
    command = tmp_path / ".venv" / "bin" / "jirong"
    assert os.access(command, os.X_OK)
    assert str(tmp_path / "src") in next((tmp_path / ".venv").rglob("jirong.pth")).read_text()
    assert "ready" in capsys.readouterr().out
    monkeypatch.setattr(environment, "make", lambda profile: pytest.fail("made again"))
    assert environment.main() == 0
    (tmp_path / "requirements" / "base.txt").write_text("# another lock\n")
    assert not environment.is_up_to_date("base")


def test_no_venv_module(environment: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "venv.py").write_text("raise SystemExit('The virtual environment was not created: no ensurepip')")
    monkeypatch.setenv("PYTHONPATH", str(stub))
    message = told(environment, monkeypatch, "base")
    assert "no venv module" in message
    assert f"apt-get install python3.{sys.version_info[1]}-venv" in message
    assert not (tmp_path / ".venv").exists()


def test_a_full_disk(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10 * 2**20))
    assert "disk full: 10 MB left" in told(environment, monkeypatch, "base")


def test_an_old_python(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "FLOOR", (99, 0))
    monkeypatch.setattr(environment, "NEWER", ("no-such-python",))
    assert "make PYTHON=" in told(environment, monkeypatch, "base")


def test_packages_that_cannot_be_had(environment: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "requirements" / "base.txt").write_text(f"no-such-thing @ file://{tmp_path}/none.whl\n")
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    assert "installing packages failed: ERROR:" in told(environment, monkeypatch, "base")


def test_a_moved_environment_is_made_again(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / ".venv"
    old.mkdir()
    (old / ".jirong-place").write_text("/somewhere/else/.venv")
    (old / "relic").touch()
    monkeypatch.setattr(sys, "argv", ["environment.py"])
    monkeypatch.setattr(environment, "make", lambda profile: None)
    environment.main()
    assert not old.exists()


def test_an_older_python_can_read_the_script() -> None:
    """No syntax newer than 3.7, so that an old Python says what is wrong rather than where it stumbled."""
    source = (Path(__file__).resolve().parents[2] / "tools" / "environment.py").read_text(encoding="utf-8")
    code = "import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 7))"
    assert subprocess.run([sys.executable, "-c", code], input=source, text=True).returncode == 0
