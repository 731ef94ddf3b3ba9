"""Whether a trial is hopeless by its learning curve so far: Optuna's median rule, without its store."""

from collections.abc import Sequence

import optuna
from optuna.trial import TrialState, create_trial


def should_prune(
    history: Sequence[Sequence[float]], own: Sequence[float], epoch: int, startup: int, warmup: int
) -> bool:
    """True if the trial's best metric so far lies below the median of earlier trials at this epoch.

    `optuna.pruners.MedianPruner` on an in-memory study, so the decision depends on the arguments
    alone and any worker comes to the same one.

    Parameters
    ----------
    history : sequence of sequences of float
        Metric per epoch (higher is better) of the complete trials of earlier batches.
    own : sequence of float
        Metric of this trial for epochs 0..epoch.
    epoch : int
        Epoch just finished, from 0; the last of ``own``.
    startup : int
        No pruning before this many earlier trials.
    warmup : int
        No pruning before this epoch.

    Raises
    ------
    ValueError
        If ``own`` does not end at ``epoch``.
    """
    if len(own) != epoch + 1:
        raise ValueError(f"own has {len(own)} values, epoch {epoch} needs {epoch + 1}")
    pruner = optuna.pruners.MedianPruner(
        n_startup_trials=startup, n_warmup_steps=warmup, interval_steps=1, n_min_trials=1
    )
    study = optuna.create_study(direction="maximize")
    for curve in history:
        if curve:
            study.add_trial(create_trial(value=max(curve), intermediate_values=dict(enumerate(curve))))
    trial = create_trial(state=TrialState.RUNNING, intermediate_values=dict(enumerate(own)))
    return bool(pruner.prune(study, trial))
