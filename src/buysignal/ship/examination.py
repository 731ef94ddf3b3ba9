"""All that was registered, examined: the trained models by the files that will be shipped, and every baseline."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from buysignal.judge.calibration import map_of
from buysignal.judge.operating import SelectionRules, operating_point
from buysignal.models.dataset import TierData
from buysignal.models.scores import Scored
from buysignal.ship.opening import examine, examine_selected, score_test
from buysignal.ship.package import load
from buysignal.ship.promise import simultaneous

Examined = list[tuple[dict[str, Any], Scored]]
"""Rows of the test table, each with the scores that it was made of."""


def baselines_examined(rivals: Mapping[str, Sequence[Scored]], rules: SelectionRules, seed: int) -> Examined:
    """Every baseline of every tier, at the point that the threshold role gives it."""
    points = [(rival, operating_point(rival, rules).point) for rival in chain.from_iterable(rivals.values())]
    return [(examine(rival, point and point.threshold, rules, seed=seed), rival) for rival, point in points]


def models_examined(
    selected: Sequence[Mapping[str, Any]],
    maps: Sequence[Mapping[str, Any]],
    folders: Sequence[Path],
    tables: Mapping[str, TierData],
    rivals: Mapping[str, Sequence[Scored]],
    rules: SelectionRules,
    seed: int,
) -> Examined:
    """The selected models, by rank.

    Parameters
    ----------
    selected, maps : of data/selected.json
    folders : of each model, as `buysignal.ship.package.ship` wrote it
    tables : tier -> its rows, the test role among them
    rivals : tier -> its baselines, scored on the test role
    seed : of the bootstrap
    """
    found = []
    for chosen, calibration, folder in zip(selected, maps, folders, strict=True):
        model = load(folder)
        tested = score_test(model.card, model.theta, tables[model.card.tier], model.shape)
        level = simultaneous(chosen["rank"], len(selected))
        judged = (chosen, rivals[model.card.tier], map_of(calibration), rules, level, seed)
        found.append((examine_selected(tested, *judged), tested))
    return found
