"""From params.yaml to a search: the grid and the true counts it names, seeds of its own, no torch before it is due."""

import subprocess
import sys
from pathlib import Path

import pytest

from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.core.seeds import member_seeds
from buysignal.features.tiers import n_features
from buysignal.models.patchtst.architecture import Shape, count_parameters
from buysignal.search.study.settings import objective_settings, search_settings
from buysignal.search.study.setup import space_for

PARAMS = Params.load(Path(__file__).resolve().parents[3] / "params.yaml")


def space(budget="2M", tier="a50", **of_grid):
    grid = PARAMS.grids[budget].model_copy(update=of_grid)
    return space_for(budget, grid, PARAMS.hpo, PARAMS.shape, n_features(tier))


def test_the_space_is_the_grid_of_the_params():
    found, grid, hpo = space(), PARAMS.grids["2M"], PARAMS.hpo
    assert (found.name, found.cap) == ("2M", grid.cap)
    expected = (grid.d_model, grid.n_layers, grid.n_heads, grid.d_ff_ratio)
    expected += (hpo.dropout, hpo.learning_rate, hpo.weight_decay)
    assert found.grids == tuple(map(lambda values: tuple(sorted(values)), expected))


@pytest.mark.parametrize("tier", ["a20", "a200"])
def test_counts_are_the_true_ones_for_the_tier_and_the_window(tier):
    one = next(space(tier=tier).configurations())
    assert space(tier=tier).count(one) == count_parameters(one, PARAMS.shape, n_features(tier))
    longer = space_for("2M", PARAMS.grids["2M"], PARAMS.hpo, Shape(160, 16, 8, True), n_features(tier))
    assert longer.count(one) > space(tier=tier).count(one)


def test_a_grid_that_cannot_be_built_is_refused_in_one_line():
    with pytest.raises(UserError, match="budget 2M: no grid entry fits the cap of 10 parameters"):
        space(cap=10)


def test_settings_are_those_of_the_params():
    told = {"trials": 31, "batch": 6, "startup": 5, "variants": 3}
    assert vars(search_settings(PARAMS.hpo.model_copy(update=told), PARAMS.seed)) == told | {"seed": PARAMS.seed}
    training = PARAMS.training.model_copy(update={"min_delta": 0.005, "precision": "bfloat16"})
    hpo = PARAMS.hpo.model_copy(update={"seeds": 3, "recall_floor": 0.2, "threshold": 0.4})
    judged = objective_settings(hpo, training, PARAMS.seed)
    assert (judged.epochs, judged.patience, judged.min_delta) == (PARAMS.hpo.epochs, PARAMS.hpo.patience, 0.005)
    assert (judged.objective, judged.threshold, judged.recall_floor) == (PARAMS.hpo.objective, 0.4, 0.2)
    assert judged.precision == "bfloat16"
    assert judged.seeds == member_seeds(PARAMS.seed, "search", 3)


@pytest.mark.parametrize(("pruner", "prunes"), [("none", False), ("median", True)])
def test_the_pruner_is_switched_by_its_name(pruner, prunes):
    assert objective_settings(PARAMS.hpo.model_copy(update={"pruner": pruner}), PARAMS.training, 1).prune is prunes


def test_the_space_is_there_without_torch():
    code = "import sys, buysignal.search.study.setup; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
