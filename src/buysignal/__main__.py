"""``python -m buysignal``."""

import sys

from buysignal.cli import main

if __name__ == "__main__":
    sys.exit(main())
