"""A study's files are named for everything its trials depend on, so that no other study goes on with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buysignal.models.patchtst import arithmetic, store
from buysignal.models.patchtst.architecture import Shape
from buysignal.models.patchtst.job import FitJob, Protocol
from buysignal.search.study.objective import ObjectiveSettings
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.run import study_fingerprint
from tests.search.study.toy import reference_space
from tests.small_tier import CONFIGURATION

SETTINGS = SearchSettings(trials=14, batch=4, startup=3, seed=7)
JUDGED = ObjectiveSettings((1, 2), 4, 2, 0.001, "auc", 0.5, 0.1, False)
SHAPE = Shape(80, 16, 8, True)


def test_the_name_changes_with_everything_trials_depend_on_and_with_nothing_else():
    space = reference_space("2M")
    name = study_fingerprint(space, SHAPE, SETTINGS, JUDGED, "data")
    assert name == study_fingerprint(replace(space, name="other"), SHAPE, replace(SETTINGS, trials=99), JUDGED, "data")
    others = [
        study_fingerprint(replace(space, cap=1_999_999), SHAPE, SETTINGS, JUDGED, "data"),
        study_fingerprint(replace(space, dropout=(0.1,)), SHAPE, SETTINGS, JUDGED, "data"),
        study_fingerprint(space, replace(SHAPE, revin=False), SETTINGS, JUDGED, "data"),
        study_fingerprint(space, SHAPE, replace(SETTINGS, seed=8), JUDGED, "data"),
        study_fingerprint(space, SHAPE, replace(SETTINGS, batch=2), JUDGED, "data"),
        study_fingerprint(space, SHAPE, replace(SETTINGS, variants=2), JUDGED, "data"),
        study_fingerprint(space, SHAPE, SETTINGS, replace(JUDGED, seeds=(1, 3)), "data"),
        study_fingerprint(space, SHAPE, SETTINGS, replace(JUDGED, objective="average_precision"), "data"),
        study_fingerprint(space, SHAPE, SETTINGS, replace(JUDGED, threshold=0.4), "data"),
        study_fingerprint(space, SHAPE, SETTINGS, JUDGED, "other data"),
    ]
    assert len({name, *others}) == 1 + len(others)


def named(precision="auto"):
    """Names of a study and of a fit."""
    fit = FitJob("tier", CONFIGURATION, SHAPE, Protocol(4, 2, 0.001, 128, precision), (1,), "label")
    study = study_fingerprint(reference_space("2M"), SHAPE, SETTINGS, replace(JUDGED, precision=precision), "data")
    return study, store._name(fit, "data")


def test_a_study_begun_on_a_processor_is_not_gone_on_with_on_a_gpu(monkeypatch):
    here = named()
    monkeypatch.setenv("BUYSIGNAL_DEVICE", "cuda:0")
    there = named()
    monkeypatch.setenv("BUYSIGNAL_DEVICE", "cuda:1")  # the same kind of device gives the same results
    assert named() == there
    assert not set(here) & set(there)


def test_a_study_is_not_gone_on_with_where_auto_means_other_numbers(monkeypatch):
    monkeypatch.setattr(arithmetic, "_flags", lambda path: {"avx512_bf16"})
    halved = named()
    monkeypatch.setattr(arithmetic, "_flags", lambda path: set())
    whole = named()
    assert not set(halved) & set(whole)
    assert named("float32") == named("float32")


@pytest.mark.parametrize(
    ("precision", "has", "told"),
    [
        ("auto", {"avx512_bf16"}, "cpu bfloat16"),
        ("auto", set(), "cpu float32"),
        ("bfloat16", set(), "cpu bfloat16"),
        ("float32", {"avx512_bf16"}, "cpu float32"),
    ],
)
def test_the_arithmetic_is_the_kind_of_device_and_its_numbers(monkeypatch, precision, has, told):
    monkeypatch.setattr(arithmetic, "_flags", lambda path: has)
    assert arithmetic.arithmetic(precision, {}) == told
