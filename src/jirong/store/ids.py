"""New identifiers from this machine's clock and randomness (the pure form is ``kernel.ids.uuid7``)."""

from __future__ import annotations

import os
import time
import uuid

from jirong.kernel import ids


def new_id() -> uuid.UUID:
    return ids.uuid7(time.time_ns() // 1_000_000, os.urandom(10))
