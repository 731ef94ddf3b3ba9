"""Running the supplementary trials of a tier, like any other study, and saying what they brought."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd

from buysignal.core.fingerprint import fingerprint
from buysignal.models.patchtst.architecture import Shape, configuration_of
from buysignal.models.patchtst.arithmetic import arithmetic
from buysignal.models.patchtst.full import Entry
from buysignal.search.rounds.plan import PURPOSES, ROUNDS, Planned, PlannedSet, without
from buysignal.search.rounds.planner import SupplementSettings, plan
from buysignal.search.study import run as study
from buysignal.search.study.objective import ObjectiveSettings
from buysignal.search.study.proposer import Proposal, SearchSettings
from buysignal.search.study.record import COMPLETE, FAILED, TrialRecord
from buysignal.search.study.space import DIMENSIONS, Space
from buysignal.search.study.tables import best

CODE = ("buysignal.search.rounds.planner",)
"""What is planned, beside what a trial is: `buysignal.search.study.run.code_of`."""

Planner = Callable[[Sequence[TrialRecord]], Sequence[PlannedSet]]
"""From the finished supplementary trials to every set that can be planned by now; pure."""


def planner_of(
    pinned: Sequence[PlannedSet] | None,
    search: pd.DataFrame,
    spaces: Mapping[str, Space],
    settings: SupplementSettings,
) -> tuple[Planner, int, object]:
    """The planner of a tier, the trials it is asked for, and what it is made from, as plain values.

    Parameters
    ----------
    pinned : what to run; None to derive it from the search. What the search has trained is left out
    search : trials of every searched budget of the tier
    """
    if pinned is None:
        source = [asdict(settings), search.to_json(orient="split", double_precision=15)]
        return partial(plan, search, spaces=spaces, settings=settings), sum(settings.rounds), source
    left = without(pinned, {configuration_of(row) for row in search.to_dict("records")})
    return lambda _: left, sum(len(s.trials) for s in left), [asdict(s) for s in left]


def search_seconds(
    tier: str,
    spaces: Mapping[str, Space],
    shape: Shape,
    search: SearchSettings,
    trial: ObjectiveSettings,
    data_sha256: str,
    folder: Path,
) -> dict[str, list[float]]:
    """Wall seconds of each finished search trial per budget, as far as this machine has its studies."""
    names = {b: study.study_name(tier, space, shape, search, trial, data_sha256) for b, space in spaces.items()}
    trials = {b: study.finished_trials(folder, name, spaces[b]) for b, name in names.items()}
    return {b: [record.outcome.duration_s for record in records] for b, records in trials.items()}


def supplement_name(
    tier: str, spaces: Mapping[str, Space], shape: Shape, trial: ObjectiveSettings, data_sha256: str, source: object
) -> str:
    """What the files of a tier's supplementary study are called.

    ``source`` is what the plan is made from, as plain values: of another plan nothing is taken over.
    """
    grids = {budget: dict(zip(DIMENSIONS, space.grids)) | {"cap": space.cap} for budget, space in spaces.items()}
    parts = {"spaces": grids, "shape": shape, "trial": trial, "data": data_sha256, "source": source}
    parts |= {"arithmetic": arithmetic(trial.precision)}
    return f"{tier}-supplement-{fingerprint(code=(*study.code_of(trial), *CODE), packages=study.PACKAGES, **parts)}"


def run_supplement(
    planner: Planner,
    spaces: Mapping[str, Space],
    own: study.Study,
    on_batch: Callable[[Sequence[Planned]], None] = lambda open_: None,
) -> tuple[list[PlannedSet], list[TrialRecord]]:
    """Train what the planner asks for, batch by batch; the same sets and trials however often it is killed.

    Parameters
    ----------
    planner : see `Planner`
    spaces : budget -> what was searched
    own : how the trials are trained; see `buysignal.search.study.run.run_study` for what is raised
    on_batch : called before each batch with those of its trials that no earlier run has finished
    """
    axes = next(iter(spaces.values()))
    done = {record.index for record in study.finished_trials(own.folder, own.name, axes, own.wait_s)}
    known: list[Planned] = []

    def next_batch(told: Sequence[TrialRecord]) -> list[Proposal]:
        known[:] = [p for s in planner(told) for p in s.trials]
        start, number = len(told), told[-1].batch + 1 if told else 0
        batch = [
            Proposal(index, number, "supplementary", p.label, p.configuration)
            for index, p in enumerate(known[start:], start)
        ]
        open_ = [known[p.index] for p in batch if p.index not in done]
        if open_:
            on_batch(open_)
        return batch

    def space_of(p: Proposal) -> Space:
        return spaces[known[p.index].budget]

    records = study.run_batches(next_batch, space_of, axes, own)
    return list(planner(records)), records


def estimate(open_: Sequence[Planned], seconds: Mapping[str, Sequence[float]], workers: int) -> str:
    """One line: what comes next and how long it should take by the search trials timed here.

    Parameters
    ----------
    seconds : budget -> wall seconds of its finished search trials on this machine; none is fine
    """
    labels = " ".join(p.label for p in open_)
    budgets = sorted({p.budget for p in open_})
    untimed = [budget for budget in budgets if not seconds.get(budget)]
    if untimed:
        return f"next {labels}; no search trial of {', '.join(untimed)} was timed on this machine: no estimate"
    each = {budget: median(seconds[budget]) for budget in budgets}
    total = sum(each[p.budget] for p in open_) / min(workers, len(open_))
    known = ", ".join(f"{budget} {spent:.1f} s" for budget, spent in each.items())
    on = "1 worker" if workers == 1 else f"{workers} workers"
    return f"next {labels}; about {total:.0f} s on {on} (median search trial: {known})"


def contenders(trials: pd.DataFrame) -> tuple[list[Entry], str]:
    """The best usable trial of the search and that of the supplement, or none and the reason in words.

    Parameters
    ----------
    trials : of all rounds, as `buysignal.search.study.tables.every_round` gives them
    """
    ofs = {"search": trials[trials["round"] == 0], "supplement": trials[trials["round"] > 0]}
    found = {which: best(own) for which, own in ofs.items()}
    for which, row in found.items():
        if row is None:
            count = len(ofs[which])
            return [], f"none of the {count} trials of the {which} completed without collapse" if count else (
                f"the {which} has no trial"
            )
    return [Entry.of(row) for row in found.values()], ""


def described(sets: Sequence[PlannedSet], records: Sequence[TrialRecord]) -> list[dict[str, Any]]:
    """One row per set: what it was for, what was wanted and planned, and how its trials ended."""
    by_label = {record.asked_by: record for record in records}
    rows = []
    for s in sets:
        own = [by_label[p.label] for p in s.trials]
        rows.append(
            {
                "set": s.letter,
                "round": ROUNDS[s.round - 1],
                "purpose": PURPOSES[s.letter],
                "wanted": s.wanted,
                "trials": len(own),
                "complete": sum(r.state == COMPLETE for r in own),
                "failed": sum(r.state == FAILED for r in own),
                "collapsed": sum(r.outcome.collapsed for r in own),
                "best_value": max((r.value for r in own if r.state == COMPLETE), default=None),
                "why": s.why,
                "missing": s.missing,
            }
        )
    return rows
