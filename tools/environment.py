"""Make ``.venv`` from the lock files on a bare machine: ``python3 tools/environment.py [base|dev|spark|bench]…``.

Needs nothing but Python 3.11 or later with its venv module. An environment already made from the same locks, by the
same Python, in the same place, is left alone in a few milliseconds. Whatever goes wrong is one line and its remedy.

This file alone may be read by a Python older than the house's floor (3.7), so that it can say so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FLOOR = (3, 11)
NEWER = ("python3.11", "python3.12", "python3.13")
MEGABYTES_MIN = {"base": 900, "dev": 2600, "columns": 1500, "models": 2500, "spark": 2500, "bench": 3000}


def main() -> int:
    profiles = sys.argv[1:] or ["base"]
    use_new_enough_python()
    if marker("place").exists() and not made_here():
        shutil.rmtree(VENV)
    for profile in profiles:
        if not is_up_to_date(profile):
            make(profile)
    return 0


def use_new_enough_python() -> None:
    """Continue under a newer Python of this machine when the one that started us is too old."""
    if sys.version_info[:2] >= FLOOR:
        return
    for name in NEWER:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])
    stop(
        f"需要 Python 3.11 或更新版本（现为 {version()}）",
        f"Python 3.11 or later is needed (this is {version()})",
        "Debian 12: apt-get install python3 python3-venv; 或 / or: make PYTHON=…/python3.11",
    )


def make(profile: str) -> None:
    lock = lock_of(profile)
    if not lock.exists():
        stop(f"没有依赖清单 {lock}", f"there is no lock file {lock}", "git checkout -- requirements")
    if shutil.disk_usage(ROOT).free < MEGABYTES_MIN[profile] * 2**20:
        stop_disk_full()
    started = time.monotonic()
    say(f"环境 {profile}：按清单安装，首次约一分钟 / environment {profile}: installing from the lock")
    if not PYTHON.exists():
        make_venv()
    install(lock)
    link_source()
    marker(profile).write_text(fingerprint(profile))
    marker("place").write_text(str(VENV))
    say(f"环境就绪 / environment ready ({time.monotonic() - started:.0f} s)")


def make_venv() -> None:
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    said = done.stdout.decode(errors="replace")
    if "No space left" in said:
        stop_disk_full()
    if "ensurepip" in said or "No module named venv" in said:
        remedy = f"Debian/Ubuntu: apt-get install python{version()}-venv"
        stop("这个 Python 缺少 venv 模块", "this Python has no venv module", remedy)
    stop(f"无法建立环境：{last_line(said)}", f"cannot make the environment: {last_line(said)}", "python3 -m venv .venv")


def install(lock: Path) -> None:
    """Let pip install what ``lock`` names, by hash; its own lines are shown only when it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-deps", "--disable-pip-version-check"]
    command += ["--no-input", "--progress-bar=off", "-r", str(lock)]
    if os.environ.get("PIP_CACHE_DIR") is None:
        command.append("--no-cache-dir")  # nothing is left outside the repository
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    said = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=str(ROOT), env=environment
    ) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            said.append(raw.decode(errors="replace").rstrip())
            show_progress(said[-1])
    show_progress("")
    if process.returncode != 0:
        stop_install_failed("\n".join(said))


def show_progress(line: str) -> None:
    """On a terminal, name the package in hand on one line that is overwritten."""
    if sys.stdout.isatty() and (not line or line.startswith("Collecting ")):
        sys.stdout.write("\r\033[K" + (f"  {line.split()[1][:70]}" if line else ""))
        sys.stdout.flush()


def stop_install_failed(said: str) -> None:
    if "No space left" in said:
        stop_disk_full()
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")] or [last_line(said)]
    stop(
        f"安装依赖失败：{errors[0]}",
        f"installing packages failed: {errors[0]}",
        "请检查网络或 pip 的软件源设置（pip config list）后重试 / check the network or pip's index, then run it again",
    )


def link_source() -> None:
    """Put ``src`` on the environment's path and give it a ``jirong`` command; no build step, so nothing to fetch."""
    script = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    packages = Path(subprocess.check_output([str(PYTHON), "-c", script]).decode().strip())
    (packages / "jirong.pth").write_text(f"{ROOT / 'src'}\n")
    command = VENV / "bin" / "jirong"
    command.write_text('#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -m jirong.cli "$@"\n')
    command.chmod(0o755)


def is_up_to_date(profile: str) -> bool:
    return PYTHON.exists() and marker(profile).exists() and marker(profile).read_text() == fingerprint(profile)


def made_here() -> bool:
    """Scripts in an environment name its path: one that was moved, or has lost its Python, is made again."""
    return PYTHON.exists() and marker("place").read_text() == str(VENV)


def fingerprint(profile: str) -> str:
    """What the environment is made from: the lock's content and the Python that makes it."""
    lock = lock_of(profile)
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else 'none'} {version()}"


def lock_of(profile: str) -> Path:
    return ROOT / "requirements" / f"{profile}.txt"


def marker(name: str) -> Path:
    return VENV / f".jirong-{name}"


def version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "?"


def say(line: str) -> None:
    print(f"▸ {line}", flush=True)


def stop_disk_full() -> None:
    free = shutil.disk_usage(str(ROOT)).free // 2**20
    stop(
        f"磁盘空间不足：{ROOT} 处只剩 {free} MB",
        f"disk full: {free} MB left at {ROOT}",
        "请腾出 2 GB 后重试 / free 2 GB and run it again",
    )


def stop(reason_zh: str, reason_en: str, remedy: str) -> None:
    sys.exit(f"jirong: {reason_zh} / {reason_en} → {remedy}")


if __name__ == "__main__":
    sys.exit(main())
