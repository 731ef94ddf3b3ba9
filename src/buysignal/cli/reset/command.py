"""``python -m buysignal reset``: the committed settings and results in the workspace again."""

from __future__ import annotations

import argparse
from pathlib import Path

from buysignal.cli import told


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    about = "bring the committed settings and results back and keep aside what they replace; no look is lost"
    status = "exit status: 0 done, 2 something must be settled first"
    parser = commands.add_parser("reset", help=about, description=about, epilog=status)
    parser.add_argument("--project", type=Path, default=Path(), help="folder of the project (default: here)")
    told.add_to(parser)
    parser.set_defaults(command=reset)


def reset(arguments: argparse.Namespace) -> int:
    """Put back what an experiment changes, see `buysignal.cli.reset.back`; tell what was done."""
    from buysignal.cli.reset.back import put_back

    done = put_back(arguments.project)
    print(told.written(arguments.format, done.blocks, done.content))
    return 0
