"""Do numbers of many symbols say how sure they are? Simulated panels whose symbols rise and fall together.

    python -m bench.panel_honesty [--paths 400] [--resampled 120] [--seed 30] [--out bench/results/panel_honesty.json]

A panel is 600 days of 5, 50 or 200 symbols. A symbol's return is ``width[s] * calm[t] * (sqrt(rho) f[t] + sqrt(1 -
rho) e[t, s])``, f and e independent normal, so rho is the share of variance that all have in common. ``calm`` is 1, or
``exp(0.4 x[t])`` of a regime x that all symbols share, Gaussian AR(1) of a half-life of 21 days. A row is right if the
sum of its next 1..h returns reaches one ``width[s]`` at its highest; a trade earns the sum of all h. The score is
``0.7 x + 0.7 a``, a Gaussian AR(1) of half-life 3 days and each symbol's own: it knows the regime and no symbol. Two
rules buy: the 3 best of each day, and every row above a fixed level, which 6 % of rows reach, many of one day at once.

``intervals`` and ``paired``: coverage of nominal 95 %; the truth is the ratio of sums over all paths, or 0 of two equal
scores. ``null``: symbols differ in width (lognormal, .3), scores know width, and there is nothing to earn: who is
called skilled. ``best``: the best of 20 such scores, told and not told of the 20. ``planted``: the next return has a
drift of ``strength`` deviations times g[t, s], AR(1) of half-life 3 days, and the score is ``0.7 g + 0.7 a``. The
oracle knows how much its estimate truly varies: the deviation over the paths, which no history tells.

Beside each stands what rows taken for independent say (``rows``): Clopper and Pearson's interval at the count of rows,
and normal intervals with the variance of rows.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.special import ndtri

from buysignal.core.binomial import clopper_pearson_lower, clopper_pearson_upper
from buysignal.core.files import write_json
from buysignal.judge.best_of_day import as_many_of_day, best_of_day
from buysignal.judge.dates import Dates
from buysignal.judge.intervals import effective_of_sums
from buysignal.judge.money import money
from buysignal.judge.paired import Difference, choice_difference, highest
from buysignal.judge.unskilled import best_unskilled
from buysignal.judge.verdict import verdict

DAYS, PER_DAY, RATE, CONFIDENCE, DRAWS = 600, 3, 0.06, 0.95, 500  # the library draws 2,000
SIDE = (1 + CONFIDENCE) / 2
RHO, SYMBOLS, HORIZONS = (0.2, 0.5, 0.8), (5, 50, 200), (1, 5)
MONTH, OWN = 21.0, 3.0  # half-lives in days
STRENGTHS = (0.04, 0.08, 0.16)
TRIED, LEADS = 20, {"ahead": "lead", "precision": "lead_precision"}


@dataclass(frozen=True)
class Market:
    """Where panels come from; see above."""

    rho: float
    symbols: int
    regime: str
    horizon: int

    def sample(self, rng: np.random.Generator, spread: float = 0.0, strength: float = 0.0) -> Panel:
        """One panel; the symbols' widths are lognormal of deviation ``spread``."""
        days, s = DAYS + self.horizon, self.symbols
        x = autoregressive(rng, (days, 1), MONTH)
        width = np.exp(spread * rng.standard_normal(s, np.float32))
        calm = np.exp(0.4 * x) if self.regime == "month" else np.ones_like(x)
        drift = autoregressive(rng, (days, s), OWN) if strength else np.zeros((1, s), np.float32)
        shared, own = rng.standard_normal((days, 1), np.float32), rng.standard_normal((days, s), np.float32)
        moved = np.sqrt(self.rho) * shared + np.sqrt(1 - self.rho) * own
        moved[1:] += strength * drift[:-1] if strength else 0.0  # what is known on a day moves the next
        value = np.cumsum(width * calm * moved, axis=0)
        gains = [value[k : k + DAYS] - value[:DAYS] for k in range(1, self.horizon + 1)]
        label = np.maximum.reduce(gains) >= width
        return Panel(label.ravel(), gains[-1].ravel().astype(float), x[:DAYS], width, drift[:DAYS], dates(s))

    def scores(self, rng: np.random.Generator, panel: Panel) -> np.ndarray:
        """(rows,) scores that know the regime and no symbol."""
        own = autoregressive(rng, (DAYS, self.symbols), OWN)
        return (0.7 * panel.regime + 0.7 * own).ravel()


@dataclass(frozen=True)
class Panel:
    """Labels and gross returns (rows,), regime (days, 1), widths (symbols,), drift (days, symbols), dates of rows."""

    label: np.ndarray
    gross: np.ndarray
    regime: np.ndarray
    width: np.ndarray
    drift: np.ndarray
    dates: Dates


@cache
def dates(symbols: int) -> Dates:
    """Every symbol on every day."""
    return Dates(np.repeat(np.arange(DAYS), symbols), np.tile(np.arange(symbols), DAYS))


