"""``python -m buysignal update``: what the shipped model says of new bars, put down in the journal."""

from __future__ import annotations

import argparse
from pathlib import Path

from buysignal.cli import reading_flags, told

STATUS = {"no buy": 0, "bad data": 2, "broken": 3, "buy": 4}
"""Exit status by what came of it; a promise that broke goes before a buy."""


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "score new bars with what ships and put the answers into journal/, before their outcome is known"
    ends = "; ".join(f"{status} {what}" for what, status in STATUS.items())
    parser = commands.add_parser("update", help=about, description=about, epilog=f"exit status: {ends}")
    columns = "daily bars up to today in any form of docs/own-data.md, or a folder with one file a symbol: the whole "
    columns += "past or its last days; or yahoo, for the symbols of ingest.symbol"
    parser.add_argument("--bars", required=True, metavar="FILE", help=columns)
    parser.add_argument("--model", type=Path, metavar="NAME", help="another contender than what ships")
    accept = "go on where the known past has changed, as after a split or a revision; it is put down, too"
    parser.add_argument("--accept-changed", action="store_true", help=accept)
    anyway = "say buy from the threshold on, though the verdict on the model is not `use`"
    parser.add_argument("--anyway", action="store_true", help=anyway)
    symbols = "of many: what is done about a symbol that cannot be used (default: error)"
    parser.add_argument("--on-bad-symbol", choices=("error", "drop"), default="error", help=symbols)
    told.add_to(parser)
    reading_flags.add_to(parser, but=("volume",))
    parser.set_defaults(command=update)


def update(arguments: argparse.Namespace) -> int:
    """Bring the journal up to date, see `buysignal.cli.update.asked`."""
    from buysignal.cli.update.asked import update

    return STATUS[update(arguments)]
