"""How often a certified threshold breaks its promise, and how often one is certified at all.

    python bench/certified.py [--paths 1000] [--out bench/results/certified.json]

Simulated markets: the label is whether the largest of the next h shocks passes a level, volatility
follows a regime of a given half-life, and the score sees that regime through noise, so alerts and
hits cluster together. Every path has a calibrate role of 402 and a threshold role of 604 days, as the
default run. The target is the true precision at a quantile of the score, plus a hair: above it
every threshold truly reaches the target, at and below it none does. At quantile 0.95 hardly a
threshold with enough buys is true; that is where a promise is most easily broken. At 0 the target is
the base rate, which every threshold beats.

A violation is a path whose certified threshold of highest recall has a true precision below the
target. Shares are over all paths, certified or not, as the promise is.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from importlib.metadata import version

import numpy as np
from mapie.risk_control import FWERFixedSequenceTesting, control_fwer
from scipy.special import expit

from buysignal.core.files import write_json
from buysignal.judge.certified import p_values, reject
from buysignal.judge.operating import candidate_thresholds
from buysignal.judge.thresholds import curve_at

SEED = 20261125
CALIBRATE, GAP, THRESHOLD = 402, 5, 604  # days
POINTS, MIN_BUYS = 101, 30  # as in params.yaml
DELTAS = (0.1, 0.05)
QUANTILES = (0.95, 0.8, 0.4, 0.0)


@dataclass(frozen=True)
class Market:
    """Half-life of the regime in days, horizon and level of the label, log-volatility and score per unit of regime."""

    half_life: int
    horizon: int
    level: float
    volatility: float
    loading: float

    def draw(self, rng: np.random.Generator, paths: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """(label, score), each (paths, n)."""
        keep = 0.5 ** (1 / self.half_life)
        state = rng.standard_normal((paths, n + self.horizon))
        for t in range(1, n + self.horizon):
            state[:, t] = keep * state[:, t - 1] + np.sqrt(1 - keep**2) * state[:, t]
        shock = rng.standard_normal(state.shape) * np.exp(self.volatility * state)
        ahead = np.lib.stride_tricks.sliding_window_view(shock[:, 1:], self.horizon, axis=1).max(axis=-1)
        noise = rng.standard_normal((paths, n))
        score = self.loading * state[:, :n] + np.sqrt(1 - self.loading**2) * noise
        return (ahead >= self.level).astype(np.int8), expit(score)


def markets() -> list[Market]:
    """Regimes of days and of a month, weak and strong, one and five days ahead."""
    return [
        Market(half_life, horizon, level, volatility, loading)
        for volatility, loading in ((0.5, 0.7), (0.8, 0.9))
        for half_life in (3, 21)
        for horizon, level in ((1, 1.5), (5, 2.5))
    ]


class Truth:
    """True precision at a threshold, from independent days."""

    def __init__(self, market: Market, rng: np.random.Generator, days: int = 2_000_000) -> None:
        label, score = (values.ravel() for values in market.draw(rng, days, 1))
        order = np.argsort(-score)
        self._score = score[order][::-1]
        self._precision = (np.cumsum(label[order]) / np.arange(1, days + 1))[::-1]
        self.base_rate = float(label.mean())

    def at(self, threshold: np.ndarray) -> np.ndarray:
        return self._precision[np.minimum(np.searchsorted(self._score, threshold), len(self._score) - 1)]

    def target(self, quantile: float) -> float:
        return float(self.at(self._score[int(quantile * len(self._score))])) + 1e-6


def several_starts(starts: int, p: np.ndarray, delta: float) -> np.ndarray:
    """Downwards from the highest threshold of each of up to ``starts`` equal stretches, each with its part of delta."""
    procedure = FWERFixedSequenceTesting(n_starts=min(starts, len(p)))
    return np.sort(len(p) - 1 - control_fwer(p[::-1], delta, procedure))


def unordered(method: str, p: np.ndarray, delta: float) -> np.ndarray:
    """Certified positions by a procedure that needs no order."""
    return control_fwer(p, delta, method)


PROCEDURES = {"fixed_sequence": reject}
PROCEDURES |= {f"{starts}_starts": partial(several_starts, starts) for starts in (3, 5)}
PROCEDURES |= {name: partial(unordered, name) for name in ("bonferroni", "bonferroni_holm")}


def study(market: Market, number: int, paths: int) -> list[dict]:
    """One row per target, procedure and delta."""
    rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(number,)))
    truth = Truth(market, rng)
    label, score = market.draw(rng, paths, CALIBRATE + GAP + THRESHOLD)
    targets = {quantile: truth.target(quantile) for quantile in QUANTILES}
    counts = {
        (q, name, delta): {"certified": 0, "violations": 0, "recall": 0.0}
        for q in QUANTILES
        for name in PROCEDURES
        for delta in DELTAS
    }
    possible = dict.fromkeys(QUANTILES, 0)
    for y, s in zip(label[:, -THRESHOLD:], score):
        judged, grid = s[-THRESHOLD:], candidate_thresholds(s[:CALIBRATE], POINTS)
        curve = curve_at(y, judged, grid)
        enough = curve.n_buys >= MIN_BUYS
        threshold, recall, true = grid[enough], curve.recall[enough], truth.at(grid[enough])
        if not len(threshold):
            continue
        alert = judged >= threshold[:, None]
        for q, target in targets.items():
            possible[q] += bool((true >= target).any())
            p = p_values(y, alert, market.horizon, target)
            for name, procedure in PROCEDURES.items():
                for delta in DELTAS:
                    found = procedure(p, delta)
                    if len(found):
                        count = counts[q, name, delta]
                        count["certified"] += 1
                        count["violations"] += int(true[found[0]] < target)
                        count["recall"] += float(recall[found[0]])
    shown = {**asdict(market), "base_rate": truth.base_rate}
    return [
        {
            **shown,
            "quantile": q,
            "target": targets[q],
            "procedure": name,
            "delta": delta,
            "possible": possible[q] / paths,
            "certified": count["certified"] / paths,
            "violations": count["violations"] / paths,
            "mean_recall_of_certified": count["recall"] / max(1, count["certified"]),
        }
        for (q, name, delta), count in counts.items()
    ]


def summary(rows: list[dict]) -> list[dict]:
    """Per procedure and delta: the worst cell, and how often something is certified at each target."""
    found = []
    for name in PROCEDURES:
        for delta in DELTAS:
            mine = [row for row in rows if row["procedure"] == name and row["delta"] == delta]
            often = {
                f"{q:g}": float(np.mean([row["certified"] for row in mine if row["quantile"] == q])) for q in QUANTILES
            }
            worst = max(row["violations"] for row in mine)
            found.append({"procedure": name, "delta": delta, "worst_violations": worst, "certified_at_quantile": often})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--out", default="bench/results/certified.json")
    given = parser.parse_args()
    rows = [row for number, market in enumerate(markets()) for row in study(market, number, given.paths)]
    found = summary(rows)
    about = {
        "date": date.today().isoformat(),
        "seed": SEED,
        "paths_per_market": given.paths,
        "days": {"calibrate": CALIBRATE, "threshold": THRESHOLD},
        "points": POINTS,
        "min_buys": MIN_BUYS,
        "versions": {name: version(name) for name in ("numpy", "scipy", "mapie")},
    }
    write_json(given.out, {"about": about, "summary": found, "cells": rows})
    for row in found:
        often = ", ".join(f"{q}: {share:.3f}" for q, share in row["certified_at_quantile"].items())
        print(f"{row['procedure']:16s} delta {row['delta']:.2f}: worst {row['worst_violations']:.3f}; found {often}")


if __name__ == "__main__":
    main()
