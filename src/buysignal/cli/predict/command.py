"""``python -m buysignal predict``: what ships, or another contender, says of the bars in a file."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path

from buysignal.cli import reading_flags, told


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "score, probability and buy or not for the latest day of some bars, or every day; of many symbols, ranked"
    status = "exit status: 0 answered, with or without warnings; 2 the bars or the model cannot be used"
    parser = commands.add_parser("predict", help=about, description=about, epilog=status)
    columns = "daily bars in any form of docs/own-data.md, packed or not, or a folder with one file a symbol; "
    columns += "begin as early as you can"
    parser.add_argument("--bars", type=Path, required=True, metavar="FILE", help=columns)
    which = "a contender of data/models by name, or a folder of one (default: what ships)"
    parser.add_argument("--model", type=Path, metavar="NAME", help=which)
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="look at no bar after this day, such as 2018-12-31")
    since = "every day from this one on, each by the bars that were known on it"
    parser.add_argument("--since", type=_day, metavar="DATE", help=since)
    parser.add_argument("--until", type=_day, metavar="DATE", help="the last of these days (default: that of the bars)")
    parser.add_argument("--all", action="store_true", help="every day since the first that has an answer")
    told.add_to(parser, csv="a row an answer", jsonl="an object an answer", parquet="with --out")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a file, written whole (default: printed)")
    anyway = "say buy from the threshold on, though the verdict on the model is not `use`"
    parser.add_argument("--anyway", action="store_true", help=anyway)
    reading_flags.add_bad_rows_to(parser)
    symbols = "of many: what is done about a symbol that cannot be used (default: error)"
    parser.add_argument("--on-bad-symbol", choices=("error", "drop"), default="error", help=symbols)
    reading_flags.add_to(parser, but=("volume",))  # the model knows whether it reads one
    parser.set_defaults(command=predict)


def predict(arguments: argparse.Namespace) -> int:
    """Print an answer, see `buysignal.cli.predict.asked`."""
    from buysignal.cli.predict.asked import predict

    return predict(arguments)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise argparse.ArgumentTypeError(f"the calendar has no day {text}") from None
        raise argparse.ArgumentTypeError(f"{text!r} is no day, write it as 2018-12-31") from None
