"""One trial: a configuration trained over its seeds and measured on the rank role."""

import errno
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import optuna

from buysignal.core.errors import UserError
from buysignal.models.dataset import TierData
from buysignal.models.metrics import buys, precision_at_recall, ranking
from buysignal.models.patchtst.architecture import Shape, batch_size
from buysignal.models.patchtst.fit import fit_stack
from buysignal.models.patchtst.job import Fit, FitJob, Protocol
from buysignal.models.patchtst.training import Epoch
from buysignal.search.study.pruner import should_prune
from buysignal.search.study.record import COMPLETE, FAILED, PRUNED, Outcome, Trial

optuna.logging.set_verbosity(optuna.logging.WARNING)  # a worker would tell of every look of the pruner

OBJECTIVES = ("auc", "average_precision", "precision_at_recall")
PRUNE_STARTUP = 5  # complete trials before the first may be pruned: fewer make no median
PRUNE_WARMUP = 1  # no trial is pruned by its first epoch alone
SCORE_DIGITS = 6  # decimals kept of a trial's scores


@dataclass(frozen=True)
class ObjectiveSettings:
    """How a trial is trained and measured.

    Attributes
    ----------
    seeds : one member of the trial's stack per seed
    epochs, patience, min_delta, precision, rows : see `buysignal.models.patchtst.training.Protocol`; the batch size
        follows the width of the model
    objective : one of `OBJECTIVES`: what the search maximises, as a mean over the seeds
    threshold : a score of at least this is a buy, in ``precision``, ``recall``, ``n_buys`` and ``hits``
    recall_floor : recall that ``precision_at_recall`` must reach, in (0, 1]
    prune : stop a trial below the median of the earlier ones at the same epoch
    timeout_s : seconds a trial may train; 0: no limit. With one, what fails depends on the machine
    """

    seeds: tuple[int, ...]
    epochs: int
    patience: int
    min_delta: float
    objective: str
    threshold: float
    recall_floor: float
    prune: bool
    precision: str = "float32"
    rows: int = 0
    timeout_s: float = 0.0


def evaluate(trial: Trial, tier_path: str, shape: Shape, settings: ObjectiveSettings) -> Outcome:
    """Train a trial and measure it; a pure function of the arguments and of the tier file.

    A trial that cannot be trained (a loss that is not finite, too little memory) is a failed
    outcome with its reason.

    Raises
    ------
    UserError
        If the tier file cannot be read: that is no property of the configuration.
    """
    started = time.monotonic()
    try:
        return evaluated([trial], tier_path, shape, settings)[0]
    except UserError:
        raise
    except Exception as error:  # whatever training raises is the outcome of this configuration
        if isinstance(error, OSError) and error.errno != errno.ENOMEM:
            raise UserError(f"{tier_path} cannot be read ({error.strerror or error}): run `dvc repro`") from None
        reason = f"{type(error).__name__}: {str(error).strip() or repr(error)}"
        return Outcome(FAILED, seeds=settings.seeds, duration_s=time.monotonic() - started, error=reason)


def evaluated(trials: Sequence[Trial], tier_path: str, shape: Shape, settings: ObjectiveSettings) -> list[Outcome]:
    """Trials of one architecture trained as one stack and measured each; raises whatever training raises.

    A trial's duration is its share of the stack's. One that is still trained at the end of an epoch when its
    share has passed ``settings.timeout_s`` is stopped and failed.
    """
    started = time.monotonic()
    jobs = [fit_job(trial, tier_path, shape, settings) for trial in trials]
    curves: list[list[float]] = [[] for _ in trials]
    late: set[int] = set()
    on_epoch = _pruning(trials, shape, settings, curves) if settings.prune else None
    if settings.timeout_s:
        on_epoch = _timed(len(trials), settings, started, late, on_epoch)
    fits = fit_stack(jobs, on_epoch, roles=("rank",))
    if not settings.prune:
        curves = [trained.trained.auc_history.mean(axis=1).tolist() for trained in fits]
    states = [PRUNED if settings.prune and _hopeless(t, curve) else COMPLETE for t, curve in zip(trials, curves)]
    found = [measured(fit, settings, state, curve) for fit, state, curve in zip(fits, states, curves)]
    for k in late:
        error = f"TimedOut: it was trained for longer than hpo.timeout_s, {settings.timeout_s:g} s"
        found[k] = Outcome(FAILED, seeds=settings.seeds, error=error)
    spent = (time.monotonic() - started) / len(trials)
    return [replace(outcome, duration_s=spent) for outcome in found]


