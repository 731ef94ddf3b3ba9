"""The bars that params.yaml names, through the one door to bars."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from buysignal.bars.csv_file import read_csv
from buysignal.bars.params import Ingest
from buysignal.bars.quality.finding import Finding
from buysignal.bars.quality.prepare import Judged, Rules, prepare
from buysignal.bars.reading import Reading, Wanted
from buysignal.bars.sources import load

NAMED = 10  # days of a finding that are kept in metrics/ingest.json


def reading_of(ingest: Ingest) -> Reading:
    """What the source of ``ingest`` gives, nothing judged; errors as for `buysignal.bars.sources.load`."""
    bars = load(ingest.source, csv=ingest.csv, symbol=ingest.symbol, start=ingest.start, end=ingest.end)
    form = {"csv": "CSV", "yahoo": "Yahoo"}.get(ingest.source, "embedded")
    return Reading(bars.drop(columns="volume") if ingest.volume == "none" else bars, form)


def reading_of_file(path: Path, wanted: Wanted) -> Reading:
    """A file of bars, nothing judged; errors as for `buysignal.bars.csv_file.read_csv`."""
    bars = read_csv(path)
    return Reading(bars.drop(columns="volume") if wanted.volume == "none" else bars, "CSV")


def rules_of(ingest: Ingest) -> Rules:
    """What ``ingest`` says is done about bars."""
    return Rules(ingest.on_bad_rows, ingest.max_gap_days, ingest.adjust, ingest.calendar)


def ingested(ingest: Ingest, today: date | None = None) -> tuple[Reading, Judged]:
    """Bars read and judged; `UserError` where they cannot be read, or must not be read as daily bars."""
    reading = reading_of(ingest)
    return reading, prepare(reading, rules_of(ingest), today)


def as_metrics(reading: Reading, judged: Judged) -> dict[str, Any]:
    """What metrics/ingest.json says of bars, whichever source they are of."""
    return {
        **asdict(judged.report),
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
