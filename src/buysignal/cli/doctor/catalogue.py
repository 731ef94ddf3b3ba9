"""Every self-deception that is looked for, and the looking."""

from __future__ import annotations

from buysignal.cli.doctor import calendar, choice, claims, fits, leaks, page, pipeline, points, scoring
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import LEVELS, Check, Verdict

FAMILIES = (points, scoring, leaks, calendar, fits, choice, claims, page, pipeline)

CATALOGUE = tuple(one for family in FAMILIES for one in vars(family).values() if isinstance(one, Check))
"""The checks by family, in the order in which they are written; names are unique and stay."""


def diagnose(run: Run) -> list[Verdict]:
    """The verdict of every check, worst first, else in the order of the catalogue."""
    return sorted((check(run) for check in CATALOGUE), key=lambda verdict: LEVELS.index(verdict.level))
