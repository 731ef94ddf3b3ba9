"""The report leads with what ships and why, whatever it is, and never holds it against itself."""

import copy
import re
from dataclasses import replace

import pytest

from buysignal.report.pages.ships import NO_SKILL, beside
from buysignal.report.words import family
from tests.report.examples import (
    AUC,
    BASELINE,
    CARD,
    TESTED,
    blend_ships,
    closed,
    findings,
    logistic_ships,
    none_ships,
    page,
    told,
)

BELOW = "more than a standard error below"
UNTOLD = ("not shown to be more or less precise than", "not shown to be better or worse")
RUNS = {"transformer": findings, "logistic": logistic_ships, "blend": blend_ships}
EVERY = {
    **{name: made() for name, made in RUNS.items()},
    **{f"{name}, closed": closed(made()) for name, made in RUNS.items()},
    "nothing": none_ships(),
}


def lead(found):
    return page(found).split("## ")[0].split("\n\n")


def rows(table):
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            findings,
            "a50-2M-T8 ships: a transformer that the search found.** A buy is right if the highest High",
        ),
        (
            logistic_ships,
            "a50-volatility ships: a logistic regression on 9 volatility features.** A buy is right if",
        ),
        (
            blend_ships,
            "a50-blend ships: a blend of several contenders, all of the same weight.** A buy is right if",
        ),
    ],
)
def test_the_first_words_are_what_ships_and_why(made, said):
    text = page(made())
    assert text.startswith("# buysignal report\n\n**Verdict: cannot tell**: it may as well lose money: a trade earns")
    assert text.split("\n\n")[3].startswith(f"**{said}")
    assert page(closed(made())).split("\n\n")[3] == text.split("\n\n")[3]


def test_precision_comes_first_then_recall_money_and_what_they_are_read_with():
    _, _, card, *_ = lead(findings())
    assert rows(card) == [
        ["The test role, the last days, kept for the verdict", "", "95 % interval", "what it is"],
        [rows(card)[1][0], *rows(card)[1][1:]],
        ["precision", "0.550", "0.410–0.680", "share of its buys that were right"],
        ["recall", "0.275", "0.180–0.390", "share of the right days that it bought"],
        ["a trade earns", "0.12 %", "-0.32 to 0.54 %", "after costs of 0.060 %; a random day 0.034 %"],
        ["buys", "40", "–", "on 604 days: 15 in 2017, 25 in 2018"],
        ["base rate", "0.131", "–", "precision of who buys always"],
        ["break-even", "0.444", "–", "precision below which such buys lose money"],
    ]


def test_what_it_is_beside_a_simple_rule_and_when_it_bought_have_their_places():
    assert (
        "Buying on as many days, a50-touch has 0.465, a50-volatility has 0.525; it has 0.550. It is not shown to be "
        "more or less precise than the volatility logistic a50-volatility, which buys on as many test days (precision "
    ) in told(findings(), "Is it real?")
    assert told(findings(), "When does it fail?").startswith(
        "Its buys fell in 2 years (15 in 2017, 25 in 2018) and in 12 episodes more than five trading days apart. "
        "Judged by how their hits vary they are worth 33 independent ones."
    )
    alone = findings()
    alone.train["models"][0]["by_year"] = {"2018": 40}
    assert told(alone, "When does it fail?").startswith(
        "**It bought in one year alone** (40 in 2018), so nothing is known of it in others. Its buys fell in 12 "
        "episodes"
    )
    assert (
        "It lies in data/models/shipped, which `python -m buysignal predict` uses, and buys from a score of 0.433100 "
        "on. Configuration: d_model 64, n_layers 3, dropout 0.3, learning_rate 0.0001; 1,234,567 parameters "
        "(cap 2,000,000), 3 seeds."
    ) in told(findings(), "How was it found?")


def test_the_money_of_the_buys_stands_where_it_is_asked_for():
    said = (
        "After costs of 0.060 % a trade earns 0.12 % (-0.32 to 0.54 %), a random day 0.034 %; that is 0.089 % more "
        "(-0.23 to 0.57 %). Before costs a right buy brings 1.11 % and a wrong one brings -0.87 %. These buys break "
        "even at a precision of 0.444."
    )
    assert told(findings(), "What does it earn?").endswith(said)
    assert told(closed(findings()), "What does it earn?").endswith(f"On the threshold role: {said}")


