"""Selection: precision that can be relied on first, recall second, a reason for every model, never a crash."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.files import write_json
from buysignal.judge.operating import operating_point
from buysignal.judge.selection import select
from tests.judge.examples import RULES, named, scored, skilled


def several():
    """Models of rising skill, each with its own dropout."""
    return [skilled(f"m{i}", 0.5 * i, seed=i, dropout=0.1 * i) for i in range(1, 6)]


def test_models_rank_by_bound_then_recall_and_each_says_why():
    selection = select(several(), replace(RULES, count=3))
    points = [model.point for model in selection.selected]
    assert [model.rank for model in selection.selected] == [1, 2, 3]
    assert sorted(points, key=lambda p: (-p.precision_low, -p.recall)) == points
    first = selection.selected[0]
    assert first.card.name == "m5"
    assert first.reason.startswith(f"rank 1 of 5: precision at least {points[0].precision_low:.3f} (")
    assert f"on {points[0].n_buys} buys" in first.reason and "base rate" in first.reason
    assert selection.note == "3 of 5 ranked models; 0 more rejected"
    assert [model.reason.split(":")[0] for model in selection.rejected] == [
        "rank 4 of 5, 3 are taken",
        "rank 5 of 5, 3 are taken",
    ]


def test_the_bound_decides_against_a_higher_point_precision():
    # 6 of 6 right is at least .61, 36 of 40 right is at least .79
    role = ["calibrate"] * 2 + ["threshold"] * 50
    few = scored([0, 0] + [1] * 6 + [0] * 40 + [1] * 4, [0.9, 0.1] + [0.9] * 6 + [0.1] * 44, role, name="few")
    label = [0, 0] + ([1] * 9 + [0]) * 4 + [0] * 10
    many = scored(label, [0.9, 0.1] + [0.9] * 40 + [0.1] * 10, role, name="many", dropout=0.5)
    selection = select([few, many], RULES)
    assert [model.card.name for model in selection.selected] == ["many", "few"]
    assert selection.selected[0].point.precision == 0.9
    assert selection.selected[1].point.precision == 1.0


def test_equal_models_rank_by_name():
    model = skilled("b", 2.0)
    twin = named(model, name="a", tier="a100")
    assert [m.card.name for m in select([model, twin], RULES).selected] == ["a", "b"]


def test_of_models_that_buy_on_the_same_days_the_first_stands_for_all():
    model = skilled("b", 2.0)
    twin = named(model, name="a", configuration=replace(model.card.configuration, weight_decay=0.5))
    selection = select([model, twin, skilled("c", 1.0, seed=5, dropout=0.1)], RULES)
    assert [m.card.name for m in selection.selected] == ["a", "c"]
    assert [m.card.name for m in selection.rejected] == ["b"]
    assert selection.rejected[0].reason.startswith("buys on the same days as a, which stands for both: precision")


def test_the_order_of_the_models_does_not_matter():
    assert select(several(), RULES) == select(several()[::-1], RULES)


def test_a_configuration_found_twice_on_a_tier_is_taken_once():
    model = skilled("a50-2M-T8", 2.0)
    again, other = named(model, name="a50-20M-T3", budget="20M"), named(model, name="a100-T1", tier="a100")
    selection = select([model, again, other], RULES)
    assert [m.card.name for m in selection.selected] == ["a100-T1", "a50-20M-T3"]
    assert selection.rejected[0].reason.startswith("same configuration as a50-20M-T3, which ranks higher: precision")


def test_fewer_than_wanted_is_said_in_one_line():
    role = np.repeat(["calibrate", "threshold"], 50)
    flat = scored(np.tile([0, 1], 50), np.full(100, 0.3), role, name="flat", dropout=0.0)
    selection = select([*several(), flat], RULES)
    assert len(selection.selected) == 5
    assert selection.note == "5 of 10 wanted models: 6 judged, 1 rejected"
    assert selection.rejected[0].reason.startswith("collapsed: scores span 0.0000")


def test_none_is_a_valid_answer():
    selection = select(several(), replace(RULES, min_buys=10_000))
    assert selection.selected == ()
    assert selection.note == "none of 10 wanted models: all 5 judged were rejected"
    assert all(model.reason.startswith("no operating point") and model.point is None for model in selection.rejected)
    assert select([], RULES).note == "none of 10 wanted models: there was no model to judge"


def test_the_candidate_competes_and_a_baseline_does_not():
    candidate = named(skilled("candidate", 2.0), origin="hand", budget="", cap=0)
    baseline = skilled("a50-volatility", 5.0, family="logistic")
    selection = select([candidate, baseline], RULES)
    assert [m.card.name for m in selection.selected] == ["candidate"]
    assert selection.rejected == ()


@given(st.integers(1, 7), st.lists(st.sampled_from([0.0, 1.0, 3.0]), max_size=4), st.sampled_from([1, 40, 500]))
@settings(max_examples=25, deadline=None)
def test_every_model_is_either_selected_or_rejected_with_a_reason(count, skills, min_buys):
    models = [skilled(f"m{i}", s, seed=i, n=60, dropout=0.1 * i) for i, s in enumerate(skills)]
    rules = replace(RULES, count=count, min_buys=min_buys)
    selection = select(models, rules)
    told = [m.card.name for m in (*selection.selected, *selection.rejected)]
    assert sorted(told) == [m.card.name for m in models]
    assert len(selection.selected) <= count
    for model in selection.selected:
        assert model.point == operating_point(models[int(model.card.name[1:])], rules).point


@pytest.mark.parametrize("min_buys", [1, 10_000])
def test_a_selection_is_written_as_json(tmp_path, min_buys):
    write_json(tmp_path / "selection.json", asdict(select(several(), replace(RULES, min_buys=min_buys))))


def test_of_equals_the_one_the_search_found_stands_before_a_supplementary_one():
    found = skilled("b", 2.0)
    later = named(found, name="a", origin="supplementary", configuration=replace(found.card.configuration, dropout=0.5))
    assert [m.card.name for m in select([later, found], RULES).selected] == ["b"]
