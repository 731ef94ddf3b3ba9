"""Which searched values matter most for reaching the top, and whether the two foremost act together."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr

from buysignal.search.rounds.trends import CANNOT_TELL, HOLDS, usable
from buysignal.search.study.space import DIMENSIONS

if TYPE_CHECKING:  # Optuna and statsmodels take a second to import, and the page needs only what was found
    import optuna

FEWEST = 10  # trials below which an importance is a reading of noise
SAMPLE = 600  # trials that importances are estimated from, drawn at random if there are more
SHUFFLES = 399
TREES = 32
FLOOR = 1e-12  # of a density, so that none divides by zero
EQUAL = 1e-9  # relative; importances nearer than this differ by rounding only


@dataclass(frozen=True)
class Importance:
    """How much one dimension matters.

    Attributes
    ----------
    pedanova, fanova : share of the total over all dimensions, each method's own
    p_value : how often a shuffled objective gives as high a PED-ANOVA importance, times the number of
        dimensions (Bonferroni)
    verdict : ``holds`` where the dimension matters beyond noise, else ``cannot tell``
    """

    name: str
    pedanova: float
    fanova: float
    p_value: float
    verdict: str


@dataclass(frozen=True)
class Interaction:
    """Whether the effect of one dimension depends on another's value.

    ``p_value`` of an F test of every combination having its own mean objective against additive
    effects; ``trials`` per ``cells`` tested; None where too few trials are left to estimate noise from.
    """

    names: tuple[str, str]
    trials: int
    cells: int
    p_value: float | None
    verdict: str


def importance(trials: pd.DataFrame, top_share: float, confidence: float, seed: int) -> list[Importance]:
    """Importance of every dimension with at least two values, the most important by PED-ANOVA first.

    PED-ANOVA (Watanabe, Bansal, Hutter, IJCAI 2023) asks what distinguishes the best ``top_share``
    from the other trials, fANOVA (Hutter, Hoos, Leyton-Brown, ICML 2014) what explains the variance
    of the objective. Both see a value as its place among those tested, so scales do not matter.

    Returns
    -------
    list of Importance
        Empty below ten usable trials, or where nothing varies: see `usable`.
    """
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    rows = usable(trials)
    names = [name for name in DIMENSIONS if rows[name].nunique() > 1]
    if len(rows) < FEWEST or not names or rows["value"].nunique() < 2:
        return []
    rng = np.random.default_rng(seed)
    if len(rows) > SAMPLE:
        rows = rows.iloc[np.sort(rng.choice(len(rows), SAMPLE, replace=False))]
        names = [name for name in names if rows[name].nunique() > 1]
    places = {name: np.unique(rows[name].to_numpy(), return_inverse=True)[1] for name in names}
    objective = rows["value"].to_numpy()
    tops = np.array([_top(o, top_share) for o in (objective, *(rng.permutation(objective) for _ in range(SHUFFLES)))])
    pedanova = {name: divergences(place, tops) for name, place in places.items()}  # the true objective first
    study = _study(places, objective)
    forest = FanovaImportanceEvaluator(n_trees=TREES, seed=seed)
    try:  # names in our order: Optuna's own order is that of a set, and the forest depends on it
        explained = get_param_importances(study, evaluator=forest, params=names)
    except RuntimeError:  # no tree finds anything to explain
        return []
    total = sum(values[0] for values in pedanova.values())
    found = []
    for name, (absolute, *shuffled) in pedanova.items():
        as_high = int(np.sum(np.array(shuffled) >= absolute * (1 - EQUAL)))
        p_value = min(1.0, len(names) * (1 + as_high) / (1 + SHUFFLES))
        share = float(absolute / total) if total > 0 else 0.0
        verdict = HOLDS if p_value < 1 - confidence else CANNOT_TELL
        found.append(Importance(name, share, float(explained[name]), p_value, verdict))
    return sorted(found, key=lambda i: (-i.pedanova, i.name))


def interaction(trials: pd.DataFrame, names: Sequence[str], confidence: float) -> Interaction:
    """F test of the interaction of two dimensions in the objective of the usable trials."""
    from statsmodels.regression.linear_model import OLS

    rows = usable(trials)
    first, second = (pd.get_dummies(rows[name].astype("category"), dtype=float).to_numpy() for name in names)
    products = (first[:, :, None] * second[:, None, :]).reshape(len(rows), -1)
    products = products[:, products.any(axis=0)]
    cells, objective = products.shape[1], rows["value"].to_numpy()
    full = OLS(objective, products).fit() if len(rows) else None
    if full is None or full.df_resid < cells or full.ssr <= 1e-12:
        return Interaction((names[0], names[1]), len(rows), cells, None, CANNOT_TELL)
    with warnings.catch_warnings():  # a combination without trials may leave the design short of full rank
        warnings.simplefilter("ignore")
        _, p_value, more = full.compare_f_test(OLS(objective, np.hstack([first, second[:, 1:]])).fit())
    if not more > 0:  # the tested combinations lie so that additive effects explain any means
        return Interaction((names[0], names[1]), len(rows), cells, None, CANNOT_TELL)
    verdict = HOLDS if p_value < 1 - confidence else CANNOT_TELL
    return Interaction((names[0], names[1]), len(rows), cells, float(p_value), verdict)


def divergences(place: np.ndarray, tops: np.ndarray) -> np.ndarray:
    """PED-ANOVA importance of one dimension for many choices of the top at once.

    The squared share of the top times the Pearson divergence of the values in the top from those of all
    trials, each smoothed by `_density`: what `optuna.importance.PedAnovaImportanceEvaluator` gives for
    one objective at a time, for a dimension of at most 50 values.

    Parameters
    ----------
    place : (trials,) place 0, 1, ... of each trial's value among the tested ones
    tops : (choices, trials) whether a trial is in the top; none is empty

    Returns
    -------
    ndarray
        (choices,)
    """
    at = np.eye(place.max() + 1, dtype=np.int64)[place]  # (trials, values)
    counts, which = np.unique(tops.astype(np.int64) @ at, axis=0, return_inverse=True)
    everywhere = _density(at.sum(axis=0)[None])[0] + FLOOR
    ratio = (_density(counts) + FLOOR) / everywhere
    share = counts.sum(axis=1) / len(place)
    return (share**2 * np.sum(everywhere * (ratio - 1) ** 2, axis=1))[which.reshape(-1)]


def _density(counts: np.ndarray) -> np.ndarray:
    """Smoothed shares of values on the grid 0, 1, ... from their counts (rows, values): (rows, values).

    One truncated normal per value and one wide prior, the width by Scott's rule (Scott, Multivariate
    Density Estimation, 1992) in the variant of Watanabe, Bansal, Hutter (2023).
    """
    grid, n = np.arange(counts.shape[1]), counts.sum(axis=1)
    below = counts.cumsum(axis=1)
    mean = counts @ grid / n
    deviation = np.sqrt(np.sum(counts * (grid - mean[:, None]) ** 2, axis=1) / np.maximum(1, n - 1))
    first = np.argmax((below >= n[:, None] // 4) & (counts > 0), axis=1)
    third = np.argmax(below > n[:, None] * 3 // 4, axis=1)
    width = np.maximum(1.059 * np.minimum((third - first) / 1.34, deviation) * n**-0.2, 0.5 / 1.64)
    normals = np.einsum("rk,rkg->rg", counts, _normal(grid[:, None], width[:, None, None], grid))
    return (normals + _normal(grid[-1] / 2, float(len(grid)), grid)) / (n + 1)[:, None]


def _normal(mean: np.ndarray | float, width: np.ndarray | float, grid: np.ndarray) -> np.ndarray:
    """Probability of every cell of the grid under normals that are cut at the grid's ends."""
    ends = ndtr((np.append(grid, len(grid)) - 0.5 - mean) / width)
    return np.diff(ends, axis=-1) / (ends[..., -1:] - ends[..., :1])


def _top(objective: np.ndarray, share: float) -> np.ndarray:
    """Which objectives are among the given share of the highest; equals of the last one too."""
    last = len(objective) - math.ceil(share * len(objective))
    return objective >= np.partition(objective, last)[last]


def _study(places: Mapping[str, np.ndarray], objective: np.ndarray) -> optuna.Study:
    """The trials as Optuna knows them: places of values, and a loss to be minimised."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)  # the storage would tell of the study it is asked for
    axes = {name: optuna.distributions.IntDistribution(0, int(place.max())) for name, place in places.items()}
    storage = optuna.storages.InMemoryStorage()
    storage.create_new_study([optuna.study.StudyDirection.MINIMIZE], "importance")
    study = optuna.load_study(study_name="importance", storage=storage)
    study.add_trials(
        optuna.trial.create_trial(
            value=-value, params={name: int(place[at]) for name, place in places.items()}, distributions=axes
        )
        for at, value in enumerate(objective)
    )
    return study
