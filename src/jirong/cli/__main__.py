"""``python -m jirong.cli``: the same as the ``jirong`` command."""

import sys

from jirong.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
