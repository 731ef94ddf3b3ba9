"""Bars that are to be checked, and what was found in them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from datetime import date

from buysignal.bars.forms.params import Forms
from buysignal.bars.forms.read import read_file
from buysignal.bars.ingested import name_of, reading_of, rules_of
from buysignal.bars.params import Ingest
from buysignal.bars.quality.finding import Finding
from buysignal.bars.quality.prepare import Judged, Rules, judge
from buysignal.bars.reading import Reading
from buysignal.cli import reading_flags
from buysignal.cli.reading_flags import as_flags
from buysignal.core.errors import UserError
from buysignal.core.settings import read, section
from buysignal.days.params import Roles

FEW = 60  # bars, fewer of which tell nothing of a market and are learnt by no model


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
    today = today or date.today()
    if arguments.file is None:
        ingest = asked(arguments)
        reading, rules = reading_of(ingest, read(Roles).last_day, forms(arguments)), rules_of(ingest)
        return Found(name_of(ingest), reading, _few(judge(reading, rules, today)))
    try:
        reading = read_file(arguments.file, reading_flags.wanted(arguments), "name a CSV of daily bars")
        return Found(arguments.file.name, reading, in_flags(_few(judge(reading, rules_given(arguments), today))))
    except UserError as error:
        raise UserError(as_flags(str(error))) from None


def asked(arguments: argparse.Namespace) -> Ingest:
    """What params.yaml asks for, with the keys of ``ingest`` that are given as flags."""
    given = {key: getattr(arguments, key) for key in (*reading_flags.FLAGS, *reading_flags.RULES, "on_bad_symbol")}
    changed = {key: value for key, value in given.items() if value is not None}
    return section(Ingest, {"ingest": read(Ingest).model_dump() | changed})


def forms(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Forms of a user's own: the one that is given as a flag, else those that params.yaml names."""
    return (arguments.form,) if arguments.form else read(Forms).extra


def rules_given(arguments: argparse.Namespace) -> Rules:
    """What the flags say is done about bars."""
    return Rules(**reading_flags.rules(arguments))


def in_flags(judged: Judged) -> Judged:
    """The same, with keys of ``ingest`` as flags."""
    said = (replace(one, text=as_flags(one.text), advice=as_flags(one.advice)) for one in judged.findings)
    return replace(judged, findings=tuple(said))


def _few(judged: Judged) -> Judged:
    """The same, with a warning where there is hardly anything to be judged."""
    if judged.report is None or judged.report.rows >= FEW:
        return judged
    count = judged.report.rows
    text = f"{count} bar{'s are' if count > 1 else ' is'} too few to tell anything by, or to learn from"
    advice = "get years of bars: the stage check tells how many a params.yaml needs"
    return replace(judged, findings=(*judged.findings, Finding("few", "warning", (), text, advice)))
