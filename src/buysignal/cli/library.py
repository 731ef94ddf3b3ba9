"""What `import buysignal` offers; each function imports what it works with when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from buysignal.bars.quality.prepare import Rules
    from buysignal.bars.reading import Wanted
    from buysignal.cli.judge.many import JudgementOfMany
    from buysignal.cli.judge.outside import Judgement
    from buysignal.cli.predict.predictor import Predictor


def load(folder: str | Path) -> Predictor:
    """Load a model that the pipeline shipped.

    Parameters
    ----------
    folder : a model folder, such as `data/models/shipped`: weights in safetensors, everything else in JSON. No code in
        it is run, and its hashes are proved before any value is used

    Returns
    -------
    Predictor
        Give it bars: `Predictor.predict`.

    Raises
    ------
    buysignal.core.errors.UserError
        If the folder is missing, incomplete or changed; in one line.

    Examples
    --------
    >>> import buysignal
    >>> predictor = buysignal.load("data/models/shipped")
    >>> predictor.predict(bars, days=1).columns.tolist()
    ['score', 'probability', 'above', 'buy', 'volatility', 'warnings']
    """
    from buysignal.cli.predict.predictor import Predictor

    return Predictor.load(folder)


def judge(
    scores: pd.Series | pd.DataFrame | str | Path,
    bars: pd.DataFrame | str | Path,
    *,
    tried: int = 1,
    start: str | None = None,
    threshold: float | None = None,
    horizon: int = 1,
    level: float = 0.01,
    barrier: str = "fixed",
    multiple: float = 1.0,
    cost_bps: float = 5.0,
    stop: float | None = None,
    kind: str = "touch",
    per_day: int | None = None,
    wanted: Wanted | None = None,
    on_bad_rows: str = "error",
    cut_scores: pd.Series | pd.DataFrame | str | Path | None = None,
    cut_day: str | None = None,
) -> Judgement | JudgementOfMany:
    """Judge scores of any model, from anywhere: are they worth to be traded on?

    Parameters
    ----------
    scores : a score a day, higher for a likelier buy, or signals 0 and 1: a Series or a frame indexed by day, or the
        path of a CSV; of many symbols indexed by ``symbol`` and ``date``
    bars : daily bars with open, high, low and close: a frame indexed by day, or the path of a file; of many symbols
        indexed by ``symbol`` and ``date``, or the path of a folder or of one file
    tried : models looked at before this one was shown, itself among them; the best of many is often lucky
    start : first day to be looked at, as 2016-01-01; None: the first that is scored
    threshold : buy if the score is at least this; None: 0.5 of signals, else chosen on the first half of the days
    horizon : trading days that a buy looks ahead, 1 to 250
    level : relative move that makes a day a buy; 0.01 is one percent
    barrier : ``fixed``: the move is ``level``; ``volatility``: it is ``multiple`` deviations of the horizon
    multiple : daily deviations times the root of the horizon, where ``barrier`` is ``volatility``
    cost_bps : cost of a round trip, in hundredths of a percent
    stop : relative move at which a trade is given up, such as -0.02; None: there is none
    kind : ``touch``: a High reaches the level; ``close``: the last Close is above it; ``triple``: it is reached before
        ``stop``
    per_day : of many symbols, how many of highest score are bought a day
    wanted : what settles files that can be read in more than one way, `buysignal.bars.reading.Wanted`; no volume is
        read
    on_bad_rows : ``error`` names bad rows and stops, ``drop`` leaves them out, ``repair`` mends what is certain
    cut_scores, cut_day : the scores again, computed from bars that end on that day, as 2017-12-29: they must be the
        same up to it, or the scores look ahead; None: not tested

    Returns
    -------
    Judgement or JudgementOfMany
        Its `verdict` first: use, do not use or cannot tell, and why; precision and recall with intervals, rivals on as
        many buys, luck, money, years. `str` gives the verdict, ``to_dict`` everything in plain types.

    Raises
    ------
    buysignal.core.errors.UserError
        If scores or bars cannot be read, they do not fit, or there is nothing to tell by; in one line.

    Examples
    --------
    >>> import buysignal
    >>> scores = bars["High"] / bars["Low"] - 1  # wide days follow wide days
    >>> judgement = buysignal.judge(scores, bars, tried=3)
    >>> judgement.verdict.word
    'cannot tell'
    >>> judgement.evidence.n_buys, round(judgement.evidence.precision, 3)
    (112, 0.42)
    """
    from dataclasses import replace

    from buysignal.cli.judge.asked import Asked
    from buysignal.cli.judge.outside import judged
    from buysignal.core.settings import parse

    settled, rules = _how(wanted, on_bad_rows)
    values = (tried, start, threshold, horizon, level, barrier, multiple, cost_bps, stop, kind, per_day)
    return judged(
        scores,
        bars,
        parse(Asked, dict(zip(Asked.model_fields, values, strict=True))),
        replace(settled, volume="none"),
        rules,
        cut_scores,
        cut_day,
    )


def compute(
    bars: pd.DataFrame | str | Path, tier: str = "a20", wanted: Wanted | None = None, on_bad_rows: str = "error"
) -> pd.DataFrame:
    """Compute the features of a tier: what a model of the pipeline sees of each day.

    A value depends on the bars up to its own day alone.

    Parameters
    ----------
    bars : daily bars with open, high, low, close and volume, as for `buysignal.judge`
    tier : ``a20``, ``a50``, ``a100`` or ``a200``, about as many features, each with all of the tier before it
    wanted : what settles bars that can be read in more than one way; ``Wanted(volume="none")`` of
        `buysignal.bars.reading` says that they have no volume, and leaves its features out
    on_bad_rows : ``error`` names bad rows and stops, ``drop`` leaves them out, ``repair`` mends what is certain

    Returns
    -------
    DataFrame
        A row for every day after the warm-up of the tier, a float64 column for every feature, all finite. Of many
        symbols the index is (``symbol``, ``date``) and the raw bar is no feature.

    Raises
    ------
    buysignal.core.errors.UserError
        If the bars cannot be used, are no more than the warm-up, or the tier is unknown; in one line.

    Examples
    --------
    >>> import buysignal
    >>> table = buysignal.features.compute(bars, tier="a20")
    >>> table.shape, len(bars)
    ((1451, 25), 1500)
    >>> print(table["rsi_14"].iloc[-1].round(2))
    42.38
    """
    from buysignal.features.extra import table

    return table(_used(bars, wanted, on_bad_rows), tier)


def label(
    bars: pd.DataFrame | str | Path,
    *,
    horizon: int = 1,
    level: float = 0.01,
    kind: str = "touch",
    barrier: str = "fixed",
    multiple: float = 1.0,
    stop: float | None = None,
    wanted: Wanted | None = None,
    on_bad_rows: str = "error",
) -> pd.Series:
    """Label each day: was it a day to buy?

    Parameters
    ----------
    bars, horizon, level, kind, barrier, multiple, stop : as for `buysignal.judge`, which labels days by the same rule
    wanted : as for `buysignal.features.compute`; the volume is not read
    on_bad_rows : ``error`` names bad rows and stops, ``drop`` leaves them out, ``repair`` mends what is certain

    Returns
    -------
    Series
        int8 ``label``, 1 for a day to buy, else 0, indexed by day, or by ``symbol`` and ``date``. The last ``horizon``
        days are not there: nobody knows yet.

    Raises
    ------
    buysignal.core.errors.UserError
        If the bars cannot be used, are no more than ``horizon``, or a value is out of its range; in one line.

    Examples
    --------
    >>> import buysignal
    >>> days = buysignal.label(bars, horizon=1, level=0.01)
    >>> len(days), int(days.sum())
    (1499, 281)
    """
    from dataclasses import replace

    from buysignal.bars.reading import Wanted
    from buysignal.cli.judge.asked import Asked
    from buysignal.core.settings import parse
    from buysignal.days.labels import rises

    given = dict(horizon=horizon, level=level, kind=kind, barrier=barrier, multiple=multiple, stop=stop, cost_bps=0.0)
    used = _used(bars, replace(wanted or Wanted(), volume="none"), on_bad_rows)
    return rises(used, parse(Asked, given).label)["label"]


def _used(bars: pd.DataFrame | str | Path, wanted: Wanted | None, on_bad_rows: str) -> pd.DataFrame:
    """Bars of one symbol or of many that were read, judged and adjusted as `judge` does it."""
    from buysignal.cli.usable import are_of_many, of_many, of_one

    settled, rules = _how(wanted, on_bad_rows)
    if are_of_many(bars, settled):
        return of_many(bars, settled, rules).bars
    used = of_one(bars, settled, rules).bars
    assert used is not None  # bad ones were refused
    return used


def _how(wanted: Wanted | None, on_bad_rows: str) -> tuple[Wanted, Rules]:
    """How bars are read and what is done about bad ones, named as keywords by messages."""
    from dataclasses import replace

    from buysignal.bars.quality.prepare import Rules
    from buysignal.bars.reading import Wanted
    from buysignal.cli.reading_flags import KEYWORD, require_way

    require_way(on_bad_rows)
    return replace(wanted or Wanted(), spelled=KEYWORD), Rules(on_bad_rows)
