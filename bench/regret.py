"""Regret of the two-phase search against Optuna's TPE and random search on simulated surfaces.

    python bench/regret.py [--seeds 40] [--trials 50] [--out bench/results/regret.json]
    python bench/regret.py --redraw     draws the figure again from the saved curves

Every seed draws a surface over the reference's 2M grid: a smooth bump whose centre, weights and
one interaction are random, a cliff where deep models meet the largest step size, and measurement
noise as large as the seed noise of an AUC. Regret after k trials is the best true value on the grid
minus the true value of the configuration that *looked* best in those k trials: what a user loses
who trusts the search. All methods see the same surfaces, and the same noise for a configuration.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import altair as alt
import numpy as np
import optuna
import pandas as pd
import vl_convert

from buysignal.core.files import read_json, write_csv, write_json, write_text
from buysignal.models.patchtst.architecture import Configuration, Shape, count_parameters
from buysignal.search.study.proposer import SearchSettings, propose
from buysignal.search.study.record import Outcome, TrialRecord
from buysignal.search.study.space import DIMENSIONS, Space

NOISE = 0.004  # standard deviation of one measured AUC over training seeds
CHECKPOINTS = (10, 20, 26, 30, 40, 50)


def reference_space() -> Space:
    """The reference's 2M grid (REFERENCE: search, per tier x budget)."""
    return Space(
        "2M",
        d_model=(32, 48, 64, 80, 96),
        n_layers=(2, 3, 4, 5, 6),
        n_heads=(2, 4, 8),
        d_ff_ratio=(2, 4),
        dropout=(0.1, 0.3, 0.5, 0.7),
        learning_rate=(1e-5, 5e-5, 1e-4, 5e-4),
        weight_decay=(0.0, 1e-5, 1e-4, 1e-3),
        cap=2_000_000,
        count=partial(count_parameters, shape=Shape(80, 16, 8, True), n_features=55),
    )


class Surface:
    """A noisy objective on the grid, with its true values at hand."""

    def __init__(self, space: Space, seed: int) -> None:
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
        self._space, self._seed = space, seed
        self._centre = rng.uniform(0.0, 1.0, len(DIMENSIONS))
        self._weight = rng.dirichlet(np.ones(len(DIMENSIONS))) * 0.12
        self._pair = rng.choice(len(DIMENSIONS), size=2, replace=False)
        self._coupling = rng.uniform(-0.04, 0.04)
        self.best = max(self.true(c) for c in space.configurations())

    def true(self, configuration: Configuration) -> float:
        """The AUC without noise."""
        index = np.array(self._space.index(configuration))
        span = np.array([max(len(grid) - 1, 1) for grid in self._space.grids])
        offset = index / span - self._centre
        value = 0.73 - self._weight @ offset**2 + self._coupling * np.prod(offset[self._pair])
        deep_and_fast = index[1] == span[1] and configuration.learning_rate == self._space.learning_rate[-1]
        return float(value - 0.05 * deep_and_fast)

    def observe(self, configuration: Configuration) -> float:
        """The AUC of one training run; the same for the same configuration."""
        key = (2, *self._space.index(configuration))
        rng = np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=key))
        return self.true(configuration) + NOISE * float(rng.standard_normal())


def two_phase(surface: Surface, space: Space, trials: int, seed: int, batch: int) -> list[Configuration]:
    """The search of this project."""
    settings = SearchSettings(trials=trials, batch=batch, startup=20, seed=seed)
    records: list[TrialRecord] = []
    while len(records) < trials:
        for p in propose(space, records, len(records), settings):
            outcome = Outcome(value=surface.observe(p.configuration))
            plan = p.index, p.batch, p.origin, p.asked_by, p.configuration
            records.append(TrialRecord(*plan, batch_size=0, parameters=0, cap=space.cap, outcome=outcome))
    return [r.configuration for r in records[:trials]]


def plain_optuna(
    sampler: Callable[[int], optuna.samplers.BaseSampler],
    ordinal: bool,
    surface: Surface,
    space: Space,
    trials: int,
    seed: int,
) -> list[Configuration]:
    """What one writes from Optuna's tutorial: one trial after another, every value suggested.

    ``ordinal`` suggests positions on the grids instead of categories: the stronger rival here.
    """
    asked = []

    def objective(trial: optuna.Trial) -> float:
        if ordinal:
            values = [g[trial.suggest_int(n, 0, len(g) - 1)] for n, g in zip(DIMENSIONS, space.grids)]
        else:
            values = [trial.suggest_categorical(n, list(g)) for n, g in zip(DIMENSIONS, space.grids)]
        asked.append(Configuration(*values))
        return surface.observe(asked[-1])

    study = optuna.create_study(direction="maximize", sampler=sampler(seed))
    study.optimize(objective, n_trials=trials)
    return asked