@pytest.mark.parametrize("found", [findings(), closed(findings())], ids=["open", "closed"])
def test_the_rule_is_said_and_every_contender_is_folded_below_it_with_the_losers(found):
    assert (
        "The rule, fixed before the test role was opened: the simplest within one standard error of the best ships. "
        "That error is 0.046 here, and a50-2M-T8 ships: it is the most precise, and nothing simpler is within its "
        "standard error (0.046). What looks best on a few dozen buys is mostly luck, and what is simpler "
        "has less of it."
    ) in told(found, "How was it found?")
    table = told(found, "Every contender, and why this one ships")
    assert rows(table)[0] == [
        "contender",
        "family",
        "precision",
        "at least",
        "recall",
        "buys",
        "a trade earned",
        "outcome",
    ]
    assert rows(table)[2:] == [
        ["a50-2M-T8", "transformer", "0.634", "0.512", "0.372", "61", "0.12 %", "ships"],
        [
            "a50-volatility",
            "logistic",
            "0.562",
            "0.451",
            "0.331",
            "83",
            "0.12 %",
            "more than a standard error below the best",
        ],
    ]


def test_a_run_that_is_not_registered_says_so_and_tells_the_threshold_role():
    text = page(closed(findings()))
    assert text.split("\n\n")[1].startswith(
        "**Verdict: cannot tell**: the test role is closed: candidate buys from 0.1"
    )
    assert text.split("\n\n")[4] == (
        "**Not examined**: this run is not the registered one (candidate buys from 0.1, not 0.2), so the test role "
        "stayed closed, as it should while you try variants. What is said here is of the threshold role, on which this "
        "run was chosen: it bought on 60 of 602 days, with precision 0.600 (one-sided at least 0.500). Expect less of "
        "other days. Once this is the run to be judged, `python -m buysignal register` registers it, `dvc repro` then "
        "opens the test role, and the ledger counts a look."
    )
    assert rows(text.split("\n\n")[2])[0][0] == "Threshold role, on which it was chosen"
    assert told(closed(findings()), "Test role") == "Closed: candidate buys from 0.1, not 0.2."
    assert "On the test role" not in text


def test_nothing_that_ships_is_one_sentence():
    text = page(none_ships())
    assert text.split("\n\n")[2:4] == [
        "**Nothing ships**: no contender has an operating point; the reasons are under *Threshold role*.",
        "## Is it real?",
    ]
    assert "data/models" not in text and "Configuration:" not in text and "a50-2M-T9: collapsed" in text


def test_the_logistic_is_not_held_against_itself():
    text = page(logistic_ships())
    assert beside(BASELINE) == [] and "+0.000" not in text
    assert "Buying on as many days, a50-touch has 0.465; it has 0.512." in told(logistic_ships(), "Is it real?")
    row = next(row for row in rows(told(logistic_ships(), "Test role")) if row[:1] == ["a50-volatility"])
    assert row[-3:] == ["", "", ""]


@pytest.mark.parametrize("made", RUNS.values(), ids=RUNS)
def test_the_test_table_has_what_ships_first_then_the_ten_then_the_others(made):
    found = made()
    names = [row[0] for row in rows(told(found, "Test role").split("\n\n")[-1])[2:]]
    ordered = [found.shipped, "a50-2M-T8", *(row["name"] for row in found.train["others"])]
    assert names == list(dict.fromkeys(ordered))


@pytest.mark.parametrize("found", EVERY.values(), ids=EVERY)
def test_no_sentence_contradicts_what_ships(found):
    text = page(found)
    shipping = set(re.findall(r"(?:\*\*|and )(\S+) ships: ", text)) | set(re.findall(r", (\S+), is what ships", text))
    assert shipping == ({found.shipped} if found.shipped else set())
    assert ("is what ships." in text) == (found.shipped == "a50-2M-T8")
    assert text.count("data/models/shipped") == bool(found.shipped)
    reliability = set(re.findall(r"Reliability of (\S+) on", text))
    assert reliability <= {found.shipped}


