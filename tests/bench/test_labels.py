"""The comparison of kinds of label: its roles, and the page that shows it."""

from __future__ import annotations

import json

import pytest
from bench.labels import LABELS, PROJECT, best, judged, table

from buysignal.bars.sources import load
from buysignal.cli.params import Params
from buysignal.days.labels import rises
from buysignal.days.roles import assign_roles


def test_the_page_shows_what_was_measured():
    rows = json.loads((PROJECT / "bench/results/labels.json").read_text(encoding="utf-8"))["rows"]
    assert {row["source"] for row in rows} == {"sp500", "nasdaq"} and len(rows) == 60
    assert table(best(rows)) in (PROJECT / "docs/labels.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("label", LABELS[1:3], ids=["close", "triple"])
def test_it_reads_the_threshold_role_and_agrees_with_what_is_kept(label):
    params = Params.load(PROJECT / "params.yaml")
    labels = rises(load("sp500", csv="", symbol="", start="", end="").bars, label)
    role = assign_roles(labels, params.roles.parts, label.horizon)
    days = labels.index[role == "threshold"]
    kept = json.loads((PROJECT / "bench/results/labels.json").read_text(encoding="utf-8"))["rows"]
    for row in judged("sp500", label, params):
        assert row["ends"] == [f"{day:%Y-%m-%d}" for day in (days[0], days[-1])] and row["days"] == len(days)
        assert row["base_rate"] == pytest.approx(labels["label"][days].mean())
        [same] = [
            one for one in kept if (one["source"], one["name"], one["label"]) == ("sp500", row["name"], row["label"])
        ]
        assert (same["n_buys"], same["hits"]) == (row["n_buys"], row["hits"])
