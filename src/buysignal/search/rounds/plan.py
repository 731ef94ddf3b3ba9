"""Supplementary trials as they are planned, and the YAML in which people read, edit and pin them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from buysignal.core.errors import UserError, shown
from buysignal.core.settings import Section, by_name, matching, near, parse
from buysignal.core.textfile import read_yaml
from buysignal.models.params import Hyperparameters
from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.space import DIMENSIONS, Space

PURPOSES = {
    "A": "dropout: untested values around the best configuration",
    "B": "learning rate: untested values around the best configuration",
    "C": "weight decay: untested values around the best configuration",
    "D": "shallow variants in the smallest budget",
    "E": "deep variants in the largest budget",
    "F": "combinations of the best of A-E",
}
"""What each set of trials is for (REFERENCE: the supplementary proposal)."""

ROUNDS = ("first", "second")
KEYS = ("budget", *DIMENSIONS)


@dataclass(frozen=True)
class Planned:
    """One supplementary trial; ``label`` is its set and its number, e.g. ``A01``, unique in a tier."""

    label: str
    budget: str
    configuration: Configuration


@dataclass(frozen=True)
class PlannedSet:
    """The trials of one set in one round.

    Attributes
    ----------
    letter : a key of `PURPOSES`
    round : from 1
    wanted : trials asked for
    trials : those there are; fewer where ``missing`` says why
    why : where its values come from, in words
    missing : empty if nothing is
    """

    letter: str
    round: int
    wanted: int
    trials: tuple[Planned, ...]
    why: str = ""
    missing: str = ""


def yaml_text(tier: str, sets: Sequence[PlannedSet]) -> str:
    """The sets as YAML that `read_pinned` takes back, each set under a comment."""
    lines = [
        f"# Supplementary trials of tier {tier}. To run others: copy this file into proposals/, edit it and name it in",
        "# supplement.pinned; the files of several tiers can stand one after the other in one file.",
        f"{tier}:{'' if any(s.trials for s in sets) else ' {}'}",
    ]
    for number in sorted({s.round for s in sets}):
        own = [s for s in sets if s.round == number]
        lines += [f"  {ROUNDS[number - 1]}:"] if any(s.trials for s in own) else []
        for planned in own:
            lines += [f"    # {planned.letter}: {PURPOSES[planned.letter]}"]
            lines += [f"    #    {text}" for text in (planned.why, planned.missing) if text]
            lines += [f"    {p.label}: {_flow(p)}" for p in planned.trials]
    return "\n".join(lines) + "\n"


def _flow(planned: Planned) -> str:
    content = {"budget": planned.budget, **asdict(planned.configuration)}
    text = yaml.safe_dump(content, default_flow_style=True, sort_keys=False, width=1000)
    return text.strip()


class _Trial(Hyperparameters):
    """A trial as people write it."""

    budget: Any


LABEL = "a letter from A to F and two digits, such as A01"  # with one digit, set F would read as a metric we never show
TRIALS = by_name(matching("[A-F][0-9]{2,4}", LABEL), _Trial, "map labels such as A01 to trials", least=0)


class _Rounds(Section):
    """The trials of a tier: round -> label -> trial."""

    first: TRIALS = Field(default_factory=dict)
    second: TRIALS = Field(default_factory=dict)


def pinned_tiers(path: str | Path, tiers: Sequence[str]) -> list[str]:
    """The tiers that a file of pinned trials names; none if it holds comments alone, or ``{}``.

    Raises
    ------
    UserError
        If the file cannot be read, or names what is not one of ``tiers``.
    """
    content = _content(path)
    for tier in content:
        if tier not in tiers:
            raise UserError(f"{path}: unknown key {shown(tier)[1:-1]}; {near(tier, tiers)}")
    return list(content)


def read_pinned(path: str | Path, tier: str, spaces: Mapping[str, Space]) -> tuple[PlannedSet, ...] | None:
    """The pinned sets of a tier; None if the file, as `yaml_text` writes it, leaves the tier to the analysis.

    Parameters
    ----------
    spaces : budget -> space, of every budget that is searched on this tier: caps and parameter counts

    Raises
    ------
    UserError
        If the file cannot be read, or a round, label, key, budget or value is none that can be trained;
        one line that names it and what would be right.
    """
    content = _content(path)
    if tier not in content:
        return None
    rounds = parse(_Rounds, content[tier], f"{path}: ", (tier,), f"a trial has {', '.join(KEYS)}")
    return _sets(rounds, f"{path}: {tier}", spaces)


def _content(path: str | Path) -> Mapping[str, Any]:
    content = read_yaml(path)
    if content is not None and not isinstance(content, Mapping):
        raise UserError(f"{path} is {shown(content)}; it must be a mapping of tiers to rounds")
    return content or {}


def _sets(rounds: _Rounds, where: str, spaces: Mapping[str, Space]) -> tuple[PlannedSet, ...]:
    sets: list[PlannedSet] = []
    found: dict[Configuration, str] = {}
    twice = next((label for label in rounds.second if label in rounds.first), None)
    if twice is not None:
        raise UserError(f"{where}: label {twice} stands in both rounds; each label once")
    for number, (name, trials) in enumerate(rounds, 1):
        planned = [_planned(label, trial, f"{where}.{name}.{label}", spaces) for label, trial in trials.items()]
        for p in planned:
            if p.configuration in found:
                raise UserError(f"{where}.{name}.{p.label} repeats {found[p.configuration]}; each configuration once")
            found[p.configuration] = p.label
        for letter in sorted({p.label[0] for p in planned}):
            own = tuple(p for p in planned if p.label[0] == letter)
            sets.append(PlannedSet(letter, number, len(own), own, "pinned"))
    return tuple(sets)


def _planned(label: str, trial: _Trial, where: str, spaces: Mapping[str, Space]) -> Planned:
    budget, configuration = trial.budget, trial.configuration
    if not isinstance(budget, str) or budget not in spaces:
        raise UserError(f"{where}: budget is {shown(budget)}; it must be one of budgets: {', '.join(spaces)}")
    space = spaces[budget]
    count = space.count(configuration)
    if count > space.cap:
        raise UserError(f"{where} has {count:,} parameters; the cap of budget {budget} is {space.cap:,}")
    return Planned(label, budget, configuration)


def without(sets: Sequence[PlannedSet], trained: set[Configuration]) -> tuple[PlannedSet, ...]:
    """The sets less what the search has trained already; each says which of its trials are left out."""
    left = []
    for planned in sets:
        kept = tuple(p for p in planned.trials if p.configuration not in trained)
        gone = [p.label for p in planned.trials if p.configuration in trained]
        missing = f"left out, for the search has trained the same: {', '.join(gone)}" if gone else planned.missing
        left.append(replace(planned, trials=kept, missing=missing))
    return tuple(left)
