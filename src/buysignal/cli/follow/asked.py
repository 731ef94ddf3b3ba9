"""The journal judged: verdict and page."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from buysignal.bars.symbols import dates_of
from buysignal.cli import told
from buysignal.cli.predict.asked import MODELS, default_model
from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError
from buysignal.core.files import read_parquet, stable, write_text
from buysignal.core.sealed import SEAL, read_strict
from buysignal.features import extra
from buysignal.judge.drift import Drift, drift
from buysignal.models import scores
from buysignal.report import follow as words
from buysignal.report.follow import Moved
from buysignal.report.html import runtime
from buysignal.ship.journal import lines
from buysignal.ship.journal.followed import Followed, followed
from buysignal.ship.journal.known import known_past, stacked
from buysignal.ship.journal.lines import Journal
from buysignal.ship.package import MANIFEST, Shipped


def follow(arguments: argparse.Namespace) -> str:
    """Print the verdict, write the page, and give the verdict's word."""
    journal = lines.read()
    for said in journal.warnings:
        print(f"warning: {said}", file=sys.stderr)
    found, moved = judged(journal)
    page: Path = arguments.page
    kept = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
    write_text(page, words.page(found, moved, runtime(kept)))
    print(told.written(arguments.format, lambda: words.blocks(found, moved), lambda: as_json(found, moved)))
    print(f"page: {page}", file=sys.stderr)
    return found.kept.verdict


def judged(journal: Journal) -> tuple[Followed, Moved]:
    """What became of a journal's promise, and how its days moved or why that cannot be said.

    Raises
    ------
    UserError
        As `buysignal.ship.journal.followed.followed`.
    """
    found = followed(journal)
    return found, _moved(journal, found)


def as_json(found: Followed, moved: Moved) -> str:
    """One object with stable keys."""
    kept = found.kept
    content = {
        "model": found.name,
        "verdict": kept.verdict,
        "since": None if kept.since is None else f"{kept.since:%Y-%m-%d}",
        "alarm": None if kept.alarm is None else f"{kept.alarm:%Y-%m-%d}",
        "needed": kept.needed,
        "buying_days": len(kept.e),
        "capital": float(kept.e[-1]) if len(kept.e) else 1.0,
        "bounds": [float(kept.low[-1]), float(kept.high[-1])] if len(kept.e) else [0.0, 1.0],
        "promised": dict(found.promise),
        "realised": None if found.evidence is None else found.evidence.to_dict(),
        "money": None if found.money is None else found.money.to_dict(),
        "years": [{"year": one.year, **one.evidence.to_dict(), "mean": one.mean} for one in found.years],
        "drift": {name: _plain(getattr(moved, name)) for name in ("features", "score")},
    }
    return json.dumps(stable(content), indent=2)


def _plain(moved: Drift | str) -> str | dict[str, object]:
    if isinstance(moved, str):
        return moved
    return {"days": moved.days, "beyond": list(moved.beyond()), "overall": moved.overall}


def _moved(journal: Journal, found: Followed) -> Moved:
    """How the days that came moved, or why that cannot be said."""
    if not len(found.rows):
        return Moved(*["no day has been answered"] * 2)
    try:
        folder = default_model(MODELS)
        if journal.of("model")[-1]["model"]["seal"] != read_strict(folder / MANIFEST)[SEAL]:
            return Moved(*["data/models/shipped is another model than the one that is followed"] * 2)
        model = Predictor.load(folder).model
        return Moved(_features(model, journal, found), _score(found))
    except UserError as error:
        return Moved(*[str(error)] * 2)


def _features(model: Shipped, journal: Journal, found: Followed) -> Drift:
    trained = read_parquet(f"data/features/{model.card.tier}.parquet")
    names = list(model.features)
    bars = stacked(known_past(journal, model.regime.market), bool(model.regime.symbols))
    came = extra.table(bars, model.card.tier, model.asks.own)[names]
    first: pd.Timestamp = dates_of(found.rows.index).min()
    return drift(trained.loc[trained["role"] == "train", names], came[dates_of(came.index) >= first])


def _score(found: Followed) -> Drift | str:
    """Against the scores of the test role: of days that it learned from they are more extreme."""
    tested = [one for one in scores.read("data/tested") if one.card.name == found.name]
    if not tested:
        return "its test role was not opened"
    role = tested[0].role == "test"
    before = pd.DataFrame({"score": tested[0].ensemble[role]}, index=tested[0].index[role])
    return drift(before, found.rows[["score"]])
