"""The command ``judge``: its options, and its answer as an exit status."""

from __future__ import annotations

import argparse
from pathlib import Path

from buysignal.cli import reading_flags, told
from buysignal.core.errors import UserError

FLAGS = {  # field of Asked -> flag, type, metavar and what it says
    "tried": ("--tried", int, "N", "models you looked at before this one, itself among them (default: 1)"),
    "start": ("--from", str, "DATE", "look at no earlier day, such as 2016-01-01"),
    "threshold": ("--threshold", float, "SCORE", "buy at this score or above (default: chosen on the first half)"),
    "kind": ("--kind", str, "KIND", "of a buy: touch of the level, close above it, or triple barrier (default: touch)"),
    "horizon": ("--horizon", int, "DAYS", "trading days in which the level must be touched (default: 1)"),
    "level": ("--level", float, "MOVE", "relative move above the Close that makes a day a buy (default: 0.01)"),
    "barrier": ("--barrier", str, "KIND", "fixed, or volatility: the level in deviations (default: fixed)"),
    "multiple": ("--multiple", float, "N", "deviations of the horizon, with --barrier volatility (default: 1)"),
    "cost_bps": ("--cost-bps", float, "BPS", "cost of a round trip in hundredths of a percent (default: 5)"),
    "stop": ("--stop", float, "MOVE", "relative move at which a trade is given up, such as -0.02 (default: none)"),
    "per_day": ("--per-day", int, "K", "of many symbols, buy the K of highest score each day (default: 3)"),
}
CUT = {"cut_scores": "--cut-scores", "cut_day": "--cut-day"}


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "whether the scores of any model, from anywhere, are worth to be traded on"
    status = "exit status: 0 use; 1 do not use; 2 cannot tell, or the files cannot be judged"
    parser = commands.add_parser("judge", help=about, description=about, epilog=status)
    parser.add_argument("scores", type=Path, help="CSV of dates[, symbols] and scores, or signals 0 and 1")
    about = "daily bars of the same market; of many symbols one file that names them, or a folder with a file of each"
    parser.add_argument("--bars", type=Path, metavar="PATH", required=True, help=about)
    for field, (flag, kind, metavar, text) in FLAGS.items():
        parser.add_argument(flag, dest=field, type=kind, metavar=metavar, help=text)
    about = "the scores again, computed from bars that end on the day of --cut-day: do they look ahead?"
    parser.add_argument("--cut-scores", type=Path, metavar="PATH", help=about)
    parser.add_argument("--cut-day", metavar="DATE", help="the last of those bars, such as 2017-12-29")
    told.add_to(parser, html="one page that fetches nothing")
    reading_flags.add_to(parser)
    reading_flags.add_bad_rows_to(parser)
    parser.set_defaults(command=judge)


def judge(arguments: argparse.Namespace) -> int:
    """Print the verdict and what it rests on; what cannot be judged is a `UserError`, as JSON an object, too."""
    from buysignal.bars.quality.prepare import Rules
    from buysignal.cli.judge.asked import Asked
    from buysignal.cli.judge.outside import judged
    from buysignal.cli.judge.text import said, unjudged_as_json
    from buysignal.core.settings import parse

    given = {field: getattr(arguments, field) for field in FLAGS if getattr(arguments, field) is not None}
    try:
        how = reading_flags.wanted(arguments), Rules(**reading_flags.rules(arguments))
        cut = arguments.cut_scores, arguments.cut_day
        found = judged(arguments.scores, arguments.bars, parse(Asked, given), *how, *cut)
    except UserError as error:
        why = _flags(str(error))
        if arguments.format == told.JSON:
            print(unjudged_as_json(why))
        raise UserError(why) from None
    print(said(found, arguments.format))
    return found.verdict.status


def _flags(message: str) -> str:
    """A message that begins with the field at fault, with its flag in its place."""
    name, _, rest = message.partition(" ")
    flags = {field: flag for field, (flag, *_) in FLAGS.items()} | CUT
    return f"{flags[name]} {rest.removesuffix(', or null')}" if name in flags else message
