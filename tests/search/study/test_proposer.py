"""What is tried next is new, covers the space, and is the same whoever asks, whenever."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.search.study.coverage import Tried
from buysignal.search.study.proposer import SearchSettings, _draw, needs_results, propose
from buysignal.search.study.record import FAILED, PRUNED, Outcome
from tests.search.study.toy import record, reference_space, score, search, small_space


def spaces():
    """Small spaces with legal and illegal heads and a cap that may bite."""

    def build(d_model, n_layers, n_heads, dropout, cap):
        try:
            return small_space(
                d_model=tuple(d_model),
                n_layers=tuple(n_layers),
                n_heads=tuple(n_heads),
                dropout=tuple(dropout),
                cap=cap,
            )
        except UserError:
            return None

    return st.builds(
        build,
        st.sets(st.sampled_from([4, 6, 8, 12]), min_size=1, max_size=3),
        st.sets(st.integers(1, 3), min_size=1, max_size=2),
        st.sets(st.sampled_from([2, 3, 4]), min_size=1, max_size=2),
        st.sets(st.sampled_from([0.1, 0.3, 0.5]), min_size=1, max_size=2),
        st.integers(20, 100),
    ).filter(lambda space: space is not None)


@settings(max_examples=40, deadline=None)
@given(space=spaces(), batch=st.integers(1, 4), startup=st.integers(0, 6), seed=st.integers(0, 99), fail=st.booleans())
def test_nothing_is_tried_twice_and_no_architecture_again_while_an_untried_one_is_left(
    space, batch, startup, seed, fail
):
    found = search(space, SearchSettings(space.size + 5, batch, startup, seed), fail)
    configurations = [r.configuration for r in found]
    assert len(configurations) == len(set(configurations)) == space.size  # an exhausted space ends the search
    assert all(c in space for c in configurations)
    first = configurations[: len(space.architectures)]
    assert {c.architecture for c in first} == set(space.architectures)
    assert [r.index for r in found] == list(range(space.size))


@pytest.mark.parametrize("budget", ["2M", "20M", "200M"])
def test_fifty_trials_on_a_reference_grid_cover_all_they_can_reach(budget):
    space = reference_space(budget)
    found = search(space, SearchSettings(trials=50, batch=2, startup=20, seed=1))
    assert len({r.configuration for r in found}) == 50  # the reference wasted 18-36 % on repeats
    reachable = min(50, len(space.architectures))
    assert len({r.configuration.architecture for r in found}) == reachable >= 0.8 * reachable
    assert [r.origin for r in found[:26]] == ["extreme"] * 6 + ["random"] * 20
    assert {r.asked_by for r in found[26:]} == {"tpe"}
    assert {r.origin for r in found[26:]} <= {"tpe", "redirected"}


@settings(max_examples=15, deadline=None)
@given(more=st.integers(1, 20), batch=st.integers(1, 4), seed=st.integers(0, 99))
def test_raising_trials_keeps_the_earlier_ones(more, batch, seed):
    space = small_space(n_layers=(1, 2, 3), dropout=(0.1, 0.3, 0.5))
    few = search(space, SearchSettings(8, batch, 1, seed))
    many = search(space, SearchSettings(8 + more, batch, 1, seed))
    assert many[:8] == few


@settings(max_examples=20, deadline=None)
@given(data=st.data(), start=st.sampled_from([4, 8, 10]))
def test_a_batch_depends_neither_on_the_order_of_the_records_nor_on_later_ones(data, start):
    space = reference_space("2M")
    asked = SearchSettings(trials=12, batch=2, startup=2, seed=5)
    found = search(space, asked)
    mixed = data.draw(st.permutations(found))
    assert propose(space, mixed, start, asked) == propose(space, found[:start], start, asked)
    assert [p.configuration for p in propose(space, found[:start], start, asked)] == [
        r.configuration for r in found[start : start + 2]
    ]


def test_a_missing_earlier_trial_is_refused():
    asked = SearchSettings(trials=6, batch=2, startup=2, seed=5)
    found = search(small_space(), asked)
    with pytest.raises(ValueError, match=r"trials 0\.\.3 must be finished, got \[0, 1, 3\]"):
        propose(small_space(), [*found[:2], found[3]], 4, asked)


def test_a_batch_without_tpe_is_proposed_from_plans_as_from_results():
    """Six extremes and four random trials: the third batch of four asks TPE for its last two."""
    space, asked = reference_space("2M"), SearchSettings(trials=12, batch=4, startup=4, seed=5)
    found = search(space, asked)
    planned = []
    for start in (0, 4):
        assert not needs_results(space, start, asked)
        planned += propose(space, planned, start, asked)
        assert planned == propose(space, found, 0, asked) + propose(space, found, 4, asked)[:start]
    assert needs_results(space, 8, asked)
    with pytest.raises(ValueError, match=r"trials 0\.\.7 must have results, 1 are only planned"):
        propose(space, [*found[:7], planned[7]], 8, asked)
    assert not needs_results(space, 8, SearchSettings(trials=10, batch=4, startup=4, seed=5))  # ends before TPE


@settings(max_examples=40, deadline=None)
@given(space=spaces(), tried=st.integers(0, 30), seed=st.integers(0, 99))
def test_a_random_trial_is_uniform_over_the_open_architectures_then_over_one_of_them(space, tried, seed):
    """The same draw as from a list of every open configuration."""
    done = Tried(space, [r.configuration for r in search(space, SearchSettings(tried or 1, 2, 5, seed))][:tried])
    found = _draw(done, np.random.default_rng(seed))
    rng, open_ = np.random.default_rng(seed), done.untried()
    if not open_:
        assert found is None
        return
    architectures = sorted({c.architecture for c in open_})
    chosen = architectures[rng.integers(len(architectures))]
    within = [c for c in open_ if c.architecture == chosen]
    assert found == within[rng.integers(len(within))]


def test_another_seed_gives_another_search_after_the_extremes():
    space = reference_space("2M")
    one, two = (search(space, SearchSettings(16, 2, 4, seed)) for seed in (1, 2))
    assert [r.configuration for r in one[:6]] == [r.configuration for r in two[:6]]
    assert [r.configuration for r in one[6:]] != [r.configuration for r in two[6:]]


def test_tpe_goes_on_after_failed_and_pruned_trials():
    space = reference_space("2M")
    asked = SearchSettings(trials=12, batch=2, startup=0, seed=3)
    outcomes = {0: Outcome(FAILED, error="x"), 1: Outcome(PRUNED, value=0.5, intermediate=(0.5,))}
    found = []
    for start in range(0, 12, 2):
        for p in propose(space, found, start, asked):
            found.append(record(p, outcomes.get(p.index % 3, Outcome(value=score(p.configuration)))))
    assert len({r.configuration for r in found}) == 12


def test_tpe_prefers_what_did_well():
    """The objective is the dropout alone; random search would take the best of four values a quarter of the time."""
    space = reference_space("2M")
    asked = SearchSettings(trials=60, batch=2, startup=20, seed=0)
    found = []
    for start in range(0, 60, 2):
        found += [record(p, Outcome(value=p.configuration.dropout)) for p in propose(space, found, start, asked)]
    chosen = [r.configuration.dropout for r in found[30:]]
    assert chosen.count(0.7) > len(chosen) / 2
