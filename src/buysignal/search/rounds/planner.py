"""Which supplementary trials a tier's results ask for: a pure function of the trials so far.

Around the best configuration: sets A-C vary one training value each, aimed at untested values; D and
E vary the architecture, shallow in the smallest budget and deep in the largest; F combines what
helped in A-E, so it is planned when those have run. A second round does the same again around the
best of search and first round together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import floor, log

import pandas as pd

from buysignal.models.patchtst.architecture import Configuration, configuration_of
from buysignal.search.rounds.gaps import beyond, gaps
from buysignal.search.rounds.plan import PURPOSES, Planned, PlannedSet
from buysignal.search.rounds.trends import Trends, top_count, trends, united
from buysignal.search.study.coverage import LOG_SCALED, nearest_value
from buysignal.search.study.record import COMPLETE, TrialRecord, table
from buysignal.search.study.space import Space
from buysignal.search.study.tables import best

SHARES = {"A": 6, "B": 5, "C": 4, "D": 4, "E": 4, "F": 4}
"""Trials per set of the reference's 27; any other size is shared out in these proportions."""

SWEPT = {"A": "dropout", "B": "learning_rate", "C": "weight_decay"}


@dataclass(frozen=True)
class SupplementSettings:
    """How many trials to plan and which of the earlier ones show the way.

    Attributes
    ----------
    rounds : trials per round
    top_share, confidence : see `buysignal.search.rounds.trends.trends`
    """

    rounds: tuple[int, ...]
    top_share: float
    confidence: float


def quotas(total: int) -> dict[str, int]:
    """Trials per set: `SHARES` scaled to a total by largest remainders; ties go to the earlier set.

    >>> quotas(27), quotas(13)["A"], quotas(6)
    ({'A': 6, 'B': 5, 'C': 4, 'D': 4, 'E': 4, 'F': 4}, 3, {'A': 1, 'B': 1, 'C': 1, 'D': 1, 'E': 1, 'F': 1})
    """
    whole = sum(SHARES.values())
    counts = {letter: floor(total * share / whole) for letter, share in SHARES.items()}
    rest = sorted(SHARES, key=lambda letter: (counts[letter] - total * SHARES[letter] / whole, letter))
    return counts | {letter: counts[letter] + 1 for letter in rest[: total - sum(counts.values())]}


def plan(
    search: pd.DataFrame, told: Sequence[TrialRecord], spaces: Mapping[str, Space], settings: SupplementSettings
) -> list[PlannedSet]:
    """Every set that can be planned by now, in the order in which the trials run.

    Parameters
    ----------
    search : trials of every searched budget of one tier, as `buysignal.search.study.record.table` gives them,
        with ``budget``
    told : finished supplementary trials, in the order planned; those of a set that is not whole are
        there or not, they do not count yet
    spaces : budget -> what was searched
    """
    sets: list[PlannedSet] = []
    for number, total in enumerate(settings.rounds, 1):
        wanted = quotas(total)
        before = joined(search, sets, told)
        centre = best(before)
        sets += [s for s in _sweeps(number, wanted, before, centre, spaces, settings, sets) if s.wanted]
        if _count(sets) > len(told):
            break
        if wanted["F"]:
            sets.append(_combined(number, wanted["F"], joined(search, sets, told), centre, sets))
        if _count(sets) > len(told):
            break
    return sets


def joined(search: pd.DataFrame, sets: Sequence[PlannedSet], told: Sequence[TrialRecord]) -> pd.DataFrame:
    """Search trials and, below, the finished supplementary trials of the sets; ``round`` is 0 for the search.

    Supplementary trials have their label in ``asked_by``.
    """
    rows = [(p.budget, s.round) for s in sets for p in s.trials]
    more = table(told[: len(rows)])
    more = more.assign(budget=[b for b, _ in rows][: len(more)], round=[r for _, r in rows][: len(more)])
    return pd.concat([search.assign(round=0), more], ignore_index=True) if len(more) else search.assign(round=0)


