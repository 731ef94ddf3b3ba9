"""What a race says: trials per hour, their ratio, scaling, and whether quality is the same; and its chart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert
from bench.speed.race import CONTESTANTS, NAIVE, ONE, TWO
from scipy.stats import t

from buysignal.core.files import write_text

RATIO, EFFICIENCY = 4.0, 0.9  # what is wanted
COLOURS = ["#d95f02", "#7570b3", "#1b9e77"]  # in the order of the contestants; told apart by the colour-blind too


def summary(laps: pd.DataFrame, trials: pd.DataFrame, equal: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Figures of a race (see `bench.speed.race.race` and `equal_jobs` for the arguments).

    Ratios are of total times; their range is over the rounds.
    """
    by_round = laps.pivot_table(index="round", columns="contestant", values="seconds", aggfunc="sum")
    count = laps.pivot_table(index="round", columns="contestant", values="trials", aggfunc="sum")
    total = by_round.sum()
    ratio = _ratio(by_round[NAIVE], by_round[TWO])
    scaling = _ratio(by_round[ONE], 2 * by_round[TWO])
    jobs = pd.DataFrame(equal)
    contestants = {
        name: {
            "seconds": total[name],
            "trials_per_hour": 3600 * count[name].sum() / total[name],
            **_quality(trials[trials["contestant"] == name]),
        }
        for name in CONTESTANTS
    }
    return {
        "contestants": contestants,
        "naive_to_ours_2_workers": ratio | {"wanted": RATIO, "reached": bool(ratio["value"] >= RATIO)},
        "naive_to_ours_1_worker": _ratio(by_round[NAIVE], by_round[ONE]),
        "scaling_of_the_search": scaling | {"wanted": EFFICIENCY, "reached": bool(scaling["value"] >= EFFICIENCY)},
        "scaling_of_equal_jobs": _ratio(jobs[ONE], 2 * jobs[TWO]),
        "auc_ours_minus_naive": difference(trials),
        "workers_change_a_result": not _same(trials),
        "core_share": _core_share(laps),
    }


def difference(trials: pd.DataFrame, confidence: float = 0.95) -> dict[str, Any]:
    """Rank AUC of ours minus naive: mean over configurations with a t interval, and the spread of seeds.

    ``seed_sd`` is the standard deviation between seeds of one configuration, pooled over
    configurations and both sides; ``inside_seed_spread`` whether the difference is within it.
    """
    mean = trials.pivot_table(index="configuration", columns="contestant", values="auc")
    gap = (mean[TWO] - mean[NAIVE]).to_numpy()
    pooled = trials[trials["contestant"].isin((NAIVE, TWO))].groupby(["contestant", "configuration"])["auc"].var(ddof=1)
    found = {"mean": gap.mean(), "seed_sd": float(np.sqrt(pooled.mean())) if pooled.notna().all() else 0.0}
    if len(gap) > 1:
        half = t.ppf((1 + confidence) / 2, len(gap) - 1) * gap.std(ddof=1) / np.sqrt(len(gap))
        found["interval"] = [gap.mean() - half, gap.mean() + half]
    return found | {"inside_seed_spread": bool(abs(found["mean"]) <= found["seed_sd"])}


def _ratio(slow: pd.Series, fast: pd.Series) -> dict[str, float]:
    each = slow / fast
    return {"value": slow.sum() / fast.sum(), "low": each.min(), "high": each.max()}


def _quality(trials: pd.DataFrame) -> dict[str, Any]:
    rounds = trials.groupby("round")["auc"].mean()
    return {"auc": trials["auc"].mean(), "auc_per_seed": rounds.tolist(), "epochs": trials["epochs"].mean()}


def _same(trials: pd.DataFrame) -> bool:
    """Whether one and two workers gave the same to the last bit."""
    wide = trials.pivot_table(index=["round", "configuration"], columns="contestant", values="auc")
    return bool((wide[ONE] == wide[TWO]).all())


def _core_share(laps: pd.DataFrame) -> float:
    """Share of a core that the one-worker laps got: well below 1 means that others were computing too."""
    alone = laps[laps["contestant"] == ONE]
    return alone["cpu"].sum() / alone["seconds"].sum()


def draw(found: dict[str, Any], trials: pd.DataFrame, path: Path) -> None:
    """Trials per hour of each contestant beside the AUC of every trial, as SVG."""
    speed = pd.DataFrame(
        [{"contestant": name, "trials per hour": row["trials_per_hour"]} for name, row in found["contestants"].items()]
    )
    colour = alt.Color("contestant", sort=list(CONTESTANTS), scale=alt.Scale(range=COLOURS), legend=None)
    bars = alt.Chart(speed, title="Finished trials per hour").encode(
        alt.X("trials per hour"), alt.Y("contestant", sort=list(CONTESTANTS), title=None)
    )
    named = bars.mark_text(align="left", dx=4).encode(text=alt.Text("trials per hour", format=",.0f"))
    shown = trials[trials["contestant"] != ONE].assign(configuration=lambda f: f["configuration"] + 1)
    dots = (
        alt.Chart(shown, title="AUC on the rank role, every seed of every configuration")
        .mark_circle(size=45)
        .encode(
            alt.X("configuration:O"),
            alt.Y("auc", title="AUC", scale=alt.Scale(zero=False)),
            alt.XOffset("contestant:N", sort=[NAIVE, TWO]),
            alt.Color("contestant", sort=list(CONTESTANTS), scale=alt.Scale(range=COLOURS), title=None),
        )
        .properties(width=420, height=220)
    )
    steps = [
        {"search": name, "seed": k, "seconds": seconds, "best AUC": max(auc for _, auc in history[: i + 1])}
        for k, row in enumerate(found["search"])
        for name, history in row["history"].items()
        for i, (seconds, _) in enumerate(history)
    ]
    reached = (
        alt.Chart(pd.DataFrame(steps), title="Best AUC so far, every seed's search")
        .mark_line(interpolate="step-after", point=True)
        .encode(
            alt.X("seconds"),
            alt.Y("best AUC", scale=alt.Scale(zero=False)),
            alt.Color("search", scale=alt.Scale(domain=["naive", "ours"], range=COLOURS[::2]), title=None),
            alt.Detail("seed"),
        )
        .properties(width=420, height=220)
    )
    left = (bars.mark_bar().encode(colour) + named).properties(width=330, height=120)
    chart = alt.vconcat(left, dots, reached, spacing=30).resolve_scale(color="independent")
    write_text(path, vl_convert.vegalite_to_svg(chart.to_json()))
