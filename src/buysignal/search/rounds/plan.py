"""Supplementary trials as they are planned, and the YAML in which people read, edit and pin them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from buysignal.core.errors import UserError
from buysignal.core.params import hyper_rule
from buysignal.core.rules import shown
from buysignal.core.textfile import read_yaml
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
LABEL = re.compile(r"[A-F][0-9]{2,4}")  # two digits: with one, set F would read as a metric we never show
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


def pinned_tiers(path: str | Path, tiers: Sequence[str]) -> list[str]:
    """The tiers that a file of pinned trials names; none if it holds comments alone, or ``{}``.

    Raises
    ------
    UserError
        If the file cannot be read, or names what is not one of ``tiers``.
    """
    content = _content(path)
    _keys(content, tiers, f"{path}", "a mapping of tiers to rounds")
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
    if not isinstance(content, Mapping):
        raise UserError(f"{path} is {shown(content)}; it must be a mapping of tiers to rounds")
    return _sets(content[tier], f"{path}: {tier}", spaces) if tier in content else None


def _content(path: str | Path) -> Any:
    content = read_yaml(path)
    return {} if content is None else content


def _sets(rounds: Any, where: str, budgets: Mapping[str, Space]) -> tuple[PlannedSet, ...]:
    _keys(rounds, ROUNDS, where, "a mapping of rounds to trials")
    sets: list[PlannedSet] = []
    labels: list[str] = []
    found: dict[Configuration, str] = {}
    for number, name in enumerate(ROUNDS, 1):
        trials = rounds.get(name, {})
        if not isinstance(trials, Mapping):
            raise UserError(f"{where}.{name} is {shown(trials)}; it must map labels such as A01 to trials")
        planned = [_trial(label, trial, f"{where}.{name}", budgets) for label, trial in trials.items()]
        for p in planned:
            if p.configuration in found:
                raise UserError(f"{where}.{name}.{p.label} repeats {found[p.configuration]}; each configuration once")
            found[p.configuration] = p.label
        labels += [p.label for p in planned]
        for letter in sorted({p.label[0] for p in planned}):
            own = tuple(p for p in planned if p.label[0] == letter)
            sets.append(PlannedSet(letter, number, len(own), own, "pinned"))
    twice = next((label for label, count in Counter(labels).items() if count > 1), None)
    if twice is not None:
        raise UserError(f"{where}: label {twice} stands in both rounds; each label once")
    return tuple(sets)


def _trial(label: str, trial: Any, where: str, budgets: Mapping[str, Space]) -> Planned:
    if not LABEL.fullmatch(label):
        raise UserError(f"{where}: label {shown(label)} must be a letter from A to F and two digits, such as A01")
    where = f"{where}.{label}"
    _keys(trial, KEYS, where, f"a mapping of {', '.join(KEYS)}")
    missing = [key for key in KEYS if key not in trial]
    if missing:
        raise UserError(f"{where}: key {missing[0]} is missing; a trial has {', '.join(KEYS)}")
    budget = trial["budget"]
    if not isinstance(budget, str) or budget not in budgets:
        raise UserError(f"{where}: budget is {shown(budget)}; it must be one of budgets: {', '.join(budgets)}")
    values = {name: hyper_rule(name).read(trial[name], f"{where}.{name}", file="") for name in DIMENSIONS}
    configuration = Configuration(**values).check(where)
    space = budgets[budget]
    count = space.count(configuration)
    if count > space.cap:
        raise UserError(f"{where} has {count:,} parameters; the cap of budget {budget} is {space.cap:,}")
    return Planned(label, budget, configuration)


def _keys(content: Any, known: Sequence[str], where: str, words: str) -> None:
    if not isinstance(content, Mapping):
        raise UserError(f"{where} is {shown(content)}; it must be {words}")
    for key in content:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise UserError(f"{where}: unknown key {shown(key)[1:-1]}; {hint}")


def without(sets: Sequence[PlannedSet], trained: set[Configuration]) -> tuple[PlannedSet, ...]:
    """The sets less what the search has trained already; each says which of its trials are left out."""
    left = []
    for planned in sets:
        kept = tuple(p for p in planned.trials if p.configuration not in trained)
        gone = [p.label for p in planned.trials if p.configuration in trained]
        missing = f"left out, for the search has trained the same: {', '.join(gone)}" if gone else planned.missing
        left.append(replace(planned, trials=kept, missing=missing))
    return tuple(left)
