"""Every self-deception that is looked for, and the looking."""

from __future__ import annotations

from buysignal.doctor import calendar, choice, claims, leaks, mirror, pipeline, report, scoring, thresholds, training
from buysignal.doctor.run import Run
from buysignal.doctor.verdict import LEVELS, Check, Verdict

FAMILIES = (thresholds, scoring, leaks, calendar, training, choice, claims, mirror, report, pipeline)

CATALOGUE: tuple[Check, ...] = tuple(check for family in FAMILIES for check in family.CHECKS)
"""The checks by family; names are unique and stay."""


def diagnose(run: Run) -> list[Verdict]:
    """The verdict of every check, worst first, else in the order of the catalogue."""
    return sorted((check(run) for check in CATALOGUE), key=lambda verdict: LEVELS.index(verdict.level))
