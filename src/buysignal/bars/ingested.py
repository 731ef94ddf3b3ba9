"""The bars that params.yaml names, through the one door to bars."""

from dataclasses import asdict
from datetime import date
from typing import Any

from buysignal.bars.params import Ingest
from buysignal.bars.quality.finding import Finding
from buysignal.bars.quality.prepare import Judged, Rules, prepare
from buysignal.bars.reading import Reading
from buysignal.bars.sources import load_as

NAMED = 10  # days of a finding that are kept in metrics/ingest.json


def rules_of(ingest: Ingest) -> Rules:
    """What ``ingest`` says is done about bars."""
    return Rules(ingest.on_bad_rows, ingest.max_gap_days, ingest.adjust, ingest.calendar)


def ingested(ingest: Ingest, today: date | None = None) -> tuple[Reading, Judged]:
    """Bars read and judged; `UserError` where they cannot be read, or must not be read as daily bars."""
    reading = load_as(ingest)
    return reading, prepare(reading, rules_of(ingest), today)


def as_metrics(reading: Reading, judged: Judged) -> dict[str, Any]:
    """What metrics/ingest.json says of bars, whichever source they are of."""
    return asdict(judged.report) | as_told(reading, judged)


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
