"""``python -m buysignal``."""

import sys

if __name__ == "__main__":
    try:
        from buysignal.cli.main import main

        sys.exit(main())
    except KeyboardInterrupt:  # while importing; a running command answers by itself
        sys.exit(130)