def autoregressive(rng: np.random.Generator, shape: tuple[int, int], half_life: float) -> np.ndarray:
    """Gaussian AR(1) of unit variance along the days, float32, from its stationary law."""
    rho = 0.5 ** (1 / half_life)
    shock = rng.standard_normal(shape, np.float32)
    shock[1:] *= np.float32(np.sqrt(1 - rho**2))
    return lfilter(np.float32([1.0]), np.float32([1.0, -rho]), shock, axis=0)


def level(rate: float) -> float:
    """The score that a share of rows reaches."""
    return float(0.7 * np.sqrt(2) * ndtri(1 - rate))


def rules(panel: Panel) -> dict[str, tuple[Callable, Callable]]:
    """How a model buys, and how another buys as many."""
    by = panel.dates
    return {
        "3 a day": (lambda s: best_of_day(s, by, PER_DAY), lambda s, alert: as_many_of_day(s, alert, by)),
        "level": (lambda s: s >= level(RATE), lambda s, alert: highest(s, int(alert.sum()))),
    }


def intervals(market: Market, paths: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Coverage and width of precision and recall, by both rules."""
    sums: dict[str, list[tuple]] = {"3 a day": [], "level": []}
    for _ in range(paths):
        panel = market.sample(rng)
        score = market.scores(rng, panel)
        for name, (buy, _) in rules(panel).items():
            alert = buy(score)
            sums[name].append(tuple(map(panel.dates.sums, (alert, panel.label, alert & panel.label))))
    rows = []
    for name, found in sums.items():
        alert, label, hit = (np.array(one) for one in zip(*found))
        for share, chosen in (("precision", alert), ("recall", label)):
            rows.append({**asdict(market), "rule": name, "share": share, **covered(chosen, hit, market.horizon)})
    return rows


def covered(chosen: np.ndarray, hits: np.ndarray, horizon: int) -> dict[str, float]:
    """How often the intervals of (paths, days) hold the truth, ours and those of rows."""
    count, truth = chosen.sum(axis=1), hits.sum() / chosen.sum()
    share = hits.sum(axis=1) / np.maximum(count, 1)
    cells = {"truth": truth, "chosen": float(np.median(count))}
    for name, n in (("", effective_of_sums(chosen, hits, horizon)), ("rows_", count)):
        low, high = clopper_pearson_lower(share, n, SIDE), clopper_pearson_upper(share, n, SIDE)
        cells |= {
            f"{name}covered": ((low <= truth) & (truth <= high) | (count == 0)).mean(),
            f"{name}width": np.median(high - low),
        }
    spread = np.subtract(*np.quantile(share[count > 0], [SIDE, 1 - SIDE]))
    return cells | {"n_eff": float(np.median(effective_of_sums(chosen, hits, horizon))), "spread": spread}


def paired(market: Market, paths: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """How often the difference of two equal scores is said to hold 0, by both rules."""
    found: dict[str, list[tuple[Difference, bool]]] = {"3 a day": [], "level": []}
    for i in range(paths):
        panel = market.sample(rng)
        scores = [market.scores(rng, panel) for _ in range(2)]
        for name, (buy, as_many) in rules(panel).items():
            alert = buy(scores[0])
            if alert.any():
                other = as_many(scores[1], alert)
                asked = (panel.label, alert, other, market.horizon, CONFIDENCE, i, DRAWS, panel.dates)
                found[name].append((choice_difference(*asked), by_rows(panel.label, alert, other)))
    return [
        {
            **asdict(market),
            "rule": name,
            "covered": np.mean([d.low <= 0 <= d.high for d, _ in each]),
            "called": np.mean([d.verdict != "cannot tell" for d, _ in each]),
            "width": np.median([d.high - d.low for d, _ in each]),
            "rows_covered": np.mean([held for _, held in each]),
        }
        for name, each in found.items()
    ]


def by_rows(label: np.ndarray, alert: np.ndarray, other: np.ndarray) -> bool:
    """Whether the interval of a paired difference whose rows are independent holds 0."""
    shares = [(weight * label).sum() / weight.sum() for weight in (alert, other)]
    u = alert * (label - shares[0]) / alert.sum() - other * (label - shares[1]) / other.sum()
    return abs(shares[0] - shares[1]) <= ndtri(SIDE) * np.sqrt((u * u).sum())


def claims(market: Market, panel: Panel, score: np.ndarray, seed: int, tried: int = 1) -> dict[str, Any]:
    """What is said of the 3 best a day: the product's words, and those of rows."""
    by, horizon = panel.dates, market.horizon
    alert = best_of_day(score, by, PER_DAY)
    earned = money(panel.gross, panel.label, alert, horizon, 0.0, CONFIDENCE, seed, DRAWS, by)
    luck = best_unskilled(panel.gross, alert, horizon, tried, by)
    average = as_many_of_day(np.zeros(len(score)), alert, by)
    lead = choice_difference(panel.label, alert, average, horizon, CONFIDENCE, seed, DRAWS, by)
    own = (panel.gross - (by.sums(panel.gross) / market.symbols)[by.day])[alert]
    return {
        "use": verdict(earned, DAYS, luck, tried, DAYS).word == "use",
        "ahead": earned.ahead_interval[0] > 0,
        "luck": luck.chance <= 0.05,
        "precision": lead.verdict == "better",
        "rows_mean": positive(panel.gross[alert]),
        "rows_ahead": positive(own),
        "rows_precision": not by_rows(panel.label, alert, average) and lead.difference > 0,
        "lead": earned.ahead,
        "lead_precision": lead.difference,
        "mean_held": earned.mean_interval[0] <= 0 <= earned.mean_interval[1],
        "ahead_held": earned.ahead_interval[0] <= 0 <= earned.ahead_interval[1],
        "rows_mean_held": not positive(panel.gross[alert]) and not positive(-panel.gross[alert]),
    }


def positive(values: np.ndarray) -> bool:
    """Whether the normal interval of a mean of independent values lies above 0."""
    return bool(values.mean() > ndtri(SIDE) * values.std(ddof=1) / np.sqrt(len(values)))


def knows_width(panel: Panel, rng: np.random.Generator, symbols: int) -> np.ndarray:
    """(rows,) scores that know how wide a symbol moves, and nothing else."""
    return (np.log(panel.width) + 0.3 * autoregressive(rng, (DAYS, symbols), OWN)).ravel()


def null(market: Market, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """How often skill is claimed where there is none."""
    told = []
    for i in range(paths):
        panel = market.sample(rng, spread=0.3)
        told.append(claims(market, panel, knows_width(panel, rng, market.symbols), i))
    return {**asdict(market), "paths": paths, **means(told)}


def best(market: Market, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """The best by mean return of `TRIED` scores without skill: judged as one, and as the best of so many."""
    told = []
    for i in range(paths):
        panel = market.sample(rng)
        scores = [autoregressive(rng, (DAYS, market.symbols), OWN).ravel() for _ in range(TRIED)]
        first = max(scores, key=lambda score: panel.gross[best_of_day(score, panel.dates, PER_DAY)].mean())
        one, many = (claims(market, panel, first, i, tried) for tried in (1, TRIED))
        told.append({"one_use": one["use"], "one_ahead": one["ahead"], "use": many["use"], "luck": many["luck"]})
    return {**asdict(market), "paths": paths, **means(told)}


def planted(market: Market, strength: float, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """How often a signal among the symbols of a day is found, and by an oracle that knows the true spread."""
    told = []
    for i in range(paths):
        panel = market.sample(rng, spread=0.3, strength=strength)
        own = autoregressive(rng, (DAYS, market.symbols), OWN)
        told.append(claims(market, panel, (0.7 * panel.drift + 0.7 * own).ravel(), i))
    oracle = {f"oracle_{name}": np.array([one[key] for one in told]) for name, key in LEADS.items()}
    found = {key: (value > ndtri(SIDE) * value.std(ddof=1)).mean() for key, value in oracle.items()}
    return {**asdict(market), "strength": strength, "paths": paths, **found, **means(told)}


def means(told: list[dict[str, Any]]) -> dict[str, float]:
    """Of each claim, how often it was made."""
    return {key: float(np.mean([one[key] for one in told])) for key in told[0]}


def study(paths: int, resampled: int, seed: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Names and rows of the tables; each row has its own generator, so that one can be looked at alone."""

    def generator(*key: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))

    every = [Market(*each) for each in product(RHO, SYMBOLS, ("none", "month"), HORIZONS)]
    some = [market for market in every if market.regime == "month"]
    yield "intervals", [row for i, m in enumerate(every) for row in intervals(m, paths, generator(0, i))]
    yield "paired", [row for i, m in enumerate(every) for row in paired(m, resampled, generator(1, i))]
    yield "null", [null(m, resampled, generator(2, i)) for i, m in enumerate(some)]
    few = enumerate(m for m in some if m.symbols == 50 and m.rho != 0.5)
    yield "best", [best(m, resampled, generator(3, i)) for i, m in few]
    cases = enumerate(product(some, STRENGTHS))
    yield "planted", [planted(m, a, max(2, resampled // 3), generator(4, i)) for i, (m, a) in cases]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=400, help="panels per cell of precision and recall")
    parser.add_argument("--resampled", type=int, default=120, help="panels per cell of what is bootstrapped")
    parser.add_argument("--seed", type=int, default=30)
    parser.add_argument("--out", type=Path, default=Path("bench/results/panel_honesty.json"))
    arguments = parser.parse_args()
    head = {"date": datetime.date.today().isoformat(), "days": DAYS, "confidence": CONFIDENCE, "draws": DRAWS}
    asked = {name: getattr(arguments, name) for name in ("paths", "resampled", "seed")}
    versions, tables = {name: version(name) for name in ("numpy", "scipy", "arch")}, {}
    for name, rows in study(arguments.paths, arguments.resampled, arguments.seed):
        tables[name] = rows
        asked["seconds"] = round(process_time())
        write_json(arguments.out, {**head, **asked, "versions": versions, **tables})  # what is done is kept
        print(f"\n{name}, {asked['seconds']} s\n{pd.DataFrame(rows).round(3).to_string(index=False)}", flush=True)


if __name__ == "__main__":
    main()
