"""Flags of commands that read a file of bars: those keys of ``ingest`` that say how."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

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


def wanted(arguments: argparse.Namespace) -> Wanted:
    """What the flags settle of a file that can be read in more than one way."""
    from buysignal.bars.reading import Wanted
    from buysignal.core.params import Spec
    from buysignal.core.settings import one

    form = getattr(arguments, "form", None)
    forms = (one(Spec, form, "--form"),) if form else ()
    given = {key: getattr(arguments, key, None) for key in ("dates", "decimal", "zone", "volume", "symbol")}
    return Wanted(**{key: value for key, value in given.items() if value is not None}, spelled="--{} {}", forms=forms)


def without_params(text: str) -> str:
    """A message about bars without what would mend the pipeline's, by a command that reads no params.yaml."""
    text = re.sub(r" or set ingest.on_bad_rows to \w+", "", text)
    return text.replace("set ingest.on_bad_symbol to drop", "give --on-bad-symbol drop").replace("ingest.", "")
