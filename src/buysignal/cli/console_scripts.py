"""Console scripts that find their interpreter beside themselves, whatever the project's folder is called.

``python -m buysignal.cli.console_scripts FOLDER`` mends those that pip wrote; `make setup` does. Where a path
has a space, pip lets a shell start the interpreter, by the path between double quotes: a ``"`` in it ends them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BY_SHELL = re.compile(rb"""(#!/bin/sh\n'''exec' )"(.*)"( "\$0" "\$@"\n)""")
SPECIAL = re.compile(rb'["$`\\]')  # within double quotes of a shell
BESIDE = b'"$(dirname "$0")/python"'


def mend(folder: Path) -> None:
    """Take the folder's name out of every script in ``folder`` whose shell would misread it."""
    for path in folder.iterdir():
        head = BY_SHELL.match(text := path.read_bytes()) if path.is_file() else None
        if head and SPECIAL.search(head[2]):
            path.write_bytes(head[1] + BESIDE + head[3] + text[head.end() :])


if __name__ == "__main__":
    mend(Path(sys.argv[1]))
