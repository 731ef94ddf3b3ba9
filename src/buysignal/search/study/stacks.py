"""Trials of one shape trained as one stack, where a stack is nearly free.

On a processor a stack costs as much per model as each alone, and one trial per worker keeps every core
busy; on a GPU one small model leaves most of the device idle. No trial can spoil another: a stack that
fails is halved, and halved again.

A trial gives in a stack what it gives alone, up to the rounding of a training step: AUC agrees to 1e-6
in float32 (tested) and differed by 4e-5 in bfloat16. So results to the last digit ask for the same
stacks; on a processor, where stacks are one trial each, they ask for nothing.
"""

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch

from buysignal.core.errors import UserError
from buysignal.core.workers.engine import WHOLE, Engine
from buysignal.core.workers.job import Failure
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size, count_parameters
from buysignal.models.patchtst.fit import loaded
from buysignal.models.patchtst.inference import ROWS
from buysignal.search.study.objective import ObjectiveSettings, evaluate, evaluated, fit_job
from buysignal.search.study.record import Outcome, Trial

FREE_SHARE = 0.8  # of the free memory of a device: what is cut up by allocation and what libraries take is left
WEIGHT_COPIES = 7  # weights, gradient, two moments, best state, and two temporaries of a step
FLOAT = 4  # bytes; bfloat16 activations take half, so that the estimate is safe


def run(engine: Engine, job: Callable[[Trial], Outcome], trials: Sequence[Trial]) -> Iterator[tuple[int, Any]]:
    """`Engine.run`, with trials of one shape handed out together where the engine trains stacks.

    A stack whose worker dies is run again trial by trial, so that only the guilty one fails.

    Parameters
    ----------
    job : from a trial to its outcome; only a `partial` of `buysignal.search.study.objective.evaluate` can be stacked
    trials : the longest first; a stack stands where its first trial stands
    """
    if engine.stack == 1 or getattr(job, "func", None) is not evaluate:
        yield from engine.run(job, trials)
        return
    groups = grouped([trial.configuration for trial in trials], engine.stack)
    stacked = partial(evaluate_stack, **job.keywords)
    for number, result in engine.run(stacked, [tuple(trials[p] for p in group) for group in groups]):
        group = groups[number]
        if isinstance(result, Failure) and result.type != UserError.__name__ and len(group) > 1:
            for position, alone in engine.run(job, [trials[p] for p in group]):
                yield group[position], alone
        else:
            yield from zip(group, [result] * len(group) if isinstance(result, Failure) else result)


def grouped(configurations: Sequence[Configuration], most: int) -> list[list[int]]:
    """Positions of configurations of one architecture and feed-forward ratio, at most ``most`` together.

    Examples
    --------
    >>> one, two = Configuration(8, 1, 2, 2, 0.1, 1e-3, 0.0), Configuration(8, 2, 2, 2, 0.1, 1e-3, 0.0)
    >>> grouped([two, one, two, two], most=2)
    [[0, 2], [1], [3]]
    """
    alike: dict[tuple[int, ...], list[int]] = {}
    for position, c in enumerate(configurations):
        alike.setdefault((*c.architecture, c.d_ff_ratio), []).append(position)
    parts = [same[i : i + most] for same in alike.values() for i in range(0, len(same), most)]
    return sorted(parts, key=lambda part: part[0])


def evaluate_stack(trials: Sequence[Trial], tier_path: str, shape: Shape, settings: ObjectiveSettings) -> list[Outcome]:
    """The outcome of each trial of one shape, trained together as far as the device's memory allows.

    Raises
    ------
    UserError
        If the tier file cannot be read, or the device that is asked for is not there.
    """
    try:
        most = _most(trials[0], tier_path, shape, settings)
    except OSError:
        most = 1  # alone, a trial says what cannot be read
    outcomes = []
    for start in range(0, len(trials), most):
        outcomes += _halving(trials[start : start + most], tier_path, shape, settings)
    return outcomes


def _halving(trials: Sequence[Trial], tier_path: str, shape: Shape, settings: ObjectiveSettings) -> list[Outcome]:
    """Outcomes of a stack; of its halves if it raises; of a trial alone, whatever it raises."""
    if len(trials) == 1:
        return [evaluate(trials[0], tier_path, shape, settings)]
    try:
        return evaluated(trials, tier_path, shape, settings)
    except UserError:
        raise
    except Exception as error:  # memory, or a loss that is not finite: which trial it was shows when they are apart
        half, why = len(trials) // 2, f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]
        told = f"warning: a stack of {len(trials)} trials is halved, which takes longer and changes no trial ({why})"
        print(told, file=sys.stderr, flush=True)
    # Here, not in the handler, where the error would still hold the memory of the failed attempt.
    if torch.cuda.is_initialized():
        _free()
    parts = trials[:half], trials[half:]
    return [outcome for part in parts for outcome in _halving(part, tier_path, shape, settings)]


def _most(trial: Trial, tier_path: str, shape: Shape, settings: ObjectiveSettings) -> int:
    """Trials of this shape that fit this process's device; no bound on a processor."""
    data, windows = loaded(fit_job(trial, tier_path, shape, settings))
    device = windows.patches.device
    if device.type != "cuda":
        return WHOLE
    _free()
    free, _ = torch.cuda.mem_get_info(device)
    return stack_size(free, len(settings.seeds) * member_bytes(trial.configuration, shape, len(data.names)))


def _free() -> None:
    """Give back what ended stacks held: their steps refer to each other, so that only the collector ends them."""
    gc.collect()
    torch.cuda.empty_cache()


def stack_size(free: int, trial: int) -> int:
    """Trials of ``trial`` bytes each in a stack where ``free`` bytes are; at least one.

    Examples
    --------
    >>> stack_size(10_000, 1_000), stack_size(100, 1_000)
    (8, 1)
    """
    return max(1, int(free * FREE_SHARE) // trial)


def member_bytes(configuration: Configuration, shape: Shape, n_features: int) -> int:
    """Estimate of the memory that one member of a stack takes, from above, in bytes.

    Weights in `WEIGHT_COPIES`, and the larger of what a training step keeps for the way back and what
    a pass of predictions, whose windows all members share, holds at once. Per patch, in floats, a step
    keeps of each block 20 vectors of d_model (norms, queries, keys and values and their copies, masks,
    what they were put on), 4 of the feed-forward width and 2 of attention per head and patch.
    """
    c, d = configuration, configuration.d_model
    days, wide = shape.patch * n_features, configuration.d_model * configuration.d_ff_ratio
    block = 20 * d + 4 * wide + 2 * c.n_heads * shape.n_patches
    step = batch_size(d) * shape.n_patches * (2 * days + 8 * d + c.n_layers * block)
    look = ROWS * shape.n_patches * (8 * d + 2 * wide + 2 * c.n_heads * shape.n_patches)
    return FLOAT * (WEIGHT_COPIES * count_parameters(c, shape, n_features) + max(step, look))
