"""What the stages found, read back from their JSON for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from buysignal.core.files import read_json
from buysignal.days.labels import in_words
from buysignal.days.params import Label
from buysignal.report.page import Findings
from buysignal.ship import ledger


def load(root: Path, tiers: Sequence[str], label: Label, epochs: int) -> Findings:
    """The findings of the run under ``root``; the rest is from its params.yaml.

    Raises
    ------
    UserError
        If a file is missing or torn, or the ledger is damaged.
    """
    metrics = root / "metrics"
    analyzed, trained = read_json(metrics / "analyze.json"), read_json(metrics / "train.json")
    looks = ledger.read(metrics / "ledger.jsonl")
    searched = {study: read_json(metrics / "hpo" / f"{study}.json") for study in analyzed["coverage"]}
    return Findings(
        ingest=read_json(metrics / "ingest.json"),
        tiers=[read_json(metrics / "featurize" / f"{tier}.json") for tier in tiers],
        searches=analyzed["coverage"],
        learned=analyzed["findings"],
        supplements=[read_json(metrics / "supplement" / f"{tier}.json") for tier in tiers],
        transfers=[read_json(metrics / "transfer" / f"{tier}.json") for tier in tiers],
        judged=read_json(metrics / "selection.json"),
        selection=read_json(root / "data" / "selected.json"),
        train=trained,
        sweep=read_json(metrics / "sweep.json"),
        board=read_json(metrics / "snooping.json"),
        searched=read_json(metrics / "overfitting.json"),
        calibrated=read_json(metrics / "calibration.json"),
        mirrored=read_json(metrics / "mirror.json"),
        looks=ledger.summary(looks, trained["look"]),
        ledger=[asdict(entry) for entry in looks],
        failures={study: found["failures"] for study, found in searched.items()},
        epochs=epochs,
        label=in_words(label),
    )
