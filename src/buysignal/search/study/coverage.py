"""Which architectures and configurations were tried, and where a repeat is sent instead."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import inf, log

import numpy as np

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.space import DIMENSIONS, VARIED, Space

LOG_SCALED = ("learning_rate", "weight_decay")


class Tried:
    """The configurations already planned in one study, and what is left of the space.

    A failed or pruned trial counts as tried: it is a pure function of its configuration and seeds,
    so training it again could only repeat the outcome.
    """

    def __init__(self, space: Space, configurations: Iterable[Configuration] = ()) -> None:
        self.space = space
        self.configurations: set[Configuration] = set()
        self.architectures: set[tuple[int, int, int]] = set()
        for configuration in configurations:
            self.add(configuration)

    def add(self, configuration: Configuration) -> None:
        self.configurations.add(configuration)
        self.architectures.add(configuration.architecture)

    def untried_architectures(self) -> list[tuple[int, int, int]]:
        """Legal architectures without a trial, ascending."""
        return [a for a in self.space.architectures if a not in self.architectures]

    def untried(self) -> list[Configuration]:
        """Legal configurations still open to a new trial, ascending.

        While an architecture without a trial is left, only configurations of such architectures.
        """
        fresh = set(self.untried_architectures())
        return [
            c
            for c in self.space.configurations()
            if (not fresh or c.architecture in fresh) and c not in self.configurations
        ]

    def untried_like(self, configuration: Configuration) -> list[Configuration]:
        """Configurations of the same architecture and feed-forward ratio still open to a new trial, ascending."""
        grids = (getattr(self.space, name) for name in VARIED)
        alike = (replace(configuration, **dict(zip(VARIED, values))) for values in product(*grids))
        return [c for c in alike if c not in self.configurations]


def nearest_value(name: str, grid: Sequence[float], target: float) -> float:
    """The grid value closest to ``target``: by ratio for step size and decay, else by difference.

    Ties go to the smaller value. A zero in a ratio-scaled grid is infinitely far from any other.
    """

    def distance(value: float) -> float:
        if value == target:
            return 0.0
        if name in LOG_SCALED:
            return abs(log(value / target)) if value > 0 and target > 0 else inf
        return abs(value - target)

    return min(sorted(grid), key=distance)


def moved(configuration: Configuration, architecture: tuple[int, int, int], space: Space) -> Configuration:
    """The configuration with a legal architecture of a space and the nearest feed-forward ratio that fits there."""
    ratio = nearest_value("d_ff_ratio", space.ratios[architecture], configuration.d_ff_ratio)
    d_model, n_layers, n_heads = architecture
    return replace(configuration, d_model=d_model, n_layers=n_layers, n_heads=n_heads, d_ff_ratio=ratio)


def nearest_indices(target: Sequence[int], candidates: np.ndarray) -> np.ndarray:
    """Rows of ``candidates`` (n, k) at the smallest grid-index distance (L1) from ``target`` (k,)."""
    distance = np.abs(candidates - np.asarray(target)).sum(axis=1)
    return np.flatnonzero(distance == distance.min())


def redirect(
    configuration: Configuration, tried: Tried, space: Space, rng: np.random.Generator | None
) -> Configuration | None:
    """``configuration`` itself if it is new, else the nearest one that is; None if none is left.

    While an untried architecture is left, a tried (or illegal) one is replaced by the untried one
    nearest in grid-index distance and the training values are kept (the feed-forward ratio too,
    unless it would break the cap there). After that, an already trained configuration is replaced
    by the nearest untrained one over all seven dimensions.

    Parameters
    ----------
    configuration : every value lies on its grid; heads and cap may be violated
    rng : breaks ties between equally near ones; None takes the first in ascending order
    """
    fresh = tried.untried_architectures()
    if fresh:
        if configuration.architecture in fresh:
            chosen = configuration.architecture
        else:
            chosen = _pick(configuration.architecture, fresh, space.grids[:3], rng)
        return moved(configuration, chosen, space)
    if configuration in space and configuration not in tried.configurations:
        return configuration
    left = tried.untried()
    return nearest(configuration, left, space, rng) if left else None


def nearest(
    configuration: Configuration, candidates: Sequence[Configuration], space: Space, rng: np.random.Generator | None
) -> Configuration:
    """The candidate at the smallest grid-index distance, of at least one; ties as for `redirect`."""
    return Configuration(*_pick(_values(configuration), [_values(c) for c in candidates], space.grids, rng))


def _values(configuration: Configuration) -> tuple[float, ...]:
    return tuple(getattr(configuration, name) for name in DIMENSIONS)


def _pick(
    target: Sequence[float],
    candidates: Sequence[tuple[float, ...]],
    grids: Sequence[Sequence[float]],
    rng: np.random.Generator | None,
) -> tuple[float, ...]:
    positions = [{value: i for i, value in enumerate(grid)} for grid in grids]
    indices = np.array([[p[v] for p, v in zip(positions, row)] for row in candidates])
    near = nearest_indices([p[v] for p, v in zip(positions, target)], indices)
    return candidates[int(near[0] if rng is None else rng.choice(near))]
