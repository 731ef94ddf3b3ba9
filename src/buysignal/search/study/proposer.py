"""What to try next, as a pure function of the space, the finished trials and the settings.

Nothing here remembers: the proposals of a batch depend only on the trials of earlier batches, so a
study that was killed and resumed equals an uninterrupted one, and workers cannot change it.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import ceil

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.samplers import TPESampler
from optuna.trial import TrialState, create_trial

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.coverage import Tried, nearest, redirect
from buysignal.search.study.extremes import extremes
from buysignal.search.study.record import COMPLETE, FAILED, VARIANT, TrialRecord
from buysignal.search.study.space import DIMENSIONS, VARIED, Space

optuna.logging.set_verbosity(optuna.logging.ERROR)  # what becomes of a trial or of a bad store, the stage says itself


@dataclass(frozen=True)
class SearchSettings:
    """How a space is searched.

    Attributes
    ----------
    trials : of the finished study, at least 1; raising it later continues the same study
    batch : trials proposed together, at least 1; part of the result, so never derived from workers
    startup : random trials after the six extremes and before TPE, at least 0; variants of extremes are among them
    seed : root of every random draw, at least 0
    variants : so many trials of a batch, one after another, share a shape and differ in dropout, learning rate and
        weight decay alone; at least 1, and a divisor of ``batch``. Part of the result, too
    """

    trials: int
    batch: int
    startup: int
    seed: int
    variants: int = 1

    def __post_init__(self) -> None:
        if self.batch % self.variants:
            raise ValueError(f"a batch of {self.batch} trials cannot be cut into groups of {self.variants}")


@dataclass(frozen=True)
class Proposal:
    """One planned trial; ``asked_by`` is ``origin`` unless the trial was redirected or is a variant."""

    index: int
    batch: int
    origin: str
    asked_by: str
    configuration: Configuration


def needs_results(space: Space, start: int, settings: SearchSettings) -> bool:
    """Whether the batch that starts at trial ``start`` asks TPE, which learns from results."""
    return _end(start, settings) > _first_of_tpe(len(extremes(space)), settings)


def propose(
    space: Space, earlier: Sequence[TrialRecord | Proposal], start: int, settings: SearchSettings
) -> list[Proposal]:
    """The batch that starts at trial ``start``, a multiple of ``settings.batch``.

    Its members are drawn one after another, so the first do not depend on how many are wanted.
    Shorter than ``settings.batch`` at the end of the study, shorter or empty when the space is
    exhausted. The first of every ``settings.variants`` leads: the others take its architecture and
    feed-forward ratio. Where that shape has no untried configuration left, the next one leads.

    Parameters
    ----------
    earlier : in any order; only those with ``index < start`` are read, and all of them must be there.
        Planned is enough, unless the batch `needs_results`
    start : index of the batch's first trial

    Raises
    ------
    ValueError
        If a trial before ``start`` is missing, or has no result where the batch needs it.
    """
    prefix = sorted((r for r in earlier if r.index < start), key=lambda r: r.index)
    if [r.index for r in prefix] != list(range(start)):
        raise ValueError(f"trials 0..{start - 1} must be finished, got {[r.index for r in prefix]}")
    results = [r for r in prefix if isinstance(r, TrialRecord)]
    if len(results) < start and needs_results(space, start, settings):
        raise ValueError(f"trials 0..{start - 1} must have results, {start - len(results)} are only planned")
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(start,)))
    tried = Tried(space, (r.configuration for r in prefix))
    forced = extremes(space)
    tpe = _Tpe(space, results, seed=int(rng.integers(2**31)))
    batch: list[Proposal] = []
    leader: Configuration | None = None
    for index in range(start, _end(start, settings)):
        group, place = divmod(index, settings.variants)
        learns = index - place >= _first_of_tpe(len(forced), settings)
        asker, origin = "tpe" if learns else "random", VARIANT
        chosen = _variant(leader, tried, tpe if learns else None, rng) if place else None
        if chosen is None:
            if place == 0 and group < len(forced):
                asker, asked = "extreme", forced[group]
            else:
                asked = tpe.ask() if learns else _draw(tried, rng)
            leader = chosen = None if asked is None else redirect(asked, tried, space, rng)
            if chosen is None:
                break
            origin = asker if chosen == asked else "redirected"
        tried.add(chosen)
        tpe.running(chosen)
        batch.append(Proposal(index, start // settings.batch, origin, asker, chosen))
    return batch


def _end(start: int, settings: SearchSettings) -> int:
    return min(start + settings.batch, settings.trials)


def _first_of_tpe(forced: int, settings: SearchSettings) -> int:
    """The first trial that TPE leads: after as many groups as there are extremes, and the start-up's trials."""
    size = settings.variants
    return size * max(forced, ceil((forced + settings.startup) / size))


