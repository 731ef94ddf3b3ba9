"""The bars that params.yaml names, through the one door to bars; of none is a bar after the day ``until`` looked at.

``forms`` are those of a user's own, of which a file may be one.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import pandas as pd

from buysignal.bars.counted import NAMED_GAPS, REASONS, BarReport
from buysignal.bars.panel import Panel, panel_of, read_panel
from buysignal.bars.params import Ingest
from buysignal.bars.quality.across import across
from buysignal.bars.quality.finding import Finding
from buysignal.bars.quality.prepare import Judged, Rules, prepare
from buysignal.bars.reading import Reading
from buysignal.bars.sources import load_as, reads_of, wanted_of
from buysignal.core.errors import UserError

NAMED = 10  # days of a finding that are kept in metrics/ingest.json


def rules_of(ingest: Ingest) -> Rules:
    """What ``ingest`` says is done about bars."""
    return Rules(ingest.on_bad_rows, ingest.max_gap_days, ingest.adjust, ingest.calendar)


def ingested_many(
    ingest: Ingest, today: date | None = None, *, until: date | None = None, forms: Sequence[str] = ()
) -> Panel:
    """Bars of many symbols read and judged, each alone; `UserError` as for `buysignal.bars.panel.read_panel`."""
    rules, bad = rules_of(ingest), ingest.on_bad_symbol
    if ingest.source == "folder":
        return read_panel(ingest.csv, wanted_of(ingest, forms), rules, bad, until=until, today=today)
    return panel_of(name_of(ingest), reads_of(ingest), rules, bad, until=until, today=today)


def name_of(ingest: Ingest) -> str:
    """What a message calls the bars: their file or folder, or the source."""
    return ingest.csv if ingest.source in ("csv", "folder") else ingest.source


def bars_of(
    ingest: Ingest, today: date | None = None, *, until: date | None = None, forms: Sequence[str] = ()
) -> pd.DataFrame:
    """The bars alone, index ``date`` or (symbol, date)."""
    if ingest.many:
        return ingested_many(ingest, today, until=until, forms=forms).bars
    return ingested(ingest, today, until=until, forms=forms)[1].bars


def ingested(
    ingest: Ingest, today: date | None = None, *, until: date | None = None, forms: Sequence[str] = ()
) -> tuple[Reading, Judged]:
    """Bars read and judged; `UserError` where they cannot be read, or must not be read as daily bars."""
    reading = reading_of(ingest, until, forms)
    return reading, prepare(reading, rules_of(ingest), today)


def reading_of(ingest: Ingest, until: date | None, forms: Sequence[str] = ()) -> Reading:
    """The bars of one symbol, as they were on a day; `UserError` if they cannot be read, or all are later."""
    whole = load_as(ingest, forms)
    if until is None or whole.bars.empty:
        return whole
    reading = whole.until(pd.Timestamp(until))
    if reading.bars.empty:
        first = whole.bars.index.min()
        raise UserError(f"roles.until is {until}, before the first bar of {name_of(ingest)}, {first:%Y-%m-%d}")
    return reading


def as_metrics(reading: Reading, judged: Judged) -> dict[str, Any]:
    """What metrics/ingest.json says of bars, whichever source they are of."""
    return asdict(judged.report) | as_told(reading, judged)


def report_of(panel: Panel) -> BarReport:
    """What validation counted in all symbols together: sums, and the longest of what is longest."""
    reports = [judged.report for judged in panel.judged.values()]
    longest = sorted((gap for one in reports for gap in one.longest_gaps), key=lambda gap: (-gap.days, gap.after))
    return BarReport(
        rows=sum(one.rows for one in reports),
        dropped={reason: sum(one.dropped[reason] for one in reports) for reason in REASONS},
        gaps=sum(one.gaps for one in reports),
        longest_gaps=tuple(longest[:NAMED_GAPS]),
        longest_gap_days=max(one.longest_gap_days for one in reports),
        first=min(one.first for one in reports),
        last=max(one.last for one in reports),
    )


def many_as_metrics(panel: Panel, report: BarReport, max_gap_days: int) -> dict[str, Any]:
    """`as_metrics` of many symbols, with their `report_of`: each kind of finding once, and who is in and who is not."""
    found = (*across({symbol: panel.of(symbol) for symbol in panel.symbols}, max_gap_days), *panel.summed())
    told = asdict(report) | {"form": "of many symbols", "understood": [], "repaired": {}, "adjusted": []}
    told["symbols"] = list(panel.symbols)
    return told | {"left_out": dict(panel.left_out), "findings": [as_row(finding) for finding in found]}


def as_told(reading: Reading, judged: Judged) -> dict[str, Any]:
    """What was understood, done and found, for JSON."""
    return {
        "form": reading.form,
        "understood": list(reading.understood),
        "left_out": {out.why: len(out.days) for out in reading.left_out},
        "repaired": {repair.what: len(repair.days) for repair in judged.repaired},
        "adjusted": [f"{step.split} on {step.day} by {step.by}" for step in judged.adjusted],
        "findings": [as_row(finding) for finding in judged.findings],
    }


def as_row(finding: Finding) -> dict[str, Any]:
    """A finding for JSON: of its days the number and the first `NAMED`."""
    return {
        "kind": finding.kind,
        "level": finding.level,
        "days": len(finding.days),
        "first_days": list(finding.days[:NAMED]),
        "text": finding.text,
        "advice": finding.advice,
    }
