"""How lucky the best of many is, and what the pipeline's answers to that leave of it.

    python bench/luck.py [--reps 500] [--boards 250] [--out bench/results/luck.json]

Markets without skill, whose truth is known: labels and scores come from independent series, each alone
or sharing a part, with or without memory. Reported are means over repetitions of *estimate minus truth*
with their standard errors. Nothing depends on the machine but the versions that are written down.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy.signal import lfilter
from scipy.stats import norm

from buysignal.core.files import write_json
from buysignal.judge.intervals import precision_lower
from buysignal.judge.luck import BEYOND, auc_luck, luck_bar
from buysignal.judge.operating import SelectionRules, operating_point
from buysignal.judge.overfitting import pbo
from buysignal.judge.shrinkage import POOLED, shift_count, shrink, shrink_leaderboard
from buysignal.models.scores import ModelCard, Scored

DAYS, BUYS, CONFIDENCE = 600, 30, 0.95
RULES = SelectionRules(count=10, min_buys=30, min_recall=0.05, confidence=CONFIDENCE, horizon=1, points=21)


def remembering(rng: np.random.Generator, shape: tuple[int, ...], memory: float) -> np.ndarray:
    """Standard normal series over the last axis whose neighbours correlate by ``memory``."""
    noise = rng.standard_normal((*shape[:-1], shape[-1] + 200))  # 200 days to forget the start
    return lfilter([np.sqrt(1 - memory**2)], [1, -memory], noise, axis=-1)[..., 200:]


def market(
    rng: np.random.Generator, p: float, models: int, days: int, shared: float, families: int, memory: float
) -> tuple[np.ndarray, np.ndarray]:
    """Labels (days,) of base rate p, and scores (models, days) that know nothing of them.

    ``shared`` is the correlation of two scores of one family.
    """
    label = (remembering(rng, (days,), memory) < norm.ppf(p)).astype(np.int8)
    common = remembering(rng, (families, days), memory)[np.arange(models) % families]
    own = remembering(rng, (models, days), memory)
    return label, np.sqrt(shared) * common + np.sqrt(1 - shared) * own


def any_shape(precision: np.ndarray, n_eff: np.ndarray, rounds: int = 300) -> np.ndarray:
    """Posterior means under a prior of any shape on a grid, by EM (Kiefer and Wolfowitz, 1956): the rival that lost."""
    grid = np.linspace(0.005, 0.995, 100)
    log = (precision * n_eff)[:, None] * np.log(grid) + ((1 - precision) * n_eff)[:, None] * np.log1p(-grid)
    likelihood, weight = np.exp(log - log.max(axis=1, keepdims=True)), np.full(100, 0.01)
    for _ in range(rounds):
        weight = weight * (likelihood / (likelihood @ weight)[:, None]).mean(axis=0)
    return likelihood * weight @ grid / (likelihood @ weight)


def errors(rows: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and its standard error per column."""
    table = pd.DataFrame(rows)
    return {name: {"mean": c.mean(), "se": c.std() / np.sqrt(len(c))} for name, c in table.items()}


def best_of(reps: int, p: float, models: int, shared: float = 0.0, families: int = 1, memory: float = 0.0) -> dict:
    """The model ranked first by lower bound among models with 30 buys each: estimates minus p."""
    rows = []
    for seed in range(reps):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
        label, score = market(rng, p, models, DAYS, shared, families, memory)
        alert = score >= np.partition(score, -BUYS, axis=1)[:, [-BUYS]]
        low, n_eff = precision_lower(label, alert, 1, CONFIDENCE)
        precision, first = (alert * label).sum(axis=1) / BUYS, int(low.argmax())
        both = shrink_leaderboard(label, alert, n_eff, np.zeros(models), 1)
        rows.append(
            {
                "naive": precision[first] - p,
                "lower_bound": low[first] - p,
                "shrunken": both.precision[first] - p,
                "shrunken_hac_count_only": shrink(precision, n_eff).precision[first] - p,
                "shrunken_any_shape": any_shape(precision, np.minimum(n_eff, shift_count(label, alert, 1)))[first] - p,
                "called_no_difference": float(both.verdict == POOLED),
            }
        )
    cell = {"p": p, "models": models, "shared": shared, "families": families, "memory": memory}
    return {**cell, "reps": reps, **errors(rows)}


def real_differences(reps: int, models: int, good: int) -> dict:
    """A few models with a true precision of .6 among .3, 30 independent buys each."""
    truth, rows = np.where(np.arange(models) < good, 0.6, 0.3), []
    for seed in range(reps):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2,)))
        precision, n_eff = rng.binomial(BUYS, truth) / BUYS, np.full(models, float(BUYS))
        found, rival = shrink(precision, n_eff).precision, any_shape(precision, n_eff)
        first = int(precision.argmax())
        rows.append(
            {
                "first_is_good": float(first < good),
                "first_naive_error": precision[first] - truth[first],
                "first_shrunken_error": found[first] - truth[first],
                "good_shrunken": found[:good].mean(),
                "good_any_shape": rival[:good].mean(),
                "rest_shrunken": found[good:].mean(),
            }
        )
    return {"models": models, "good": good, "reps": reps, **errors(rows)}


