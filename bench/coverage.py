"""Do nominal 95 % intervals hold the truth in 95 % of simulated histories, and do equal scores stay equal?

    python bench/coverage.py [--paths 1000] [--resampled 200] [--seed 20] [--out bench/results/coverage.json]
    python bench/coverage.py --redraw     draws the figure again from the saved rows

A history is 600 days. A hidden regime x (unit variance) drives volatility and score alike:

- ``autoregressive``: x is Gaussian AR(1); ``two-state``: x is a Markov chain, turbulent on a quarter of days;
- its autocorrelation has a half-life of 3 days (``short``) or of 21, a month (``month``);
- returns are independent normal, times ``exp(0.4 x)``: hits depend on the regime;
- the label of day t is 1 if the cumulated return of the next 1..h days reaches 1.5 at its highest, so
  labels of neighbouring days share h - 1 days and the level is the same for every h;
- the score is ``0.7 x + 0.7 e`` with e Gaussian AR(1) of half-life 3 days: alerts come in clusters;
- the threshold is a fixed number: the score's quantile in the long simulation.

The truth is the share in `LONG` histories of `LONG_DAYS` days of the same process. ``spread`` is the
width of the central 95 % of the estimates themselves: no honest interval is much narrower. Histories
without a chosen day give the interval [0, 1] and count.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert
from scipy.signal import lfilter
from scipy.stats import norm

from buysignal.core.binomial import clopper_pearson_lower, clopper_pearson_upper
from buysignal.core.files import read_json, write_json, write_text
from buysignal.judge.intervals import effective_count
from buysignal.judge.paired import auc_difference, auc_interval, precision_difference
from buysignal.models.metrics import auc

DAYS, LONG, LONG_DAYS = 600, 400, 10_000
CONFIDENCE, LEVEL = 0.95, 1.5
HALF_LIVES = {"short": 3.0, "month": 21.0}
HORIZONS, RATES = (1, 5, 10), (0.06, 0.20)
DRAWS = 500  # of each bootstrap here; the library draws 2,000


@dataclass(frozen=True)
class Process:
    """Where histories come from; see above. ``half_life`` in days, ``horizon`` in trading days."""

    form: str
    regime: str
    horizon: int

    def sample(self, rng: np.random.Generator, paths: int, days: int) -> tuple[np.ndarray, np.ndarray]:
        """Labels and scores, each (paths, days)."""
        hidden = {"autoregressive": autoregressive, "two-state": two_state}[self.form]
        x = hidden(rng, paths, days + self.horizon, HALF_LIVES[self.regime])
        label = touches(rng.standard_normal(x.shape) * np.exp(0.4 * x), self.horizon)
        return label, 0.7 * x[:, :days] + 0.7 * autoregressive(rng, paths, days, 3.0)


def autoregressive(rng: np.random.Generator, paths: int, days: int, half_life: float) -> np.ndarray:
    """Gaussian AR(1) of unit variance, (paths, days), from its stationary law."""
    rho = 0.5 ** (1 / half_life)
    shock = rng.standard_normal((paths, days))
    shock[:, 1:] *= np.sqrt(1 - rho**2)
    return lfilter([1.0], [1.0, -rho], shock, axis=-1)


def two_state(rng: np.random.Generator, paths: int, days: int, half_life: float) -> np.ndarray:
    """Markov chain of two values, scaled to mean 0 and variance 1, (paths, days); the higher on a quarter of days."""
    leave = (1 - 0.5 ** (1 / half_life)) * np.array([0.25, 0.75])  # of the calm state, of the turbulent one
    state, draw = np.empty((paths, days)), rng.random((paths, days))
    state[:, 0] = draw[:, 0] < 0.25
    for t in range(1, days):
        before = state[:, t - 1]
        state[:, t] = np.where(draw[:, t] < np.where(before > 0, leave[1], leave[0]), 1 - before, before)
    return (state - 0.25) / np.sqrt(0.25 * 0.75)


def touches(returns: np.ndarray, horizon: int) -> np.ndarray:
    """1 where the sum of the next 1..horizon returns reaches `LEVEL` at its highest; (paths, days - horizon)."""
    value = np.cumsum(returns, axis=1)
    days = value.shape[1] - horizon
    gains = (value[:, k : k + days] - value[:, :days] for k in range(1, horizon + 1))
    highest = next(gains)
    for gain in gains:
        highest = np.maximum(highest, gain)
    return (highest >= LEVEL).astype(np.int8)


def processes() -> Iterator[Process]:
    """Every form, regime and horizon."""
    return (Process(*each) for each in product(("autoregressive", "two-state"), HALF_LIVES, HORIZONS))


def share_rows(process: Process, paths: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Coverage and width of precision and recall at each alert rate."""
    long_label, long_score = process.sample(rng, LONG, LONG_DAYS)
    label, score = process.sample(rng, paths, DAYS)
    rows = []
    for rate in RATES:
        threshold = np.quantile(long_score, 1 - rate)
        alert, long_alert = score >= threshold, long_score >= threshold
        hits = (long_alert & (long_label > 0)).sum()
        cell = {**asdict(process), "alert_rate": rate, "base_rate": long_label.mean()}
        precision = covered(alert, label, process.horizon, hits / long_alert.sum())
        recall = covered(label > 0, alert.astype(np.int8), process.horizon, hits / long_label.sum())
        rows += [{**cell, "share": "precision", **precision}, {**cell, "share": "recall", **recall}]
    return rows


