"""Whether a search that asks for stacks finds more in equal time: one, two and five variants of an architecture.

    python -m bench.stacks [--seeds 6] [--trials 16] [--out bench/results/stacks.json]
    python -m bench.stacks --redraw     draws the figure again from the saved result

The default market, tier a50, budget 2M, trials as by default but for a shorter start-up. Trainings are real and done
on a processor; **time is simulated**: what a stack takes on a GPU is reckoned from seconds that a *prototype* took
there (`MEASURED`), and nothing here was timed. A seed's search without variants says how much time there is; the
others search until it is spent. The best trial of each is then trained again, over fresh seeds, and judged on days
that did not choose it: who looks at more trials is also luckier on the days that choose.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert
from bench.speed.machine import described
from bench.speed.race import BUDGET, TIER, prepare, raced_space

from buysignal.cli.params import Params
from buysignal.core.files import read_json, write_json, write_text
from buysignal.core.seeds import member_seeds
from buysignal.core.workers.engine import WHOLE, Engine
from buysignal.judge.trials.seedmeans import seed_mean
from buysignal.models.metrics import auc, buys
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size
from buysignal.models.patchtst.fit import fit_stack
from buysignal.search.study.objective import ObjectiveSettings, evaluate, fit_job
from buysignal.search.study.proposer import Proposal, SearchSettings, propose
from buysignal.search.study.record import Outcome, Trial, TrialRecord
from buysignal.search.study.space import Space
from buysignal.search.study.stacks import grouped

MEASURED = ((64, 4, 0.024, 0.045), (128, 6, 0.069, 0.140), (384, 12, 0.297, 0.990))
"""d_model, layers, and seconds an epoch of one member and of a stack of five: a prototype on an H200, tier a50."""
STACK = 5  # members of the stacks that were measured
WIDEST = 128  # windows of a step of the narrowest models: of wider ones there are fewer, and so more steps
BATCHES = {1: 4, 2: 4, 5: 5}  # variants -> trials of a batch: the default, and the next that five divides
STARTUP = 4  # random trials after the extremes, so that TPE has its say in a short study
AGAIN = 3  # fresh seeds of the best trial
CONFIDENCE = 0.95  # of intervals of differences paired by seed
COLOURS = ["#d95f02", "#7570b3", "#1b9e77"]
SAID = (
    ("precision", "precision of the best, rank role"),
    ("recall", "recall of the best, rank role"),
    ("precision_again", "precision of the best again, threshold role"),
    ("recall_again", "recall of the best again, threshold role"),
    ("value", "AUC of the best, rank role (which chose it)"),
    ("auc_again", "AUC of the best again, threshold role"),
)
"""What is compared: precision first, recall second, and the areas, which only rank."""


def epoch_seconds(configuration: Configuration, members: int) -> float:
    """Simulated seconds of an epoch of a stack, linear in its members.

    Between the measured widths two figures are interpolated, below the first and above the last they stay: seconds of
    one member per layer and step (relative to steps of `WIDEST` windows), and what a further member adds, as a share.
    """
    widths = [width for width, *_ in MEASURED]
    layer = [one / (layers * WIDEST / batch_size(width)) for width, layers, one, _ in MEASURED]
    more = [(stack / one - 1) / (STACK - 1) for _, _, one, stack in MEASURED]
    width = configuration.d_model
    alone = np.interp(width, widths, layer) * configuration.n_layers * WIDEST / batch_size(width)
    return float(alone * (1 + np.interp(width, widths, more) * (members - 1)))


@dataclass(frozen=True)
class Course:
    """What is searched, and on what; ``settings.seeds`` are replaced by those of each study."""

    tier_path: str
    shape: Shape
    settings: ObjectiveSettings
    space: Space


class Trainer:
    """Trials of one seed, each trained once however many searches ask for it."""

    def __init__(self, course: Course, seed: int) -> None:
        self.course = replace(course, settings=replace(course.settings, seeds=member_seeds(seed, "search", 1)))
        self._known: dict[Configuration, Outcome] = {}

    def __call__(self, configuration: Configuration) -> Outcome:
        if configuration not in self._known:
            one = self.course
            self._known[configuration] = evaluate(Trial(configuration), one.tier_path, one.shape, one.settings)
        return self._known[configuration]


History = list[tuple[float, TrialRecord]]
"""(simulated seconds since the search began, trial) in the order in which stacks end."""


def searched(train: Trainer, search: SearchSettings, seconds: float = np.inf) -> History:
    """Trials of a search until it has ``search.trials``, or would pass so many simulated seconds with the next stack.

    A stack holds all trials of a batch that share a shape, and lasts as long as the one that is trained for longest.
    """
    space = train.course.space
    told: list[TrialRecord] = []
    history: History = []
    spent = 0.0
    while batch := propose(space, told, len(told), search):
        ended: list[TrialRecord] = []
        for group in grouped([p.configuration for p in batch], WHOLE):
            records = [_record(batch[k], space, train(batch[k].configuration)) for k in group]
            epochs = max(len(r.outcome.intermediate) for r in records)
            spent += epochs * epoch_seconds(records[0].configuration, len(records))
            if spent > seconds * (1 + 1e-9):
                return history
            history += [(spent, record) for record in records]
            ended += records
        told += ended
    return history


def _record(plan: Proposal, space: Space, outcome: Outcome) -> TrialRecord:
    return TrialRecord(**vars(plan), batch_size=0, parameters=0, cap=space.cap, outcome=outcome)


def compared(course: Course, trials: int, seed: int) -> dict[str, Any]:
    """The searches of one seed: without variants so many trials, with them for as long; variants -> what was found."""
    train = Trainer(course, seed)
    found, seconds = {}, np.inf
    for variants, batch in BATCHES.items():
        search = SearchSettings(trials if variants == 1 else 10**6, batch, STARTUP, seed, variants)
        history = searched(train, search, seconds)
        if variants == 1:
            seconds = history[-1][0]
        found[str(variants)] = told(train.course, history, seconds, seed)
    return {"seed": seed, "seconds": seconds, "searches": found}


def told(course: Course, history: History, seconds: float, seed: int) -> dict[str, Any]:
    """What one search found: its best trial by objective, on the days that chose it and again on others."""
    usable = [(at, r) for at, r in history if r.value is not None and not r.outcome.collapsed]
    best = max((r for _, r in usable), key=lambda r: (r.value, -r.index))
    steps = [
        [at / seconds, max(r.value for then, r in usable if then <= at)] for at in sorted({at for at, _ in usable})
    ]
    return {
        "trials": len(history),
        "architectures": len({r.configuration.architecture for _, r in history}),
        "origin": best.origin,
        "configuration": vars(best.configuration),
        "precision": best.mean("precision"),
        "recall": best.mean("recall"),
        "n_buys": best.mean("n_buys"),
        "value": best.value,
        **again(course, best.configuration, seed),
        "steps": steps,
    }


def again(course: Course, configuration: Configuration, seed: int) -> dict[str, float]:
    """A configuration over fresh seeds on the threshold role: the seed average's buys, and its AUC."""
    settings = replace(course.settings, seeds=member_seeds(seed, "again", AGAIN))
    [fitted] = fit_stack(
        [fit_job(Trial(configuration), course.tier_path, course.shape, settings)], roles=("threshold",)
    )
    label, scores = fitted.of("threshold")
    score = scores.mean(axis=0, dtype=np.float64)
    bought = buys(label, score, settings.threshold)
    shares = {"precision_again": bought.precision, "recall_again": bought.recall, "n_buys_again": bought.n_buys}
    return shares | {"auc_again": auc(label, score), "base_rate_again": bought.base_rate}


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Means over the seeds of each number of variants, and with variants the paired difference to without."""
    found = {}
    for variants in map(str, BATCHES):
        own = [row["searches"][variants] for row in rows]
        base = [row["searches"]["1"] for row in rows]
        names = ("trials", "architectures", *(name for name, _ in SAID))
        found[variants] = {name: float(np.mean([one[name] for one in own])) for name in names}
        if variants != "1":
            pairs = {name: [a[name] - b[name] for a, b in zip(own, base)] for name, _ in SAID}
            means = {name: seed_mean(each, CONFIDENCE) for name, each in pairs.items()}
            found[variants]["minus_1"] = {
                name: {"mean": one.mean, "low": one.low, "high": one.high} for name, one in means.items()
            }
    return found


def draw(result: dict[str, Any], path: Path) -> None:
    """The best objective over simulated time, and the paired differences, as SVG."""
    at = np.linspace(0.02, 1, 50)
    lines = []
    for variants in map(str, BATCHES):
        curves = []
        for row in result["rows"]:
            steps = np.array(row["searches"][variants]["steps"])
            place = np.searchsorted(steps[:, 0], at + 1e-9, side="right") - 1
            curves.append(np.where(place < 0, np.nan, steps[np.maximum(place, 0), 1]))
        mean = np.mean(curves, axis=0)  # nan until each seed has a trial
        lines += [{"variants": variants, "time": x, "best": y} for x, y in zip(at, mean) if np.isfinite(y)]
    colour = alt.Color("variants:N", sort=list(map(str, BATCHES)), scale=alt.Scale(range=COLOURS), title="variants")
    best = (
        alt.Chart(pd.DataFrame(lines), title=f"Best so far, mean over {len(result['rows'])} seeds")
        .mark_line(interpolate="step-after")
        .encode(
            alt.X("time", title="simulated time on a GPU, of the search without variants", axis=alt.Axis(format="%")),
            alt.Y("best", title="AUC on the rank role", scale=alt.Scale(zero=False)),
            colour,
            alt.StrokeDash("variants:N", legend=None),
        )
        .properties(width=520, height=260)
    )
    gaps = [
        {"variants": variants, "what": words, **result["variants"][variants]["minus_1"][name]}
        for variants in map(str, BATCHES)
        if variants != "1"
        for name, words in SAID
    ]
    base = alt.Chart(pd.DataFrame(gaps)).encode(
        alt.Y("what", sort=[words for _, words in SAID], title=None, axis=alt.Axis(labelLimit=320)),
        alt.YOffset("variants:N"),
        colour,
    )
    zero = alt.Chart(pd.DataFrame({"at": [0]})).mark_rule(color="#888").encode(alt.X("at"))
    bars = base.mark_rule(strokeWidth=2).encode(alt.X("low", title="with variants minus without, 95 %"), alt.X2("high"))
    dots = base.mark_circle(size=60, opacity=1).encode(alt.X("mean"))
    apart = (zero + bars + dots).properties(width=330, height=260, title="Equal time: difference, paired by seed")
    write_text(path, vl_convert.vegalite_to_svg(alt.vconcat(best, apart, spacing=30).to_json()))


def described_result(rows: Sequence[dict[str, Any]], epochs: int, machine: dict[str, Any]) -> dict[str, Any]:
    """All that is kept: how time was simulated, what was compared, and the rows of `compared`."""
    rows = sorted(rows, key=lambda row: row["seed"])
    names = ("d_model", "n_layers", "seconds_of_one", "seconds_of_five")
    return {
        "time": "simulated from seconds of a prototype on an H200; trainings were done on a processor and not timed",
        "measured_on_the_prototype": [dict(zip(names, one)) for one in MEASURED],
        "cost": "linear in members, layers and steps; interpolated between widths, see bench.stacks.epoch_seconds",
        "source": "sp500", "tier": TIER, "budget": BUDGET, "epochs": epochs, "startup": STARTUP,
        "batches": {str(variants): batch for variants, batch in BATCHES.items()},
        "variants": summary(rows), "rows": rows, "machine": machine,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=6, help="searches of each kind, at least 2")
    parser.add_argument("--trials", type=int, default=16, help="of the search without variants")
    parser.add_argument("--out", type=Path, default=Path("bench/results/stacks.json"))
    parser.add_argument("--redraw", action="store_true", help="only draw the figure from the saved result")
    options = parser.parse_args()
    if not options.redraw:
        params, machine = Params.load(), described()
        with tempfile.TemporaryDirectory() as folder:
            race = prepare(params, Path(folder), random=0, seeds=1)
            course = Course(race.tier_path, race.shape, race.settings, raced_space(params))
            seeds = list(range(1, options.seeds + 1))
            found = Engine(workers=2).run(partial(compared, course, options.trials), seeds)
            write_json(options.out, described_result([row for _, row in found], params.hpo.epochs, machine))
    result = read_json(options.out)
    draw(result, options.out.with_suffix(".svg"))
    for variants, row in result["variants"].items():
        print(f"variants {variants}: {row['trials']:.1f} trials of {row['architectures']:.1f} architectures")
        for name, words in SAID:
            gap = row.get("minus_1", {}).get(name)
            beside = f"  {gap['mean']:+.4f} [{gap['low']:+.4f}, {gap['high']:+.4f}]" if gap else ""
            print(f"  {words:48} {row[name]:.4f}{beside}")


if __name__ == "__main__":
    main()
