"""``python -m buysignal``."""

import sys

if __name__ == "__main__":
    if sys.stdout is not None and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # for names that the terminal's encoding has not
    try:
        from buysignal.cli.main import main

        sys.exit(main())
    except KeyboardInterrupt:  # while importing; a running command answers by itself
        sys.exit(130)