def fit_job(trial: Trial, tier_path: str, shape: Shape, settings: ObjectiveSettings) -> FitJob:
    """What a trial trains."""
    batch = batch_size(trial.configuration.d_model)
    lengths = (settings.epochs, settings.patience, settings.min_delta)
    protocol = Protocol(*lengths, batch, settings.precision, settings.rows)
    return FitJob(tier_path, trial.configuration, shape, protocol, settings.seeds)


def _pruning(
    trials: Sequence[Trial], shape: Shape, settings: ObjectiveSettings, curves: Sequence[list[float]]
) -> Callable[[Epoch, TierData], list[bool]]:
    """What `fit_stack` asks after each epoch: extends the curves of what is trained and tells which to stop."""
    size = len(settings.seeds)

    def on_epoch(epoch: Epoch, data: TierData) -> list[bool]:
        rows = data.rows("rank", shape.context)
        scores = epoch.predict(rows - (shape.context - 1))
        stopped = []
        for k, (trial, curve) in enumerate(zip(trials, curves)):
            own = slice(k * size, (k + 1) * size)
            if epoch.trained[own].any():
                curve.append(_objective(data.label[rows], scores[own], settings))
            stopped.append(_hopeless(trial, curve))
        return stopped

    return on_epoch


def _timed(
    trials: int,
    settings: ObjectiveSettings,
    started: float,
    late: set[int],
    pruning: Callable[[Epoch, TierData], list[bool]] | None,
) -> Callable[[Epoch, TierData], list[bool]]:
    """What `fit_stack` asks after each epoch where time is limited: ends all, and adds to ``late`` who was trained."""
    size = len(settings.seeds)

    def on_epoch(epoch: Epoch, data: TierData) -> list[bool]:
        stopped = pruning(epoch, data) if pruning else [False] * trials
        if (time.monotonic() - started) / trials <= settings.timeout_s:
            return stopped
        late.update(k for k in range(trials) if epoch.trained[k * size : (k + 1) * size].any())
        return [True] * trials

    return on_epoch


def _hopeless(trial: Trial, curve: Sequence[float]) -> bool:
    return should_prune(trial.curves, curve, PRUNE_STARTUP, PRUNE_WARMUP)


def measured(
    fitted: Fit,
    settings: ObjectiveSettings,
    state: str = COMPLETE,
    curve: Sequence[float] = (),
) -> Outcome:
    """A fit measured on the rank role, seed by seed; ``settings.seeds`` are those of its members.

    A buy is counted on the score as it is kept, so that whoever reads the scores counts the same buys.

    Raises
    ------
    FloatingPointError
        If a prediction is not finite.
    """
    label, scores = fitted.of("rank")
    if not np.isfinite(scores).all():
        raise FloatingPointError("a prediction on the rank role is not finite")
    rankings = [ranking(label, score) for score in scores]
    bought = [buys(label, np.round(score.astype(float), SCORE_DIGITS), settings.threshold) for score in scores]
    return Outcome(
        state=state,
        seeds=settings.seeds,
        auc=tuple(r.auc for r in rankings),
        average_precision=tuple(r.average_precision for r in rankings),
        precision=tuple(b.precision for b in bought),
        recall=tuple(b.recall for b in bought),
        n_buys=tuple(b.n_buys for b in bought),
        hits=tuple(b.hits for b in bought),
        precision_at_recall=tuple(precision_at_recall(label, score, settings.recall_floor) for score in scores),
        epochs=tuple(int(n) for n in fitted.trained.epochs),
        prediction_min=min(r.prediction_min for r in rankings),
        prediction_max=max(r.prediction_max for r in rankings),
        collapsed=any(r.collapsed for r in rankings),
        intermediate=tuple(curve),
        scores=_averaged(scores),
        value=_objective(label, scores, settings),
    )


def _averaged(scores: np.ndarray) -> tuple[float, ...]:
    """Mean over the seeds of scores (S, n), as short as six decimals."""
    mean = np.ascontiguousarray(scores).mean(axis=0, dtype=np.float64)  # one layout, so one order of summing
    return tuple(np.round(mean, SCORE_DIGITS).tolist())


def _objective(label: np.ndarray, scores: np.ndarray, settings: ObjectiveSettings) -> float:
    """Mean of the objective over the seeds; label (n,), scores (S, n)."""
    if settings.objective == "precision_at_recall":
        values = [precision_at_recall(label, score, settings.recall_floor) for score in scores]
    else:
        values = [getattr(ranking(label, score), settings.objective) for score in scores]
    return float(np.mean(values))
