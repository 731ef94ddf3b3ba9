"""``python -m buysignal init``: a project of one's own, in a folder that holds none."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from buysignal.cli import reading_flags


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "make a project of your own: search, judge and ship a model of your bars, without cloning this one"
    parser = commands.add_parser("init", help=about, description=about)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(), help="an empty folder (default: this one)")
    parser.add_argument(
        "--bars", type=Path, metavar="PATH", help="a file of daily bars, or a folder with one a symbol: it is copied"
    )
    reading_flags.add_to(parser)
    parser.set_defaults(command=init)


def init(arguments: argparse.Namespace) -> int:
    """Write the project whole or not at all, and say what one does first in it."""
    from buysignal.cli.init.bars import asked
    from buysignal.cli.init.readme import ITSELF
    from buysignal.cli.init.written import require_room, write

    require_room(arguments.folder)
    bars = asked(arguments) if arguments.bars else None
    count = write(arguments.folder, bars)
    enter = "" if arguments.folder.resolve() == Path.cwd() else f"    cd {shlex.quote(str(arguments.folder))}\n"
    print(
        *([bars.said] if bars else []),
        f"{arguments.folder}: a project of {count} files; what one does first:",
        sep="\n",
    )
    print(f"\n{enter}    pip install -r requirements.txt\n    git add --all && git commit -m start\n    dvc repro\n")
    print(f"{ITSELF} README.md there says what comes of it.")
    return 0
