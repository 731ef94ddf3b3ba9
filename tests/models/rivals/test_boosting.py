"""LightGBM's trees: as many as the stop role says, kept as a text that is read strictly, and odd data is no error."""

import builtins
import re
import sys
from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from sklearn.metrics import log_loss

from buysignal.core.errors import UserError
from buysignal.models.rivals.boosting import SHALLOW, Boosting
from buysignal.models.rivals.trees import leaves_of
from tests.models.markets import LABELS, days, market


def seen(n=900, name="fixed", **changes):
    label = LABELS[name]
    return replace(found := days(*market(n, label), label), **{key: of(found) for key, of in changes.items()})


def learnable(found):
    """Labels that a feature tells of, so that there are many trees."""
    return (found.values[:, 0] + np.random.default_rng(0).normal(0, 0.5, len(found.rows)) > 0).astype(np.int8)


@pytest.fixture(scope="module")
def known():
    return seen(label=learnable)


@pytest.fixture(scope="module")
def fit(known):
    return Boosting.fit(known, 7)


def test_the_stop_role_says_how_many_rounds(known, fit):
    train, stop = known.role == "train", known.role == "stop"
    asked = dict(objective="binary", learning_rate=SHALLOW.rate, max_depth=3, num_leaves=8)
    asked |= dict(min_data_in_leaf=SHALLOW.leaf_rows)
    asked |= dict(deterministic=True, force_row_wise=True, num_threads=1, seed=7, verbosity=-1)
    whole = lightgbm.train(asked, lightgbm.Dataset(known.values[train], known.label[train]), 200)
    staged = [whole.predict(known.values[stop], num_iteration=rounds) for rounds in range(1, 201)]
    best = 1 + int(np.argmin([log_loss(known.label[stop], p, labels=[0, 1]) for p in staged]))
    assert fit.card.epochs == (best,) and 10 < best < 200
    np.testing.assert_array_equal(fit.score(known)[0], whole.predict(known.values, num_iteration=best))


def test_without_a_stop_day_all_rounds_are_kept(known):
    fit = Boosting.fit(known.of_roles("train"), 1)
    assert fit.card.epochs == (200,) and len(leaves_of(fit.trees)) == 200


def test_the_text_holds_trees_and_not_how_they_were_grown(fit):
    assert fit.trees.startswith("tree\n") and fit.trees.endswith("end of trees\n")
    assert "parameters" not in fit.trees and "thread" not in fit.trees
    assert fit.trees.count("Tree=") == fit.card.epochs[0]
    assert sum(leaves_of(fit.trees)) == fit.card.parameters


@pytest.mark.parametrize(
    "changes",
    [
        dict(label=lambda found: np.zeros_like(found.label)),
        dict(label=lambda found: np.ones_like(found.label)),
        dict(table=lambda found: np.zeros_like(found.table)),
        dict(table=lambda found: np.full_like(found.table, np.nan)),
        dict(table=lambda found: np.where(found.table > 0, found.table, np.nan)),
        dict(table=lambda found: np.where(np.isfinite(found.table), found.table * 1e30, 0)),
    ],
    ids=["all 0", "all 1", "constant features", "all missing", "half missing", "huge"],
)
def test_odd_days_give_scores_and_never_an_error(changes):
    odd = seen(**changes)
    fit = Boosting.fit(odd, 1)
    again = Boosting.restore(fit.card, fit.values)
    scores = again.score(odd)
    assert scores.shape == (1, len(odd.index)) and ((scores >= 0) & (scores <= 1)).all()
    assert scores.tobytes() == fit.score(odd).tobytes()


def test_a_feature_that_is_missing_or_endless_for_the_first_time_has_a_score(known, fit):
    wild = known.table.copy()
    wild[::3], wild[1::3] = np.nan, np.inf
    scores = fit.score(replace(known, table=wild))
    assert ((scores > 0) & (scores < 1)).all()


def test_no_day_is_no_error(known, fit):
    assert fit.score(known.of_roles("test")).shape == (1, 0)


def test_days_of_other_features_are_refused_in_one_line(known, fit):
    with pytest.raises(UserError, match="a20-boosting: its trees see 4 features, and the days have 3"):
        fit.score(replace(known, table=known.table[:, :3]))


def changed(text, name, value, tree=3):
    """The text with one line of one tree changed, whose size in the header follows."""
    head, *trees = text.split("Tree=")
    before = next(line for line in trees[tree].split("\n") if line.startswith(f"{name}="))
    now = f"{name}={value(before.partition('=')[2])}"
    trees[tree] = trees[tree].replace(before, now)
    sizes = next(line for line in head.split("\n") if line.startswith("tree_sizes="))
    numbers = [int(size) for size in sizes.partition("=")[2].split()]
    numbers[tree] += len(now) - len(before)
    head = head.replace(sizes, "tree_sizes=" + " ".join(map(str, numbers)))
    return "Tree=".join([head, *trees])


def first(number):
    return lambda told: " ".join([str(number), *told.split(" ")[1:]])


def test_a_change_that_keeps_trees_whole_is_read(fit):
    text = changed(fit.trees, "leaf_value", first(0.25))
    assert text != fit.trees and leaves_of(text) == leaves_of(fit.trees)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("split_feature", first(4)),
        ("split_feature", first(-1)),
        ("split_feature", first(10**12)),
        ("decision_type", first(3)),
        ("left_child", first(0)),
        ("left_child", first(-9)),
        ("right_child", first(-1)),
        ("right_child", first(1.5)),
        ("leaf_value", first("nan")),
        ("leaf_value", first("1e999")),
        ("leaf_value", lambda told: told + " 1"),
        ("threshold", lambda told: told.rpartition(" ")[0]),
        ("num_leaves", lambda told: "2000000000"),
        ("num_leaves", lambda told: "-1"),
        ("num_leaves", lambda told: ""),
        ("num_cat", lambda told: "1"),
        ("is_linear", lambda told: "1"),
        ("shrinkage", lambda told: told + "\nnum_cat=0"),
    ],
)
def test_trees_that_are_none_are_refused_before_lightgbm_sees_them(fit, name, value):
    with pytest.raises(ValueError):
        leaves_of(changed(fit.trees, name, value))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("max_feature_idx=3", "max_feature_idx=9"),
        lambda text: re.sub("tree_sizes=.*", "tree_sizes=", text.partition("Tree=")[0]) + "end of trees\n",
        lambda text: text.replace("sigmoid:1", "sigmoid:0"),
        lambda text: text.replace("tree_sizes=", "tree_sizes=9"),
        lambda text: text.replace("Tree=1\n", "Tree=2\n"),
        lambda text: text + "parameters:\nend of trees\n",
    ],
)
def test_a_text_that_is_torn_or_has_another_head_is_refused(fit, change):
    with pytest.raises(ValueError):
        leaves_of(change(fit.trees))


def test_a_card_that_says_other_trees_is_refused(fit):
    for wrong in (replace(fit.card, epochs=(1,)), replace(fit.card, parameters=1), replace(fit.card, epochs=())):
        with pytest.raises(ValueError, match="its card says"):
            Boosting.restore(wrong, fit.values)


def test_a_machine_without_the_library_of_threads_says_what_to_install(fit, known, monkeypatch):
    def without(name, *rest):
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file: No such file or directory")
        return real(name, *rest)

    real = builtins.__import__
    monkeypatch.delitem(sys.modules, "lightgbm")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError, match=r"LightGBM cannot be loaded \(libgomp.so.1\): install libgomp \(`apt-get"):
        fit.score(known)
