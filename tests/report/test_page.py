"""The report: every number it says comes from this run, and every verdict has words of its own."""

import re

import pytest

from buysignal.report.page import verdict
from tests.report.examples import AUC, TESTED, findings, none_selected, page

FORBIDDEN = re.compile(r"\bf_?1\b|f-score|accuracy|\bnan\b|\binf\b", re.IGNORECASE)


def numbers(value, path=()):
    """(path, number) of every number in nested JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from numbers(item, (*path, key))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


SECTIONS = ("ingest", "tiers", "searches", "judged", "selection", "train", "sweep")
PLACES = [(name, *path) for name in SECTIONS for path, _ in numbers(getattr(findings(), name))]
UNSAID = [
    # what the page has no room for; a change of any other number must show
    ("judged", 0, "epochs", 0),  # it is over the limit already
    ("searches", "a50-2M", "coverage_of_reachable"),
    ("sweep", 0, "trend_z"),  # of a model that rises
    *(("train", "baselines", 0, key) for key in ("n", "parameters", "cap", "seeds", "threshold", "precision_low")),
]


HEADLINE = [place for place in PLACES if place[:3] == ("train", "models", 0)]
BELOW = {"certified", "calibration", "precision_at_buys"}  # said in a later part of the page
UNTOLD = ("is not shown to be more or less precise than", "not shown to be better or worse")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_changing_a_number_changes_the_page_and_one_of_the_headline_its_first_part(place):
    found = findings()
    before = page(found)
    target = getattr(found, place[0])
    for key in place[1:-1]:
        target = target[key]
    target[place[-1]] = target[place[-1]] * 2 + 1
    after = page(found)
    assert (after != before) == (place not in UNSAID)
    if place in HEADLINE and not {place[3], place[-1]} & BELOW:
        quoted = place != ("train", "models", 0, "auc")  # the area alone proves nothing
        assert (after.split("## ")[0] != before.split("## ")[0]) == quoted


@pytest.mark.parametrize(
    ("said", "low", "high", "words"),
    [
        ("better", 0.01, 0.05, ("is more precise than", "better")),
        ("worse", -0.05, -0.01, ("is less precise than", "worse")),
        ("cannot tell", -0.01, 0.05, UNTOLD),
    ],
)
def test_every_verdict_has_its_words(said, low, high, words):
    found = AUC | {"verdict": said, "low": low, "high": high, "confidence": 0.9}
    against = TESTED["against_volatility"] | {"precision": found | {"difference": 0.02}, "auc": found}
    sentence = verdict({"models": [TESTED | {"against_volatility": against}]}, "")
    precise, ranked = words
    assert sentence == (
        f"**The selected transformer a50-2M-T8 {precise} the volatility baseline a50-volatility buying on as many "
        f"test days** (precision difference +0.020, 90 % interval {low:+.3f} to {high:+.3f}); its ranking of the days "
        f"is {ranked} (AUC difference +0.030, 90 % interval {low:+.3f} to {high:+.3f})."
    )


@pytest.mark.parametrize(("base_rate", "which"), [(0.0, "none"), (1.0, "every one")])
def test_a_test_role_of_one_class_judges_nothing(base_rate, which):
    found = findings()
    found.train["models"][0] |= {"one_class": True, "base_rate": base_rate}
    said = verdict(found.train, "note")
    assert said == f"**The test role can judge nothing**: of its 604 days {which} is labelled 1."
    assert said in page(found)


def test_a_verdict_that_nobody_knows_is_a_bug_not_a_sentence():
    against = TESTED["against_volatility"] | {"auc": AUC | {"verdict": "great"}}
    with pytest.raises(KeyError):
        verdict({"models": [TESTED | {"against_volatility": against}]}, "")


def test_the_headline_says_precision_then_recall_with_what_a_baseline_reaches():
    text = page(findings())
    assert (
        "On the test role it bought on 40 of 604 days. Precision 0.550 (95 % interval 0.410 to 0.680, one-sided at "
        "least 0.450; buying always gives 0.131), recall 0.275 (0.180 to 0.390). Buying on as many days, a50-touch has "
        "0.465, a50-volatility has 0.525. The buys fell in 12 episodes more than five trading days apart (15 in 2017, "
        "25 in 2018); judged by how their hits vary they are worth 33 independent ones."
    ) in text
    assert (
        "Configuration: d_model 64, n_layers 3, dropout 0.3, learning_rate 0.0001; 1,234,567 parameters "
        "(cap 2,000,000), 3 seeds, threshold 0.432100. Predicted: the highest High of the next day"
    ) in text


def test_a_model_that_never_bought_on_the_test_role_has_no_precision():
    found = findings()
    found.train["models"][0] |= {"no_buys": True, "n_buys": 0, "precision": 0.0, "recall": 0.0}
    found.train["models"][0]["against_volatility"]["precision"] = None
    text = page(found)
    assert text.split("\n\n")[1].startswith("**The selected transformer a50-2M-T8 bought on no test day**; beside the")
    assert "it bought on none of 604 days, so its precision is undefined; buying always gives 0.131." in text
    assert "Precision 0.000" not in text


def test_the_candidate_has_no_cap():
    found = findings()
    found.train["models"][0]["cap"] = 0
    assert "(cap none)" in page(found)


def test_no_model_selected_says_so_and_why():
    text = page(none_selected())
    assert text.split("\n\n")[1] == (
        "**No model qualified** (none of 10 wanted models: all 2 judged were rejected); "
        "the reasons are under *Selection*."
    )
    assert "The selected transformer" not in text and "Configuration:" not in text
    assert "a50-2M-T9: collapsed: scores span 0.0100" in text and "| a50-volatility" in text


def test_the_selection_and_what_was_not_taken_come_with_their_reasons():
    text = page(findings())
    parts = ["1 of 10 wanted models: 2 judged, 1 rejected.", "1. **a50-2M-T8**: best", "Not taken:", "- a50-2M-T9: "]
    assert "\n\n".join(parts) in text
    found = findings()
    found.selection["rejected"] = []
    assert "Not taken" not in page(found)


def test_the_search_counts_every_trial():
    line = next(line for line in page(findings()).splitlines() if line.startswith("| a50-2M "))
    assert [cell.strip() for cell in line.split("|")[1:-1]] == ["a50-2M", "10", "7", "2", "1", "4", "5", "6", "75"]


def test_models_whose_precision_does_not_rise_are_named():
    text = page(findings())
    assert "Yes for 1 of 2 models and baselines." in text
    assert "- a50-base-rate: flat (trend z 0.0)" in text and "- a50-2M-T8: rises" not in text
    found = findings()
    found.sweep[1]["verdict"] = "rises"
    assert "Yes for 2 of 2" in page(found) and "Not for these" not in page(found)


def test_the_data_are_told_by_hand():
    text = page(findings())
    assert (
        "5,031 daily bars of sp500 (^GSPC), 1999-01-04 to 2018-12-31, newest first; 3 rows "
        "dropped, 1 gaps. Tiers: a50 (55 features, 66 warm-up days).\n\n"
        "- **warning**: 3 rows repeat the day before (set ingest.on_bad_rows to repair).\n"
        "- **note**: 2 rows have volume 0.\n\n"
    ) in text
    assert re.search(r"\| train \| +2000-01-03 \| +2001 \| +2,448 \| +612 \| +0\.250 \|", text)
    found = findings()
    found.ingest.update(symbol=None, source="csv")
    found.ingest["findings"] = []
    assert "found nothing to say." in page(found)
    assert "bars of csv (own file), 1999-01-04 to 2018-12-31, read as Stooq form, newest first; " in page(found)


@pytest.mark.parametrize("found", [findings(), none_selected()], ids=["selected", "none"])
def test_the_page_keeps_the_metric_law_and_is_whole(found):
    text = page(found)
    assert FORBIDDEN.search(text) is None and "None" not in text
    assert text.startswith("# buysignal report\n\n**") and text.endswith("\n") and not text.endswith("\n\n")
    assert "\n\n\n" not in text
    assert text.index("Precision") < text.index("ecall") if found.train["models"] else True
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == [
        "## How much of this to believe",
        "## Does precision rise with the threshold?",
        "## Test role",
        "## Threshold role",
        "## Selection",
        "## Direction or volatility?",
        "## Scores as probabilities",
        "## Search",
        "## Data",
    ]


def test_roles_stand_in_the_order_of_time_with_the_purged_days_last():
    rows = {"first": "2001-01-02", "last": "2002-01-01", "rows": 30, "positives": 3, "base_rate": 0.1}
    roles = {"purged": rows, "rank": rows | {"first": "2009-01-02"}, "train": rows}
    tier = {"tier": "a50", "features": 55, "warmup_days": 66, "roles": roles}
    table = page(findings(tiers=[tier])).split("counted on tier a50:\n\n")[1]
    assert re.findall(r"^\| (\w+) ", table, re.MULTILINE) == ["role", "train", "rank", "purged"]


def test_fits_that_the_limit_cut_off_are_counted_beside_the_verdict():
    assert "1 of 2 fits were not stopped by their stop role but by the limit of 6 epochs" in page(findings())
    assert "the limit of" not in page(findings(epochs=7))


def test_a_map_that_does_not_help_on_the_test_role_is_told():
    said = "On the test role the log loss of a50-2M-T8 is 0.399 with the map and 0.432 without: lower."
    assert said in page(findings())
    worse = findings()
    worse.train["models"][0]["calibration"]["platt"]["log_loss"] = 0.5
    assert "is 0.500 with the map and 0.432 without: not lower, on these days" in page(worse)
    none = findings()
    none.train["models"][0]["calibration"] = {"none": {"log_loss": 0.4}}
    assert "with the map" not in page(none)
