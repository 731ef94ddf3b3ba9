"""Boosting with a search of its own: no worse than untuned where it is chosen, the same however often it is killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.core.settings import parse
from buysignal.judge.row import looked_at
from buysignal.models import contenders, kept
from buysignal.models.metrics import auc
from buysignal.models.rivals.boosting import SHALLOW, Boosting, Growth
from buysignal.models.scores import ModelCard, TunedCard
from buysignal.models.unfitted import TAKEN
from buysignal.report.words import family
from buysignal.search import boosting
from buysignal.search.boosting import TUNED, Tried, tuned, worth
from buysignal.search.study.journal import Journal
from buysignal.ship.manifest import _Card
from tests.models.markets import LABELS, TIER, days, market, panel

HPO = Params.of(yaml.safe_load((Path(__file__).resolve().parents[2] / "params.yaml").read_text())).hpo
TRIALS = 5  # the last is the first that TPE asks for
LABEL = LABELS["fixed"]


def planted(n: int = 2000):
    """Days whose label is told by the sign of the product of three features alone: no tree of depth 3 finds that."""
    seen = days(*market(n, LABEL), LABEL)
    rng = np.random.default_rng(3)
    table = rng.standard_normal((len(seen.table), 8)).astype(np.float32)
    hidden = np.prod(np.sign(table[:, :3]), axis=1) + rng.normal(0, 0.7, len(table))
    return replace(seen, table=table, label=(hidden > 0).astype(np.int8)[seen.rows], names=tuple("abcdefgh"))


SEEN = planted()


def searched(folder: Path, trials: int = TRIALS, seen=SEEN, seed: int = 7, **changes):
    return tuned(seen, HPO.model_copy(update=changes), trials, seed, folder, {"data": "planted"}, wait_s=60)


def told(found) -> str:
    """A hash of all that a search gives."""
    fit, table = found
    return hashlib.sha256(f"{fit.card}{fit.trees}{table.to_json(double_precision=15)}".encode()).hexdigest()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Fit and table of an uninterrupted search."""
    return searched(tmp_path_factory.mktemp("whole"))


def on_rank(fit) -> float:
    rank = SEEN.of_roles("rank")
    return auc(rank.label, fit.averaged(rank))


def test_where_depth_is_needed_the_tuned_trees_find_what_the_fixed_ones_do_not(whole):
    fit, table = whole
    fixed = Boosting.fit(SEEN.known(), 7)
    assert on_rank(fixed) < 0.55 and on_rank(fit) > 0.65
    assert table["auc"][0] == on_rank(fixed) and table["auc"].max() == on_rank(fit)
    chosen = table.loc[table["value"].idxmax()]
    assert chosen["depth"] > SHALLOW.depth
    assert fit.card.epochs == (chosen["trees"],) and fit.card.parameters == chosen["leaves"]


def test_the_first_trial_is_the_boosting_that_nobody_tuned(tmp_path):
    fit, table = searched(tmp_path, trials=1)
    fixed = Boosting.fit(SEEN.known(), 7)
    assert fit.trees == fixed.trees and len(table) == 1
    assert fit.card == TunedCard(**vars(fixed.card) | {"name": f"{TIER}-{TUNED}"}, tried=1)
    assert Growth(**table.loc[0, list(asdict(SHALLOW))]) == SHALLOW


def test_the_same_search_gives_the_same_bytes_and_another_seed_another_search(whole, tmp_path):
    assert told(searched(tmp_path / "again")) == told(whole)
    _, other = searched(tmp_path / "other", trials=2, seed=8)
    assert not other.iloc[1].equals(whole[1].iloc[1])


def test_more_trials_go_on_with_the_same_search(whole, tmp_path, monkeypatch):
    searched(tmp_path, trials=3)
    fitted = counted(monkeypatch)
    assert told(searched(tmp_path)) == told(whole)
    assert len(fitted) == TRIALS - 3 + 1  # and the best again
    _, fewer = searched(tmp_path, trials=2)
    pd.testing.assert_frame_equal(fewer, whole[1].head(2))


def counted(monkeypatch) -> list[Growth]:
    """The ways to grow trees that are fitted from now on."""
    seen: list[Growth] = []
    fit = Boosting.fit

    def counting(known, seed, growth):
        seen.append(growth)
        return fit(known, seed, growth)

    monkeypatch.setattr(boosting.Boosting, "fit", counting)
    return seen


def die_in(folder: Path, trial: int) -> None:
    """Search, and be killed while a trial is fitted."""
    fit, begun = Boosting.fit, []

    def deadly(known, seed, growth):
        begun.append(growth)
        if len(begun) == trial + 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return fit(known, seed, growth)

    boosting.Boosting.fit = deadly
    searched(folder)


