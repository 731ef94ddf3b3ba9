"""Does what one budget found hold in another? Each budget's best configuration under every protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import log
from typing import Any

import numpy as np

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.rounds.seedmeans import SeedMean, seed_mean
from buysignal.search.study.coverage import nearest_value
from buysignal.search.study.record import Outcome
from buysignal.search.study.space import Space

SPECIALISED, TRANSFERS, CANNOT_TELL = "specialised", "transfers", "cannot tell"


@dataclass(frozen=True)
class Cell:
    """The best configuration of budget ``source``, as it is trained under budget ``target``."""

    source: str
    target: str
    configuration: Configuration


@dataclass(frozen=True)
class Gap:
    """Mean of the diagonal minus mean of the other cells, by seed.

    ``verdict`` is ``transfers`` if the interval lies below the margin: wherever a configuration goes,
    less than that is lost. It is ``specialised`` if the interval lies above 0 and reaches the margin,
    else ``cannot tell``.
    """

    gap: SeedMean
    margin: float
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {**asdict(self.gap), "margin": self.margin, "verdict": self.verdict}


def snapped(configuration: Configuration, space: Space) -> Configuration:
    """The configuration with the nearest legal architecture of a space; training values stay.

    Nearest by the sum of absolute log ratios of width, depth and heads, then of the feed-forward
    ratio; ties go to the smaller architecture. One that is legal there already stays as it is.
    """

    def distance(architecture: tuple[int, int, int]) -> float:
        return round(sum(abs(log(a / b)) for a, b in zip(architecture, configuration.architecture)), 9)

    nearest = min(space.architectures, key=lambda a: (distance(a), a))
    d_model, n_layers, n_heads = nearest
    ratio = nearest_value("d_ff_ratio", space.ratios[nearest], configuration.d_ff_ratio)
    return replace(configuration, d_model=d_model, n_layers=n_layers, n_heads=n_heads, d_ff_ratio=ratio)


def cells(best: Mapping[str, Configuration], spaces: Mapping[str, Space]) -> list[Cell]:
    """Every budget's best under every budget, row by row; on the diagonal it stays as it was found.

    None for one budget: there is nowhere to go.
    """
    if len(best) < 2:
        return []
    return [
        Cell(source, target, found if source == target else snapped(found, spaces[target]))
        for source, found in best.items()
        for target in best
    ]


def transfer_gap(auc: np.ndarray, margin: float, confidence: float) -> Gap:
    """The gap of a matrix over seeds.

    Parameters
    ----------
    auc : (B, B, S) rows are whose best it is, columns where it is trained; one value per seed, the same
        seeds in every cell; B >= 2
    margin : AUC that may be lost; >= 0
    confidence : of the interval; 0.5 < x < 1

    Examples
    --------
    Diagonal 0.72 and 0.70, elsewhere 0.69 and 0.67:

    >>> gap = transfer_gap(np.array([[[0.72], [0.69]], [[0.67], [0.70]]]), 0.01, 0.95)
    >>> round(gap.gap.mean, 6), gap.verdict
    (0.03, 'cannot tell')
    """
    budgets = len(auc)
    if auc.ndim != 3 or auc.shape[1] != budgets or budgets < 2:
        raise ValueError(f"auc must be (B, B, S) with B >= 2; it is {auc.shape}")
    own = np.eye(budgets, dtype=bool)
    gap = seed_mean(auc[own].mean(axis=0) - auc[~own].mean(axis=0), confidence)
    return Gap(gap, margin, _verdict(gap, margin))


def _verdict(gap: SeedMean, margin: float) -> str:
    if gap.high is not None and gap.high < margin:
        return TRANSFERS
    return SPECIALISED if gap.low is not None and gap.low > 0 else CANNOT_TELL


def matrix(outcomes: Sequence[Outcome], budgets: int, metric: str) -> np.ndarray:
    """(B, B, S) of a per-seed metric from outcomes in the order of `cells`."""
    return np.array([getattr(outcome, metric) for outcome in outcomes], float).reshape(budgets, budgets, -1)


def found(
    tier: str,
    usable: Mapping[str, bool],
    chosen: Sequence[Cell],
    outcomes: Sequence[Outcome],
    parameters: Sequence[int],
    margin: float,
    confidence: float,
    configurations: int,
) -> dict[str, Any]:
    """Everything that is known of a tier's transfer, as plain values; one budget alone has no gap.

    Parameters
    ----------
    usable : budget -> whether it has a usable trial
    chosen, outcomes, parameters : per cell: what was trained, what came of it, its true size; none
        unless two budgets are usable
    configurations : trials of the tier that the cells' configurations were chosen from
    """
    budgets = [budget for budget, has in usable.items() if has]
    rows = [
        {
            "best_of": cell.source,
            "under": cell.target,
            "configuration": asdict(cell.configuration),
            "parameters": size,
            **outcome.evidence(configurations),
            "auc": outcome.mean("auc"),
            "auc_per_seed": list(outcome.auc),
            "collapsed": outcome.collapsed,
        }
        for cell, outcome, size in zip(chosen, outcomes, parameters)
    ]
    home = {cell.source: cell.configuration for cell in chosen if cell.source == cell.target}
    unmoved = sum(c.source != c.target and c.configuration == home[c.source] for c in chosen)
    gap = None
    if chosen:
        gap = transfer_gap(matrix(outcomes, len(budgets), "auc"), margin, confidence).to_dict()
    return {
        "tier": tier,
        "budgets": budgets,
        "missing": [budget for budget, has in usable.items() if not has],
        "cells": rows,
        "unchanged_elsewhere": unmoved,
        "gap": gap,
        "verdict": CANNOT_TELL if gap is None else gap["verdict"],
    }