def _count(sets: Sequence[PlannedSet]) -> int:
    return sum(len(s.trials) for s in sets)


def _sweeps(
    number: int,
    wanted: Mapping[str, int],
    trials: pd.DataFrame,
    centre: pd.Series | None,
    spaces: Mapping[str, Space],
    settings: SupplementSettings,
    earlier: Sequence[PlannedSet],
) -> list[PlannedSet]:
    """Sets A-E of a round."""
    if centre is None:
        nothing = "no trial completed without collapse: there is nothing to search around"
        return [PlannedSet(letter, number, wanted[letter], (), missing=nothing) for letter in "ABCDE"]
    space, at = united(list(spaces.values())), configuration_of(centre)
    complete = int((trials["state"] == COMPLETE).sum())
    found = trends(trials, space, top_count(complete, settings.top_share), settings.confidence)
    tried = {configuration_of(row) for row in trials.to_dict("records")}
    sets = []
    for letter, name in SWEPT.items():
        values = _untested(name, at, found, trials, space)
        candidates = [(centre["budget"], replace(at, **{name: value})) for value in values]
        sets.append(_taken(letter, number, wanted[letter], candidates, tried, earlier, _around(centre), name))
    ordered = sorted(spaces, key=lambda budget: spaces[budget].cap)
    for letter, budget, deep in (("D", ordered[0], False), ("E", ordered[-1], True)):
        candidates = [(budget, c) for c in _variants(at, spaces[budget], deep)]
        missing = "" if candidates else f"the grid of {budget} has one depth"
        why = f"{_around(centre)}, in the {'deepest' if deep else 'shallowest'} layers of the grid of {budget}"
        sets.append(_taken(letter, number, wanted[letter], candidates, tried, earlier, why, missing=missing))
    return sets


def _around(centre: pd.Series) -> str:
    name = f"trial {centre['index']}" if centre["round"] == 0 else f"supplementary trial {centre['asked_by']}"
    return f"around {name} of {centre['budget']} (objective {centre['value']:.4f})"


