"""A trial over many symbols is doubted by dates: copies of one symbol make its precision no surer."""

import numpy as np
import pytest

from buysignal.judge.dates import dates_among, dates_in
from buysignal.judge.evidence import evidence
from buysignal.judge.trials.again import again
from buysignal.judge.trials.evidence import COLUMNS, with_evidence
from tests.judge.examples import scored
from tests.judge.panels import copies
from tests.search.study.tables import trial_table

RNG = np.random.default_rng(4)
LABEL = (RNG.random(120) < 0.4).astype(np.int8)
SCORES = np.clip(0.3 * LABEL + 0.6 * RNG.random((2, 120)), 0, 1)
MODEL = scored(LABEL, SCORES, np.full(120, "rank"))
THRESHOLD, HORIZON = 0.5, 2


def of_a_trial(model):
    """Evidence of a trial that says what the first seed of a model does."""
    label, _, scores = model.of("rank")
    said = [(label, scores[:1], ("T0",), dates_among(model.index))]
    return with_evidence(trial_table([0.7], name="T0"), said, THRESHOLD, HORIZON)[list(COLUMNS)].iloc[0]


def test_a_panel_of_one_symbol_gives_the_bytes_of_the_symbol():
    alone = copies(MODEL, 1)
    assert again(alone, THRESHOLD, 0.2, HORIZON, 3) == again(MODEL, THRESHOLD, 0.2, HORIZON, 3)
    assert of_a_trial(alone).equals(of_a_trial(MODEL))


def no_surer(wide, one):
    """Whether the same shares come with bounds no nearer."""
    for name in ("precision", "recall", "base_rate", "lift", "alert_rate"):
        assert wide[name] == pytest.approx(one[name]), name
    assert wide["n_buys"] == 8 * one["n_buys"] and wide["n_eff"] <= one["n_eff"] + 1e-9
    assert wide["precision_low"] <= one["precision_low"] + 1e-9


def test_copies_are_no_surer():
    no_surer(of_a_trial(copies(MODEL, 8)), of_a_trial(MODEL))
    many, one = (again(model, THRESHOLD, 0.2, HORIZON, 3) for model in (copies(MODEL, 8), MODEL))
    no_surer(many.evidence, one.evidence)
    assert many.per_seed["auc"] == pytest.approx(one.per_seed["auc"])


def test_a_refit_over_many_symbols_has_the_precision_of_its_best_of_each_day():
    """Copies are alike, so any of them is as good as all: the base rate."""
    assert "precision_per_day" not in again(MODEL, THRESHOLD, 0.2, HORIZON, 3).per_seed
    found = again(copies(MODEL, 8), THRESHOLD, 0.2, HORIZON, 3).per_seed["precision_per_day"]
    assert found == pytest.approx([LABEL.mean()] * 2)


def test_the_evidence_is_that_of_the_dates():
    model = copies(MODEL, 3)
    judged = evidence(model.label, model.scores[0] >= THRESHOLD, HORIZON, 0.95, 1, 1, dates_in(model, "rank")).to_row()
    assert of_a_trial(model).to_dict() == {name: judged[name] for name in COLUMNS}
