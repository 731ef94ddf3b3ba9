"""Flags of commands that read a file of bars: those keys of ``ingest`` that say how."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from buysignal.core.errors import UserError

if TYPE_CHECKING:
    from buysignal.bars.reading import Wanted

FLAGS = {  # key of ingest -> what it may be (None: a word), and what it says
    "dates": (("auto", "year-first", "day-first", "month-first"), "the order in which a date is written"),
    "decimal": (("auto", "point", "comma"), "the decimal mark"),
    "zone": (None, "the exchange's zone, such as Europe/Berlin: the day of a moment is the day there"),
    "volume": (("file", "none"), "none: the bars have no volume, and it is not asked for"),
    "symbol": (None, "the one to take of a file that holds several"),
    "adjust": (
        ("splits", "all", "none"),
        "what is taken out of the prices: splits the file shows; dividends, too; none",
    ),
}

RULES = ("adjust", "on_bad_rows", "max_gap_days", "calendar")
"""Keys of ``ingest`` that are fields of `buysignal.bars.quality.prepare.Rules`."""
BAD_ROWS = ("error", "drop", "repair")
FLAG, KEYWORD = "--{} {}", "wanted=Wanted({}={!r})"
"""How a message names what settles a question, see `Wanted.spelled`: on a command line, and in Python."""
VALUE = "splits|all|none|error|drop|repair|(?:year|day|month)-first|point|comma|[A-Z]{4}"
KEY = re.compile(rf"(set )?\bingest\.({'|'.join((*FLAGS, *RULES, 'on_bad_symbol'))})\b(?:(?: to |: | )({VALUE})\b)?")


def add_to(parser: argparse.ArgumentParser, but: Sequence[str] = ()) -> None:
    """Declare the flags ``but`` some; one that is not given is None."""
    group = parser.add_argument_group("how the file is read", "as the keys of ingest in params.yaml")
    for key in (key for key in FLAGS if key not in but):
        choices, about = FLAGS[key]
        group.add_argument(f"--{key}", choices=choices, metavar=None if choices else key.upper(), help=about)
    if "form" not in but:
        group.add_argument(
            "--form", metavar="SPEC", help="a form of your own, as plugins/mine.py:form (docs/plugins.md)"
        )


def add_bad_rows_to(parser: argparse._ActionsContainer) -> None:
    """Declare the flag that says what is done about bad rows; None if it is not given."""
    about = "what is done about bad rows: name them and stop, leave them out, or mend what is certain (default: error)"
    parser.add_argument("--on-bad-rows", choices=BAD_ROWS, help=about)


def wanted(arguments: argparse.Namespace) -> Wanted:
    """What the flags settle of a file that can be read in more than one way."""
    from buysignal.bars.reading import Wanted
    from buysignal.core.params import Spec
    from buysignal.core.settings import one

    form = getattr(arguments, "form", None)
    forms = (one(Spec, form, "--form"),) if form else ()
    given = {key: getattr(arguments, key, None) for key in ("dates", "decimal", "zone", "volume", "symbol")}
    return Wanted(**{key: value for key, value in given.items() if value is not None}, spelled=FLAG, forms=forms)


def rules(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the flags say is done about bars, of `RULES`: those that are given."""
    given = {key: getattr(arguments, key, None) for key in RULES}
    return {key: value for key, value in given.items() if value is not None}


def require_way(on_bad_rows: str) -> None:
    """`UserError` if it is none of `BAD_ROWS`."""
    if on_bad_rows not in BAD_ROWS:
        raise UserError(f"on_bad_rows is {on_bad_rows!r}; it must be one of {', '.join(BAD_ROWS)}")


def spelled(text: str, wanted: Wanted) -> str:
    """A message about bars that names what helps as whoever reads it would give it."""
    return {FLAG: as_flags, KEYWORD: as_keywords}.get(wanted.spelled, str)(text)


def as_flags(text: str) -> str:
    """A message with the keys of ``ingest`` as the flags that a person who named a file would give.

    >>> as_flags("correct them or set ingest.on_bad_rows to drop"), as_flags("see ingest.dates")
    ('correct them or give --on-bad-rows drop', 'see --dates')
    """
    return KEY.sub(lambda m: f"{'give ' if m[1] else ''}--{m[2].replace('_', '-')}{' ' + m[3] if m[3] else ''}", text)


def as_keywords(text: str) -> str:
    """The same for the library, which has a keyword for bad rows and none for bad symbols.

    >>> as_keywords("set ingest.on_bad_rows to drop; or set ingest.on_bad_symbol to drop")
    "give on_bad_rows='drop'"
    """
    text = re.sub(r"set ingest\.on_bad_rows to (\w+)", r"give on_bad_rows='\1'", text)
    return text.replace("; or set ingest.on_bad_symbol to drop", "").replace("ingest.", "")


def without_params(text: str) -> str:
    """A message about bars without what would mend the pipeline's, by a command that has no flag for bad rows."""
    text = re.sub(r" or set ingest.on_bad_rows to \w+", "", text)
    return text.replace("set ingest.on_bad_symbol to drop", "give --on-bad-symbol drop").replace("ingest.", "")