@pytest.mark.parametrize("trial", [3, *(pytest.param(t, marks=pytest.mark.full) for t in (0, 1, 2, 4, 5))])
def test_a_killed_search_goes_on_to_the_same_bytes_and_fits_no_finished_trial_again(
    whole, tmp_path, monkeypatch, trial
):
    code = f"from tests.search.test_boosting import *; die_in(Path({str(tmp_path)!r}), {trial})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == -signal.SIGKILL
    fitted = counted(monkeypatch)
    assert told(searched(tmp_path)) == told(whole)
    assert len(fitted) == TRIALS - trial + 1


def test_trials_of_another_search_are_refused(tmp_path):
    searched(tmp_path, trials=1)
    [path] = tmp_path.glob("*.db")
    with closing(Journal(path)) as journal:
        one = Tried(Growth(depth=7), 1, 2, 0.5, 0.5)
        journal.append(asdict(one), 1.0, {}, value=0.5)
    with pytest.raises(UserError, match=r"holds trial 1 of another search: delete it and run `dvc repro`"):
        searched(tmp_path)


def test_a_torn_file_is_refused_in_one_line(tmp_path):
    searched(tmp_path, trials=1)
    [path] = tmp_path.glob("*.db")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UserError, match=r"is not a whole study \(.*\): delete it and run `dvc repro`"):
        searched(tmp_path)


def test_the_rank_role_only_says_which_is_best(whole, tmp_path):
    """With its labels turned round, the trials before TPE are the same trees, and another is chosen."""
    turned = replace(SEEN, label=np.where(SEEN.role == "rank", 1 - SEEN.label, SEEN.label).astype(np.int8))
    _, table = searched(tmp_path, trials=4, seen=turned)
    first = whole[1].head(4)
    assert table.drop(columns=["auc", "value"]).equals(first.drop(columns=["auc", "value"]))
    np.testing.assert_allclose(table["auc"], 1 - first["auc"])


def test_what_is_maximised_is_the_objective_of_the_search_by_hand():
    """In the order of the scores: right, wrong, right, wrong."""
    label, score = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    index = pd.MultiIndex.from_product([["A", "B"], pd.to_datetime(["2001-01-01", "2001-01-02"])])
    index.names = ["symbol", "date"]  # A: right, wrong; B: right, wrong
    expected = {
        "auc": 3 / 4,
        "average_precision": (1 + 2 / 3) / 2,
        "precision_at_recall": 2 / 3,
        "precision_per_day": 1 / 2,  # the better of each day: A (.9, right), A (.8, wrong)
    }
    for objective, value in expected.items():
        asked = HPO.model_copy(update={"objective": objective, "recall_floor": 0.6, "per_day": 1})
        assert worth(label, score, index, asked) == pytest.approx(value), objective


def test_of_many_symbols_the_best_of_each_day_may_be_what_is_searched_for(tmp_path):
    seen = days(*panel(LABEL), LABEL)
    fit, table = searched(tmp_path, 2, seen, objective="precision_per_day", per_day=1)
    rank = seen.of_roles("rank")
    frame = pd.DataFrame({"score": fit.averaged(rank), "label": rank.label}, rank.index).reset_index()
    first = frame.sort_values(["date", "score", "symbol"], ascending=[True, False, True]).groupby("date").head(1)
    assert table["value"].max() == pytest.approx(first["label"].mean())
    assert table["value"].tolist() != table["auc"].tolist()


def test_it_is_kept_as_any_contender_and_counts_all_that_were_tried(whole, tmp_path):
    fit, _ = whole
    kept.save(tmp_path / fit.card.name, fit)
    [back] = contenders.load_all(tmp_path)
    assert back.card == fit.card and back.trees == fit.trees
    assert fit.card.to_dict()["tried"] == TRIALS == looked_at(fit.card, 58)
    fixed = Boosting.fit(SEEN.known(), 7).card
    assert type(ModelCard.from_dict(fixed.to_dict())) is ModelCard
    assert "tried" not in fixed.to_dict() and looked_at(fixed, 58) == 1
    assert (
        family(fit.card.to_dict()) == f"boosted trees on the features of tier {TIER}, the best of 5 ways to grow them"
    )
    assert TUNED in TAKEN


def test_a_shipped_model_says_how_many_were_tried_for_it(whole):
    for card in (whole[0].card, Boosting.fit(SEEN.known(), 7).card):
        assert parse(_Card, json.loads(json.dumps(card.to_dict()))).card == card
    with pytest.raises(UserError, match="tried is 0; it must be a whole number >= 1, or null"):
        parse(_Card, whole[0].card.to_dict() | {"tried": 0})
