"""Did the supplementary trials improve on the search? Their best against its best, over fresh seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from buysignal.judge.trials.again import Again
from buysignal.judge.trials.seedmeans import seed_mean

METRICS = ("precision", "recall", "n_buys", "auc")
IMPROVED, NOT_IMPROVED, CANNOT_TELL = "improved", "not improved", "cannot tell"


def supplement(
    tier: str,
    ran: Mapping[str, Any],
    again: Mapping[str, Again],
    objective: str,
    threshold: float,
    confidence: float,
    configurations: int,
) -> dict[str, Any]:
    """Everything that is known of a tier's supplementary trials, as plain values.

    Parameters
    ----------
    ran : data/supplement/<tier>/sets.json
    again : name -> the best of the search and of the supplement trained again; empty where one has no usable trial
    objective, threshold : of the search
    configurations : trials of the tier, of which these are the best
    """
    best = [again[name] for name in ran["best"]]
    found = {"tier": tier, "threshold": threshold, "sets": ran["sets"], "reason": ran["reason"]}
    return found | compared(best, objective, confidence, configurations)


def improvement(search: Again, supplement: Again, objective: str, confidence: float) -> dict[str, Any]:
    """Best of the supplement minus best of the search, paired by fresh seed; the verdict is on the objective.

    ``improved`` if the interval lies above 0, ``not improved`` if it lies at or below 0, else
    ``cannot tell``.
    """
    pairs = {name: (search.per_seed[name], supplement.per_seed[name]) for name in {*METRICS, objective}}
    differences = {
        name: seed_mean([b - a for a, b in zip(one, other)], confidence) for name, (one, other) in pairs.items()
    }
    decisive = differences[objective]
    verdict = CANNOT_TELL
    if decisive.low is not None and decisive.low > 0:
        verdict = IMPROVED
    elif decisive.high is not None and decisive.high <= 0:
        verdict = NOT_IMPROVED
    return {"verdict": verdict, "difference": {name: asdict(d) for name, d in differences.items()}}


def compared(best: Sequence[Again], objective: str, confidence: float, configurations: int) -> dict[str, Any]:
    """The best of the search and the best of the supplement and their difference; with neither nothing can be told.

    ``configurations`` were looked at to find them: all trials of the tier.
    """
    rows = [{"name": a.card.name, "origin": a.card.origin, **a.row(configurations)} for a in best]
    told = improvement(*best, objective, confidence) if rows else {"verdict": CANNOT_TELL, "difference": {}}
    return {"objective": objective, "compared": rows, **told}
