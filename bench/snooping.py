"""How often the snooping tests find skill where there is none more than the benchmark's, and where there is.

    python bench/snooping.py [--runs 250] [--out bench/results/snooping.json]

A simulated market of 600 days: a volatility regime (AR(1) of a given half-life) drives the label, which
shares its noise over `horizon` days. A score is ``skill`` times the regime plus an error that lasts as long,
half of its variance common to all 30 models and none of it to the benchmark. So alerts come in clusters, models
are correlated, and with one skill for all no model is better than the benchmark in truth: any claim is false.

- `null`: every alert rate fixed beforehand. ``block_1`` and ``block_min`` are the same test with blocks of one
  day and of ``max(2 horizon, 10)``.
- `null_chosen`: every threshold, the benchmark's too, chosen on the judged days as the pipeline does it. With
  skill, a model that came to a wider threshold does gain more a day: there a claim may be true.
- `power`: one of the 30 has more skill. ``found``: it is named. ``wrong``: one that is not better is named.
"""

from __future__ import annotations

import argparse
import datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.stats import beta, norm

from buysignal.core.files import write_json
from buysignal.judge.intervals import MIN_BLOCK, block_length
from buysignal.judge.operating import SelectionRules
from buysignal.judge.snooping import daily_utility, snooping, superiority, testable
from buysignal.models.scores import ModelCard, Scored

DAYS, MODELS, BASE_RATE, COMMON, SIZE, DRAWS = 600, 30, 0.2, 0.5, 0.05, 200
HORIZONS, HALF_LIVES, ALERT_RATES = (1, 5), (5, 22), (0.06, 0.2)
SKILLS = (0.0, 0.7)


def regime(rng: np.random.Generator, shape: tuple[int, ...], half_life: float) -> np.ndarray:
    """Stationary AR(1) of unit variance along the last axis."""
    phi = 0.5 ** (1 / half_life)
    shock = rng.standard_normal(shape) * np.sqrt(1 - phi**2)
    shock[..., 0] /= np.sqrt(1 - phi**2)
    return lfilter([1.0], [1.0, -phi], shock, axis=-1)


