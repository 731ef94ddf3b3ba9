"""What a finished study comes down to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from buysignal.search.study.record import COMPLETE, FAILED, PRUNED, TrialRecord


def best(records: Sequence[TrialRecord]) -> TrialRecord | None:
    """The complete trial with the highest objective value, the earliest of equals; None without one."""
    complete = [record for record in records if record.state == COMPLETE]
    return max(complete, key=lambda record: (record.value, -record.index), default=None)


def headline(records: Sequence[TrialRecord]) -> tuple[float, float, float]:
    """Precision, recall and AUC of the best trial so far, for a progress line; zeros before there is one."""
    found = best(records)
    return (0.0, 0.0, 0.0) if found is None else tuple(found.mean(m) for m in ("precision", "recall", "auc"))


def failures(records: Sequence[TrialRecord]) -> dict[str, int]:
    """How many trials failed by each kind of reason, the commonest first; each whole reason is in the trial table."""
    kinds = Counter(kind_of(record) for record in records if record.state == FAILED)
    return dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])))


def kind_of(record: TrialRecord) -> str:
    """What a failed trial failed of, without what is its own: the name of an exception, or ``unknown``."""
    return record.error.split(":")[0] or "unknown"


def summary(records: Sequence[TrialRecord]) -> dict[str, Any]:
    """Counts, and the best trial with its metrics on the rank role (seed means); it was chosen among all."""
    found = best(records)
    return {
        "trials": len(records),
        "complete": sum(record.state == COMPLETE for record in records),
        "pruned": sum(record.state == PRUNED for record in records),
        "failed": sum(record.state == FAILED for record in records),
        "failures": failures(records),
        "collapsed": sum(record.outcome.collapsed for record in records),
        "best": None
        if found is None
        else {
            "trial": found.index,
            "origin": found.origin,
            "configuration": asdict(found.configuration),
            "parameters": found.parameters,
            "cap": found.cap,
            "objective": found.value,
            **found.outcome.evidence(len(records)),
            **{metric: found.mean(metric) for metric in ("auc", "average_precision")},
        },
    }
