"""How often a threshold certified to earn more than its costs does not, and how often one is certified at all.

    python bench/certified_money.py [--paths 1000] [--out bench/results/certified_money.json]

Simulated markets: daily shocks of Student's t with 4 degrees times a volatility that follows a regime of a given
half-life, in eight steps a day, none of which is predictable; the score sees the regime through noise, so alerts
cluster. A buy leaves at a level (gains capped: skewed to losses), at a stop (skewed to gains), at the end, or at a
level in a market that crashes by five deviations on one day in a hundred and rises a little on all others. Each is a
martingale that stops: whatever the alerts, the true mean return is 0 exactly. In the last market prices drift up for
months and down for months, by a tenth of a deviation a day, and the score does not know when: a trade leaves at the
end, its true mean is 0, and neighbouring trades rise and fall together. A drift by the rank of the score is added
where a case asks for one, times the root of the horizon: then the true mean falls with the alert rate and is 0 at a
known one.

First table: p-values at a threshold that was fixed beforehand, among paths with enough buys. Second: the whole
procedure on a calibrate role of 402 and a threshold role of 604 days; shares are over all paths, as the promise is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version

import numpy as np
from scipy.special import expit, ndtr, ndtri, stdtr, stdtrit

from buysignal.core.files import write_json
from buysignal.judge.certified_money import p_value, p_values, resampled
from buysignal.judge.intervals import block_length, widened_variance
from buysignal.judge.operating import candidate_thresholds

SEED = 20261130
CALIBRATE, GAP, THRESHOLD = 402, 5, 604  # days
POINTS, MIN_BUYS = 101, 30  # as in params.yaml
DELTAS = (0.1, 0.05)
RATES = (0.06, 0.2)
DRAWS = 499
ENDS = ("close", "touch", "stop", "crash", "wave")
STEPS, DEGREES = 8, 4  # of a day; of Student's t
DEVIATION, SWING, LOADING = 0.01, 0.5, 0.9  # of a day; log-volatility and score per unit of regime
CRASH, DEVIATIONS = 0.01, 5  # chance of one a day, and its size
WAVE, TIDE = 0.5 ** (1 / 21), 0.1  # memory of a drift that nothing shows, and its size in deviations
PAYING = 0.004  # a trade after costs, times the root of the horizon


@dataclass(frozen=True)
class Market:
    """How a trade ends (see `ENDS`), half-life of the regime in days, and horizon."""

    ends: str
    half_life: int
    horizon: int

    def draw(self, rng: np.random.Generator, paths: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """(return of each day as if it were bought, standard normal rank of its score), each (paths, n)."""
        state = autoregressive(rng, (paths, n + self.horizon), 0.5 ** (1 / self.half_life))
        rank = LOADING * state[:, :n] + np.sqrt(1 - LOADING**2) * rng.standard_normal((paths, n))
        calm = DEVIATION * np.exp(SWING * state - SWING**2)
        heavy = calm * np.sqrt((DEGREES - 2) / rng.chisquare(DEGREES, state.shape))
        step = rng.standard_normal((*state.shape, STEPS)) * (heavy / np.sqrt(STEPS))[..., None]
        if self.ends == "wave":
            step += (TIDE * DEVIATION / STEPS * autoregressive(rng, state.shape, WAVE))[..., None]
        if self.ends == "crash":
            step[..., 0] += DEVIATIONS * calm * (CRASH - (rng.random(state.shape) < CRASH))
        level = DEVIATION * np.sqrt(self.horizon) if self.ends in ("touch", "crash") else np.inf
        floor = -DEVIATION if self.ends == "stop" else -np.inf
        got, held = np.zeros((paths, n)), np.ones((paths, n), bool)
        for day in range(1, self.horizon + 1):
            for at in range(STEPS):
                got += held * step[:, day : n + day, at]
                held &= (got < level) & (got > floor)
        return got, rank


def autoregressive(rng: np.random.Generator, shape: tuple[int, int], keep: float) -> np.ndarray:
    """Standard normal series (paths, days), of which each day keeps a share of the day before."""
    series = rng.standard_normal(shape)
    for t in range(1, shape[1]):
        series[:, t] = keep * series[:, t - 1] + np.sqrt(1 - keep**2) * series[:, t]
    return series


def markets() -> list[Market]:
    """Every end, regimes of days and of a month, one and five days ahead."""
    return [Market(*at) for at in np.array(np.meshgrid(ENDS, (3, 21), (1, 5), indexing="ij"), object).reshape(3, -1).T]


def drift(share: np.ndarray, edge: float, height: float) -> np.ndarray:
    """Added return by the share of days with at least as high a score; its mean over the highest s is 0 at s = edge."""
    return height * np.maximum(1 - 2 * share / edge, -1)


# ---- p-values of one threshold


def plain(net: np.ndarray, alert: np.ndarray, horizon: int, blocks: tuple) -> float:
    """Student's t of the buys, each counted in full."""
    bought = net[alert]
    return float(stdtr(len(bought) - 1, -bought.mean() / bought.std(ddof=1) * np.sqrt(len(bought))))


