"""Supplementary trials go where the search left gaps, are new, legal and a function of the trials alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.models.patchtst.architecture import configuration_of
from buysignal.search.rounds.plan import PURPOSES, Planned, pinned_tiers, read_pinned, without, yaml_text
from buysignal.search.rounds.planner import SupplementSettings, plan, quotas
from buysignal.search.study.record import FAILED, Outcome
from tests.search.rounds.rounds import FULL, failed, searched, told
from tests.search.study.tables import reference_table, trial_table
from tests.search.study.toy import reference_space, small_space

TWO = {budget: reference_space(budget) for budget in ("2M", "20M")}
BEST = dict(d_model=128, n_layers=6, n_heads=8, d_ff_ratio=4, dropout=0.5, learning_rate=1e-4, weight_decay=1e-3)


@pytest.fixture(scope="module")
def reference():
    """The reference-like table with the reference's best configuration on top, and its two rounds."""
    trials = reference_table()
    trials.loc[trials["value"].idxmax(), list(BEST)] = list(BEST.values())
    trials = trials.astype({name: int for name in ("d_model", "n_layers", "n_heads", "d_ff_ratio")})
    return told(trials, TWO)


def of(sets, letter, number=1):
    return next(s for s in sets if (s.letter, s.round) == (letter, number))


def values(planned, name):
    return [getattr(p.configuration, name) for p in planned.trials]


def test_the_reference_table_gives_a_proposal_of_the_references_form(reference):
    sets, _ = reference
    first = [p.label for s in sets if s.round == 1 for p in s.trials]
    sizes = dict(zip("ABCDEF", (6, 5, 4, 4, 4, 4)))
    assert first == [f"{letter}{n:02d}" for letter, size in sizes.items() for n in range(1, size + 1)]
    assert len(first) == 27
    assert values(of(sets, "A"), "dropout") == [0.35, 0.4, 0.45, 0.55, 0.6, 0.65]
    assert values(of(sets, "B"), "learning_rate") == [7e-5, 8e-5, 9e-5, 1.2e-4, 1.5e-4]
    assert values(of(sets, "C"), "weight_decay") == [2e-4, 3e-4, 5e-4, 7e-4]
    for letter, name in zip("ABC", ("dropout", "learning_rate", "weight_decay")):
        for p in of(sets, letter).trials:  # nothing but the one value moves
            assert replace(p.configuration, **{name: BEST[name]}) == configuration_of(BEST) and p.budget == "20M"


def test_shallow_ones_lie_in_the_smallest_budget_and_deep_ones_in_the_largest(reference):
    shallow, deep = (of(reference[0], letter) for letter in "DE")
    assert {p.budget for p in shallow.trials} == {"2M"} and {p.budget for p in deep.trials} == {"20M"}
    assert [p.configuration.architecture for p in shallow.trials] == [(96, 2, 8), (96, 3, 8), (80, 2, 8), (80, 3, 8)]
    assert [p.configuration.architecture for p in deep.trials] == [(128, 8, 8), (128, 7, 8), (160, 8, 8), (160, 7, 8)]
    assert all(values(s, "dropout") == [0.5] * 4 for s in (shallow, deep))


def test_a_second_round_of_13_goes_on_with_new_labels_around_the_best_of_all(reference):
    sets, records = reference
    second = [p.label for s in sets if s.round == 2 for p in s.trials]
    assert second == ["A07", "A08", "A09", "B06", "B07", "C05", "C06", "D05", "D06", "E05", "E06", "F05", "F06"]
    assert len(records) == 40
    best = max(records[:27], key=lambda r: r.value)
    assert f"around supplementary trial {best.asked_by} of" in of(sets, "A", 2).why


def test_combinations_add_up_what_helped_most():
    """Gains by hand: A01 +2, B01 +1, C01 -1, D01 +3, E01 -5 hundredths around a best of 0.70."""
    gains = {"A": 0.02, "B": 0.01, "C": -0.01, "D": 0.03, "E": -0.05}
    trials = trial_table([0.70, 0.60], dropout=[0.3, 0.5])

    def outcome(p: Planned) -> Outcome:
        return Outcome(value=0.70 + gains.get(p.label[0], 0.0))

    sets, _ = told(trials, TWO, SupplementSettings((8,), 0.24, 0.95), outcome)
    by = {s.letter: s.trials for s in sets}
    assert [len(by[letter]) for letter in PURPOSES] == [2, 2, 1, 1, 1, 1]
    a, b, d = (by[letter][0].configuration for letter in "ABD")  # the earlier of equals wins a set
    [combined] = by["F"]
    assert combined.configuration == replace(d, dropout=a.dropout, learning_rate=b.learning_rate)
    assert combined.budget == "2M"  # that of its architecture


