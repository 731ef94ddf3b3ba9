"""Trials that share a shape: who leads, who follows, and what of the search stays as it is without them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.search.study.coverage import Tried, redirect
from buysignal.search.study.extremes import extremes
from buysignal.search.study.proposer import Proposal, SearchSettings, _draw, _Tpe, needs_results, propose
from buysignal.search.study.record import ORIGINS, Outcome
from tests.search.study.test_proposer import spaces
from tests.search.study.toy import record, reference_space, score, search, small_space


def shape_of(one) -> tuple[int, ...]:
    return (*one.configuration.architecture, one.configuration.d_ff_ratio)


def without_variants(space, earlier, start, asked):
    """A batch as it was proposed before there were variants."""
    rng = np.random.default_rng(np.random.SeedSequence(asked.seed, spawn_key=(start,)))
    tried, forced = Tried(space, [r.configuration for r in earlier]), extremes(space)
    tpe = _Tpe(space, earlier, seed=int(rng.integers(2**31)))
    batch = []
    for index in range(start, min(start + asked.batch, asked.trials)):
        if index < len(forced):
            origin, wanted = "extreme", forced[index]
        elif index < len(forced) + asked.startup:
            origin, wanted = "random", _draw(tried, rng)
        else:
            origin, wanted = "tpe", tpe.ask()
        chosen = None if wanted is None else redirect(wanted, tried, space, rng)
        if chosen is None:
            break
        tried.add(chosen)
        tpe.running(chosen)
        batch.append(
            Proposal(index, start // asked.batch, origin if chosen == wanted else "redirected", origin, chosen)
        )
    return batch


@settings(max_examples=25, deadline=None)
@given(space=spaces(), batch=st.integers(1, 4), startup=st.integers(0, 6), seed=st.integers(0, 99))
def test_one_variant_is_the_search_without_any(space, batch, startup, seed):
    asked = SearchSettings(space.size + 5, batch, startup, seed)
    found = search(space, asked)
    for start in range(0, len(found), batch):
        assert propose(space, found, start, asked) == without_variants(space, found[:start], start, asked)


@settings(max_examples=40, deadline=None)
@given(
    space=spaces(),
    variants=st.integers(1, 4),
    groups=st.integers(1, 3),
    startup=st.integers(0, 9),
    seed=st.integers(0, 99),
    fail=st.booleans(),
)
def test_variants_share_a_shape_repeat_nothing_and_only_leaders_take_an_architecture(
    space, variants, groups, startup, seed, fail
):
    asked = SearchSettings(space.size + 5, variants * groups, startup, seed, variants)
    found = search(space, asked, fail)
    configurations = [r.configuration for r in found]
    assert all(c in space for c in configurations)
    assert len(configurations) == len(set(configurations)) == space.size
    assert {r.origin for r in found} <= set(ORIGINS)
    seen, leader = set(), None
    for r in found:
        if r.origin == "variant":
            assert r.index % variants and shape_of(r) == shape_of(leader) and r.asked_by in ("random", "tpe")
        else:  # one that leads in the middle of a group does so because no other of its shape is left
            leader = r
            assert len(seen) == len(space.architectures) or r.configuration.architecture not in seen
        seen.add(r.configuration.architecture)


@settings(max_examples=20, deadline=None)
@given(variants=st.integers(2, 5), more=st.integers(1, 20), seed=st.integers(0, 99))
def test_raising_trials_keeps_the_earlier_ones_also_of_a_group_that_was_cut(variants, more, seed):
    space = reference_space("2M")
    few = search(space, SearchSettings(13, 2 * variants, 1, seed, variants))
    many = search(space, SearchSettings(13 + more, 2 * variants, 1, seed, variants))
    assert many[:13] == few


def test_every_forced_extreme_leads_a_group_and_start_up_counts_trials():
    """Groups of three: six extremes lead 18 trials; a start-up of 14 ends at trial 20: the seventh leader is random."""
    space = reference_space("2M")
    found = search(space, SearchSettings(27, 3, 14, 5, 3))
    assert [r.configuration for r in found[:18:3]] == extremes(space)
    assert [(r.origin, r.asked_by) for r in found[:3]] == [("extreme", "extreme")] + [("variant", "random")] * 2
    assert [r.asked_by for r in found[18:]] == ["random"] * 3 + ["tpe"] * 6
    assert [r.origin for r in found[18:21]] == ["random", "variant", "variant"]
    assert {r.origin for r in found[21::3]} <= {"tpe", "redirected"} and found[22].origin == "variant"
    assert len({r.configuration.architecture for r in found}) == 9


@pytest.mark.parametrize(("startup", "first"), [(0, 18), (12, 18), (13, 21), (15, 21), (16, 24)])
def test_results_are_needed_from_the_first_group_that_tpe_leads(startup, first):
    space, asked = reference_space("2M"), SearchSettings(60, 3, startup, 5, 3)
    assert [needs_results(space, start, asked) for start in (first - 3, first)] == [False, True]


def test_where_a_shape_is_used_up_the_next_trial_of_its_group_leads():
    """Two configurations of each shape, and groups of three."""
    space = small_space(d_ff_ratio=(2,), dropout=(0.1, 0.3))
    found = search(space, SearchSettings(8, 3, 9, 1, 3))
    shapes = [shape_of(r) for r in found]
    assert shapes[0] == shapes[1] != shapes[2]
    assert [r.origin for r in found[:3]] == ["extreme", "variant", "random"]
    assert len(found) == len({r.configuration for r in found}) == 8


def test_an_order_of_records_or_later_ones_change_no_variant():
    space, asked = reference_space("2M"), SearchSettings(30, 4, 2, 5, 2)
    found = search(space, asked)
    for start in (4, 12, 20):
        assert propose(space, found[::-1], start, asked) == propose(space, found[:start], start, asked)


def test_variants_that_tpe_asks_for_follow_what_did_well():
    """The objective is the dropout alone, of four values; at random a quarter of the variants would have the best."""
    space, asked, found = reference_space("2M"), SearchSettings(120, 5, 20, 0, 5), []
    for start in range(0, 120, 5):
        found += [record(p, Outcome(value=p.configuration.dropout)) for p in propose(space, found, start, asked)]
    chosen = [r.configuration.dropout for r in found[30:] if r.origin == "variant"]
    assert len(chosen) == 72 and chosen.count(0.7) > len(chosen) / 2


def test_the_values_of_the_training_are_those_nearest_to_what_tpe_asked_for(monkeypatch):
    """TPE always asks for the best so far: a leader gets another architecture, each variant the nearest untried."""
    space, asked = reference_space("2M"), SearchSettings(33, 3, 0, 5, 3)
    found = search(space, asked)[:18]
    best = max(found, key=lambda r: score(r.configuration)).configuration
    monkeypatch.setattr(_Tpe, "ask", lambda self: best)
    leader, *others = propose(space, found, 18, asked)
    kept = [(c.dropout, c.learning_rate, c.weight_decay) for c in (best, leader.configuration)]
    assert kept[0] == kept[1] and leader.origin == "redirected"
    for other in others:
        steps = np.abs(np.subtract(space.index(other.configuration), space.index(leader.configuration)))
        assert steps[:4].sum() == 0 and steps[4:].sum() == 1


def test_a_batch_that_is_cut_into_no_whole_groups_is_refused():
    with pytest.raises(ValueError, match="a batch of 4 trials cannot be cut into groups of 3"):
        SearchSettings(10, 4, 2, 1, 3)