@pytest.mark.parametrize(
    ("said", "low", "high", "words"),
    [
        ("better", 0.01, 0.05, ("more precise than", "better")),
        ("worse", -0.05, -0.01, ("less precise than", "worse")),
        ("cannot tell", -0.01, 0.05, UNTOLD),
    ],
)
def test_every_verdict_has_its_words(said, low, high, words):
    found = AUC | {"verdict": said, "low": low, "high": high, "confidence": 0.9}
    against = TESTED["against_volatility"] | {"precision": found | {"difference": 0.02}, "auc": found}
    precise, ranked = words
    assert beside(TESTED | {"against_volatility": against}) == [
        f"It is {precise} the volatility logistic a50-volatility, which buys on as many test days (precision "
        f"difference +0.020, 90 % interval {low:+.3f} to {high:+.3f}); its ranking of the days is {ranked} (AUC "
        f"difference +0.030, 90 % interval {low:+.3f} to {high:+.3f})."
    ]


def test_a_lead_of_one_that_sees_volatility_alone_is_called_no_sense_of_direction():
    said = [beside(TESTED | {"family": kind})[-1] for kind in ("formula", "garch", "boosting")]
    assert [NO_SKILL in one for one in said] == [True, True, False]


def test_a_verdict_that_nobody_knows_is_a_bug_not_a_sentence():
    against = TESTED["against_volatility"] | {"auc": AUC | {"verdict": "great"}}
    with pytest.raises(KeyError):
        beside(TESTED | {"against_volatility": against})


@pytest.mark.parametrize(("base_rate", "which"), [(0.0, "none"), (1.0, "every one")])
def test_a_test_role_of_one_class_judges_nothing(base_rate, which):
    found = findings()
    found.train["models"][0] |= {"one_class": True, "base_rate": base_rate}
    assert lead(found)[3] == f"**The test role can judge nothing**: of its 604 days {which} is labelled 1."


def test_a_contender_that_never_bought_on_the_test_role_has_no_precision():
    found = findings()
    found.train["models"][0] |= {"no_buys": True, "n_buys": 0, "precision": 0.0, "recall": 0.0}
    found.train["models"][0]["against_volatility"]["precision"] = None
    assert lead(found)[3] == (
        "On the test role it bought on none of 604 days, so its precision is undefined; buying always gives 0.131."
    )
    assert (
        "**Is it better than a simple rule?** Beside the volatility logistic a50-volatility its "
        "ranking of the days is better (AUC difference"
    ) in told(found, "Is it real?")
    assert "Precision 0.000" not in page(found)


def test_the_candidate_has_no_cap():
    found = findings()
    found.selection["selected"][0]["card"] = CARD | {"cap": 0}
    assert "(cap none)" in page(found)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"family": "formula"}, "a formula of how far the market moves"),
        ({"family": "logistic", "parameters": 5}, "a logistic regression on 4 volatility features"),
        ({"family": "garch"}, "a GARCH model of volatility"),
        ({"family": "boosting", "tier": "a100"}, "boosted trees on the features of tier a100"),
        ({"origin": "hand"}, "a transformer typed by hand"),
        ({"origin": "built"}, "a transformer added to the volatility logistic"),
        ({"family": "own", "origin": "own"}, "a model of your own (`models.extra`)"),
    ],
)
def test_every_family_has_its_words(changed, words):
    assert family(CARD | changed) == words


def test_where_the_best_of_each_day_are_bought_that_is_said_instead_of_a_threshold():
    found = findings()
    selection = copy.deepcopy(found.selection) | {"per_day": 3}
    selection["selected"][0]["point"]["threshold"] = 0.0
    text = page(replace(found, selection=selection))
    assert "which `python -m buysignal predict` uses, and buys the 3 best of each day. Configuration:" in text
    assert "the search's ten, the others. Each buys the 3 best of each day." in text
    assert "Each contender buys the 3 best of each day. *At least*" in text
    assert "On the threshold role, the days before, where it was chosen, it was 0.612" in text
    assert "0.456700, asked of the 3 best of each day, is certified to reach" in text
    assert "Over 3 seeds, each alone by the same rule, precision" in text
    for word in ("from a score of", "own threshold", "its threshold was chosen", "same threshold"):
        assert word in page(found) and word not in text
