"""The bars of today, read and judged, by symbol; nothing of what is known is looked at."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from buysignal.bars.forms.read import read_file
from buysignal.bars.ingested import ingested, ingested_many
from buysignal.bars.panel import holds_many, read_panel
from buysignal.bars.params import Ingest
from buysignal.bars.quality.prepare import Judged, prepare
from buysignal.cli import reading_flags
from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError
from buysignal.core.settings import read

YAHOO = "yahoo"
BACK = 40  # calendar days before the last known bar that are asked of Yahoo, to see whether the past has changed


@dataclass(frozen=True)
class Given:
    """The bars of today.

    Attributes
    ----------
    judged : symbol -> what its bars came to; of one market under its name
    left_out : symbol -> why it has none
    """

    judged: Mapping[str, Judged]
    left_out: Mapping[str, str]


def given(predictor: Predictor, arguments: argparse.Namespace, market: str, last: pd.Timestamp, today: date) -> Given:
    """Read and judge the bars that were named.

    Parameters
    ----------
    market : what one market is called
    last : the last known day
    today : the day after which no bar can be

    Raises
    ------
    UserError
        If they cannot be read, must not be used, are of many symbols for a model of one market or the other way
        round, or end after today.
    """
    many = bool(predictor.model.regime.symbols)
    try:
        found, left_out = _read(predictor, arguments, last, today, many)
    except UserError as error:
        raise UserError(reading_flags.without_params(str(error))) from None
    judged = dict(found) if many else {market: found[""]}
    for symbol, one in judged.items():
        if one.bars.index[-1].date() > today:
            end = f"{one.bars.index[-1]:%Y-%m-%d}"
            raise UserError(f"{symbol}: its last bar is of {end}, after today ({today}): see to the file or the clock")
    return Given(judged, left_out)


def _read(
    predictor: Predictor, arguments: argparse.Namespace, last: pd.Timestamp, today: date, many: bool
) -> tuple[Mapping[str, Judged], dict[str, str]]:
    adjust, drop = arguments.adjust or "splits", arguments.on_bad_symbol
    if arguments.bars == YAHOO:
        ingest = _of_yahoo(last, today).model_copy(update={"adjust": adjust, "on_bad_symbol": drop})
        if ingest.many != many:
            raise UserError(f"ingest.symbol names {'many symbols' if ingest.many else 'one'}, {_trained_on(many)}")
        if not many:
            return {"": ingested(ingest, today)[1]}, {}
        panel = ingested_many(ingest, today)
        return panel.judged, dict(panel.left_out)
    path, wanted = Path(arguments.bars), replace(reading_flags.wanted(arguments), volume=predictor.volume)
    if holds_many(path, wanted) != many:
        raise UserError(f"{path} holds {'one symbol' if many else 'many symbols'}, {_trained_on(many)}")
    if many:
        panel = read_panel(path, wanted, predictor.rules(adjust), drop, today=today)
        return panel.judged, dict(panel.left_out)
    if not path.is_file():
        raise UserError(f"{path} is {'not a file' if path.exists() else 'missing'}: name a file of daily bars")
    try:
        return {"": prepare(read_file(path, wanted), predictor.rules(adjust), today)}, {}
    except UserError as error:
        told = str(error)
        raise UserError(told if told.startswith(str(path)) else f"{path}: {told}") from None


def _of_yahoo(last: pd.Timestamp, today: date) -> Ingest:
    """The symbols of params.yaml, from some days before the last known one to yesterday: today's bar is not whole."""
    days = {"start": (last - timedelta(days=BACK)).date().isoformat(), "end": (today - timedelta(days=1)).isoformat()}
    return read(Ingest).model_copy(update={"source": YAHOO, **days})


def _trained_on(many: bool) -> str:
    return f"and the model was trained on {'many: give them all' if many else 'one market: name the file of that one'}"
