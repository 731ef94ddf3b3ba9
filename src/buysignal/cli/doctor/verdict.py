"""What a check says, and how a check that cannot look says so instead of failing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from buysignal.cli.doctor.run import Run
from buysignal.core.errors import UserError

DECEPTION, WARNING, CANNOT_JUDGE, OK = LEVELS = ("deception", "warning", "cannot judge", "ok")
"""Worst first. ``deception``: the numbers cannot be believed. ``warning``: true, and worth knowing.
``cannot judge``: an artefact is missing or torn."""

SHOWN = 3  # faults that a verdict names; the others are counted
NO_CLAIM = "no model was selected: nothing to look at"
UNOPENED = "the test role is closed to this run, which is not registered: nothing to look at"
# an artefact of another form than ours, or one that the disk does not give
TORN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError, StopIteration, OSError)


class Warn(str):
    """A fault that is no deception."""


class Unjudged(str):
    """What could not be looked at, while the rest of a check could."""


Looking = Generator[str, None, str]
"""The faults that a check finds, each a deception unless it is of a class above; at the end, what is fine."""


@dataclass(frozen=True)
class Finding:
    """What a check found: one of `LEVELS`, and the words."""

    level: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """The finding of one check, by the check's name."""

    name: str
    level: str
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Check:
    """One self-deception.

    Attributes
    ----------
    name : stable, kebab-case
    meaning : what one is fooled by, in one line
    look : pure, and may raise `UserError` where it cannot look
    """

    name: str
    meaning: str
    look: Callable[[Run], Looking]

    def __call__(self, run: Run) -> Verdict:
        """Look, and answer in words whatever the artefacts are."""
        try:
            found = _looked(self.look(run))
        except UserError as error:
            found = Finding(CANNOT_JUDGE, " ".join(str(error).split()))
        except TORN as error:
            reason = in_short(error)
            found = Finding(CANNOT_JUDGE, f"an artefact has not the form written here ({reason}): run `dvc repro`")
        return Verdict(self.name, found.level, found.text)


def check(name: str, meaning: str) -> Callable[[Callable[[Run], Looking]], Check]:
    """Make a `Check` of the function that looks."""
    return lambda look: Check(name, meaning, look)


def _looked(looking: Looking) -> Finding:
    faults: dict[type, list[str]] = {str: [], Warn: [], Unjudged: []}
    while True:
        try:
            fault = next(looking)
        except StopIteration as end:
            return conclude(faults[str], faults[Warn], end.value, faults[Unjudged])
        faults[type(fault)].append(fault)


def conclude(deceptions: Sequence[str], warnings: Sequence[str], fine: str, unjudged: Sequence[str] = ()) -> Finding:
    """The worst of what was found; `SHOWN` faults by name. ``fine`` is said where there is none.

    Where something could not be looked at nothing is fine, and a deception elsewhere still is one.
    """
    for level, faults in ((DECEPTION, deceptions), (CANNOT_JUDGE, unjudged), (WARNING, warnings)):
        if faults:
            more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
            return Finding(level, "; ".join(faults[:SHOWN]) + more)
    return Finding(OK, fine)


def some(names: Sequence[str]) -> str:
    """A few names and the number of the others."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def in_short(error: BaseException) -> str:
    """What one of `TORN` was, in one line of bounded length."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
