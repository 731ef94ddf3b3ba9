"""Features and scores that know the future."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from buysignal.bars.symbols import each, is_many, named
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Looking, Warn, check, some
from buysignal.features import extra
from buysignal.features.tiers import warmup
from buysignal.judge.ahead import ABOVE, KNOWS, next_day, rank_correlations
from buysignal.judge.operating import JUDGE
from buysignal.models.metrics import auc
from buysignal.models.rivals.volatility import volatility_features

FAR = 0.15  # AUC above the best baseline at which one asks for the reason
SEEN = ("train", "stop", "rank")  # roles on which features are tried: nothing is chosen on them by this
CUTS = 12  # days at which the future is cut off
CLOSE = 1e-7  # relative: sums of another order differ by less
Day = pd.Timestamp | tuple[str, pd.Timestamp]


@check("label-leak", "a feature, or a score, that knows the label")
def _label_leak(run: Run) -> Looking:
    horizon = run.params.label.horizon
    future, volatility = each(run.bars, lambda one: _future(one, horizon)), each(run.bars, volatility_features)
    for tier, table in run.tables.items():
        table = table[table["role"].isin(SEEN) & table.index.isin(volatility.index) & table.index.isin(future.index)]
        label, names = table["label"].to_numpy(), run.features(tier)
        values = table[names].to_numpy(float)
        bar = _strengths(label, volatility.loc[table.index].to_numpy()).max()
        rho = np.abs(rank_correlations(values, future.loc[table.index].to_numpy()))  # (F, k)
        for name, own, known in zip(names, _strengths(label, values), rho):
            if own >= KNOWS and own > bar + ABOVE:
                yield f"{tier}: {name} alone has AUC {own:.3f} on {', '.join(SEEN)}; volatility has {bar:.3f}"
            elif known.max() >= KNOWS:
                yield f"{tier}: {name} follows the {future.columns[known.argmax()]} (rho {known.max():.3f})"
    best = max((auc(*model.of(JUDGE)[:2]) for model in run.baselines.values()), default=0.5)
    for name, model in run.models.items():
        reached = max(auc(*model.of(role)[:2]) for role in (JUDGE, "rank") if len(model.of(role)[0]))
        if reached >= KNOWS and reached > best + ABOVE:
            yield f"the score of {name} has AUC {reached:.3f}; the best baseline has {best:.3f}"
        elif reached > best + FAR:
            yield Warn(f"the score of {name} has AUC {reached:.3f}, far above the best baseline's {best:.3f}")
    return "no feature and no score knows what the next days bring"


def _future(bars: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """What a feature must not follow: the days after each day, relative to its close."""
    close = bars["close"]
    highest = bars["high"][::-1].rolling(horizon).max()[::-1].shift(-1)
    later = {
        "High of the label's days": highest / close,
        "return of the label's days": close.shift(-horizon) / close,
    }
    return next_day(bars).add_prefix("next day's ").assign(**later).dropna()


def _strengths(label: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """AUC of each column (n, k), or of its opposite, whichever is higher; 0.5 where one class is absent."""
    positives = int(label.sum())
    misses = len(label) - positives
    if not positives or not misses:
        return np.full(columns.shape[1], 0.5)
    wins = rankdata(columns, axis=0)[label == 1].sum(axis=0) - positives * (positives + 1) / 2  # Mann and Whitney's U
    return np.maximum(wins, positives * misses - wins) / (positives * misses)


@check("look-ahead-feature", "a feature that needs bars after its day, or that nobody can compute again")
def _look_ahead(run: Run) -> Looking:
    own = run.params.features.extra
    for tier, table in run.tables.items():
        right = extra.table(run.bars, tier, own)
        names = list(right.columns)
        if unknown := [name for name in run.features(tier) if name not in names]:
            yield f"{tier}: the registry knows no feature {some(unknown)}"
        if lacking := [name for name in names if name not in table.columns]:
            yield f"{tier}: the table lacks {some(lacking)}"
        known = [name for name in names if name in table.columns]
        for name, day in _wrong_columns(run.bars, table[known], right, tier, own):
            yield f"{tier}: {name} is not what the bars up to its day give on {named(day)}"
    return f"every feature is what the bars up to its day give, cut off at {CUTS} days"


def _wrong_columns(
    bars: pd.DataFrame, table: pd.DataFrame, right: pd.DataFrame, tier: str, own: Sequence[str]
) -> list[tuple[str, Day]]:
    """Columns that differ from a new computation, ``right`` of all days and of some days with the future cut off."""
    table = table[table.index.isin(bars.index) & ~table.index.duplicated()]
    wrong: dict[str, Day] = {}
    days = table.index[np.unique(np.linspace(0, len(table) - 1, CUTS).astype(int))]
    cut = (_up_to(bars, day) for day in days)
    pieces = [extra.table(known, tier, own).iloc[-1:] for known in cut if len(known) > warmup(tier)]
    for piece in [right, *pieces]:
        common = table.index.intersection(piece.index)
        found, true = table.loc[common].to_numpy(float), piece.loc[common, list(table.columns)].to_numpy()
        differs = ~np.isclose(found, true, rtol=CLOSE, atol=CLOSE)
        for column in np.flatnonzero(differs.any(axis=0)):
            wrong.setdefault(table.columns[column], common[int(differs[:, column].argmax())])
    return list(wrong.items())


def _up_to(bars: pd.DataFrame, day: Day) -> pd.DataFrame:
    """Bars up to a day; of many symbols those of its own, as features look along no other."""
    return bars.loc[(day[0], slice(None, day[1])), :] if is_many(bars.index) else bars.loc[:day]
