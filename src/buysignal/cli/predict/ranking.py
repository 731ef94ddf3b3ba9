"""The latest answers for many symbols, ranked: which of them, as the model sees it, is worth most today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.panel import DROP, Panel, read_panel
from buysignal.bars.quality.across import few_of
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import Wanted
from buysignal.bars.standard import INDEX
from buysignal.bars.symbols import SYMBOL, dates_of
from buysignal.cli.bad_rows import located
from buysignal.cli.predict.cautions import AS_OF, FUTURE, KINDS, STALE, TODAY, Caution, cautions
from buysignal.cli.predict.history import settled
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.reading_flags import as_flags
from buysignal.core.errors import UserError
from buysignal.judge.best_of_day import the_best

OLDER = "older"  # a caution that some symbols have no bar of the day on which the best are bought
ORDER = (STALE, TODAY, FUTURE, *KINDS)  # of the cautions of symbols
MARKET = "market"  # a caution that holds for every symbol but the one that the model was trained on


@dataclass(frozen=True)
class OfMany:
    """What a model says of many symbols.

    Attributes
    ----------
    predictor : who says it
    rows : the columns of `Predictor.predict`, and what else is told of each
    panel : the bars, of which some may be too few for an answer
    left_out : symbol -> why it has no answer
    cautions : symbol -> reasons to doubt its answers, of all that have one
    general : reasons to doubt all
    """

    predictor: Predictor
    rows: pd.DataFrame
    panel: Panel
    left_out: Mapping[str, str]
    cautions: Mapping[str, tuple[Caution, ...]]
    general: tuple[Caution, ...]


@dataclass(frozen=True)
class Ranking(OfMany):
    """The same of the latest day of each.

    Attributes
    ----------
    rows : index ``symbol``, the most probable first: ``date`` of its last bar, ``bars``, how many there are, and the
        columns of `Predictor.predict`; ``warnings`` are words of `cautions.KINDS` and of the cautions of whole bars
    among : symbols of which the best were taken, by name; none where a threshold alone decides
    """

    among: tuple[str, ...]


def ranked(
    predictor: Predictor,
    path: Path,
    asked: date | None,
    today: date,
    wanted: Wanted,
    rules: Rules,
    on_bad_symbol: str,
) -> Ranking:
    """The latest answers for the symbols of a folder or a file.

    Raises
    ------
    UserError
        If a symbol cannot be used and is not to be left out, or none has bars enough for an answer.
    """
    panel = panel_of(path, asked, wanted, rules, on_bad_symbol)
    answers, left_out = answers_of(predictor, panel, on_bad_symbol, lambda bars: predictor.answers(bars, 1))
    if not answers:
        symbol, why = next(iter(left_out.items()))
        raise UserError(f"{path}: none of {len(left_out):,} symbols has an answer; {symbol}: {why}")
    last = max(panel.of(symbol).index[-1] for symbol in answers)
    told = {symbol: _cautions(predictor, panel.of(symbol), found, last, today) for symbol, found in answers.items()}
    rows = pd.concat(answers, names=[SYMBOL, INDEX])
    newest = dates_of(rows.index) == last
    rows = settled(predictor, rows).reset_index(INDEX)
    rows.insert(1, "bars", [len(panel.of(symbol)) for symbol in answers])
    may = predictor.anyway | rows.index.isin(predictor.model.regime.known)
    among = rows.index[may & newest] if predictor.model.per_day else rows.index[:0]
    if predictor.model.per_day:  # those of an older day are none of the best of the newest
        rows[["above", "buy"]] = rows[["above", "buy"]].to_numpy() & newest[:, None]
    rows["warnings"] = [" ".join(caution.kind for caution in told[symbol]) for symbol in answers]
    rows = rows.iloc[np.lexsort([rows.index, -rows["score"], -rows["probability"]])]
    told = {symbol: told[symbol] for symbol in rows.index}
    of_all = tuple([*general(predictor, list(answers), last.date(), asked, today), *_older(predictor, rows, last)])
    return Ranking(predictor, rows, panel, left_out, told, of_all, tuple(among))


def panel_of(path: Path, asked: date | None, wanted: Wanted, rules: Rules, on_bad_symbol: str) -> Panel:
    """The bars of a folder or a file, none after the day ``asked``; `UserError` as for `ranked`."""
    with located(path, wanted, rules, asked):
        return read_panel(path, wanted, rules, on_bad_symbol, until=asked)


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


def answers_of(
    predictor: Predictor, panel: Panel, on_bad_symbol: str, ask: Callable[[pd.DataFrame], pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """What is asked of each symbol's bars; and why others have no answer, of which too few bars are never an error."""
    answers, left_out = {}, {symbol: as_flags(why) for symbol, why in panel.left_out.items()}
    for symbol in panel.symbols:
        try:
            predictor.require_enough(panel.of(symbol))
        except UserError as error:
            left_out[symbol] = str(error)
            continue
        try:
            answers[symbol] = ask(panel.of(symbol))
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


def general(predictor: Predictor, symbols: list[str], last: date, asked: date | None, today: date) -> list[Caution]:
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


def summed(found: OfMany) -> list[tuple[str, list[str], str]]:
    """The cautions of symbols by kind: the kind, its symbols in their order, and a text that shows the first."""
    held: dict[str, dict[str, str]] = {}
    for symbol, doubts in found.cautions.items():
        for caution in doubts:
            held.setdefault(caution.kind, {})[symbol] = caution.text
    order = [kind for kind in ORDER if kind in held]
    return [(kind, list(held[kind]), _told(kind, held[kind], len(found.cautions))) for kind in order]


def _told(kind: str, held: Mapping[str, str], of: int) -> str:
    symbol, text = next(iter(held.items()))
    return f"{kind} in {len(held):,} of {of:,} symbols ({few_of(list(held))}); {symbol}: {text}"
