"""Importance and interaction: found where they were put in, not found in noise, the same on every run."""

import numpy as np
import pytest
from optuna.importance import PedAnovaImportanceEvaluator

from buysignal.judge.trials.importance import _study, _top, divergences, importance, interaction
from buysignal.search.rounds.trends import CANNOT_TELL, HOLDS
from tests.search.study.tables import trial_table


def planted(n: int, effect: float, seed: int = 0):
    """Dropout 0.5 adds ``effect`` to noise of standard deviation 0.01; two other dimensions do nothing."""
    rng = np.random.default_rng(seed)
    dropout = rng.choice([0.1, 0.3, 0.5, 0.7], n)
    others = {"n_layers": rng.choice([2, 3, 4], n), "weight_decay": rng.choice([0.0, 1e-4], n)}
    return trial_table(0.7 + effect * (dropout == 0.5) + rng.normal(0, 0.01, n), dropout=dropout, **others)


def test_the_dimension_that_was_planted_comes_first_by_both_methods_and_no_other_holds():
    found = importance(planted(80, 0.03, seed=2), 0.24, 0.95, seed=1)
    assert [i.name for i in found if i.verdict == HOLDS] == ["dropout"]
    assert found[0].name == max(found, key=lambda i: i.fanova).name == "dropout"
    assert sum(i.pedanova for i in found) == pytest.approx(1)
    assert sum(i.fanova for i in found) == pytest.approx(1)


def test_the_same_trials_and_seed_give_the_same_numbers_also_from_a_sample():
    table = planted(700, 0.01)
    assert importance(table, 0.24, 0.95, seed=3) == importance(table, 0.24, 0.95, seed=3)


@pytest.mark.parametrize(("n", "share"), [(10, 0.1), (12, 0.3), (40, 0.24), (150, 0.5)])
@pytest.mark.filterwarnings("ignore")  # Optuna's, of minimised targets
def test_divergences_are_optunas_importances_of_every_shuffle(n, share):
    """Objectives with ties; tops of fewer than four trials; a place that no trial of the top has."""
    rng = np.random.default_rng(n)
    places = {
        "few": rng.permutation(np.arange(n) % 3),
        "many": np.unique(rng.integers(0, 9, n), return_inverse=True)[1],
    }
    value = np.round(places["few"] + rng.normal(size=n), 1)
    study, ped = _study(places, value), PedAnovaImportanceEvaluator(target_quantile=share)
    objectives = [value, *(rng.permutation(value) for _ in range(20))]
    ours = {name: divergences(place, np.array([_top(o, share) for o in objectives])) for name, place in places.items()}
    for at, objective in enumerate(objectives):
        theirs = ped.evaluate(study, list(places), target=lambda trial, o=objective: -o[trial.number])
        assert {name: values[at] for name, values in ours.items()} == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def test_dimensions_with_one_value_are_left_out():
    assert {i.name for i in importance(planted(20, 0.0), 0.24, 0.95, 0)} == {"dropout", "n_layers", "weight_decay"}


@pytest.mark.parametrize(
    "table",
    [
        planted(9, 0.05),  # too few
        planted(30, 0.05).assign(collapsed=True),
        planted(30, 0.05).assign(state="failed", value=None),
        planted(30, 0.05).assign(value=0.7),  # nothing to explain
        planted(30, 0.05).assign(dropout=0.1, n_layers=2, weight_decay=0.0),  # nothing to explain it with
    ],
)
def test_what_cannot_be_ranked_is_not_ranked(table):
    assert importance(table, 0.24, 0.95, 0) == []


def test_an_interaction_is_found_and_additive_effects_are_none():
    rng = np.random.default_rng(0)
    dropout, depth = rng.choice([0.1, 0.5], 80), rng.choice([2, 4], 80)
    noise = 0.7 + rng.normal(0, 0.01, 80)
    both = trial_table(noise + 0.03 * ((dropout == 0.5) & (depth == 4)), dropout=dropout, n_layers=depth)
    added = trial_table(noise + 0.03 * (dropout == 0.5) + 0.03 * (depth == 4), dropout=dropout, n_layers=depth)
    assert interaction(both, ["dropout", "n_layers"], 0.95).verdict == HOLDS
    assert interaction(added, ["dropout", "n_layers"], 0.95).verdict == CANNOT_TELL


def test_the_interaction_test_is_the_two_way_analysis_of_variance():
    """2 x 2 cells of two trials; F = 0.5 / 0.5 with 1 and 4 degrees of freedom by hand, p = 0.3739."""
    value = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 2.0, 3.0]  # cell means 1.5 1.5 1.5 2.5: interaction SS 0.5, residual 4 x 0.5
    table = trial_table(value, dropout=[0.1] * 4 + [0.3] * 4, n_layers=[2, 2, 4, 4] * 2)
    found = interaction(table, ["dropout", "n_layers"], 0.95)
    assert (found.cells, found.trials) == (4, 8)
    assert found.p_value == pytest.approx(0.373901, abs=1e-6)


@pytest.mark.parametrize(
    ("dropout", "depth"),
    [
        ([0.1, 0.3, 0.1, 0.3], [2, 2, 4, 4]),  # one trial per cell
        ([0.1, 0.1, 0.3, 0.3] * 3, [2, 2, 4, 4] * 3),  # each depth with one dropout
    ],
)
def test_too_few_combinations_give_no_p_value(dropout, depth):
    value = np.random.default_rng(0).random(len(depth))
    found = interaction(trial_table(value, dropout=dropout, n_layers=depth), ["dropout", "n_layers"], 0.95)
    assert (found.p_value, found.verdict) == (None, CANNOT_TELL)