def test_a_small_sweep_spans_what_a_full_one_would():
    """Full scale, from near to far: .45 .55 .40 .60 .35 .65; one takes the fourth, three span it."""
    trials = trial_table([0.70, 0.60, 0.61, 0.62], dropout=[0.5, 0.1, 0.3, 0.7])
    for total, expected in ((6, [0.6]), (13, [0.35, 0.45, 0.65]), (27, [0.35, 0.4, 0.45, 0.55, 0.6, 0.65])):
        sets = plan(trials, [], TWO, SupplementSettings((total,), 0.24, 0.95))
        assert values(of(sets, "A"), "dropout") == expected


def test_sizes_are_shared_out_like_the_references():
    assert list(quotas(27).values()) == [6, 5, 4, 4, 4, 4]
    assert list(quotas(13).values()) == [3, 2, 2, 2, 2, 2]
    assert list(quotas(6).values()) == [1, 1, 1, 1, 1, 1]
    assert list(quotas(3).values()) == [1, 1, 1, 0, 0, 0]


@given(st.integers(0, 500))
def test_every_size_is_shared_out_whole_and_within_one_of_its_share(total):
    assert sum(quotas(total).values()) == total
    for letter, share in zip("ABCDEF", (6, 5, 4, 4, 4, 4)):
        assert abs(quotas(total)[letter] - total * share / 27) < 1


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), trials=st.integers(1, 14), first=st.integers(0, 27), second=st.integers(0, 13))
def test_whatever_the_search_found_the_trials_are_new_legal_and_the_same_again(seed, trials, first, second):
    search, wanted = searched(TWO, trials, seed), SupplementSettings((first, second), 0.24, 0.95)
    sets, records = told(search, TWO, wanted)
    planned = [p for s in sets for p in s.trials]
    configurations = [p.configuration for p in planned]
    assert len({p.label for p in planned}) == len(set(configurations)) == len(planned)
    assert not set(configurations) & {configuration_of(row) for row in search.to_dict("records")}
    for p in planned:
        p.configuration.check(p.label)
        assert TWO[p.budget].count(p.configuration) <= TWO[p.budget].cap
    assert plan(search.copy(), records, TWO, wanted) == sets
    assert len(planned) + sum(s.wanted - len(s.trials) for s in sets) == first + second
    assert all(s.missing for s in sets if len(s.trials) < s.wanted)


def test_a_plan_does_not_look_ahead(reference):
    """With the first batch told, the second is what it was when everything was told."""
    trials = searched(TWO)
    sets, records = told(trials, TWO)
    for done in (0, 23, 27):
        begun = plan(trials, records[:done], TWO, FULL)
        assert begun == sets[: len(begun)] and len(begun) < len(sets)


@pytest.mark.parametrize("outcome", ["failed", "collapsed"])
def test_nothing_usable_gives_an_empty_proposal_that_says_why(outcome):
    trials = searched(TWO, fail=outcome == "failed")
    if outcome == "collapsed":
        trials = trials.assign(collapsed=True)
    sets, records = told(trials, TWO)
    assert not records and not any(s.trials for s in sets)
    assert all(s.missing for s in sets)
    assert of(sets, "A").missing == "no trial completed without collapse: there is nothing to search around"


def test_a_budget_without_a_finished_trial_is_left_to_the_others():
    trials = searched(TWO)
    trials.loc[trials["budget"] == "20M", ["state", "value"]] = [FAILED, None]
    sets, _ = told(trials, TWO)
    assert all("of 2M (" in s.why for s in sets if s.letter in "ABC")
    assert {p.budget for p in of(sets, "E").trials} == {"20M"}


def test_supplementary_trials_that_all_fail_leave_nothing_to_combine():
    sets, records = told(searched(TWO), TWO, outcome=failed)
    assert of(sets, "F").missing == "0 of 4 wanted: fewer than two sets have a usable trial"
    assert len({r.configuration for r in records}) == len(records)  # a failed one is not tried again


def test_a_space_smaller_than_the_wanted_size_gives_fewer_and_says_so():
    tiny = {"toy": small_space(d_model=(8,), n_layers=(1,), learning_rate=(1e-4,))}
    sets, _ = told(searched(tiny), tiny)
    assert of(sets, "D").missing == "0 of 4 wanted: the grid of toy has one depth"
    assert of(sets, "B").missing == "0 of 5 wanted: nothing else is untried"
    assert values(of(sets, "A"), "dropout")  # between 0.1 and 0.3


