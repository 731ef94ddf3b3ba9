"""Every self-deception that is looked for, and the looking."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from threadpoolctl import threadpool_limits

from buysignal.cli.doctor import calendar, choice, claims, fits, leaks, page, pipeline, points, scoring
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import LEVELS, Check, Verdict

FAMILIES = (points, scoring, leaks, calendar, fits, choice, claims, page, pipeline)

CATALOGUE = tuple(one for family in FAMILIES for one in vars(family).values() if isinstance(one, Check))
"""The checks by family, in the order in which they are written; names are unique and stay."""
APART = ("report-differs", "calibration-gain")  # half of the time, much of it imports that no other check needs


def diagnose(run: Run, processes: int = 1) -> list[Verdict]:
    """The verdict of every check, worst first, else in the order of the catalogue.

    With two ``processes`` a forked one takes `APART`; where there is no fork, all are looked for here.
    """
    apart = APART if processes > 1 and "fork" in multiprocessing.get_all_start_methods() else ()
    here = [check.name for check in CATALOGUE if check.name not in apart]
    if apart:
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as other:
            ahead = other.submit(_looked, run, apart)
            found = _looked(run, here) + ahead.result()
    else:
        found = _looked(run, here)
    order = [check.name for check in CATALOGUE]
    return sorted(found, key=lambda verdict: (LEVELS.index(verdict.level), order.index(verdict.name)))


def _looked(run: Run, names: Sequence[str]) -> list[Verdict]:
    with threadpool_limits(1):  # as the stages computed
        return [check(run) for check in CATALOGUE if check.name in names]
