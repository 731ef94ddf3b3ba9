"""All that was registered, examined by the files that will be shipped; and every contender that never buys."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from buysignal.judge.calibration_maps import map_of
from buysignal.judge.money import Trades
from buysignal.judge.operating import SelectionRules
from buysignal.judge.verdict import cannot_tell
from buysignal.models.contender import Fitted
from buysignal.models.days import Days
from buysignal.models.scores import Scored
from buysignal.ship.opening import examine, examine_chosen
from buysignal.ship.package import folder_of, load
from buysignal.ship.promise import simultaneous
from buysignal.ship.selected import buying

Row = dict[str, Any]
Examined = list[tuple[Row, Scored]]
"""Rows of the test table, each with the scores that it was made of."""


def examined(
    selection: Mapping[str, Any],
    folder: Path,
    days: Mapping[str, Days],
    baselines: Mapping[str, Sequence[Scored]],
    rules: SelectionRules,
    seed: int,
    trades: Trades,
) -> Examined:
    """Every contender of data/selected.json: the search's ten by rank, then the others.

    Parameters
    ----------
    selection : content of data/selected.json
    folder : holds a folder per contender, as `buysignal.ship.package.ship` wrote it
    days : tier -> its days of the test role
    baselines : tier -> its baselines on those days
    seed : of the bootstrap
    trades : of all test days
    """
    chosen, found = buying(selection), []
    for one in chosen:
        fitted = load(folder / folder_of(one)).fitted
        tier, name = fitted.card.tier, fitted.card.name
        tested = next((b for b in baselines[tier] if b.card.name == name), None) or fitted.scored(days[tier])
        ships = name == selection["shipped"]
        level, tried = simultaneous(ships, len(chosen)), 1 if ships else len(chosen)
        row = examine_chosen(tested, one, baselines[tier], map_of(one["map"]), rules, level, seed, trades, tried)
        found.append((row, tested))
    return found


def silent(
    everybody: Sequence[Fitted], among: Examined, days: Mapping[str, Days], rules: SelectionRules, seed: int
) -> Examined:
    """Those of all fitted contenders that are not ``among`` the examined: without a threshold they never buy."""
    names = {row["name"] for row, _ in among}
    tested = [one.scored(days[one.card.tier]) for one in everybody if one.card.name not in names]
    return [(examine(one, None, rules, seed=seed), one) for one in tested]


def closed(why: str) -> Row:
    """The content of metrics/train.json where nothing is looked at."""
    told = cannot_tell(f"the test role is closed: {why}").to_dict()
    return {"shipped": "", "models": [], "others": [], "look": None, "unopened": why, "verdict": told}
