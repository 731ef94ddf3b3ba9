"""Trials of many symbols may be ranked by the few best of each day; a study of another objective is left as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from buysignal.cli.params import Params
from buysignal.core.workers.engine import Engine
from buysignal.models.best_of_day import precision_per_day, ranks
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.search.study.objective import evaluate
from buysignal.search.study.per_day import PerDaySettings, revalued
from buysignal.search.study.record import FAILED, Outcome, Trial, best
from buysignal.search.study.run import CODE, Study, code_of, finished_trials, run_study, study_fingerprint
from buysignal.search.study.settings import objective_settings
from tests.models.markets import CONTEXT, LABELS, TIER, days, panel
from tests.search.study.test_run import SETTINGS
from tests.search.study.test_study_name import JUDGED, SHAPE
from tests.search.study.toy import evaluate as toy
from tests.search.study.toy import reference_space
from tests.small_tier import write_tier

PARAMS = Params.of(yaml.safe_load((Path(__file__).resolve().parents[3] / "params.yaml").read_text()))
BY_DAY = objective_settings(
    PARAMS.hpo.model_copy(update={"objective": "precision_per_day", "per_day": 2}), PARAMS.training, PARAMS.seed
)
# symbol by symbol, as a tier has its rows: of three on the first two days, of two on the third
INDEX = pd.MultiIndex.from_tuples(
    [(s, pd.Timestamp(2001, 1, d)) for s, of in (("A", (1, 2, 3)), ("B", (1, 2, 3)), ("C", (1, 2))) for d in of],
    names=["symbol", "date"],
)
SCORE = np.array([0.9, 0.1, 0.2, 0.8, 0.5, 0.3, 0.7, 0.5])
LABEL = np.array([0, 0, 1, 1, 1, 0, 1, 0])


def test_the_precision_of_the_best_of_each_day_by_hand():
    """Day 1: A B C, day 2: B C A (B and C are alike, B is named first), day 3: B A."""
    assert ranks(SCORE, np.array([0, 1, 2, 0, 1, 2, 0, 1]), np.array([0, 0, 0, 1, 1, 1, 2, 2])).tolist() == [
        *(0, 2, 1),
        *(1, 0, 0),
        *(2, 1),
    ]
    assert precision_per_day(LABEL, SCORE, INDEX, 1) == pytest.approx(1 / 3)  # A, B, B
    assert precision_per_day(LABEL, SCORE, INDEX, 2) == pytest.approx(3 / 6)  # A B, B C, B A
    assert precision_per_day(LABEL, SCORE, INDEX, 3) == pytest.approx(LABEL.mean())


def test_the_order_of_the_rows_does_not_count():
    order = np.random.default_rng(0).permutation(len(LABEL))
    for per_day in (1, 2):
        there = precision_per_day(LABEL[order], SCORE[order], INDEX[order], per_day)
        assert there == precision_per_day(LABEL, SCORE, INDEX, per_day)


def test_an_outcome_gets_the_value_of_its_kept_scores_and_nothing_else_changes():
    outcome = Outcome(value=0.7, auc=(0.7,), scores=tuple(SCORE), intermediate=(0.6, 0.7))
    assert revalued(BY_DAY, LABEL, INDEX)(outcome) == replace(outcome, value=0.5)
    failed = Outcome(FAILED, error="ValueError: x")
    assert revalued(BY_DAY, LABEL, INDEX)(failed) == failed
    assert revalued(JUDGED, LABEL, INDEX)(outcome) is outcome


def test_of_any_other_objective_the_study_is_what_it_was():
    """Its name is a function of the settings and the code as they were before there was this objective."""
    auc = objective_settings(PARAMS.hpo, PARAMS.training, PARAMS.seed)
    assert auc == objective_settings(PARAMS.hpo.model_copy(update={"per_day": 9}), PARAMS.training, PARAMS.seed)
    assert code_of(auc) == code_of(JUDGED) == CODE
    assert "per_day" not in vars(auc)
    assert "buysignal.search.study.per_day" in code_of(BY_DAY)


def test_a_study_by_the_best_of_each_day_has_a_name_of_its_own():
    space = reference_space("2M")
    asked = [BY_DAY, replace(BY_DAY, per_day=3), objective_settings(PARAMS.hpo, PARAMS.training, PARAMS.seed)]
    assert (BY_DAY.objective, BY_DAY.per_day) == ("auc", 2) and isinstance(BY_DAY, PerDaySettings)
    assert len({study_fingerprint(space, SHAPE, SETTINGS, one, "data") for one in asked}) == 3


def test_the_search_learns_from_the_value_and_keeps_it(tmp_path):
    """Turned upside down, the search ends with the trial that it would have thought the worst."""

    def upside_down(outcome):
        return outcome if outcome.value is None else replace(outcome, value=1 - outcome.value)

    studies = {}
    for name, options in {"plain": {}, "turned": {"revalue": upside_down}}.items():
        study = Study(toy, Engine(1), tmp_path, name, **options)
        studies[name] = run_study(reference_space("2M"), SETTINGS, study)
    turned = studies["turned"]
    assert finished_trials(tmp_path, "turned", reference_space("2M")) == turned
    measured = [record for record in turned if record.value is not None]
    assert all(record.value == pytest.approx(1 - record.mean("auc")) for record in measured)
    assert best(turned).mean("auc") < best(studies["plain"]).mean("auc")
    assert [r.configuration for r in turned[:9]] == [r.configuration for r in studies["plain"][:9]]  # before TPE
    assert [r.configuration for r in turned] != [r.configuration for r in studies["plain"]]


def test_a_trial_of_a_panel_is_worth_what_buying_its_best_of_each_day_is(tmp_path):
    label = LABELS["fixed"]
    bars, frame = panel(label)
    path = write_tier(tmp_path / f"{TIER}.parquet", frame)
    settings = replace(BY_DAY, seeds=(1, 2), epochs=1, per_day=1)
    outcome = evaluate(Trial(Configuration(8, 1, 2, 2, 0.1, 1e-3, 0.0)), path, Shape(CONTEXT, 5, 5, False), settings)
    seen = days(bars, frame, label).of_roles("rank")
    assert outcome.value == pytest.approx(np.mean(outcome.auc))  # what a pruner follows
    found = revalued(settings, seen.label, seen.index)(outcome).value
    table = pd.DataFrame({"score": outcome.scores, "label": seen.label}, seen.index).reset_index()
    bought = table.sort_values(["date", "score", "symbol"], ascending=[True, False, True]).groupby("date").head(1)
    assert len(bought) < len(table) and found == pytest.approx(bought["label"].mean())
