"""Homes for servers of the tests' own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new folder that every account can reach, as root's server account must."""
    folder = tmp_path_factory.mktemp("home")
    machine = Path(tempfile.gettempdir()).resolve()
    for above in (folder, *folder.resolve().parents):
        if above == machine:
            break
        above.chmod(0o755)
    return folder
