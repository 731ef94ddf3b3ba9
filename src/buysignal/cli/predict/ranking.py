"""The latest answers for many symbols, ranked: which of them, as the model sees it, is worth most today."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.panel import DROP, Panel, read_panel
from buysignal.bars.quality.across import few_of
from buysignal.bars.reading import Wanted
from buysignal.cli.predict.cautions import AS_OF, FUTURE, KINDS, STALE, TODAY, Caution, cautions
from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError
from buysignal.judge.best_of_day import the_best

OLDER = "older"  # a caution that some symbols have no bar of the day on which the best are bought
ORDER = (STALE, TODAY, FUTURE, *KINDS)  # of the cautions of symbols
MARKET = "market"  # a caution that holds for every symbol but the one that the model was trained on


@dataclass(frozen=True)
class Ranking:
    """What a model says of the latest day of many symbols.

    Attributes
    ----------
    predictor : who says it
    rows : index ``symbol``, the most probable first: ``date`` of its last bar, ``bars``, how many there are, and the
        columns of `Predictor.predict`; ``warnings`` are words of `cautions.KINDS` and of the cautions of whole bars
    panel : the bars, of which some may be too few for an answer
    among : symbols of which the best were taken, by name; none where a threshold alone decides
    left_out : symbol -> why it has no answer
    cautions : symbol -> reasons to doubt its answer
    general : reasons to doubt all
    """

    predictor: Predictor
    rows: pd.DataFrame
    panel: Panel
    among: tuple[str, ...]
    left_out: Mapping[str, str]
    cautions: Mapping[str, tuple[Caution, ...]]
    general: tuple[Caution, ...]


def ranked(
    predictor: Predictor,
    path: Path,
    asked: date | None,
    today: date,
    wanted: Wanted,
    adjust: str,
    on_bad_symbol: str,
) -> Ranking:
    """The latest answers for the symbols of a folder or a file.

    Raises
    ------
    UserError
        If a symbol cannot be used and is not to be left out, or none has bars enough for an answer.
    """
    try:
        panel = read_panel(path, wanted, predictor.rules(adjust), on_bad_symbol, until=asked)
    except UserError as error:
        raise UserError(_here(str(error))) from None
    answers, left_out = _answers(predictor, panel, on_bad_symbol)
    if not answers:
        symbol, why = next(iter(left_out.items()))
        raise UserError(f"{path}: none of {len(left_out):,} symbols has an answer; {symbol}: {why}")
    last = max(panel.of(symbol).index[-1] for symbol in answers)
    told = {symbol: _cautions(predictor, panel.of(symbol), found, last, today) for symbol, found in answers.items()}
    rows = pd.concat(answers.values()).reset_index(names="date").set_axis(pd.Index(list(answers), name="symbol"))
    rows.insert(1, "bars", [len(panel.of(symbol)) for symbol in answers])
    may = predictor.anyway | rows.index.isin(predictor.model.regime.known)  # what was measured is of these
    among = rows.index[may & (rows["date"] == last)] if predictor.model.per_day else rows.index[:0]
    if predictor.model.per_day:
        rows["above"] &= rows.index.isin(_best(rows.loc[among, "score"], predictor.model.per_day))
    rows["buy"] = rows["above"] & predictor.says_buy & may
    rows["warnings"] = [" ".join(caution.kind for caution in told[symbol]) for symbol in answers]
    order = np.lexsort([rows.index, -rows["score"], -rows["probability"]])
    general = tuple([*_general(predictor, list(answers), last.date(), asked, today), *_older(predictor, rows, last)])
    return Ranking(predictor, rows.iloc[order], panel, tuple(among), left_out, told, general)


def _best(score: pd.Series, per_day: int) -> pd.Index:
    """The symbols of highest score (index ``symbol``); of equal ones the name that sorts first, as they were judged."""
    return score.index[np.lexsort([score.index, -score])[:per_day]]


def _older(predictor: Predictor, rows: pd.DataFrame, last: pd.Timestamp) -> list[Caution]:
    """That the best of the last day are not chosen among all."""
    older = rows.index[rows["date"] < last]
    if not predictor.model.per_day or not len(older):
        return []
    text = (
        f"{len(older):,} of {len(rows):,} symbols without a bar of {last:%Y-%m-%d}, the latest day of all "
        f"({few_of(list(older))}): {the_best(predictor.model.per_day)} of that day cannot be of these"
    )
    return [Caution(OLDER, text)]


def _answers(predictor: Predictor, panel: Panel, on_bad_symbol: str) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """The latest day of each symbol; and why the others have none, of which too few bars are never an error."""
    answers, left_out = {}, {symbol: _here(why) for symbol, why in panel.left_out.items()}
    for symbol in panel.symbols:
        try:
            predictor.require_enough(panel.of(symbol))
        except UserError as error:
            left_out[symbol] = str(error)
            continue
        try:
            answers[symbol] = predictor.answers(panel.of(symbol), 1)
        except UserError as error:
            if on_bad_symbol != DROP:
                raise UserError(f"symbol {symbol}: {error}; or give --on-bad-symbol drop") from None
            left_out[symbol] = str(error)
    return answers, dict(sorted(left_out.items()))


def _cautions(
    predictor: Predictor, bars: pd.DataFrame, found: pd.DataFrame, last: pd.Timestamp, today: date
) -> tuple[Caution, ...]:
    """What must be told of one symbol; its last bar is held against the latest of all."""
    end = bars.index[-1]
    old = (last - end).days
    stale = Caution(STALE, f"the last bar is of {end:%Y-%m-%d}, {old:,} days before the latest of all, {last:%Y-%m-%d}")
    told = cautions(found, bars, predictor.model, end.date(), today)
    return (*(stale,) * (old > predictor.model.regime.max_gap_days), *told)


def _general(predictor: Predictor, symbols: list[str], last: date, asked: date | None, today: date) -> list[Caution]:
    """What must be told of all."""
    regime, found = predictor.model.regime, []
    if not set(symbols) <= set(regime.known):
        of = f"{len(regime.symbols):,} symbols" if regime.symbols else f"{regime.market} alone"
        text = f"the model was trained on {of}: of any other symbol nothing is promised, neither what "
        text += "its buys come to nor that its probability is one; what is measured was measured there"
        text += "" if predictor.anyway else ". No buy is said of it without --anyway"
        found.append(Caution(MARKET, text))
    if asked is not None and asked != last:
        found.append(Caution(AS_OF, f"no symbol has a bar of {asked}: the latest before it is of {last}"))
    if asked is None and (today - last).days > regime.max_gap_days:
        found.append(Caution(STALE, f"the latest bar of all is of {last}, {(today - last).days:,} days before today"))
    return found


def summed(ranking: Ranking) -> list[tuple[str, list[str], str]]:
    """The cautions of symbols by kind: the kind, its symbols as they are ranked, and a text that shows the first."""
    held: dict[str, dict[str, str]] = {}
    for symbol in ranking.rows.index:
        for caution in ranking.cautions[symbol]:
            held.setdefault(caution.kind, {})[symbol] = caution.text
    order = [kind for kind in ORDER if kind in held]
    return [(kind, list(held[kind]), _told(kind, held[kind], len(ranking.rows))) for kind in order]


def _told(kind: str, held: Mapping[str, str], of: int) -> str:
    symbol, text = next(iter(held.items()))
    return f"{kind} in {len(held):,} of {of:,} symbols ({few_of(list(held))}); {symbol}: {text}"


def _here(text: str) -> str:
    """A message without what would mend the pipeline's bars, for no params.yaml is read here."""
    text = re.sub(r" or set ingest.on_bad_rows to \w+", "", text)
    return text.replace("set ingest.on_bad_symbol to drop", "give --on-bad-symbol drop").replace("ingest.", "")
