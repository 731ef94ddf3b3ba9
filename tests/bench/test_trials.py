"""Trials of two commits are timed in turns, each by its own code."""

from __future__ import annotations

import json

from bench import trials


def test_ratios_of_rounds_and_of_trials_by_hand():
    """Rounds 6 / 4 and 8 / 4: 1.5 and 2; the fastest of each trial 2 and 4 before, 1 and 3 after: 2 and 4 / 3."""
    rows = [
        {"commit": "before", "seconds": [2.0, 4.0]},
        {"commit": "after", "seconds": [1.0, 3.0]},
        {"commit": "after", "seconds": [1.0, 3.0]},
        {"commit": "before", "seconds": [3.0, 5.0]},
    ]
    found = trials.compared(rows)
    assert found["ratios"] == [1.5, 2.0] and found["ratio"] == 2.0
    assert found["of_each_trial"] == [2.0, 4 / 3]


def test_two_commits_are_timed_by_their_own_code(tmp_path, monkeypatch):
    out = tmp_path / "trials.json"
    words = ["trials", "--before", "HEAD", "--rounds", "1", "--days", "900", "--out", str(out)]
    monkeypatch.setattr("sys.argv", words)
    trials.main()
    found = json.loads(out.read_text())
    assert len(found["of_each_trial"]) == 10 and min(found["of_each_trial"]) > 0
    assert [len(found["sums"][name]) for name in trials.NAMES] == [1, 1]