def _variant(leader: Configuration, tried: Tried, tpe: "_Tpe | None", rng: np.random.Generator) -> Configuration | None:
    """An untried configuration of the leader's shape, by TPE or else at random; None where none is left.

    TPE is asked for all seven values, of which the three of the training are kept: the nearest untried.
    """
    open_ = tried.untried_like(leader)
    if not open_:
        return None
    if tpe is None:
        return open_[rng.integers(len(open_))]
    asked = {name: getattr(tpe.ask(), name) for name in VARIED}
    return nearest(replace(leader, **asked), open_, tried.space, rng)


def _draw(tried: Tried, rng: np.random.Generator) -> Configuration | None:
    """Uniform over the untried architectures, then over the untrained configurations of one."""
    fresh, space = tried.untried_architectures(), tried.space
    if fresh:  # by far the most draws, and a grid has ten thousand configurations: they are not all looked at
        architecture = fresh[rng.integers(len(fresh))]
        rest = list(product(space.ratios[architecture], space.dropout, space.learning_rate, space.weight_decay))
        return Configuration(*architecture, *rest[rng.integers(len(rest))])
    open_ = tried.untried()
    if not open_:
        return None
    architectures = sorted({c.architecture for c in open_})
    architecture = architectures[rng.integers(len(architectures))]
    within = [c for c in open_ if c.architecture == architecture]
    return within[rng.integers(len(within))]


def gamma(n: int) -> int:
    """Trials that TPE calls good: a tenth, at most 25 (Optuna 5's default, fixed here)."""
    return min(ceil(0.1 * n), 25)


def weights(n: int) -> np.ndarray:
    """Weight of each of n trials, oldest first: all equal, for no trial here outdates another."""
    return np.ones(n)


class _Tpe:
    """Optuna's TPE over grid positions, fed with what was trained rather than what was asked.

    The grids are ascending and roughly geometric, so their positions are a scale on which
    neighbours behave alike: an integer distribution over them lets TPE use the order, which a
    categorical one would throw away.
    """

    def __init__(self, space: Space, finished: Sequence[TrialRecord], seed: int) -> None:
        self._space = space
        self._distributions: dict[str, BaseDistribution] = {
            name: IntDistribution(0, len(grid) - 1) for name, grid in zip(DIMENSIONS, space.grids)
        }
        self._study = optuna.create_study(direction="maximize", sampler=_sampler(seed))
        for record in finished:
            if record.state != FAILED:  # nothing was measured: TPE has nothing to learn from it
                self._tell(record)

    def ask(self) -> Configuration:
        """TPE's choice given the finished and the running trials; need not be new, or even legal."""
        trial = self._study.ask(self._distributions)
        self._study.tell(trial, state=TrialState.FAIL)  # `running` adds what is really trained
        return Configuration(*(grid[trial.params[n]] for n, grid in zip(DIMENSIONS, self._space.grids)))

    def running(self, configuration: Configuration) -> None:
        """Count a planned trial as running, for the constant liar."""
        self._study.add_trial(self._frozen(configuration, TrialState.RUNNING))

    def _tell(self, record: TrialRecord) -> None:
        state = TrialState.COMPLETE if record.state == COMPLETE else TrialState.PRUNED
        curve = dict(enumerate(record.outcome.intermediate))
        frozen = self._frozen(record.configuration, state, value=record.value, intermediate_values=curve)
        self._study.add_trial(frozen)

    def _frozen(self, configuration: Configuration, state: TrialState, **more) -> optuna.trial.FrozenTrial:
        params = dict(zip(DIMENSIONS, self._space.index(configuration)))
        return create_trial(state=state, params=params, distributions=self._distributions, **more)


def _sampler(seed: int) -> TPESampler:
    """TPE with every argument spelled out: defaults changed between Optuna 4 and 5."""
    with warnings.catch_warnings():
        # Deprecated arguments are given on purpose: an upgrade that drops one must fail, not drift.
        warnings.simplefilter("ignore", FutureWarning)
        return TPESampler(
            consider_prior=True,
            prior_weight=1.0,
            consider_magic_clip=True,
            consider_endpoints=False,
            n_startup_trials=0,  # start-up is ours: extremes, then random trials
            n_ei_candidates=24,
            gamma=gamma,
            weights=weights,
            seed=seed,
            multivariate=True,
            group=False,
            warn_independent_sampling=False,
            constant_liar=True,
            constraints_func=None,
        )
