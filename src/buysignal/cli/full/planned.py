"""How far the study is, and how long the rest will take by what its finished trials took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.core.files import sha256
from buysignal.core.progress import duration
from buysignal.core.workers.engine import Engine
from buysignal.features.tiers import n_features
from buysignal.models.patchtst.architecture import Configuration
from buysignal.models.patchtst.full import tier_file
from buysignal.search.study.record import TrialRecord
from buysignal.search.study.run import finished_trials, study_name
from buysignal.search.study.settings import objective_settings, search_settings
from buysignal.search.study.setup import space_for
from buysignal.search.study.space import Space

STAGES = ("hpo", "supplement", "evaluate", "mirror", "train")  # that train, in their order


@dataclass(frozen=True)
class Search:
    """One search, and its trials that are finished, by index."""

    tier: str
    budget: str
    space: Space
    planned: int
    finished: Sequence[TrialRecord]

    @property
    def work(self) -> float:
        """Mean work of the architectures of its space: what the time of a trial grows with."""
        shapes = [(*shape, ratio) for shape, ratios in self.space.ratios.items() for ratio in ratios]
        return float(np.mean([Configuration(*shape, 0.0, 1.0, 0.0).work for shape in shapes]))


@dataclass(frozen=True)
class Plan:
    """What is to be run in a project."""

    params: Params
    project: Path

    @classmethod
    def of(cls, params: Params, project: Path) -> Self:
        """The plan; `UserError` if the folder is no project."""
        if not (project / "dvc.yaml").is_file():
            raise UserError(f"{project} has no dvc.yaml: name the folder of a project with --project")
        return cls(params, project)

    def searches(self) -> list[Search]:
        """Every search in the order of the stages, with what is finished of it."""
        p = self.params
        search, measured = search_settings(p.hpo, p.seed), objective_settings(p.hpo, p.training, p.seed)
        found = []
        for tier in p.tiers:
            path = self.project / tier_file(tier)
            digest = sha256(path) if path.is_file() else ""
            for budget in p.budgets:
                space = space_for(budget, p.grids[budget], p.hpo, p.shape, n_features(tier))
                done: Sequence[TrialRecord] = ()
                if digest:
                    name = study_name(tier, space, p.shape, search, measured, digest)
                    done = finished_trials(self.project / ".scratch" / "studies", name, space)
                found.append(Search(tier, budget, space, min(search.trials, space.size), done[: search.trials]))
        return found

    def fits(self) -> dict[str, int]:
        """Trainings of one model that stand behind the searches, by stage; about, as some are shared."""
        p, budgets = self.params, len(self.params.budgets)
        again = budgets * (p.evaluate.top + budgets - 1)
        return {
            "supplement": len(p.tiers) * (p.supplement.trials + p.supplement.second) * p.hpo.seeds,
            "evaluate": len(p.tiers) * again * p.training.seeds,
            "mirror": 2 * p.select.count * p.training.seeds,
            "train": 0,  # the fits of `mirror`
        }

    def told(self, stage: str = "hpo") -> str:
        """One line: what is done and how long is left, where ``stage`` is the next that trains."""
        found = self.searches()
        done, planned = (sum(counts) for counts in zip(*((len(s.finished), s.planned) for s in found)))
        line = f"full: {done} of {planned} trials of {len(found)} searches are finished"
        taken = sum(r.outcome.duration_s for s in found for r in s.finished)
        worked = sum(r.configuration.work for s in found for r in s.finished)
        if not worked:
            return f"{line}; how long it takes shows with the first"
        searching = sum((s.planned - len(s.finished)) * s.work for s in found)
        after = self.fits()
        rest = sum(after[name] for name in STAGES[max(STAGES.index(stage), 1) :])
        fitting = rest * float(np.mean([s.work for s in found]))
        seconds = [part * taken / worked / Engine.from_environment().workers for part in (searching, fitting)]
        return f"{line}; about {duration(sum(seconds))} left, {duration(seconds[0])} of them for the searches"