def effective(net: np.ndarray, alert: np.ndarray, horizon: int, blocks: tuple) -> float:
    """The mean over the widened deviation of the intervals of precision (few cosines, Student's quantile)."""
    u = alert * (net - net[alert].mean())
    return float(ndtr(-net[alert].sum() / np.sqrt(max(widened_variance(u), (u * u).sum()))))


def percentile(net: np.ndarray, alert: np.ndarray, horizon: int, blocks: tuple) -> float:
    """Share of the bootstrap's means at or below 0, stretched as those of `judge.paired`."""
    total, count = (np.concatenate([[0.0], np.cumsum(np.tile(x, 2))]) for x in (alert * net, alert.astype(float)))
    begin, end = blocks
    means = (total[end] - total[begin]).sum(axis=1) / np.maximum((count[end] - count[begin]).sum(axis=1), 1)
    k, mean = len(net) / block_length(len(net), horizon), net[alert].mean()
    stretch = stdtrit(k - 1, 0.9) / ndtri(0.9) / np.sqrt(1 - 2 / k)
    return float((mean + stretch * (means - mean) <= 0).mean())


def unguarded(net: np.ndarray, alert: np.ndarray, horizon: int, blocks: tuple) -> float:
    """The studentized bootstrap without the added buy."""
    return p_value(net, alert, horizon, 0.0, blocks)


def chosen(net: np.ndarray, alert: np.ndarray, horizon: int, blocks: tuple) -> float:
    """What `buysignal.judge.certified_money` does."""
    return p_value(net, alert, horizon, min(float(net.min()), 0.0), blocks)


METHODS: dict[str, Callable] = {f.__name__: f for f in (plain, effective, percentile, unguarded, chosen)}


def sizes(market: Market, net: np.ndarray, rank: np.ndarray) -> list[dict]:
    """Rejections at fixed thresholds, without profit and where trades earn `PAYING`; a row per rate and method."""
    rows, paying = [], PAYING * market.horizon**0.5
    for rate in RATES:
        alerts = rank >= -ndtri(rate)
        enough = np.flatnonzero(alerts.sum(axis=1) >= MIN_BUYS)
        found = {name: np.empty((2, len(enough))) for name in METHODS}
        for at, path in enumerate(enough):
            blocks = resampled(net.shape[1], block_length(net.shape[1], market.horizon), int(path), DRAWS)
            for name, method in METHODS.items():
                for more in (0, 1):
                    found[name][more, at] = method(net[path] + more * paying, alerts[path], market.horizon, blocks)
        for name, p in found.items():
            shares = {f"rejected_{delta:g}": float((p[0] <= delta).mean()) for delta in DELTAS}
            about = {"rate": rate, "method": name, "paths": len(enough)}
            rows.append({**asdict(market), **about, **shares, "power_0.1": float((p[1] <= 0.1).mean())})
    return rows


# ---- the whole procedure


@dataclass(frozen=True)
class Case:
    """What is added to the returns of a market without profit, and the alert rate below which trades truly earn."""

    name: str
    edge: float
    added: Callable[[np.ndarray], np.ndarray]
    fewer: int = 1


