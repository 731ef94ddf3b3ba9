"""Does what one budget found hold in another? What moving a configuration costs, by seed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from buysignal.judge.trials.again import Again
from buysignal.judge.trials.seedmeans import SeedMean, seed_mean

SPECIALISED, TRANSFERS, CANNOT_TELL = "specialised", "transfers", "cannot tell"


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


def transfer(
    tier: str,
    usable: Mapping[str, bool],
    cells: Mapping[tuple[str, str], Again],
    threshold: float,
    margin: float,
    confidence: float,
    configurations: int,
) -> dict[str, Any]:
    """Everything that is known of a tier's transfer, as plain values; one budget alone has no gap.

    Parameters
    ----------
    usable : budget -> whether it has a usable trial
    cells : (whose best it is, budget under whose protocol it was trained) -> what came of it, row by row as
        `buysignal.search.rounds.transfer.cells` makes them; none unless two budgets are usable
    threshold : score from which a day is a buy
    configurations : trials of the tier that the cells' configurations were chosen from
    """
    budgets = [budget for budget, has in usable.items() if has]
    home = {source: again.card.configuration for (source, target), again in cells.items() if source == target}
    unmoved = sum(s != t and again.card.configuration == home[s] for (s, t), again in cells.items())
    gap = None
    if cells:
        auc = np.array([again.per_seed["auc"] for again in cells.values()]).reshape(len(budgets), len(budgets), -1)
        gap = transfer_gap(auc, margin, confidence).to_dict()
    return {
        "tier": tier,
        "threshold": threshold,
        "budgets": budgets,
        "missing": [budget for budget, has in usable.items() if not has],
        "cells": [{"best_of": s, "under": t, **again.row(configurations)} for (s, t), again in cells.items()],
        "unchanged_elsewhere": unmoved,
        "gap": gap,
        "verdict": CANNOT_TELL if gap is None else gap["verdict"],
    }
