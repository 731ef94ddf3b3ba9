"""What a search says of itself while it runs."""

from collections.abc import Sequence

from buysignal.core.progress import measured
from buysignal.search.study.record import TrialRecord, best


def so_far(finished: Sequence[TrialRecord]) -> str:
    """The best trial so far with what its precision rests on; nothing before one is complete."""
    found = best(finished)
    if found is None:
        return ""
    return "best so far: " + measured(*(found.mean(metric) for metric in ("hits", "n_buys", "recall")))
