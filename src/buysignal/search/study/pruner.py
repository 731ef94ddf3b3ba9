"""Whether a trial is hopeless by its learning curve so far: Optuna's median rule, without its store."""

from collections.abc import Sequence

import optuna
from optuna.trial import TrialState, create_trial


def should_prune(history: Sequence[Sequence[float]], own: Sequence[float], startup: int, warmup: int) -> bool:
    """True if the trial's best metric so far lies below the median of earlier trials at this epoch.

    `optuna.pruners.MedianPruner` on an in-memory study, so the decision depends on the arguments
    alone and any worker comes to the same one.

    Parameters
    ----------
    history : metric per epoch (higher is better) of the complete trials of earlier batches
    own : metric of this trial, up to the epoch just finished
    startup, warmup : no pruning before this many earlier trials, nor before this epoch, from 0
    """
    pruner = optuna.pruners.MedianPruner(
        n_startup_trials=startup, n_warmup_steps=warmup, interval_steps=1, n_min_trials=1
    )
    study = optuna.create_study(direction="maximize")
    for curve in history:
        if curve:
            study.add_trial(create_trial(value=max(curve), intermediate_values=dict(enumerate(curve))))
    trial = create_trial(state=TrialState.RUNNING, intermediate_values=dict(enumerate(own)))
    return bool(pruner.prune(study, trial))
