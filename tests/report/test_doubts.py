"""Every question a hostile reader asks of what ships, and of the search, has an answer made from this run's numbers."""

from __future__ import annotations

import pytest

from tests.report.examples import blend_ships, closed, findings, logistic_ships, none_ships, page, told


def said(found) -> str:
    """What is asked of what ships."""
    more = "Promises and seeds"
    return told(found, "Is it real?") + "\n" + (told(found, more) if f"<summary>{more}" in page(found) else "")


def search(found) -> str:
    return told(found, "The search's ten")


def test_every_doubt_of_what_ships_is_told_with_its_numbers():
    text = said(findings())
    for one in (
        "it was 0.612; with the luck of being chosen taken out, about 0.481 (differences beyond luck: 9 models)",
        "46 configurations of the search looked at; what was tried by hand comes on top.",
        "0.456700 is certified to reach a precision of 0.42 with probability 0.87",
        "precision 0.654 on 47 buys, recall 0.211, on the threshold role",
        "0.568 on 41 buys, recall 0.223, on the test role.",
        "stands among 2 that were judged on the same days, 2 of which have such a threshold, and the choice is not",
        "Over 3 seeds, each alone at the same threshold, precision has a standard deviation of 0.021",
        "First recorded look at these test days.",
        "On the test role it is at least 0.450, with 95",
        "**Could it be luck?** Its precision is not: the interval begins at 0.410, and buying always has 0.131.",
        "simple rule?** Buying on as many days, a50-touch has 0.465, a50-volatility has 0.525; it has 0.550.",
        "only volatility?** Nobody asked: only the search's ten were held against the mirrored label.",
    ):
        assert one in text
    assert [line[:4] for line in text.splitlines()] == ["- **"] * 7


@pytest.mark.parametrize("made", [findings, logistic_ships, blend_ships])
def test_every_doubt_of_the_search_is_told_with_its_numbers_whatever_ships(made):
    text = search(made())
    for one in (
        "Beyond luck: the best lower bound of precision is 0.345; without skill 0.155.",
        "The best of 9 models, a50-2M-T8, is not shown to be better than a50-volatility.",
        "Holds: in 8 % of splits. Within luck.",
        "Nothing was selected, so nothing was trained on the mirrored label.",
    ):
        assert one in text


def test_the_first_of_the_ten_is_doubted_beside_what_ships_and_not_twice():
    beside, alone = search(logistic_ships()), search(findings())
    asked = "**What precision may be expected of a50-2M-T8?** On the threshold role"
    assert asked in beside and asked not in alone and page(findings()).count(asked) == 1
    assert (
        "The first of them is a50-2M-T8. Configuration: d_model 64, n_layers 3, dropout 0.3, learning_rate 0.0001; "
        "1,234,567 parameters (cap 2,000,000), 3 seeds. On the test role it bought on 40 days: precision 0.550, recall "
        "0.275. It is not shown to be more or less precise than the volatility logistic a50-volatility, which buys on"
    ) in beside
    assert "The first of them, a50-2M-T8, is what ships." in alone
    assert "On the test role" not in search(closed(logistic_ships()))


def test_a_baseline_was_not_searched_and_draws_nothing_at_random():
    text = said(logistic_ships())
    assert "it was 0.581. It was fitted once, in the one form it has: nothing was searched for it." in text
    assert "It has none: nothing in its fit is drawn at random." in text and "Is it proved better" not in text
    assert "Cannot tell: its members were blended as they were trained" in said(blend_ships())


def test_no_certified_threshold_is_an_answer():
    found = findings()
    found.selection["selected"][0]["certified"] |= {"threshold": None, "reason": "no threshold is certified: p = 0.21"}
    assert "None is certified to reach a precision of 0.42 with probability 0.87: p = 0.21." in said(found)


def test_a_promise_of_money_is_said_as_one():
    found = findings()
    found.selection["selected"][0]["certified"] |= {"kind": "expectancy", "target": 0.0}
    assert "0.456700 is certified to earn more than its costs with probability 0.87 while the market" in said(found)


def test_a_promise_at_which_nothing_was_bought_has_no_precision():
    found = findings()
    found.train["models"][0]["certified"] |= {"n_buys": 0, "precision": 0.0, "recall": 0.0}
    assert "recall 0.211, on the threshold role; no buy on the test role. The promise" in said(found)


def test_one_seed_and_one_configuration_are_called_what_they_are():
    found = findings()
    found.judged[0]["seeds"] = 1
    found.selection["selected"][0]["configurations"] = 1
    text = said(found)
    assert "Cannot tell: it was trained with one seed." in text and "1 configuration of the search looked at;" in text
    found.selection["selected"][0]["card"]["origin"] = "hand"
    assert "It was typed by hand; how many others were tried by hand, no run can know." in said(found)


@pytest.mark.parametrize(
    "found",
    [findings(), logistic_ships(), blend_ships(), closed(findings()), none_ships()],
    ids=["transformer", "logistic", "blend", "closed", "nothing"],
)
def test_nothing_is_left_unsaid_or_said_twice(found):
    for text in (said(found), search(found)):
        assert "None" not in text.replace("None is certified", "") and ".." not in text
        questions = [line.split("**")[1] for line in text.splitlines() if line.startswith("- **")]
        assert questions and len(questions) == len(set(questions))


def test_luck_and_volatility_are_called_so():
    found = findings()
    found.train["models"][0]["precision_interval"] = [0.1, 0.9]
    assert "Its precision may be: the interval begins at 0.100, and buying always has 0.131." in said(found)
    assert "**Direction, or only volatility?** Volatility: it sees nothing else." in said(logistic_ships())
    for total, words in ((-0.9, "earned is less:"), (0.9, "is more than luck brings:"), (0.005, "earned may be:")):
        found = findings()
        found.tear["model"]["total_return"] = total
        assert words in said(found)


def test_without_a_trade_nobody_speaks_of_its_luck():
    assert "luck?" not in said(closed(findings())) and "Direction" not in said(closed(findings()))
    silent = findings()
    silent.train["models"][0] |= {"no_buys": True}
    silent.train["models"][0]["against_volatility"]["precision"] = None
    assert "Could it be luck?" not in said(silent) and "Is it better than a simple rule?" in said(silent)
