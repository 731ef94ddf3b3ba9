"""All of params.yaml, for those who judge it as a whole: the stage `check`, the doctor and the benchmarks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from buysignal.bars.forms.params import Forms
from buysignal.bars.params import Ingest
from buysignal.cli.retrain.params import Retrain
from buysignal.core.params import Scope
from buysignal.core.settings import PATH, near, read, section
from buysignal.days.params import Label, Roles
from buysignal.features.params import Features
from buysignal.judge.params import Certify, Costs, Exit, Select, Sweep, Walk
from buysignal.models.params import Candidate, Hyperparameters, Model, Models, Training
from buysignal.models.patchtst.architecture import Shape
from buysignal.search.params import Analyze, Boosting, Evaluate, Grids, Hpo, Supplement, Transfer


class Params(Grids, Scope, Hyperparameters, key=""):
    """Every section; what stands at the top of the file is inherited."""

    features: Features
    forms: Forms
    models: Models
    candidate: Candidate
    ingest: Ingest
    label: Label
    roles: Roles
    model: Model
    training: Training
    hpo: Hpo
    boosting: Boosting
    analyze: Analyze
    supplement: Supplement
    transfer: Transfer
    evaluate: Evaluate
    sweep: Sweep
    select: Select
    costs: Costs
    exit: Exit
    certify: Certify
    walk: Walk
    retrain: Retrain

    @property
    def shape(self) -> Shape:
        """The section ``model`` as the networks take it."""
        return self.model.shape

    @classmethod
    def load(cls, path: str | Path = PATH) -> Self:
        """Read and check the whole file; errors as for `buysignal.core.settings.read`."""
        return read(cls, path)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """The same from values in memory."""
        return section(cls, content)

    def fault(self) -> str:
        """Rules between sections."""
        if self.candidate.tier not in self.tiers:
            among = ", ".join(self.tiers)
            return f"candidate.tier is {self.candidate.tier}; it must be one of tiers, which are {among}"
        lacking = next((budget for budget in self.budgets if budget not in self.grids), None)
        if lacking is not None:
            return f"budget {lacking!r} has no grid; {near(lacking, self.grids)}"
        if lost := self.costs.lost(self.label):
            return f"label.threshold is {lost} (costs.bps {self.costs.bps:g})"
        return super().fault()