# ---- the YAML that people edit


def pin(tmp_path, text: str) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return str(path)


def test_what_is_written_is_read_back(tmp_path, reference):
    sets, _ = reference
    path = pin(tmp_path, yaml_text("a50", sets) + yaml_text("a100", sets[:3]))
    assert pinned_tiers(path, ["a50", "a100"]) == ["a50", "a100"]
    read = read_pinned(path, "a50", TWO)
    assert [(s.letter, s.round, s.trials) for s in read] == [(s.letter, s.round, s.trials) for s in sets]
    assert len(read_pinned(path, "a100", TWO)) == 3
    assert read_pinned(path, "a20", TWO) is None
    assert yaml_text("a50", sets) == yaml_text("a50", list(sets))
    for s in sets:
        assert f"# {s.letter}: {PURPOSES[s.letter]}" in yaml_text("a50", sets)


def test_an_empty_proposal_and_a_file_of_comments_pin_nothing(tmp_path):
    empty, _ = told(searched(TWO, fail=True), TWO)
    assert read_pinned(pin(tmp_path, yaml_text("a50", empty)), "a50", TWO) == ()
    for text in ("# nothing\n", "{}\n"):
        assert pinned_tiers(pin(tmp_path, text), ["a50"]) == []


GOOD = "{budget: 2M, d_model: 64, n_layers: 3, n_heads: 4, d_ff_ratio: 2, "
GOOD += "dropout: 0.3, learning_rate: 1.0e-4, weight_decay: 0}"
MISTAKES = {
    "heads": (("n_heads: 4", "n_heads: 3"), "a50.first.A01: n_heads 3 does not divide d_model 64"),
    "cap": (("d_model: 64, n_layers: 3", "d_model: 512, n_layers: 9"), "the cap of budget 2M is 2,000,000"),
    "range": (("dropout: 0.3", "dropout: 1.0"), "a50.first.A01.dropout is 1.0; it must be a number in [0, 1)"),
    "type": (("n_layers: 3", "n_layers: 3.5"), "a50.first.A01.n_layers is 3.5; it must be a whole number"),
    "text": (("1.0e-4", "'1e-4'"), "a50.first.A01.learning_rate is '1e-4'; it must be a number"),
    "key": (("dropout:", "drop_out:"), "unknown key a50.first.A01.drop_out; did you mean a50.first.A01.dropout?"),
    "missing": ((", weight_decay: 0", ""), "key a50.first.A01.weight_decay is missing; a trial has budget, d_model"),
    "budget": (("budget: 2M", "budget: 3M"), "a50.first.A01: budget is '3M'; it must be one of budgets: 2M, 20M"),
    "label": (("A01", "G01"), "a name in a50.first is 'G01'; it must be a letter from A to F and two digits"),
    "round": (("first", "third"), "unknown key a50.third; known are a50.first, a50.second"),
    "tier": (("a50", "a51"), "unknown key a51; did you mean a50?"),
    "shape": ((f"{{A01: {GOOD}}}", "7"), "a50.first is 7; it must map labels such as A01 to trials"),
    "list": (("a50: ", "- "), "it must be a mapping of tiers to rounds"),
    "twice": ((f"A01: {GOOD}", f"A01: {GOOD}, A02: {GOOD}"), "a50.first.A02 repeats A01; each configuration once"),
    "same label": ((f"{{A01: {GOOD}}}", f"{{A01: {GOOD}, A01: {GOOD}}}"), "key A01 stands twice"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_bad_pinned_proposal_is_refused_in_one_line(tmp_path, name):
    (old, new), says = MISTAKES[name]
    good = f"a50: {{first: {{A01: {GOOD}}}}}\n"
    assert old in good
    path = pin(tmp_path, good.replace(old, new))
    with pytest.raises(UserError) as caught:
        for tier in pinned_tiers(path, ["a50"]):
            read_pinned(path, tier, TWO)
    assert says in str(caught.value) and "mine.yaml" in str(caught.value) and "\n" not in str(caught.value)


def test_a_pinned_trial_that_the_search_has_trained_is_left_out_and_named(tmp_path):
    other = GOOD.replace("0.3", "0.35")
    sets = read_pinned(pin(tmp_path, f"a50: {{first: {{A01: {GOOD}, A02: {other}}}}}"), "a50", TWO)
    [left] = without(sets, {sets[0].trials[0].configuration})
    assert [p.label for p in left.trials] == ["A02"]
    assert left.missing == "left out, for the search has trained the same: A01"