def one_model(reps: int, truth: float, base: float) -> dict:
    """One model at a threshold fixed beforehand: left alone, or anchored at the base rate by 30 buys' weight."""
    rng = np.random.default_rng(np.random.SeedSequence(reps, spawn_key=(3,)))
    seen = rng.binomial(BUYS, truth, reps) / BUYS
    rows = [{"left_alone": x - truth, "anchored": (x + base) / 2 - truth} for x in seen]
    return {"truth": truth, "base_rate": base, "reps": reps, **errors(rows)}


def boards(reps: int, models: int, shared: float, memory: float, p: float = 0.15) -> dict:
    """Leaderboards where each model chose among 21 thresholds: the luck bar's size, and what shrinking leaves."""
    rows = []
    for seed in range(reps):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(4,)))
        label, score = market(rng, p, models, 2 * DAYS, shared, 1, memory)
        competing = [_scored(f"m{i:02}", label, norm.cdf(row)) for i, row in enumerate(score)]
        bar = luck_bar(competing, RULES)
        points = {m.card.name: point for m in competing if (point := operating_point(m, RULES).point)}
        if not points:
            continue
        chosen = [m for m in competing if m.card.name in points]
        judged = chosen[0].of("threshold")[0]
        alert = np.array([m.of("threshold")[1] >= points[m.card.name].threshold for m in chosen])
        at = list(points.values())
        n_eff, first = np.array([x.n_eff for x in at]), int(np.argmax([x.precision_low for x in at]))
        optimism = np.array([bar.optimism.get(name, 0.0) for name in points])
        rows.append(
            {
                "naive": at[first].precision - p,
                "shrunken_optimism_kept": shrink_leaderboard(judged, alert, n_eff, 0 * optimism, 1).precision[first]
                - p,
                "shrunken": shrink_leaderboard(judged, alert, n_eff, optimism, 1).precision[first] - p,
                "called_beyond_luck": float(bar.verdict == BEYOND),
                "bar_mean_precision": bar.precision.mean,
            }
        )
    return {"p": p, "models": models, "shared": shared, "memory": memory, "reps": len(rows), **errors(rows)}


def _scored(name: str, label: np.ndarray, score: np.ndarray) -> Scored:
    card = ModelCard(name, "a50", "transformer", "2M", "random", None, 1, 1, (1,), (1,))
    dates = pd.bdate_range("2010-01-01", periods=len(label), name="date")
    return Scored(card, dates, np.repeat(["calibrate", "threshold"], DAYS), label, score[None])


def trials(reps: int, count: int, memory: float) -> dict:
    """The luck bar of the best AUC of no-skill trials, and the probability of backtest overfitting."""
    rows, probabilities = [], []
    for seed in range(reps):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(5,)))
        label, score = market(rng, 0.2, count, 500, 0.5, 1, memory)
        bar, found = auc_luck(label, score, 1), pbo(label, score, 1)
        probabilities.append(found.probability)
        rows.append(
            {
                "best_auc": bar.auc.observed,
                "bar_mean": bar.auc.mean,
                "called_beyond_luck": float(bar.verdict == BEYOND),
                "pbo": found.probability,
                "winner_auc_in": found.auc_in,
                "winner_auc_out": found.auc_out,
                "pbo_called_holds": float(found.verdict == "holds"),
            }
        )
    spread = dict(zip(("p05", "p50", "p95"), np.quantile(probabilities, [0.05, 0.5, 0.95]).tolist()))
    return {"trials": count, "shared": 0.5, "memory": memory, "reps": reps, "pbo_quantiles": spread, **errors(rows)}


def study(reps: int, n_boards: int) -> dict:
    """Every cell."""
    shapes = ({}, {"shared": 0.8}, {"shared": 0.9, "families": 5})
    cells = [{"p": p, **shape} for p in (0.5, 0.3, 0.2) for shape in shapes]
    cells += [{"p": p, "memory": 0.9, **shape} for p in (0.5, 0.3) for shape in shapes]
    return {
        "best_of_300": [best_of(reps, models=300, **cell) for cell in cells],
        "best_of_few": [best_of(reps, p=0.3, models=n, memory=m) for n in (2, 3, 13) for m in (0.0, 0.9)],
        "real_differences": [real_differences(reps, *cell) for cell in ((300, 6), (300, 30), (13, 3), (13, 1))],
        "one_model": [one_model(20 * reps, truth, 0.3) for truth in (0.3, 0.6)],
        "leaderboards": [
            boards(n_boards, 5, shared, memory) for shared, memory in ((0.0, 0.0), (0.8, 0.0), (0.0, 0.9), (0.8, 0.9))
        ],
        "trials": [trials(reps, count, memory) for count, memory in ((20, 0.0), (20, 0.9), (100, 0.9))],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=int, default=500)
    parser.add_argument("--boards", type=int, default=250)
    parser.add_argument("--out", type=Path, default=Path("bench/results/luck.json"))
    arguments = parser.parse_args()
    about = {
        "date": date.today().isoformat(),
        "seeds": f"0 to reps - 1, one SeedSequence spawn key per study; {DAYS} days, {BUYS} buys, horizon 1",
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
    }
    found = study(arguments.reps, arguments.boards)
    write_json(arguments.out, about | found)
    for name, cells in found.items():
        print(f"\n{name}")
        for cell in cells:
            flat = {k: f"{v['mean']:+.3f}" if isinstance(v, dict) and "mean" in v else v for k, v in cell.items()}
            print("  " + "  ".join(f"{k} {v}" for k, v in flat.items()))


if __name__ == "__main__":
    main()