METHODS = {
    "two_phase_batch_1": partial(two_phase, batch=1),
    "two_phase_batch_2": partial(two_phase, batch=2),
    "two_phase_batch_4": partial(two_phase, batch=4),
    "optuna_tpe_categorical": partial(plain_optuna, lambda s: optuna.samplers.TPESampler(seed=s), False),
    "optuna_tpe_ordinal": partial(plain_optuna, lambda s: optuna.samplers.TPESampler(seed=s), True),
    "random": partial(plain_optuna, lambda s: optuna.samplers.RandomSampler(seed=s), False),
}


def regret_curve(surface: Surface, asked: list[Configuration]) -> np.ndarray:
    """Regret after each trial, shape (trials,): true loss of the best-looking one so far."""
    seen = np.array([surface.observe(c) for c in asked])
    true = np.array([surface.true(c) for c in asked])
    incumbent = [int(np.argmax(seen[: k + 1])) for k in range(len(seen))]
    return surface.best - true[incumbent]


def simulate(seeds: int, trials: int, methods: dict[str, Callable] = METHODS) -> dict[str, np.ndarray]:
    """Regret curves per method, each of shape (seeds, trials)."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = reference_space()
    surfaces = [Surface(space, seed) for seed in range(seeds)]
    return {
        name: np.array([regret_curve(s, run(s, space, trials=trials, seed=k)) for k, s in enumerate(surfaces)])
        for name, run in methods.items()
    }


def summary(curves: dict[str, np.ndarray], reference: str = "two_phase_batch_2") -> dict[str, dict]:
    """Final regret per method, and its paired difference to ``reference`` with a 95 % t interval."""
    from scipy.stats import ttest_rel

    rows = {}
    for name, curve in curves.items():
        row = {"final_regret": curve[:, -1].mean(), "mean_regret_over_trials": curve.mean()}
        if name != reference:
            interval = ttest_rel(curve[:, -1], curves[reference][:, -1]).confidence_interval(0.95)
            row["minus_two_phase"] = (curve[:, -1] - curves[reference][:, -1]).mean()
            row["minus_two_phase_low"], row["minus_two_phase_high"] = interval
        rows[name] = row
    return rows


def draw(curves: pd.DataFrame, seeds: int, path: Path) -> None:
    """Mean regret after each trial, one line per method, as SVG.

    Parameters
    ----------
    curves : column ``trial``, then one column per method, in AUC
    seeds : surfaces the means are over
    """
    long = curves.melt("trial", var_name="method", value_name="regret")
    long["regret"] *= 1000
    chart = (
        alt.Chart(long, title=f"Regret of the search, mean over {seeds} simulated surfaces (lower is better)")
        .mark_line()
        .encode(
            alt.X("trial", title="trials"),
            alt.Y("regret", title="regret of the best-looking configuration, AUC x 1000"),
            alt.Color("method", sort=list(METHODS), scale=alt.Scale(scheme="dark2"), title="method"),
            alt.StrokeDash("method", sort=list(METHODS), legend=None),
        )
        .properties(width=620, height=340)
    )
    write_text(path, vl_convert.vegalite_to_svg(chart.to_json()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--out", type=Path, default=Path("bench/results/regret.json"))
    parser.add_argument("--redraw", action="store_true", help="only draw the figure from the saved curves")
    arguments = parser.parse_args()
    saved, figure = arguments.out.with_suffix(".csv"), arguments.out.with_suffix(".svg")
    if arguments.redraw:
        draw(pd.read_csv(saved), read_json(arguments.out)["seeds"], figure)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        curves = simulate(arguments.seeds, arguments.trials)
    rows = summary(curves)
    write_json(arguments.out, {"seeds": arguments.seeds, "trials": arguments.trials, "methods": rows})
    long = pd.DataFrame({name: curve.mean(axis=0) for name, curve in curves.items()})
    long.insert(0, "trial", range(1, arguments.trials + 1))
    write_csv(saved, long)
    draw(long, arguments.seeds, figure)
    at = [k for k in CHECKPOINTS if k <= arguments.trials]
    print("mean regret after k trials, in AUC x 1000")
    print(f"{'':24}" + "".join(f"{k:>8}" for k in at))
    for name, curve in curves.items():
        print(f"{name:24}" + "".join(f"{1000 * curve[:, k - 1].mean():8.2f}" for k in at))
    for name, row in rows.items():
        if "minus_two_phase" in row:
            low, high = 1000 * row["minus_two_phase_low"], 1000 * row["minus_two_phase_high"]
            print(f"{name} - two_phase: {1000 * row['minus_two_phase']:+.2f} [{low:+.2f}, {high:+.2f}]")


if __name__ == "__main__":
    main()
