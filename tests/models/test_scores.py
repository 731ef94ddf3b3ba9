"""Scores survive the disk to the last bit, and equal models give equal files."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from buysignal.core.errors import UserError
from buysignal.models.scores import Scored, read, write
from tests.judge.examples import scored

SCORE = st.floats(0, 1, allow_subnormal=False)


def same(a: Scored, b: Scored) -> bool:
    return (
        a.card == b.card
        and a.index.equals(b.index)
        and a.scores.tobytes() == b.scores.tobytes()
        and a.label.dtype == b.label.dtype == np.int8
        and (a.label == b.label).all()
        and (a.role == b.role).all()
    )


def models():
    rng = np.random.default_rng(3)
    long = scored([0, 1, 1, 0], rng.random((3, 4)), ["train", "calibrate", "threshold", "threshold"], name="b")
    short = scored([1, 0], rng.random(2), ["stop", "threshold"], name="a", family="logistic")
    return [long, short]


@given(arrays(float, (2, 3), elements=SCORE))
@settings(max_examples=20, deadline=None)
def test_every_bit_of_a_score_survives(tmp_path_factory, scores):
    folder = tmp_path_factory.mktemp("scores")
    write(folder, [scored([0, 1, 0], scores)])
    assert read(folder)[0].scores.tobytes() == scores.tobytes()


def test_models_with_different_days_and_members_come_back_sorted_by_name(tmp_path):
    long, short = models()
    write(tmp_path, [long, short])
    back = read(tmp_path)
    assert [m.card.name for m in back] == ["a", "b"]
    assert same(back[0], short) and same(back[1], long)


def test_a_hyperparameter_smaller_than_the_decimals_of_metrics_survives(tmp_path):
    model = scored([0, 1], [0.1, 0.2], learning_rate=1.25e-7)
    write(tmp_path, [model])
    assert read(tmp_path)[0].card.configuration.learning_rate == 1.25e-7


def test_the_files_do_not_depend_on_the_order_of_the_models(tmp_path):
    write(tmp_path / "one", models())
    write(tmp_path / "two", models()[::-1])
    for name in ("scores.parquet", "models.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_no_model_is_a_valid_folder(tmp_path):
    write(tmp_path, [])
    assert read(tmp_path) == []


def test_two_models_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="named b"):
        write(tmp_path, [models()[0], models()[0]])


def test_files_of_two_runs_are_refused(tmp_path):
    write(tmp_path / "one", models())
    write(tmp_path / "two", models()[:1])
    (tmp_path / "two/models.json").replace(tmp_path / "one/models.json")
    with pytest.raises(UserError, match="different models"):
        read(tmp_path / "one")


def test_the_ensemble_is_the_mean_over_seeds_and_of_picks_a_role():
    model = scored([0, 1, 1], [[0.2, 0.4, 0.6], [0.4, 0.8, 0.0]], ["stop", "threshold", "threshold"])
    label, ensemble, members = model.of("threshold")
    assert label.tolist() == [1, 1]
    np.testing.assert_allclose(ensemble, [0.6, 0.3])
    assert members.tolist() == [[0.4, 0.6], [0.8, 0.0]]
    assert all(part.shape[-1] == 0 for part in model.of("test"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": np.zeros((2, 2))}, "2 days and 1 members"),
        ({"scores": np.array([[np.nan, 0.0]])}, "not finite"),
        ({"index": pd.DatetimeIndex(["2014-01-02", "2014-01-01"])}, "increasing"),
    ],
)
def test_scores_that_do_not_fit_their_days_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(scored([0, 1], [0.1, 0.2]), **change)
