"""``python -m jirong.cli``: the same as the ``jirong`` command, with compiled sources kept for the next start."""

import sys

from jirong.cli import bytecode
from jirong.cli.main import main

if __name__ == "__main__":
    bytecode.keep()
    sys.exit(main())
