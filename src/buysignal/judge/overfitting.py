"""Probability of backtest overfitting: does the best trial of one half of the days stay good on the other?

Combinatorially symmetric cross-validation of Bailey, Borwein, López de Prado and Zhu (The probability of
backtest overfitting, Journal of Computational Finance 20, 2017), with AUC as the measure: days are cut into
S blocks; each of the ways to take half of them is one split; the trial with the highest AUC on the taken
half is looked up in the ranking of the other half. The probability is the share of splits in which it
falls below the median there.

One market shows one draw of it, and without skill it varies much (docs/honesty.md). So only below .05 does the
winner count as holding, and from .5 on as overfit.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from buysignal.core.files import DIGITS
from buysignal.judge.dates import Dates

FEWEST_BLOCKS = 4  # six splits; with two blocks there would be two
HOLDS, OVERFIT, CANNOT_TELL = "holds", "overfit", "cannot tell"


@dataclass(frozen=True)
class Overfitting:
    """What becomes of the winner on days it was not chosen on.

    Attributes
    ----------
    probability : share of splits in which the winner's rank out of sample is below the median; one at
        the median counts half. 0.5 without a winner better than the rest, or where nothing can be told
    trials, blocks, splits : compared, cut and counted; splits with one class in a half are left out
    rank : median relative rank of the winner out of sample, 0 (last) to 1 (first); 0.5 is the median trial
    auc_in, auc_out : mean AUC of the winner in sample and out of sample
    verdict : `HOLDS`, `OVERFIT` or `CANNOT_TELL`
    reason : one sentence
    """

    probability: float
    trials: int
    blocks: int
    splits: int
    rank: float
    auc_in: float
    auc_out: float
    verdict: str
    reason: str


def pbo(
    label: np.ndarray, scores: np.ndarray, horizon: int, blocks: int = 10, dates: Dates | None = None
) -> Overfitting:
    """Probability of backtest overfitting over trials scored on the same days.

    Blocks have at least ``2 horizon`` days; fewer are cut where the days do not suffice. The last
    ``horizon - 1`` days of each are left out, so that no label reaches into the next block. Of many symbols the blocks
    are of dates, with all rows of each.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days
    scores : (N, n) finite; a row per trial
    horizon : trading days a label looks ahead; >= 1
    blocks : wanted; even, >= 4
    dates : of the n, where they are rows of many symbols; None: each is a day of its own
    """
    label, scores = np.asarray(label, bool), np.asarray(scores, float)
    trials, n = len(scores), len(label) if dates is None else len(dates)
    cut = min(blocks, n // max(2 * horizon, 2)) // 2 * 2
    if trials < 2:
        return _nothing(trials, f"{trials} trials, two are needed to compare")
    if cut < FEWEST_BLOCKS:
        return _nothing(trials, f"{n} days make {cut} blocks of {2 * horizon} or more, {FEWEST_BLOCKS} are needed")
    block = _blocks(n, horizon, cut)
    block = block if dates is None else block[dates.day]
    concordant, positives, negatives = _pairs(label, scores, block, cut)
    taken = np.array([[b in half for b in range(cut)] for half in combinations(range(cut), cut // 2)], float)
    pairs_in = (taken @ positives) * (taken @ negatives)
    pairs_out = ((1 - taken) @ positives) * ((1 - taken) @ negatives)
    usable = (pairs_in > 0) & (pairs_out > 0)
    if not usable.any():
        return _nothing(trials, "in every split one half has days of one class only")
    taken = taken[usable]
    auc_in = _auc(concordant, taken, pairs_in[usable])
    auc_out = _auc(concordant, 1 - taken, pairs_out[usable])
    if (auc_in == auc_in[:, :1]).all():
        return _nothing(trials, "all trials rank the days alike")
    return _summary(auc_in, auc_out, cut)


def _blocks(days: int, horizon: int, blocks: int) -> np.ndarray:
    """(days,) block of each day, -1 of those that are left out."""
    found = np.full(days, -1)
    for block, own in enumerate(np.array_split(np.arange(days), blocks)):
        found[own[: len(own) - (horizon - 1)]] = block
    return found


def _pairs(label: np.ndarray, scores: np.ndarray, block: np.ndarray, blocks: int) -> tuple[np.ndarray, ...]:
    """Pairs of a positive and a negative row that each trial orders rightly, by the blocks (n,) of both.

    AUC is the share of such pairs, so that of any union of blocks is a sum over pairs of blocks: one count
    serves all splits. Equal scores count half.

    Returns
    -------
    concordant (N, S, S) by block of the positive and of the negative row; positives (S,), negatives (S,)
    """
    member = np.arange(blocks)[:, None] == block
    up, down = (member & label).astype(float), (member & ~label).astype(float)
    concordant = np.empty((len(scores), blocks, blocks))
    for i, score in enumerate(scores):
        order = np.argsort(score, kind="stable")
        starts = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)  # of equal scores
        positive, negative = (np.add.reduceat(rows[:, order], starts, axis=1) for rows in (up, down))
        concordant[i] = positive @ (np.cumsum(negative, axis=1) - negative / 2).T
    return concordant, up.sum(axis=1), down.sum(axis=1)


def _auc(concordant: np.ndarray, taken: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """AUC (splits, N) on the taken blocks, rounded so that the last bit of a sum decides no rank."""
    right = np.einsum("sb,nbc,sc->sn", taken, concordant, taken, optimize=True)
    return np.round(right / pairs[:, None], DIGITS)


def _summary(auc_in: np.ndarray, auc_out: np.ndarray, blocks: int) -> Overfitting:
    splits, trials = auc_in.shape
    won = auc_in == auc_in.max(axis=1, keepdims=True)
    won = won / won.sum(axis=1, keepdims=True)  # trials that win together share the split
    place = (rankdata(auc_out, axis=1) * won).sum(axis=1) / (trials + 1)  # relative rank, Bailey et al., step (e)
    logit = np.round(np.log(place / (1 - place)), DIGITS)
    probability = float((logit < 0).mean() + 0.5 * (logit == 0).mean())
    verdict = HOLDS if probability < 0.05 else OVERFIT if probability >= 0.5 else CANNOT_TELL
    rank = float((np.median(place) * (trials + 1) - 1) / (trials - 1))
    inside, outside = float((auc_in * won).sum(axis=1).mean()), float((auc_out * won).sum(axis=1).mean())
    return Overfitting(
        probability,
        trials,
        blocks,
        splits,
        rank,
        inside,
        outside,
        verdict,
        f"{verdict}: in {100 * probability:.0f} % of {splits} splits the best of {trials} trials falls below the "
        f"median on the other half; its AUC is {inside:.3f} where it was chosen and {outside:.3f} where it was not",
    )


def _nothing(trials: int, reason: str) -> Overfitting:
    return Overfitting(0.5, trials, 0, 0, 0.5, 0.5, 0.5, CANNOT_TELL, f"{CANNOT_TELL}: {reason}")
