"""A check of the bars of many symbols: one table, and each kind of finding once."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from buysignal.bars.ingested import as_row, ingested_many, name_of, rules_of
from buysignal.bars.panel import ERROR, Panel, read_panel
from buysignal.bars.quality.across import across
from buysignal.bars.quality.finding import LEVELS, Finding
from buysignal.bars.quality.prepare import Rules
from buysignal.cli import reading_flags
from buysignal.cli.quality.found import as_flags, asked, flags, forms, rules_given
from buysignal.cli.quality.text import counted, dumped, item
from buysignal.cli.told import plain, table
from buysignal.core.errors import UserError
from buysignal.core.settings import read
from buysignal.days.params import Roles


@dataclass(frozen=True)
class FoundOfMany:
    """What a check of many symbols came to: the name of its source, its bars, what they show together."""

    name: str
    panel: Panel
    together: tuple[Finding, ...]

    @property
    def status(self) -> int:
        """Exit status: 1 with a warning or a symbol that was left out, else 0."""
        levels = {finding.level for finding in self.together} | {one.level for one in _each(self.panel)}
        return int("warning" in levels or bool(self.panel.left_out))


def examined(arguments: argparse.Namespace, today: date | None = None) -> FoundOfMany:
    """The bars of a folder or a file of many symbols, or those that params.yaml names, by the flags that are given.

    Raises
    ------
    UserError
        If they cannot be read, or a symbol cannot be used and is not to be left out.
    """
    today = today or date.today()
    if arguments.file is None:
        ingest = asked(arguments)
        panel = ingested_many(ingest, today, until=read(Roles).last_day, forms=forms(arguments))
        return _together(name_of(ingest), panel, rules_of(ingest))
    rules, on_bad_symbol = rules_given(arguments), arguments.on_bad_symbol or ERROR
    try:
        panel = read_panel(arguments.file, reading_flags.wanted(arguments), rules, on_bad_symbol, today=today)
    except UserError as error:
        raise UserError(flags(str(error))) from None
    return _together(arguments.file.resolve().name, panel, rules)


def _together(name: str, panel: Panel, rules: Rules) -> FoundOfMany:
    return FoundOfMany(name, panel, across({one: panel.of(one) for one in panel.symbols}, rules.max_gap_days))


def blocks(found: FoundOfMany) -> list[str]:
    """All in a line, a row a symbol, a list of the kinds of finding and the symbols left out, a line of counts."""
    panel, rows = found.panel, []
    for symbol, judged in panel.judged.items():
        bars, kinds = judged.bars, dict.fromkeys(one.kind for one in judged.findings)
        days = [f"{bars.index[0]:%Y-%m-%d}", f"{bars.index[-1]:%Y-%m-%d}"]
        rows.append([plain(symbol), f"{len(bars):,}", *days, ", ".join(kinds)])
    told = [item(one.level, flags(one.said)) for one in panel.summed()]
    told += [item(one.level, one.said) for one in found.together]
    told += [item("left out", f"{symbol}: {flags(why)}") for symbol, why in panel.left_out.items()]
    levels = [one.level for one in (*found.together, *_each(panel))]
    drawn = table(("symbol", "bars", "first", "last", "found"), rows)
    return [plain(panel.said(found.name)), drawn, "\n".join(told), counted({one: levels.count(one) for one in LEVELS})]


def as_json(found: FoundOfMany) -> str:
    """One object with stable keys, ``symbols`` a list."""
    panel = found.panel
    symbols = [
        {
            "symbol": symbol,
            "form": panel.forms[symbol],
            "bars": {"n": one.report.rows, "first": one.report.first, "last": one.report.last},
            "dropped": one.report.dropped,
            "repaired": {repair.what: len(repair.days) for repair in one.repaired},
            "adjusted": [f"{step.split} on {step.day} by {step.by}" for step in one.adjusted],
            "findings": [as_row(finding) for finding in as_flags(one).findings],
        }
        for symbol, one in panel.judged.items()
    ]
    left_out = {symbol: flags(why) for symbol, why in panel.left_out.items()}
    return dumped(
        {
            "file": found.name,
            "symbols": symbols,
            "left_out": left_out,
            "passed_over": list(panel.passed),
            "findings": [as_row(finding) for finding in found.together],
            "error": None,
            "status": found.status,
        }
    )


def _each(panel: Panel) -> Iterator[Finding]:
    return (finding for one in panel.judged.values() for finding in one.findings)
