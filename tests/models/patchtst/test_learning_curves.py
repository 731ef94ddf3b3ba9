"""Training curves: dvclive's files with the right values, and nothing else touched."""

from __future__ import annotations

import json
import socket

import pytest

from buysignal.models.patchtst.learning_curves import write_curves
from tests.small_tier import handmade

FOLDER = "plots/live/candidate"


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """An empty project without a network."""

    def refuse(*_):
        raise AssertionError("dvclive reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fit(loss=((0.7, 0.6), (0.5, 0.4), (0.5, 0.3))):
    """Two seeds and three epochs; the first seed stopped after the second and repeats itself."""
    return handmade(["stop"], [1], [[0.5], [0.5]], loss=loss, auc=((0.5, 0.6), (1 / 3, 2 / 3), (1 / 3, 0.7)))


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_curves_are_means_over_the_seeds_by_hand(alone):
    write_curves(FOLDER, fit())
    metrics = alone / FOLDER / "plots/metrics"
    # means .65 .45 .4 and .55 .5 .516666...
    assert (metrics / "train_loss.tsv").read_text() == "step\ttrain_loss\n0\t0.65\n1\t0.45\n2\t0.4\n"
    assert (metrics / "stop_auc.tsv").read_text() == "step\tstop_auc\n0\t0.55\n1\t0.5\n2\t0.516667\n"
    assert json.loads((alone / FOLDER / "metrics.json").read_text()) == {
        "train_loss": 0.4,
        "stop_auc": 0.516667,
        "step": 2,
    }


def test_nothing_is_written_outside_the_folder_and_no_dvc_yaml(alone):
    write_curves(FOLDER, fit())
    assert sorted(files(alone)) == [
        f"{FOLDER}/metrics.json",
        f"{FOLDER}/plots/metrics/stop_auc.tsv",
        f"{FOLDER}/plots/metrics/train_loss.tsv",
    ]


def test_the_bytes_are_the_same_whatever_lay_there_before(alone):
    write_curves("first", fit())
    write_curves("second", fit(loss=((9, 9), (9, 9), (9, 9))))
    write_curves("second", fit())
    assert files(alone / "second") == files(alone / "first")


@pytest.mark.parametrize("before", [False, True])
def test_without_a_fit_the_folder_is_there_and_empty(alone, before):
    if before:
        write_curves(FOLDER, fit())
    write_curves(FOLDER, None)
    assert (alone / FOLDER).is_dir() and files(alone / FOLDER) == {}