def covered(chosen: np.ndarray, success: np.ndarray, horizon: int, truth: float) -> dict[str, float]:
    """How often the intervals of (paths, days) hold the truth, and their median width beside Wilson's."""
    count = chosen.sum(axis=1)
    p = (chosen * success).sum(axis=1) / np.maximum(count, 1)
    n_eff, side = effective_count(chosen, success, horizon), (1 + CONFIDENCE) / 2
    none = count == 0
    low = np.where(none, 0.0, clopper_pearson_lower(p, n_eff, side))
    high = np.where(none, 1.0, clopper_pearson_upper(p, n_eff, side))
    one_sided = np.where(none, 0.0, clopper_pearson_lower(p, n_eff, CONFIDENCE))
    centre, half = wilson(p, count)
    return {
        "truth": truth,
        "chosen_days": np.median(count),
        "n_eff": np.median(n_eff),
        "two_sided": ((low <= truth) & (truth <= high)).mean(),
        "lower": (one_sided <= truth).mean(),
        "width": np.median(high - low),
        "wilson_two_sided": (np.abs(truth - centre) <= half).mean(),
        "wilson_width": np.median(2 * half),
        "spread": np.subtract(*np.quantile(p[~none], [side, 1 - side])),
    }


def wilson(p: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and half width of Wilson's interval (J. Am. Stat. Assoc. 22, 1927); 0.5 and 0.5 without a day."""
    z2 = norm.ppf((1 + CONFIDENCE) / 2) ** 2
    centre = (count * p + z2 / 2) / (count + z2)
    return centre, np.sqrt(z2 * (count * p * (1 - p) + z2 / 4)) / (count + z2)


def independent_row(n_buys: int, truth: float, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """Buys on random days with independent outcomes: what the caution costs where nothing depends."""
    chosen = np.argsort(rng.random((paths, DAYS)), axis=1) < n_buys
    return {"n_buys": n_buys, **covered(chosen, (rng.random((paths, DAYS)) < truth).astype(np.int8), 1, truth)}


def auc_row(process: Process, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """Coverage and width of the interval of the area under the ROC."""
    long_label, long_score = process.sample(rng, LONG, LONG_DAYS // 10)
    truth = auc(long_label.ravel(), long_score.ravel())
    label, score = process.sample(rng, paths, DAYS)
    found = [auc_interval(label[i], score[i], process.horizon, CONFIDENCE, i, DRAWS) for i in range(paths)]
    low, high = np.array([f.low for f in found]), np.array([f.high for f in found])
    held = (low <= truth) & (truth <= high)
    return {**asdict(process), "truth": truth, "two_sided": held.mean(), "width": np.median(high - low)}


def paired_row(errors: str, horizon: int, gain: float, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """How often two scores are called different; the model buys on about 15 % of days.

    Both see the month-long regime with errors of their own, which last a day or a month. The baseline's
    share of the regime is ``gain`` times the model's: 1 is equal skill, below 1 the model is better.
    """
    x = autoregressive(rng, paths, DAYS + horizon, HALF_LIVES["month"])
    label = touches(rng.standard_normal(x.shape) * np.exp(0.4 * x), horizon)
    last = {"day": 0.05, "month": HALF_LIVES["month"]}[errors]  # half-life .05 days: rho = 1e-6
    model, baseline = (0.7 * g * x[:, :DAYS] + 0.7 * autoregressive(rng, paths, DAYS, last) for g in (1.0, gain))
    alert = model >= 0.7 * np.sqrt(2) * norm.ppf(0.85)
    area = [auc_difference(label[i], model[i], baseline[i], horizon, CONFIDENCE, i, DRAWS) for i in range(paths)]
    bought = np.flatnonzero(alert.any(axis=1))
    precision = [precision_difference(label[i], alert[i], baseline[i], horizon, CONFIDENCE, i, DRAWS) for i in bought]
    rates = {
        f"{name}_{verdict.replace(' ', '_')}": sum(d.verdict == verdict for d in found) / paths
        for name, found in (("precision", precision), ("auc", area))
        for verdict in ("better", "worse")
    }
    return {"errors": errors, "horizon": horizon, "gain": gain, "paths": paths, **rates}


def study(paths: int, resampled: int, seed: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Names and rows of the tables; each row has its own generator, so that one can be looked at alone."""

    def generator(*key: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))

    every = list(processes())
    yield "shares", [row for i, p in enumerate(every) for row in share_rows(p, paths, generator(0, i))]
    alone = enumerate(((30, 0.5), (120, 0.5), (30, 0.9)))
    yield "independent", [independent_row(*case, paths, generator(1, i)) for i, case in alone]
    null, power = list(product(("day", "month"), (1, 5), (1.0,))), list(product(("day", "month"), (1,), (0.0, 0.4)))
    times = {1.0: 2 * resampled}  # errors are rare and need more histories than power
    cases = enumerate(null + power)
    yield "paired", [paired_row(*case, times.get(case[2], resampled // 2), generator(3, i)) for i, case in cases]
    yield "auc", [auc_row(p, resampled, generator(2, i)) for i, p in enumerate(every)]


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Coverage against width over Wilson's width, one point per cell, as SVG."""
    table = pd.DataFrame(rows)
    ours = table.assign(interval="ours", coverage=table.two_sided, ratio=table.width / table.wilson_width)
    theirs = table.assign(interval="Wilson", coverage=table.wilson_two_sided, ratio=1.0)
    both = pd.concat([ours, theirs])[["share", "regime", "form", "horizon", "interval", "coverage", "ratio"]]
    points = (
        alt.Chart(both)
        .mark_point(filled=True, size=60, opacity=0.7)
        .encode(
            alt.X("ratio", title="median width / Wilson's"),
            alt.Y("coverage", title="coverage of two-sided 95 %", scale=alt.Scale(domain=[0.2, 1])),
            alt.Color("regime", scale=alt.Scale(scheme="dark2"), title="regime lasts"),
            alt.Shape("interval", title="interval"),
        )
        .properties(width=300, height=280)
    )
    rule = alt.Chart(both).mark_rule(strokeDash=[4, 4]).encode(y=alt.datum(CONFIDENCE))
    chart = (points + rule).facet(alt.Column("share", title=None))
    write_text(path, vl_convert.vegalite_to_svg(chart.to_json()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=1000, help="histories per cell of precision and recall")
    parser.add_argument("--resampled", type=int, default=200, help="histories per cell of what is bootstrapped")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("bench/results/coverage.json"))
    parser.add_argument("--redraw", action="store_true", help="only draw the figure from the saved rows")
    arguments = parser.parse_args()
    figure = arguments.out.with_suffix(".svg")
    if arguments.redraw:
        draw(read_json(arguments.out)["shares"], figure)
        return
    head = {"date": datetime.date.today().isoformat(), "days": DAYS, "confidence": CONFIDENCE, "draws": DRAWS}
    asked = {"paths": arguments.paths, "resampled": arguments.resampled, "seed": arguments.seed}
    versions = {name: version(name) for name in ("numpy", "scipy", "arch")}
    tables = {}
    for name, rows in study(arguments.paths, arguments.resampled, arguments.seed):
        tables[name] = rows
        write_json(arguments.out, {**head, **asked, "versions": versions, **tables})  # what is done is kept
        print(f"\n{name}\n{pd.DataFrame(rows).round(3).to_string(index=False)}", flush=True)
    draw(tables["shares"], figure)


if __name__ == "__main__":
    main()
