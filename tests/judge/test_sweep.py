"""Threshold curves as tables: every distinct score, on the threshold role alone, points that say something."""

import numpy as np
import pytest

from buysignal.judge.evidence import EVIDENCE
from buysignal.judge.sweep import PLOTTED_BUYS, exact_table, plot_curve, rising_table
from tests.judge.examples import scored, skilled

ROLE = ["calibrate"] * 2 + ["threshold"] * 4
LABEL = [1, 1, 0, 1, 0, 1]


def test_the_exact_table_by_hand_for_two_models():
    one = scored(LABEL, [0.99, 0.98, 0.2, 0.4, 0.4, 0.9], ROLE, name="one")
    two = scored(LABEL, [0.99, 0.98, 0.5, 0.5, 0.5, 0.5], ROLE, name="two")
    table = exact_table([one, two])
    assert list(table.columns) == ["model", "threshold", "precision", "recall", "n_buys", "hits"]
    assert table.to_numpy().tolist() == [
        ["one", 0.2, 0.5, 1.0, 4, 2],
        ["one", 0.4, pytest.approx(2 / 3), 1.0, 3, 2],
        ["one", 0.9, 1.0, 0.5, 1, 1],
        ["two", 0.5, 0.5, 1.0, 4, 2],
    ]


def test_the_table_is_that_of_the_average_over_the_seeds():
    model = scored([1, 0], [[0.9, 0.1], [0.1, 0.3]], name="m")
    assert exact_table([model])["threshold"].tolist() == pytest.approx([0.2, 0.5])


def test_a_plotted_curve_ends_where_too_few_buys_are_left():
    model = skilled("m", 1.0)
    curve = plot_curve(model, 401, 1)
    label, score, _ = model.of("threshold")
    assert curve["n_buys"].min() >= PLOTTED_BUYS and curve["n_buys"].max() == len(label)
    assert curve["threshold"].is_monotonic_increasing and curve["n_buys"].is_monotonic_decreasing
    for row in curve.iloc[[0, 200, -1]].itertuples():
        bought = score >= row.threshold
        assert row.n_buys == bought.sum() and row.precision == pytest.approx(label[bought].mean())
        assert row.recall == pytest.approx(label[bought].sum() / label.sum())


def test_few_points_are_as_many_at_most():
    assert len(plot_curve(skilled("m", 1.0), 5, 1)) <= 5


@pytest.mark.parametrize("days", [3, 40])
def test_a_constant_score_keeps_the_row_that_buys_always(days):
    curve = plot_curve(scored([1] + [0] * (days - 1), np.full(days, 0.3)), 101, 1)
    assert curve[["threshold", "precision", "recall", "n_buys", "hits"]].to_dict("records") == [
        {"threshold": 0.3, "precision": pytest.approx(1 / days), "recall": 1.0, "n_buys": days, "hits": 1}
    ]


def test_every_point_of_a_plotted_curve_comes_with_its_evidence_and_bands_around_it():
    curve = plot_curve(skilled("m", 1.0), 21, 1, configurations=46)
    flat = {f"{share}_interval_{end}" for share in ("precision", "recall") for end in ("low", "high")}
    assert set(curve.columns) == {"threshold", *EVIDENCE} - {"precision_interval", "recall_interval"} | flat
    for share in ("precision", "recall"):
        low, high = (curve[f"{share}_interval_{end}"] for end in ("low", "high"))
        assert (low <= curve[share]).all() and (curve[share] <= high).all()
    assert (curve["configurations"] == 46).all() and (curve["seeds"] == 1).all()


def test_rising_tells_a_model_that_learned_from_one_that_did_not():
    learned, none, upside_down = (skilled(name, skill) for name, skill in (("good", 3.0), ("none", 0.0), ("bad", -3.0)))
    rows = rising_table([learned, none, upside_down], horizon=1)
    assert [(row["name"], row["verdict"]) for row in rows] == [("good", "rises"), ("none", "flat"), ("bad", "falls")]
    assert rows[0]["trend_z"] > 2 and rows[2]["trend_z"] < -2
    assert {"name", "family", "verdict", "trend_z", "spearman", "falls"} == set(rows[0])


def test_days_of_other_roles_change_nothing():
    model = skilled("m", 2.0)
    at = model.role == "threshold"
    alone = scored(model.label[at], model.scores[:, at], name="m")
    assert exact_table([alone]).equals(exact_table([model]))
    assert plot_curve(alone, 51, 1).equals(plot_curve(model, 51, 1))
    assert rising_table([alone], 1) == rising_table([model], 1)
