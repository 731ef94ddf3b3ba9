"""Which searched values matter most for reaching the top, and whether the two foremost act together."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import optuna
import pandas as pd
from optuna.distributions import IntDistribution
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances
from statsmodels.api import OLS

from buysignal.analysis.trends import CANNOT_TELL, HOLDS, usable
from buysignal.search.space import DIMENSIONS

FEWEST = 10  # trials below which an importance is a reading of noise
SAMPLE = 600  # trials that importances are estimated from, drawn at random if there are more
SHUFFLES = 399
TREES = 32


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
    rows = usable(trials)
    names = [name for name in DIMENSIONS if rows[name].nunique() > 1]
    if len(rows) < FEWEST or not names or rows["value"].nunique() < 2:
        return []
    rng = np.random.default_rng(seed)
    if len(rows) > SAMPLE:
        rows = rows.iloc[np.sort(rng.choice(len(rows), SAMPLE, replace=False))]
        names = [name for name in names if rows[name].nunique() > 1]
    study, objective = _study(rows, names), rows["value"].to_numpy()
    ped = PedAnovaImportanceEvaluator(target_quantile=top_share)
    absolute = _evaluate(ped, study, names, objective)
    shuffled = [_evaluate(ped, study, names, rng.permutation(objective)) for _ in range(SHUFFLES)]
    forest = FanovaImportanceEvaluator(n_trees=TREES, seed=seed)
    try:  # names in our order: Optuna's own order is that of a set, and the forest depends on it
        explained = get_param_importances(study, evaluator=forest, params=names)
    except RuntimeError:  # no tree finds anything to explain
        return []
    total = sum(absolute.values())
    found = []
    for name in names:
        as_high = sum(other[name] >= absolute[name] for other in shuffled)
        p_value = min(1.0, len(names) * (1 + as_high) / (1 + SHUFFLES))
        share = absolute[name] / total if total > 0 else 0.0
        verdict = HOLDS if p_value < 1 - confidence else CANNOT_TELL
        found.append(Importance(name, share, float(explained[name]), p_value, verdict))
    return sorted(found, key=lambda i: (-i.pedanova, i.name))


def interaction(trials: pd.DataFrame, names: Sequence[str], confidence: float) -> Interaction:
    """F test of the interaction of two dimensions in the objective of the usable trials."""
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


def _study(rows: pd.DataFrame, names: Sequence[str]) -> optuna.Study:
    """The trials as Optuna knows them: places of values, and a loss to be minimised."""
    places = {name: np.unique(rows[name].to_numpy(), return_inverse=True)[1] for name in names}
    axes = {name: IntDistribution(0, int(place.max())) for name, place in places.items()}
    storage = optuna.storages.InMemoryStorage()
    storage.create_new_study([optuna.study.StudyDirection.MINIMIZE], "importance")
    study = optuna.load_study(study_name="importance", storage=storage)
    study.add_trials(
        optuna.trial.create_trial(
            value=-value, params={name: int(places[name][at]) for name in names}, distributions=axes
        )
        for at, value in enumerate(rows["value"])
    )
    return study


def _evaluate(
    evaluator: PedAnovaImportanceEvaluator, study: optuna.Study, names: Sequence[str], objective: np.ndarray
) -> dict[str, float]:
    with warnings.catch_warnings():  # it warns that targets are minimised, and of experimental arguments
        warnings.simplefilter("ignore")
        return evaluator.evaluate(study, list(names), target=lambda trial: -objective[trial.number])
