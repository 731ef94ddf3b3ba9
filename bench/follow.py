"""How often the test of a shipped model's promise cries wolf in ten years, and how long it takes to find a broken one.

    python -m bench.follow [--small] [--paths 2000] [--seed 19] [--out bench/results/follow.json]

A history is 2,500 days. A label is whether the sum of the next h normal shocks passes a level, so labels of h > 1
overlap; the level sets its chance, whatever was known on its day. Buys come ``even``, each day by itself, or in
``bursts``: while a regime of half-life 21 days is high, and it rises after falls, so that buys know the past.

``kept``: the chance of each buy is the floor promised (``exact``), or the floor and more the higher the regime
(``above``). ``calm_years``: years are calm or not, alike; in calm ones the chance is the floor - .05, in others the
floor + .15, so that the average is above the floor by .05 and the promise is yet broken in every calm year. ``broken``:
the chance falls below the floor from the first day, or after three years in which it was the floor + .05; delays are
medians over all paths without an alarm before. ``drift``: features that remember, 2,500 days of reference, nothing
changed or all moved by deviations. ``market``: the same of the S&P 500, on days between its train and its test role.

It writes a picture beside the results: what is found, and when, over how far precision fell.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert
from scipy.signal import lfilter
from scipy.special import ndtri

from buysignal.bars.params import Ingest
from buysignal.bars.sources import load_as
from buysignal.cli.params import Params
from buysignal.core.files import write_json, write_text
from buysignal.days.table import assemble
from buysignal.features.tiers import features
from buysignal.judge.drift import drift
from buysignal.judge.sequential import Promise, capital, evidence_against, needed

PROJECT = Path(__file__).resolve().parents[1]
DAYS, YEAR, ALPHA = 2500, 250, 0.05
RATES, FLOORS, HORIZONS, DROPS = (0.05, 0.15, 0.4), (0.3, 0.4, 0.6), (1, 5), (0.05, 0.1, 0.15)
MONTH = 21.0  # half-life in days
GOOD = 3 * YEAR
COLOURS = ("#1f5fa8", "#c77700", "#2e7d4f")


@dataclass(frozen=True)
class Buying:
    """The promised floor, the share of days with a buy, the horizon, how buys are placed, symbols bought a day."""

    floor: float
    rate: float
    horizon: int
    placed: str
    symbols: int = 1

    def sample(self, rng: np.random.Generator, shape: tuple[int, int], chance: Any) -> np.ndarray:
        """Shares of hits (days, paths), NaN without a buy.

        ``chance`` is a number, an array that fits, or a function of how far the regime (days, paths) exceeds its level.
        """
        days, paths = shape
        shocks = rng.standard_normal((days + self.horizon, paths), np.float32)
        regime = rng.standard_normal(shape, np.float32)
        if self.placed == "bursts":
            keep = 0.5 ** (1 / MONTH)
            regime[1:] = np.sqrt(1 - keep**2) * (np.sqrt(0.5) * regime[1:] - np.sqrt(0.5) * shocks[1:days])
            regime = lfilter(np.float32([1.0]), np.float32([1.0, -keep]), regime, axis=0)
        excess = regime - ndtri(1 - self.rate)
        level = -ndtri(chance(excess) if callable(chance) else chance)
        hits = np.zeros(shape)
        for _ in range(self.symbols):
            own = shocks if self.symbols == 1 else shared(shocks, rng)
            sums = np.cumsum(own, axis=0)
            hits += (sums[self.horizon :] - sums[: -self.horizon]) > level * np.sqrt(self.horizon)
        return np.where(excess > 0, hits / self.symbols, np.nan)


def shared(shocks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shocks (days, paths) of one of several symbols: half of their variance is the market's."""
    return (shocks + rng.standard_normal(shocks.shape, np.float32)) / np.float32(np.sqrt(2))


def remembering(rng: np.random.Generator, shape: tuple[int, int], half_life: float) -> np.ndarray:
    """Gaussian AR(1) of unit variance along the days (days, features), from its stationary law."""
    keep = 0.5 ** (1 / half_life)
    shock = rng.standard_normal(shape)
    shock[1:] *= np.sqrt(1 - keep**2)
    return lfilter([1.0], [1.0, -keep], shock, axis=0)


def above(floor: float) -> Any:
    """A chance that is the floor where the regime just suffices for a buy, and rises with it by at most .2."""
    return lambda excess: floor + np.clip(0.1 * excess, 0, 0.2)


