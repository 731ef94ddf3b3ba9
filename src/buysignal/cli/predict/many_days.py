"""The answers of many symbols on every day of a range: by date, and on each the most probable first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.panel import DROP, Panel
from buysignal.bars.quality.across import few_of
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import Wanted
from buysignal.bars.standard import INDEX
from buysignal.bars.symbols import SYMBOL
from buysignal.cli.predict.answer import ANSWERED, answered, evidence_told, iso, model_told, why, worth
from buysignal.cli.predict.cautions import Caution, asked_day, cautions
from buysignal.cli.predict.history import EVERY, answers_between, in_words, settled
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.predict.ranking import OfMany, answers_of, general, panel_of
from buysignal.cli.predict.written import bars_told, begun, ended, reached, warnings_told
from buysignal.cli.told import plain, table
from buysignal.core.errors import UserError
from buysignal.core.files import stable
from buysignal.judge.best_of_day import the_best

SPLIT = "split"  # a caution that days before a split are answered by prices that are adjusted for it


@dataclass(frozen=True)
class ManyDays(OfMany):
    """What a model says of many symbols on the days of a range.

    Attributes
    ----------
    rows : index (date, symbol), by date, on each the most probable first: the columns of `Predictor.predict`
    since, until : what was asked for; None: from the first answer on, up to the last bar
    """

    since: date | None
    until: date | None


def ranged(
    predictor: Predictor,
    path: Path,
    since: date,
    until: date | None,
    today: date,
    wanted: Wanted,
    rules: Rules,
    on_bad_symbol: str,
) -> ManyDays:
    """The answers for the symbols of a folder or a file from ``since`` on; `history.EVERY`: since the first.

    Raises
    ------
    UserError
        If a symbol cannot be used and is not to be left out, or none has an answer in the range.
    """
    panel = panel_of(path, until, wanted, rules, on_bad_symbol)
    first, last = pd.Timestamp(since), max(panel.of(symbol).index[-1] for symbol in panel.symbols)
    if since > last.date():
        to = f" up to {until}" if until else ""
        raise UserError(f"{path}: --since {since} is after the last bar{to}, {last:%Y-%m-%d}")
    ask = partial(answers_between, predictor, first=first, last=last)
    answers, left_out = answers_of(predictor, panel, on_bad_symbol, ask)
    held = {symbol: found for symbol, found in answers.items() if len(found)}
    if not held:
        begins = _first_day(predictor, panel_of(path, None, wanted, rules, DROP))
        raise UserError(f"{path}: no symbol has an answer {in_words(since, until)}: {begins}")
    left_out |= {symbol: f"it has no bar {in_words(since, until)}" for symbol in answers.keys() - held.keys()}
    rows = settled(predictor, pd.concat(held, names=[SYMBOL, INDEX])).swaplevel()
    names, dates = rows.index.get_level_values(SYMBOL), rows.index.get_level_values(INDEX)
    rows = rows.iloc[np.lexsort([names, -rows["score"], -rows["probability"], dates])]
    told = {
        symbol: cautions(found, panel.of(symbol), predictor.model, panel.of(symbol).index[-1].date(), today)
        for symbol, found in held.items()
    }
    asked = asked_day(predictor.model, last.date(), until)
    of_all = general(predictor, list(held), last.date(), asked, today) + _splits(panel, first)
    begin = None if since == EVERY else since
    return ManyDays(predictor, rows, panel, dict(sorted(left_out.items())), told, tuple(of_all), begin, until)


def _first_day(predictor: Predictor, whole: Panel) -> str:
    days = [whole.of(symbol).index[predictor.needed - 1 :] for symbol in whole.symbols]
    begins = min((of[0] for of in days if len(of)), default=None)
    return f"none has {predictor.needed} bars" if begins is None else f"the first is of {begins:%Y-%m-%d}"


def _splits(panel: Panel, first: pd.Timestamp) -> list[Caution]:
    """That a day of some symbols is not answered by the prices that were known on it."""
    later = {
        symbol: [step.day for step in judged.adjusted if pd.Timestamp(step.day) > first]
        for symbol, judged in panel.judged.items()
    }
    found = [f"{symbol} {days[0]}" for symbol, days in later.items() if days]
    if not found:
        return []
    text = f"split within these days of {few_of(found)}: those before it are answered by prices adjusted for it, as"
    return [Caution(SPLIT, f"{text} of the last day; of one symbol alone each day sees the prices that were known")]


def as_json(found: ManyDays, file: str, ships: str | None) -> str:
    """One object with stable keys; ``days`` has one for each day and symbol."""
    content = {
        **model_told(found.predictor, ships),
        **bars_told(found.panel, file),
        "since": None if found.since is None else found.since.isoformat(),
        "as_of": None if found.until is None else found.until.isoformat(),
        **evidence_told(found.predictor),
        "days": [
            {"date": iso(day), "symbol": symbol, **row, "warnings": row["warnings"].split()}
            for (day, symbol), row in found.rows.to_dict("index").items()
        ],
        "left_out": dict(found.left_out),
        "warnings": warnings_told(found),
    }
    return json.dumps(stable(content), indent=2, ensure_ascii=True)


def blocks(found: ManyDays, file: str, ships: str | None) -> list[str]:
    """As of a ranking, but the days and symbols that are above the threshold, or the best, alone."""
    predictor, above = found.predictor, found.rows[found.rows["above"]]
    cells = [[iso(day), plain(symbol), *answered(row)] for (day, symbol), row in above.iterrows()]
    days, per_day = len(found.rows.index.unique(INDEX)), predictor.model.per_day
    which = f"{the_best(per_day)} of each day" if per_day else "above the threshold"
    count = f"{which}: {len(above):,} of {len(found.rows):,} answers on {days:,} day{'s' * (days > 1)}"
    lines = [*begun(found, file, ships), table(("date", SYMBOL, *ANSWERED), cells) if cells else ""]
    lines.append(f"{count}; the others are left out here, csv, jsonl and parquet have them")
    lines += [*why(predictor, len(above) > 0, *reached(predictor)), *worth(predictor)]
    return [*lines, *ended(found)]
