"""Puts the repository's root on the path, so that the oracle is imported by one name here and in the soak run."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:
    sys.path.append(ROOT)