def alarmed(e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(paths,) whether there was an alarm, and its day."""
    over = e >= 1 / ALPHA
    return over.any(axis=0), over.argmax(axis=0)


def null(buying: Buying, paths: int, rng: np.random.Generator, chance: str = "exact") -> dict[str, Any]:
    """Alarms where every buy keeps the promise; of exact chances also how often the bounds ever left them out."""
    hits = buying.sample(rng, (DAYS, paths), buying.floor if chance == "exact" else above(buying.floor))
    row = {**asdict(buying), "chance": chance, "paths": paths, "mean_hits": float(np.nanmean(hits))}
    row["false_alarms"] = float(alarmed(capital(hits, buying.floor, buying.horizon))[0].mean())
    return row | ({"bounds_missed": missed(hits, buying)} if chance == "exact" else {})


def missed(hits: np.ndarray, buying: Buying, every: int = 50) -> float:
    """Share of paths whose bounds left the true chance out, looked at every so many days."""
    made = (~np.isnan(hits)).cumsum(axis=0)[:-1]  # before each later day's buys
    late = buying.horizon - 1
    known, won = ((one.cumsum(axis=0)[: DAYS - buying.horizon]) for one in (~np.isnan(hits), np.nan_to_num(hits)))
    made, known, won = (one[::every].astype(float) for one in (made[late:], known, won))
    count = np.maximum(made, 1)
    out = np.zeros(made.shape[1], bool)
    for m, k, w in zip(count, known, won):
        for true, mean in ((buying.floor, w / m), (1 - buying.floor, (k - w) / m)):
            out |= evidence_against(np.full(len(m), true), mean, m / buying.horizon) >= 2 / ALPHA
    return float(out.mean())


def calm_years(buying: Buying, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """Alarms where the average precision is above the floor, and that of calm years below."""
    calm = rng.random((DAYS // YEAR, paths)) < 0.5
    hits = buying.sample(rng, (DAYS, paths), buying.floor + np.where(np.repeat(calm, YEAR, axis=0), -0.05, 0.15))
    found, _ = alarmed(capital(hits, buying.floor, buying.horizon))
    return {**asdict(buying), "paths": paths, "mean_hits": float(np.nanmean(hits)), "alarms": float(found.mean())}


def broken(buying: Buying, drop: float, start: int, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """How soon a fall of precision is found, in known buys and in days from the first bad day on."""
    chance = np.where(np.arange(start + DAYS) < start, buying.floor + 0.05, buying.floor - drop)[:, None]
    hits = buying.sample(rng, (start + DAYS, paths), chance)
    found, day = alarmed(capital(hits, buying.floor, buying.horizon))
    early = found & (day < start + buying.horizon)
    made = np.vstack([np.zeros((1, paths), int), (~np.isnan(hits)).cumsum(axis=0)])
    buys = made[np.maximum(day - buying.horizon + 1, 0), np.arange(paths)] - made[start]
    late, wait = found[~early], {"buys": buys[~early], "days": day[~early] - start}
    row = {**asdict(buying), "drop": drop, "good_days": start, "paths": paths, "before": float(early.mean())}
    row |= {"found_in_a_year": float((late & (wait["days"] <= YEAR)).mean()), "found": float(late.mean())}
    for name, value in wait.items():
        median = np.sort(np.where(late, value, np.inf))[int(0.5 * len(late))]
        row[f"median_{name}"] = int(median) if np.isfinite(median) else None
    if not start and buying.floor == 0.4:
        told = needed(Promise(buying.floor, buying.floor - drop, buying.horizon, ALPHA))
        row |= {"needed_told": told, "found_by_then": by_then(late & (buys <= told), made[-1] >= told)}
    return row


def by_then(found: np.ndarray, long_enough: np.ndarray) -> float | None:
    """Share found among the paths (paths,) that have as many buys; None if those are fewer than a hundred."""
    return float(found[long_enough].mean()) if long_enough.sum() >= 100 else None


def moved(half_life: float, days: int, shift: float, repeats: int, rng: np.random.Generator) -> dict[str, Any]:
    """How often a feature is called drifted, by the usual rule and by ours: ten features, each by itself."""
    told = []
    for _ in range(repeats):
        x = remembering(rng, (DAYS + days, 10), half_life)
        x[DAYS:] += shift
        frame = pd.DataFrame(x, pd.bdate_range("2000-01-03", periods=len(x), name="date"))
        found = drift(frame[:DAYS], frame[DAYS:])
        told.append(((found.table["psi"] > 0.25).mean(), (found.table["larger"] == 0).mean(), found.by_chance / 10))
    usual, beyond, by_chance = np.mean(told, axis=0).tolist()
    case = {"half_life": half_life, "days": days, "shift": shift, "features": 10 * repeats}
    return case | {"usual": usual, "beyond": beyond, "by_chance": by_chance}


def market(days: int) -> dict[str, Any]:
    """The same of the S&P 500, tier a50: stretches after the train role, one after the other, up to the test role."""
    params = Params.load(PROJECT / "params.yaml")
    bars = load_as(Ingest(**dict(params.ingest) | {"source": "sp500"})).bars
    table = assemble(bars, "a50", params.label, params.roles)
    names = [feature.name for feature in features("a50")]
    before = table.loc[table["role"] == "train", names]
    later = table.loc[~table["role"].isin(["train", "test"]), names]
    found = [drift(before, later[at : at + days]) for at in range(0, len(later) - days + 1, days)]
    case = {"days": days, "stretches": len(found), "features": len(names)}
    case |= {"usual": float(np.mean([one.table["psi"] > 0.25 for one in found]))}
    case |= {"beyond": float(np.mean([one.table["larger"] == 0 for one in found]))}
    return case | {"by_chance": found[0].by_chance / len(names)}


def study(paths: int, seed: int, small: bool) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Names and rows of the tables; each row has its own generator, so that one can be looked at alone."""

    def generator(*key: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))

    rates, floors, drops = ((0.4,), (0.4,), (0.15,)) if small else (RATES, FLOORS, DROPS)
    every = [Buying(f, r, h, how) for f, r, h, how in product(floors, rates, HORIZONS, ("even", "bursts"))]
    bursts = [one for one in every if one.placed == "bursts"]
    exact = [*every, *(Buying(0.4, 1.0, h, "even", 3) for h in HORIZONS)]
    middle = [one for one in bursts if one.floor == 0.4]
    kept = [null(one, paths, generator(0, i)) for i, one in enumerate(exact)]
    yield "kept", kept + [null(one, paths, generator(1, i), "above") for i, one in enumerate(middle)]
    yield "calm_years", [calm_years(one, paths, generator(2, i)) for i, one in enumerate(middle)]
    falls = enumerate([*product((0,), bursts, drops), *product((GOOD,), middle, drops)])
    yield "broken", [broken(one, drop, start, paths, generator(3, i)) for i, (start, one, drop) in falls]
    cases = enumerate(product((21.0,) if small else (5.0, 21.0, 63.0), (60,) if small else (20, 60, 250), (0.0, 2.0)))
    yield "drift", [moved(*case, max(2, paths // 50), generator(4, i)) for i, case in cases]
    yield "market", [market(days) for days in ((60,) if small else (20, 60, 250))]


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the SVG: share found in ten years, and the median delay where half are, over the fall of precision."""
    frame = pd.DataFrame([row for row in found["broken"] if row["floor"] == 0.4])
    frame["bought"] = frame["rate"].map("{:.0%} of days bought".format)
    frame["label"] = frame["horizon"].map({1: "1 day ahead", 5: "5 days ahead"})
    frame["years"] = frame["median_days"] / YEAR
    when = {0: "broken from the first day", GOOD: "broken after three good years"}
    panels = [
        _falls(frame[frame["good_days"] == start], cost, f"{title}, {words}", axis)
        for cost, title, axis in (
            ("found", "Share found within ten years", alt.Axis(format=".0%", tickCount=5, gridOpacity=0.4)),
            ("years", "Years until half are found", alt.Axis(tickCount=5, gridOpacity=0.4)),
        )
        for start, words in when.items()
    ]
    chart = alt.concat(*panels, columns=2, spacing=24, title="Solid: labels of one day ahead; dashed: of five")
    chart = chart.configure_title(anchor="start", fontSize=12)
    chart = chart.configure_legend(orient="bottom", title=None).configure_view(strokeWidth=0)
    write_text(path, vl_convert.vegalite_to_svg(chart.to_json()))


def _falls(frame: pd.DataFrame, cost: str, title: str, axis: alt.Axis) -> alt.Chart:
    domain = [0, 1] if cost == "found" else [0, 10]
    falls = alt.Axis(values=list(DROPS), format=".2f", grid=False)
    x = alt.X("drop", scale=alt.Scale(domain=[0.04, 0.16]), axis=falls, title="precision below the floor of 0.40")
    y = alt.Y(cost, scale=alt.Scale(domain=domain), title=None, axis=axis)
    names = sorted(frame["bought"].unique(), key=lambda name: int(name.split("%")[0]))
    colour = alt.Color("bought", scale=alt.Scale(domain=names, range=COLOURS[: len(names)]))
    dash = alt.StrokeDash("label", legend=None)
    base = alt.Chart(frame[["drop", "bought", "label", cost]].dropna(), title=title)
    return base.mark_line(point=True).encode(x, y, colour, dash).properties(width=330, height=190)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="one cell of each kind, 100 paths")
    parser.add_argument("--paths", type=int, default=2000, help="histories per cell")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--out", type=Path, default=Path("bench/results/follow.json"))
    given = parser.parse_args()
    paths = 100 if given.small else given.paths
    found = {"date": datetime.date.today().isoformat(), "seed": given.seed, "paths": paths}
    found |= {"days": DAYS, "alpha": ALPHA}
    found["versions"] = {name: version(name) for name in ("numpy", "scipy", "pandas")}
    for name, rows in study(paths, given.seed, given.small):
        found |= {name: rows, "seconds": round(process_time())}
        print(f"\n{name}, {found['seconds']} s\n{pd.DataFrame(rows).round(3).to_string(index=False)}", flush=True)
    write_json(given.out, found)
    draw(found, given.out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