def _taken(
    letter: str,
    number: int,
    wanted: int,
    candidates: Sequence[tuple[str, Configuration]],
    tried: set[Configuration],
    earlier: Sequence[PlannedSet],
    why: str,
    ascending: str = "",
    missing: str = "",
) -> PlannedSet:
    """The first ``wanted`` candidates that nobody tried, added to ``tried`` and labelled.

    Of a sweep, which ``ascending`` names, fewer than at full scale span what full scale would: from end
    to end, and a single one at the median distance. The nearest would be too near to teach anything.
    """
    new = [item for item in dict.fromkeys(candidates) if item[1] not in tried]
    chosen = new[:wanted]
    if ascending and wanted:
        full = new[: max(wanted, SHARES[letter])]
        if wanted == 1:
            full = full[len(full) // 2 :][:1]
        full.sort(key=lambda item: getattr(item[1], ascending))
        count = min(wanted, len(full))
        chosen = [full[k * (len(full) - 1) // max(count - 1, 1)] for k in range(count)]
    tried |= {configuration for _, configuration in chosen}
    if len(chosen) < wanted:
        missing = f"{len(chosen)} of {wanted} wanted: {missing or 'nothing else is untried'}"
    first = 1 + sum(len(s.trials) for s in earlier if s.letter == letter)
    planned = tuple(Planned(f"{letter}{n:02d}", *item) for n, item in enumerate(chosen, first))
    return PlannedSet(letter, number, wanted, planned, why if planned else "", missing if len(chosen) < wanted else "")


def _untested(name: str, at: Configuration, found: Trends, trials: pd.DataFrame, space: Space) -> list[float]:
    """Values for a sweep, nearest to the best first within each kind.

    Gaps of the promising region come first, then gaps next to the best value, then whatever else no trial
    had between the ends of the grid, then values beyond them, and last those that were tried, but not with
    this configuration.
    """
    here, tested, grid = getattr(at, name), set(trials[name].astype(float)), getattr(space, name)
    nodes, trend = sorted({*tested, *grid}), found.dimensions[name]
    near = gaps(name, nodes, (here,), here, space)
    within = {*gaps(name, nodes, nodes, here, space), *grid} - tested
    past = {*trend.beyond, *beyond(name, nodes, here, space)}
    pools = (trend.gaps, near, within, past, tested)
    return list(dict.fromkeys(v for pool in pools for v in sorted(pool, key=lambda v: (_distance(name, v, here), v))))


def _distance(name: str, value: float, other: float) -> float:
    """Of two values of a dimension on its natural scale: a ratio's logarithm, or a difference."""
    ratio = name in LOG_SCALED and value > 0 and other > 0
    return abs(log(value / other)) if ratio else abs(value - other)


def _variants(at: Configuration, space: Space, deep: bool) -> list[Configuration]:
    """Legal configurations of the shallowest (deepest) layers of a grid with the training values of ``at``.

    The outer half of the depths, two at most. Nearest width first, then the outermost depth; other
    head counts of the same width and depth come after all of those.
    """
    outer = sorted(space.n_layers, reverse=deep)[: min(2, len(space.n_layers) // 2)]
    keyed = []
    for d_model, n_layers, n_heads in space.architectures:
        if n_layers in outer:
            legal = [h for d, n, h in space.architectures if (d, n) == (d_model, n_layers)]
            heads = sorted(legal, key=lambda h: (abs(log(h / at.n_heads)), h)).index(n_heads)
            key = (heads, abs(log(d_model / at.d_model)), outer.index(n_layers), d_model)
            ratio = nearest_value("d_ff_ratio", space.ratios[d_model, n_layers, n_heads], at.d_ff_ratio)
            fields = {"d_model": d_model, "n_layers": n_layers, "n_heads": n_heads, "d_ff_ratio": ratio}
            keyed.append((key, replace(at, **fields)))
    return [configuration for _, configuration in sorted(keyed, key=lambda item: item[0])]


def _combined(
    number: int,
    wanted: int,
    trials: pd.DataFrame,
    centre: pd.Series | None,
    sets: Sequence[PlannedSet],
) -> PlannedSet:
    """Set F: pairs and more of the best trial of each set of this round, largest sum of gains first."""
    if centre is None:
        return PlannedSet("F", number, wanted, (), missing="there is nothing to combine")
    tried = {configuration_of(row) for row in trials.to_dict("records")}
    own = trials[trials["round"] == number]
    winners = {letter: best(own[own["asked_by"].str[0] == letter]) for letter in PURPOSES if letter != "F"}
    winners = {letter: row for letter, row in winners.items() if row is not None}
    ranked = []
    for size in range(2, len(winners) + 1):
        for letters in combinations(winners, size):
            if not {"D", "E"} <= set(letters):  # one architecture at a time
                gain = sum(float(winners[letter]["value"] - centre["value"]) for letter in letters)
                ranked.append((-gain, letters))
    candidates = [_mixed(centre, {letter: winners[letter] for letter in letters}) for _, letters in sorted(ranked)]
    why = "sums of what helped most: " + ", ".join(
        f"{row['asked_by']} ({row['value'] - centre['value']:+.4f})" for row in winners.values()
    )
    missing = "" if candidates else "fewer than two sets have a usable trial"
    return _taken("F", number, wanted, candidates, tried, sets, why, missing=missing)


def _mixed(centre: pd.Series, winners: Mapping[str, pd.Series]) -> tuple[str, Configuration]:
    """The best configuration with the changes of several winners; its budget is that of its architecture."""
    mixed, budget = configuration_of(centre), centre["budget"]
    for letter, row in winners.items():
        theirs = configuration_of(row)
        if letter in SWEPT:
            mixed = replace(mixed, **{SWEPT[letter]: getattr(theirs, SWEPT[letter])})
        else:
            architecture = ("d_model", "n_layers", "n_heads", "d_ff_ratio")
            mixed = replace(mixed, **{name: getattr(theirs, name) for name in architecture})
            budget = row["budget"]
    return budget, mixed
