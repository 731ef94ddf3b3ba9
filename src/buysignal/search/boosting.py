"""Boosting with a search of its own: what many configurations were tried for is to beat more than a single try.

A trial is a way to grow trees. They are fitted as every boosting is, with as many rounds as the stop role says, and are
worth what `hpo.objective` makes of their scores of the rank role. The first trial grows them as the boosting does that
nobody tuned, so the best is no worse there; TPE asks for the others. Trials run one after another on one thread.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import optuna
import pandas as pd
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.samplers import TPESampler
from optuna.trial import create_trial

from buysignal.core.errors import UserError
from buysignal.core.fingerprint import fingerprint
from buysignal.core.lock import WAIT_S, exclusive
from buysignal.core.progress import progress
from buysignal.core.seeds import member_seeds
from buysignal.models.best_of_day import precision_per_day
from buysignal.models.days import Days
from buysignal.models.metrics import auc, precision_at_recall, ranking
from buysignal.models.rivals.boosting import SHALLOW, Boosting, Growth
from buysignal.models.scores import TunedCard
from buysignal.search.params import PER_DAY, Hpo
from buysignal.search.study.journal import Journal

TUNED = "boosting-tuned"  # last part of its name
GROWN = dict(rounds=500, patience=50)  # of all but the first: a small rate asks for many trees, a large one for few
STARTUP = 5  # trials, with the first, before TPE

CODE = ("buysignal.search.boosting",)
PACKAGES = ("lightgbm", "numpy", "optuna", "scikit-learn")


@dataclass(frozen=True)
class Tried:
    """One trial.

    Attributes
    ----------
    growth : how its trees were grown
    trees, leaves : as many were kept
    auc, value : on the rank role; ``value`` is the objective
    """

    growth: Growth
    trees: int
    leaves: int
    auc: float
    value: float

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Inverse of `dataclasses.asdict`, also after JSON."""
        return cls(**{**content, "growth": Growth(**content["growth"])})


def tuned(
    days: Days, hpo: Hpo, trials: int, seed: int, folder: Path, source: Mapping[str, Any], wait_s: float = WAIT_S
) -> tuple[Boosting, pd.DataFrame]:
    """Search for boosted trees; the result is a function of the arguments, but for ``folder``, however often killed.

    Parameters
    ----------
    days : of all roles but test
    hpo : says what a trial is worth
    trials : >= 1; raising it goes on with the same search
    seed : root of every random draw
    folder : of unfinished studies
    source : plain values that the days are a function of: another one is another search
    wait_s : how long to wait for another process that is at the same search

    Returns
    -------
    The best, ``<tier>-boosting-tuned``, of equals the first; and a row per trial.

    Raises
    ------
    UserError
        If another process holds the study, or its file cannot be read or holds trials of another.
    """
    known, rank = days.known(), days.of_roles("rank")
    path = folder / f"{days.tier}-boosting-{_identity(hpo, seed, source)}.db"
    axes = axes_of(int((known.role == "train").sum()))
    seeds = member_seeds(seed, "boosting", trials)
    with exclusive(path.with_suffix(".lock"), wait_s), closing(Journal(path)) as journal:
        done = journal.read(Tried.from_dict)[:trials]
        fits: dict[int, Boosting] = {}  # the best of those fitted here
        with progress(f"boosting {days.tier}", trials, len(done)) as advance:
            for number in range(trials):
                growth = proposed(done[:number], axes, seeds[number])
                if number < len(done):
                    _require_same(path, number, done[number].growth, growth)
                    continue
                begun = time.monotonic()
                one, fit = _trial(known, rank, seed, growth, hpo)
                if not done or one.value > max(other.value for other in done):
                    fits = {number: fit}
                done.append(one)
                _keep(journal, one, axes, time.monotonic() - begun)
                advance(f"best so far: AUC {max(one.auc for one in done):.3f}")
    best = max(range(trials), key=lambda number: done[number].value)  # the first of equals
    fit = fits.get(best) or Boosting.fit(known, seed, done[best].growth)
    card = vars(fit.card) | {"name": f"{days.tier}-{TUNED}"}
    return replace(fit, card=TunedCard(**card, tried=trials)), table(done)


def axes_of(rows: int) -> dict[str, BaseDistribution]:
    """What is searched, of so many train days: more days bear larger leaves."""
    return {
        "depth": IntDistribution(2, 8),
        "rate": FloatDistribution(0.01, 0.2, log=True),
        "leaf_rows": IntDistribution(10, max(80, rows // 50), log=True),
        "features": FloatDistribution(0.3, 1.0),
        "rows": FloatDistribution(0.4, 1.0),
        "l2": FloatDistribution(0.0, 20.0),
    }


def proposed(done: Sequence[Tried], axes: Mapping[str, BaseDistribution], seed: int) -> Growth:
    """What comes after some trials: a function of them and of ``seed``, its own."""
    if not done:
        return SHALLOW
    study = optuna.create_study(
        direction="maximize", sampler=TPESampler(n_startup_trials=STARTUP, multivariate=True, seed=seed)
    )
    for one in done:
        study.add_trial(create_trial(value=one.value, params=_asked(one, axes), distributions=dict(axes)))
    return Growth(**study.ask(dict(axes)).params, **GROWN)


def worth(label: np.ndarray, score: np.ndarray, index: pd.Index, hpo: Hpo) -> float:
    """The objective of scores (n,) of some days, as the trials of transformers have it."""
    match hpo.objective:
        case "auc":
            return auc(label, score)
        case "precision_at_recall":
            return precision_at_recall(label, score, hpo.recall_floor)
        case objective if objective == PER_DAY:
            return precision_per_day(label, score, index, hpo.per_day)
    return float(getattr(ranking(label, score), hpo.objective))


def table(done: Sequence[Tried]) -> pd.DataFrame:
    """One row per trial, in their order."""
    rows = ({"trial": number, **asdict(one.growth), **asdict(one)} for number, one in enumerate(done))
    return pd.DataFrame(rows).drop(columns="growth")


def _identity(hpo: Hpo, seed: int, source: Mapping[str, Any]) -> str:
    """What the trials are a function of; their number does not count."""
    objective = hpo.model_dump(include={"objective", "per_day", "recall_floor"})
    return fingerprint(code=CODE, packages=PACKAGES, objective=objective, seed=seed, source=dict(source))


def _trial(known: Days, rank: Days, seed: int, growth: Growth, hpo: Hpo) -> tuple[Tried, Boosting]:
    fit = Boosting.fit(known, seed, growth)
    score = fit.averaged(rank)
    found = auc(rank.label, score), worth(rank.label, score, rank.index, hpo)
    return Tried(growth, fit.card.epochs[0], fit.card.parameters, *found), fit


def _keep(journal: Journal, one: Tried, axes: Mapping[str, BaseDistribution], seconds: float) -> None:
    shown = {name: getattr(one, name) for name in ("auc", "trees", "leaves")}
    journal.append(asdict(one), seconds, shown, value=one.value, params=_asked(one, axes), distributions=dict(axes))


def _asked(one: Tried, axes: Mapping[str, BaseDistribution]) -> dict[str, float]:
    return {name: getattr(one.growth, name) for name in axes}


def _require_same(path: Path, number: int, found: Growth, wanted: Growth) -> None:
    """Refuse a trial that this search would not have asked for: mixed searches are worse than none."""
    if found != wanted:
        raise UserError(f"{path} holds trial {number} of another search: delete it and run `dvc repro`")
