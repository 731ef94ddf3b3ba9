"""The command ``check``: its options, and its answer as an exit status."""

from __future__ import annotations

import argparse
from pathlib import Path

from buysignal.cli import reading_flags, told
from buysignal.core.errors import UserError


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "what some bars are worth as data: splits, stale rows, gaps, mixed units, exchanged columns"
    status = "exit status: 0 nothing to look at; 1 warnings; 2 cannot be read, or must not be read as daily bars"
    parser = commands.add_parser("check", help=about, description=about, epilog=status)
    file = "daily bars, or a folder with one file a symbol (default: those that params.yaml names)"
    parser.add_argument("file", type=Path, nargs="?", help=file)
    told.add_to(parser)
    reading_flags.add_to(parser)
    group = parser.add_argument_group("what is asked of them", "as the keys of ingest in params.yaml")
    reading_flags.add_bad_rows_to(group)
    group.add_argument("--max-gap-days", type=_days, metavar="DAYS", help="calendar days that may lie between bars")
    group.add_argument("--calendar", metavar="EXCHANGE", help="its sessions, such as XNYS; needs exchange_calendars")
    symbols = "of many: what is done about a symbol that cannot be used"
    group.add_argument("--on-bad-symbol", choices=("error", "drop"), help=symbols)
    parser.set_defaults(command=check)


def check(arguments: argparse.Namespace) -> int:
    """Print what was found; 0 clean, 1 warnings, 2 an error. What cannot be read at all is a `UserError`.

    As JSON, that is an object on standard output, too.
    """
    from buysignal.bars.panel import holds_many
    from buysignal.cli.quality import many
    from buysignal.cli.quality.found import asked, examined
    from buysignal.cli.quality.text import as_json, blocks, unread_as_json

    try:
        file = arguments.file
        if asked(arguments).many if file is None else holds_many(file, reading_flags.wanted(arguments)):
            of_many = many.examined(arguments)
            print(told.written(arguments.format, lambda: many.blocks(of_many), lambda: many.as_json(of_many)))
            return of_many.status
        found = examined(arguments)
    except UserError as error:
        if arguments.format == told.JSON:
            print(unread_as_json(arguments.file.name if arguments.file else "params.yaml", str(error)))
        raise
    print(told.written(arguments.format, lambda: blocks(found), lambda: as_json(found)))
    return found.status


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days, write it as 10")
    return int(text)
