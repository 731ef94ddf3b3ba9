"""Many markets of each kind through the mini-pipeline, kept run by run, and what they come to."""

from __future__ import annotations

import datetime
import importlib.metadata
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from bench.honesty import markets, mini
from bench.honesty.markets import Design, Regimes, Signal, oracle_precision, simulate, touch_probability
from bench.honesty.mini import Outcome, run_once, small_params
from statsmodels.stats.proportion import proportion_confint

from buysignal.core.code import digest
from buysignal.core.files import read_json, write_json
from buysignal.core.fingerprint import fingerprint
from buysignal.core.workers.engine import Engine
from buysignal.core.workers.job import Failure
from buysignal.days.labels import touch_label

FIRST_SEED = {"null": 50_001, "planted": 40_001, "regimes": 30_001}
QUIET_ROLES = ("stop", "rank", "calibrate", "threshold", "test")  # without moves in the train role nothing is trained
CODE = (
    *("buysignal.ship.opening", "buysignal.models.patchtst.training", "buysignal.models.built"),
    *(f"buysignal.judge.{name}" for name in ("choice", "intervals", "operating", "paired", "selection", "snooping")),
)
PACKAGES = ("arch", "numpy", "optuna", "pandas", "scikit-learn", "scipy", "statsmodels", "torch")
POPULATION_DAYS, POPULATION_SEED, ALERT_RATES = 200_000, 7, (0.05, 0.10, 0.20)


def design_of(kind: str, seed: int) -> Design:
    """The market of a kind: in one of regimes each seed in turn silences another role than train."""
    if kind == "null":
        return Design()
    if kind == "planted":
        return Design(signal=Signal())
    return Design(regimes=Regimes(still=span_of(QUIET_ROLES[seed % len(QUIET_ROLES)])))


def span_of(role: str) -> tuple[float, float]:
    """Shares of the bars at which a role of the mini-pipeline starts and ends."""
    shares = small_params(0).roles.parts
    end = dict(zip(shares, accumulate(shares.values())))[role]
    return end - shares[role], end


def run(kind: str, seed: int) -> Outcome:
    """One market of a kind through the mini-pipeline, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return run_once(simulate(design_of(kind, seed), seed).bars, seed, Path(folder))


def study(counts: Mapping[str, int], out: Path, workers: int) -> dict[str, Any]:
    """Run what ``out`` does not hold yet, write it after each run, and return what it holds.

    Runs of other code, settings or versions are not kept.
    """
    own = [digest(Path(module.__file__)) for module in (markets, mini)]
    code = fingerprint(code=CODE, packages=PACKAGES, own=own, settings=dict(mini.SMALL))
    found = read_json(out) if out.exists() else {}
    runs: dict[str, dict[str, Any]] = {kind: {} for kind in FIRST_SEED}
    if found.get("code") == code:
        runs |= found["runs"]
    truth = {kind: population(design_of(kind, 0)) for kind in ("null", "planted")}
    for kind, count in counts.items():
        seeds = range(FIRST_SEED[kind], FIRST_SEED[kind] + count)
        missing = [seed for seed in seeds if str(seed) not in runs[kind]]
        for position, outcome in Engine(workers).run(partial(run, kind), missing):
            if isinstance(outcome, Failure):
                raise RuntimeError(f"{kind} {missing[position]}: {outcome}")
            runs[kind][str(missing[position])] = outcome.to_dict()
            _save(out, code, runs, truth)
            print(f"{kind} {len(runs[kind])}/{count}: {outcome.verdict}", file=sys.stderr, flush=True)
    return _save(out, code, runs, truth)


def _save(out: Path, code: str, runs: Mapping[str, Mapping[str, Any]], truth: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "date": datetime.date.today().isoformat(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "code": code,
        "settings": dict(mini.SMALL),
        "population": truth,
        "summary": {kind: summary(list(of.values())) for kind, of in runs.items() if of},
        "runs": runs,
    }
    write_json(out, found)
    return found


def population(design: Design) -> dict[str, Any]:
    """Base rate, and precision of the truth and of a perfect model of volatility, at some alert rates."""
    long = Design(POPULATION_DAYS, design.signal, design.regimes)
    market, label_params = simulate(long, POPULATION_SEED), small_params(0).label
    label = touch_label(market.bars, 1, label_params.threshold)["label"].to_numpy()
    scores = {who: touch_probability(market, label_params.threshold, who == "truth") for who in ("truth", "volatility")}
    precision = {
        who: {f"{rate:.0%}": oracle_precision(label, score, rate) for rate in ALERT_RATES}
        for who, score in scores.items()
    }
    return {"days": POPULATION_DAYS, "base_rate": float(label.mean()), "precision_at_alert_rate": precision}


def summary(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How often each claim is made, with Clopper and Pearson's 95 % interval, and medians."""
    bought = [run for run in runs if run["n_buys"]]
    verdicts, families = [run["verdict"] for run in runs], [run["family"] or "nothing" for run in runs]
    claims = {
        name: _rate([bool(run[key]) for run in runs])
        for name, key in {
            "beyond_volatility": "claim",
            "auc_beyond_volatility": "claim_auc",
            "superior_to_best_baseline": "spa_superior",
            "naive_above_base_rate": "claim_naive",
        }.items()
    }
    medians = ("precision", "volatility_precision", "difference", "n_buys", "base_rate", "auc", "volatility_auc")
    return {
        "runs": len(runs),
        "claims": claims,
        "verdicts": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
        "runs_with_buys": len(bought),
        "shipped": {family: families.count(family) for family in sorted(set(families))},
        "medians_with_buys": {key: float(np.median([run[key] for run in bought])) for key in medians if bought},
    }


def _rate(claimed: Sequence[bool]) -> dict[str, Any]:
    low, high = proportion_confint(sum(claimed), len(claimed), 0.05, method="beta")
    return {"claimed": sum(claimed), "share": sum(claimed) / len(claimed), "interval": [float(low), float(high)]}
