"""``python -m buysignal follow``: whether what ships keeps its promise."""

from __future__ import annotations

import argparse
from pathlib import Path

from buysignal.cli import told

STATUS = {"holds": 0, "too early to tell": 0, "broken": 3}
"""Exit status by verdict; a journal that cannot be followed is 2."""
PAGE = Path("journal/follow.html")


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "hold what the journal's days came to against what was promised when the model shipped"
    status = (
        "exit status: 0 it holds, or it is too early to tell; 2 there is nothing to follow; 3 the promise is broken"
    )
    parser = commands.add_parser("follow", help=about, description=about, epilog=status)
    told.add_to(parser)
    parser.add_argument("--page", type=Path, default=PAGE, metavar="FILE", help=f"the page to write (default: {PAGE})")
    parser.set_defaults(command=follow)


def follow(arguments: argparse.Namespace) -> int:
    """Print the verdict and write the page, see `buysignal.cli.follow.asked`."""
    from buysignal.cli.follow.asked import follow

    return STATUS[follow(arguments)]
