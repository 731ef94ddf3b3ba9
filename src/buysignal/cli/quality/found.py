"""Bars that are to be checked, and what was found in them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date

from buysignal.bars.forms.read import read_file
from buysignal.bars.ingested import rules_of
from buysignal.bars.params import Ingest
from buysignal.bars.quality.prepare import Judged, Rules, judge
from buysignal.bars.reading import Reading
from buysignal.bars.sources import load_as
from buysignal.cli import reading_flags
from buysignal.core.settings import read, section

RULES = ("adjust", "on_bad_rows", "max_gap_days", "calendar")
"""Flags that are fields of `buysignal.bars.quality.prepare.Rules`."""


@dataclass(frozen=True)
class Found:
    """What a check of bars came to; ``name`` is that of the file or of the source."""

    name: str
    reading: Reading
    judged: Judged

    @property
    def status(self) -> int:
        """Exit status: 2 with an error, 1 with a warning, else 0."""
        return 2 if self.judged.of("error") else 1 if self.judged.of("warning") else 0


def examined(arguments: argparse.Namespace, today: date | None = None) -> Found:
    """The bars of a file, or those that params.yaml names, by the keys of ``ingest`` that are given as flags.

    Raises
    ------
    UserError
        If they cannot be read, or a flag's value is none that its key may have.
    """
    given = {key: getattr(arguments, key) for key in (*reading_flags.FLAGS, *RULES)}
    given = {key: value for key, value in given.items() if value is not None}
    today = today or date.today()
    if arguments.file is None:
        ingest = read(Ingest)
        changed = ingest.model_dump() | {key: given[key] for key in given if key in Ingest.model_fields}
        ingest = section(Ingest, {"ingest": changed})
        reading, rules = load_as(ingest), rules_of(ingest)
        return Found(ingest.csv if ingest.source == "csv" else ingest.source, reading, judge(reading, rules, today))
    reading = read_file(arguments.file, reading_flags.wanted(arguments))
    rules = Rules(**{key: given[key] for key in RULES if key in given})
    return Found(arguments.file.name, reading, judge(reading, rules, today))
