"""How a study searches and judges, from params.yaml; apart from `setup`, which does without torch."""

from typing import Any

from buysignal.core.seeds import member_seeds
from buysignal.models.params import Training
from buysignal.search.params import PER_DAY, Hpo
from buysignal.search.study.objective import ObjectiveSettings
from buysignal.search.study.per_day import FOLLOWED, PerDaySettings
from buysignal.search.study.proposer import SearchSettings


def search_settings(hpo: Hpo, seed: int) -> SearchSettings:
    """How the space is searched."""
    return SearchSettings(hpo.trials, hpo.batch, hpo.startup, seed, hpo.variants)


def objective_settings(hpo: Hpo, training: Training, seed: int) -> ObjectiveSettings:
    """How one trial is trained and measured; its seeds, epochs and patience are the search's own."""
    told: dict[str, Any] = dict(
        seeds=member_seeds(seed, "search", hpo.seeds),
        epochs=hpo.epochs,
        patience=hpo.patience,
        min_delta=training.min_delta,
        threshold=hpo.threshold,
        recall_floor=hpo.recall_floor,
        prune=hpo.pruner == "median",
        precision=training.precision,
        rows=training.rows,
        timeout_s=hpo.timeout_s,
    )
    if hpo.objective == PER_DAY:
        return PerDaySettings(objective=FOLLOWED, per_day=hpo.per_day, **told)
    return ObjectiveSettings(objective=hpo.objective, **told)
