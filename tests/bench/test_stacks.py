"""Searches that have equal time on a GPU which is simulated: what a stack costs, when a search ends, what is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.stacks import BATCHES, SAID, Course, Trainer, draw, epoch_seconds, searched, summary

from bench import stacks
from buysignal.core.files import read_json
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.search.study.objective import ObjectiveSettings
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.record import Outcome
from tests.pipeline.project import ROOT
from tests.search.study.toy import score, small_space

BASE = Configuration(64, 4, 4, 2, 0.3, 1e-4, 0.0)
SETTINGS = ObjectiveSettings(
    (1,), epochs=4, patience=2, min_delta=0.0, objective="auc", threshold=0.35, recall_floor=0.1, prune=False,
)  # fmt: skip
SPACE = small_space(dropout=(0.1, 0.3, 0.5), learning_rate=(1e-4, 1e-3))
KEPT = ROOT / "bench/results/stacks.json"


@pytest.mark.parametrize(
    ("width", "layers", "one", "five"), [(64, 4, 0.024, 0.045), (128, 6, 0.069, 0.140), (384, 12, 0.297, 0.990)]
)
def test_the_shapes_that_were_measured_cost_what_was_measured(width, layers, one, five):
    measured = replace(BASE, d_model=width, n_layers=layers)
    assert epoch_seconds(measured, 1) == pytest.approx(one)
    assert epoch_seconds(measured, 5) == pytest.approx(five)
    assert epoch_seconds(measured, 3) == pytest.approx((one + five) / 2)


def test_other_shapes_cost_by_layer_and_step_with_the_share_of_the_widths_around():
    """.006 s a layer at width 64 and below; a fifth of (.045 / .024 - 1) / 4 there, and halfway to .2572 at 96."""
    assert epoch_seconds(replace(BASE, d_model=32, n_layers=2), 2) == pytest.approx(0.012 * 1.21875)
    halfway = (0.21875 + (0.140 / 0.069 - 1) / 4) / 2
    assert epoch_seconds(replace(BASE, d_model=96, n_layers=1), 2) == pytest.approx(0.005875 * (1 + halfway))


def train(epochs: int = 2) -> Trainer:
    """A trainer that trains nothing: the toy's score, and one epoch more at the larger step."""
    trainer = Trainer(Course("none", Shape(80, 16, 8, True), SETTINGS, SPACE), seed=3)

    class Told(Trainer):
        def __call__(self, configuration):
            length = epochs + (configuration.learning_rate == 1e-3)
            return Outcome(value=score(configuration), intermediate=(0.5,) * length)

    trainer.__class__ = Told
    return trainer


def test_a_stack_lasts_as_long_as_its_longest_trial_and_its_trials_end_together():
    history = searched(train(), SearchSettings(6, 3, 9, 3, variants=3))
    assert len(history) == 6 and history[0][0] == history[1][0] == history[2][0] < history[3][0]
    group = [record.configuration for _, record in history[:3]]
    longest = 2 + any(c.learning_rate == 1e-3 for c in group)
    assert history[0][0] == pytest.approx(longest * epoch_seconds(group[0], 3))


@pytest.mark.parametrize("variants", [1, 2, 3])
def test_a_search_ends_before_the_stack_that_would_pass_its_time(variants):
    search = SearchSettings(24, 6, 4, 3, variants)
    whole = searched(train(), search)
    ends = sorted({at for at, _ in whole})
    for seconds in (ends[2], ends[3] * 0.999):
        assert searched(train(), search, seconds) == [one for one in whole if one[0] <= ends[2]]


def row(seed: int, values: dict[str, float]) -> dict:
    searches = {
        variants: {"trials": 10, "architectures": 4, "steps": [[0.5, value - 0.1], [1.0, value]]}
        | {name: value for name, _ in SAID}
        for variants, value in values.items()
    }
    return {"seed": seed, "seconds": 1.0, "searches": searches}


def test_differences_are_paired_by_seed():
    """Of two seeds .1 and .3 better: the mean .2, and a t interval of one degree of freedom, 12.706 x .1."""
    found = summary([row(1, {"1": 0.5, "2": 0.5, "5": 0.6}), row(2, {"1": 0.7, "2": 0.7, "5": 1.0})])
    gap = found["5"]["minus_1"]["precision"]
    assert found["5"]["precision"] == pytest.approx(0.8) and "minus_1" not in found["1"]
    assert (gap["mean"], gap["low"], gap["high"]) == pytest.approx((0.2, 0.2 - 1.2706, 0.2 + 1.2706), abs=1e-4)
    assert found["2"]["minus_1"]["recall"] == {"mean": 0.0, "low": 0.0, "high": 0.0}


def test_a_training_is_asked_for_once_by_all_searches_of_a_seed(monkeypatch):
    asked = []
    monkeypatch.setattr(stacks, "evaluate", lambda trial, *rest: asked.append(trial) or Outcome(value=0.5))
    trainer = Trainer(Course("none", Shape(80, 16, 8, True), SETTINGS, SPACE), seed=3)
    assert trainer(BASE) is trainer(BASE) and len(asked) == 1
    assert trainer.course.settings.seeds != SETTINGS.seeds


def test_the_result_that_is_kept_agrees_with_its_rows_and_the_pages_quote_it(tmp_path):
    kept = read_json(KEPT)
    assert list(kept["variants"]) == list(map(str, BATCHES))
    for variants, told in summary(kept["rows"]).items():
        assert told["precision"] == pytest.approx(kept["variants"][variants]["precision"], abs=1e-6)
    for one in kept["rows"]:
        assert all(search["steps"][-1][0] <= 1 + 1e-6 for search in one["searches"].values())
    draw(kept, tmp_path / "stacks.svg")
    assert (tmp_path / "stacks.svg").read_bytes() == KEPT.with_suffix(".svg").read_bytes()
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    for name, words in SAID:
        means = [f"{kept['variants'][v][name]:.3f}".lstrip("0") for v in map(str, BATCHES)]
        gaps = [kept["variants"][v]["minus_1"][name] for v in map(str, BATCHES) if v != "1"]
        said = [f"{g['mean']:+.3f} ({g['low']:+.3f} to {g['high']:+.3f})".replace("0.", ".") for g in gaps]
        assert f"| {words} | {' | '.join([*means, *said])} |" in page