def market(
    rng: np.random.Generator, n: int, horizon: int, half_life: float, skills: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Label (n,) and scores (1 + m, n); the first score is the benchmark's."""
    state = regime(rng, (n,), half_life)
    noise = np.convolve(rng.standard_normal(n + horizon - 1), np.full(horizon, horizon**-0.5), "valid")
    label = np.sqrt(0.5) * state + np.sqrt(0.5) * noise > norm.ppf(1 - BASE_RATE)
    error = regime(rng, (len(skills), n), half_life)
    shared = regime(rng, (n,), half_life)
    error[1:] = np.sqrt(COMMON) * shared + np.sqrt(1 - COMMON) * error[1:]
    return label.astype(np.int8), skills[:, None] * state + np.sqrt(1 - skills[:, None] ** 2) * error


def fixed(rng, horizon: int, half_life: float, alert_rate: float, skills: np.ndarray) -> np.ndarray:
    """Utilities (1 + m, n) at thresholds fixed beforehand."""
    label, scores = market(rng, DAYS, horizon, half_life, skills)
    return daily_utility(label, scores > norm.ppf(1 - alert_rate), float(label.mean()))


def share(hits: int, runs: int) -> dict[str, float]:
    """Share with its exact 95 % interval."""
    low = beta.ppf(0.025, hits, runs - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, runs - hits) if hits < runs else 1.0
    return {"share": hits / runs, "low": float(low), "high": float(high), "runs": runs}


def generator(kind: int, run: int, *cell: float) -> np.random.Generator:
    return np.random.default_rng([kind, run, *(int(100 * value) for value in cell)])


def claims_skill(utilities: np.ndarray, block: int, seed: int) -> bool:
    """Whether SPA or StepM calls any model better than the first row, days drawn in blocks of a given length."""
    rows = [row for row in utilities[1:] if testable(row, utilities[0])]
    if not rows:
        return False
    pvalue, superior = superiority(np.array(rows) - utilities[0], block, SIZE, DRAWS, seed)
    return pvalue < SIZE or bool(superior)


def null(runs: int, skill: float, horizon: int, half_life: float, alert_rate: float) -> dict:
    """False claims in one cell; the shorter blocks are tried in every second run."""
    blocks = {"rule": block_length(DAYS, horizon), "block_1": 1, "block_min": max(2 * horizon, MIN_BLOCK)}
    skills, claims, tried = np.full(1 + MODELS, skill), dict.fromkeys(blocks, 0), dict.fromkeys(blocks, 0)
    for run in range(runs):
        u = fixed(generator(1, run, skill, horizon, half_life, alert_rate), horizon, half_life, alert_rate, skills)
        for name, block in blocks.items():
            if name == "rule" or run % 2:
                claims[name] += claims_skill(u, block, run)
                tried[name] += 1
    cell = {"skill": skill, "horizon": horizon, "half_life": half_life, "alert_rate": alert_rate}
    return cell | {"block": blocks["rule"]} | {name: share(claims[name], tried[name]) for name in blocks}


def null_chosen(runs: int, skill: float, horizon: int, half_life: float) -> dict:
    """False claims where every threshold is chosen on the judged days."""
    rules = SelectionRules(10, 15, 0.05, 0.95, horizon, 21)
    dates = pd.bdate_range("2010-01-01", periods=2 * DAYS, name="date")
    role = np.repeat(["calibrate", "threshold"], DAYS)
    claims = excluded = 0
    for run in range(runs):
        label, raw = market(
            generator(2, run, skill, horizon, half_life), 2 * DAYS, horizon, half_life, np.full(1 + MODELS, skill)
        )
        models = [
            Scored(
                ModelCard(f"m{k}", "a50", "transformer", "", "hand", None, 1, 0, (), ()), dates, role, label, s[None]
            )
            for k, s in enumerate(norm.cdf(raw))
        ]
        found = snooping(models[1:], models[:1], rules, run)
        claims += found.spa_pvalue < SIZE or bool(found.superior)
        excluded += found.tested > 0 and found.benchmark not in found.confidence_set
    cell = {"skill": skill, "horizon": horizon, "half_life": half_life}
    return cell | {"rule": share(claims, runs), "benchmark_excluded": share(excluded, runs)}


def power(runs: int, horizon: int, half_life: float, alert_rate: float, skill: float, others: float) -> dict:
    """How often one better model of thirty is named; every other one is as good as the benchmark."""
    skills = np.full(1 + MODELS, others)
    skills[1] = skill
    found = wrong = 0
    for run in range(runs):
        rng = generator(3, run, skill, others, horizon, half_life, alert_rate)
        u = fixed(rng, horizon, half_life, alert_rate, skills)
        rows = [k for k in range(1, 1 + MODELS) if testable(u[k], u[0])]
        superior = superiority(u[rows] - u[0], block_length(DAYS, horizon), SIZE, DRAWS, run)[1] if rows else []
        named = {rows[k] for k in superior}
        found += 1 in named
        wrong += bool(named - {1})
    cell = {"horizon": horizon, "half_life": half_life, "alert_rate": alert_rate, "skill": skill, "others": others}
    label, scores = market(generator(4, 0), 200_000, horizon, half_life, skills[:2])
    alert = scores > norm.ppf(1 - alert_rate)
    cell["true_precisions"] = [float(label[row].mean()) for row in alert[::-1]]
    return cell | {"found": share(found, runs), "wrong": share(wrong, runs)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=250)
    parser.add_argument("--out", type=Path, default=Path("bench/results/snooping.json"))
    arguments = parser.parse_args()
    runs = arguments.runs
    cells = [(s, h, half, a) for s in SKILLS for h in HORIZONS for half in HALF_LIVES for a in ALERT_RATES]
    result = {
        "date": datetime.date.today().isoformat(),
        "seeds": "numpy default_rng of [kind, run, 100 x each value of the cell]; bootstrap: run",
        "days": DAYS,
        "models": MODELS,
        "size": SIZE,
        "draws": DRAWS,
        "versions": {name: version(name) for name in ("arch", "numpy", "scipy")},
        "null": [_shown(null(runs, *cell)) for cell in cells],
        "null_chosen": [_shown(null_chosen(4 * runs // 5, s, h, 22)) for s in SKILLS for h in HORIZONS],
        "power": [
            _shown(power(runs // 2, h, 5, a, 0.9, others))
            for others in (0.0, 0.5)
            for h in HORIZONS
            for a in ALERT_RATES
        ],
    }
    write_json(arguments.out, result)


def _shown(row: dict) -> dict:
    plain = {key: round(value["share"], 3) if isinstance(value, dict) else value for key, value in row.items()}
    print(plain, flush=True)
    return row


if __name__ == "__main__":
    main()
