"""Homes for servers of the tests' own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A new folder that every account can reach, as root's server account must.

    Not one of pytest's: it closes the folder above them to others whenever a session starts.
    """
    folder = Path(tempfile.mkdtemp(prefix="jirong-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