CASES = (
    Case("no profit", 0.0, np.zeros_like),
    Case("a loss of 5 bp", 0.0, lambda share: np.full_like(share, -5e-4)),
    Case("profit below 6 %", 0.06, lambda share: drift(share, 0.06, PAYING)),
    Case("profit below 20 %", 0.2, lambda share: drift(share, 0.2, PAYING)),
    Case("profit below 60 %", 0.6, lambda share: drift(share, 0.6, 2 * PAYING), 5),
    Case("all trades profit", 2.0, lambda share: np.full_like(share, PAYING / 2), 5),
)


def certified(net: np.ndarray, score: np.ndarray, horizon: int, seed: int) -> dict[float, float | None]:
    """The lowest certified threshold by delta: tested downwards until one fails, as MAPIE's fixed sequence does."""
    judged = score[-THRESHOLD:]
    grid = candidate_thresholds(score[:CALIBRATE], POINTS)
    found, open_ = dict.fromkeys(DELTAS), set(DELTAS)
    for threshold in grid[(judged >= grid[:, None]).sum(axis=1) >= MIN_BUYS][::-1]:
        p = p_values(net, judged >= threshold[None, None], horizon, seed, DRAWS)[0]
        open_ -= {delta for delta in open_ if p > delta}
        if not open_:
            break
        found |= dict.fromkeys(open_, float(threshold))
    return found


def promises(market: Market, net: np.ndarray, rank: np.ndarray) -> list[dict]:
    """One row per case and delta."""
    rows = []
    score, share = expit(rank), ndtr(-rank)
    for case in CASES:
        paths = max(1, len(net) // case.fewer)
        earned = (net + case.added(share) * market.horizon**0.5)[:paths, -THRESHOLD:]
        found = [certified(earned[path], score[path], market.horizon, path) for path in range(paths)]
        for delta in DELTAS:
            low = np.array([one[delta] for one in found if one[delta] is not None], float)
            rate = ndtr(-np.log(low / (1 - low))) if len(low) else low
            broken = int((rate >= case.edge).sum())
            shares = {"paths": paths, "certified": len(low) / paths, "broken": broken / paths}
            rows.append({**asdict(market), "case": case.name, "delta": delta, **shares})
    return rows


def summary(rows: list[dict], by: str, shares: tuple[str, ...]) -> list[dict]:
    """Mean and worst of the shares over all markets, for each value of ``by`` and each delta or rate beside it."""
    beside = "delta" if by == "case" else "rate"
    found = []
    for name, other in dict.fromkeys((row[by], row[beside]) for row in rows):
        mine = [row for row in rows if (row[by], row[beside]) == (name, other)]
        told = {
            share: {"mean": float(np.mean([r[share] for r in mine])), "worst": max(r[share] for r in mine)}
            for share in shares
        }
        found.append({by: name, beside: other, **told})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--out", default="bench/results/certified_money.json")
    given = parser.parse_args()
    fixed, whole = [], []
    for number, market in enumerate(markets()):
        rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(number,)))
        net, rank = market.draw(rng, given.paths, CALIBRATE + GAP + THRESHOLD)
        fixed += sizes(market, net[:, -THRESHOLD:], rank[:, -THRESHOLD:])
        whole += promises(market, net, rank)
    tables = {
        "methods": summary(fixed, "method", ("rejected_0.1", "rejected_0.05", "power_0.1")),
        "promises": summary(whole, "case", ("broken", "certified")),
    }
    about = {
        "date": date.today().isoformat(),
        "seed": SEED,
        "paths_per_market": given.paths,
        "days": {"calibrate": CALIBRATE, "threshold": THRESHOLD},
        "points": POINTS,
        "min_buys": MIN_BUYS,
        "draws": DRAWS,
        "versions": {name: version(name) for name in ("numpy", "scipy")},
    }
    write_json(given.out, {"about": about, **tables, "cells": {"methods": fixed, "promises": whole}})
    for row in (*tables["methods"], *tables["promises"]):
        print(
            ", ".join(
                f"{k}: " + (f"{v['mean']:.3f} worst {v['worst']:.3f}" if isinstance(v, dict) else f"{v}")
                for k, v in row.items()
            )
        )


if __name__ == "__main__":
    main()
