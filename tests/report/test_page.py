"""The report: every number it says comes from this run, and every verdict has words of its own."""

import re

import pytest

from tests.report.examples import blend_ships, closed, findings, logistic_ships, none_ships, page

FORBIDDEN = re.compile(r"\bf_?1\b|f-score|accuracy|\bnan\b|\binf\b", re.IGNORECASE)


def numbers(value, path=()):
    """(path, number) of every number in nested JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from numbers(item, (*path, key))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


RUNS = {"transformer": findings, "logistic": logistic_ships}
SHIPS = {  # where what ships stands
    "transformer": [("judged", 0), ("selection", "selected", 0), ("train", "models", 0)],
    "logistic": [("judged", 1), ("selection", "others", 0), ("train", "others", 0)],
}
WHOLE = [(name,) for name in ("ingest", "tiers", "searches", "choice", "tear", "sweep")]


def at(found, place):
    """What lies at a place of the findings."""
    name, *path = place
    value = getattr(found, name)
    for key in path:
        value = value[key]
    return value


PLACES = [
    (run, (*place, *path))
    for run, made in RUNS.items()
    for place in (*WHOLE, *SHIPS[run])
    for path, _ in numbers(at(made(), place))
]


def unsaid(run, place):
    """Whether the page has no room for a number; a change of any other must show."""
    section, last = place[0], place[-1]
    if "verdict" in place or (section == "judged" and "money" in place):  # that of what ships stands by itself
        return last != "mean"
    if place == ("tear", "buckets", 2, "positives"):  # none of which was hit, whatever they are
        return True
    if "money" in place and last in ("trades", "confidence"):  # told as n_buys, and 0.95 like every interval of it
        return True
    if section == "train":  # size and threshold are said as data/selected.json has them
        itself = run == "logistic" and ("against_volatility" in place or last == "a50-volatility")
        return itself or last in ("parameters", "cap", "seeds", "threshold")
    if section == "selection":  # of seeds the number is said, of a baseline no search
        few = run == "logistic" and last in ("cap", "configurations")
        return few or "seeds" in place or "epochs" in place
    if section == "judged":  # days are said of the first row, a promise of data/selected.json; one epoch is over
        few = run == "logistic" and last in ("n", "auc_sd", "precision_sd", "recall_sd")
        return few or "certified" in place or str(place[-2]).endswith("_interval") or place[-2:] == ("epochs", 0)
    if section == "tear":
        return last == "median"
    return last == "coverage_of_reachable" or place == ("sweep", 0, "trend_z")  # of a contender that rises


FIRST = {"precision", "precision_interval", "recall", "recall_interval", "base_rate", "n", "n_buys", "by_year"}
FIRST |= {"mean", "mean_interval", "random", "cost", "break_even"}  # what the card has of what ships
BELOW = {"certified", "calibration", "at_as_many_buys", "against_volatility", "verdict"}


@pytest.mark.parametrize(
    ("run", "place"), PLACES, ids=lambda told: told if isinstance(told, str) else ".".join(map(str, told))
)
def test_changing_a_number_changes_the_page_and_one_of_what_ships_its_first_part(run, place):
    found = RUNS[run]()
    before = page(found)
    at(found, place[:-1])[place[-1]] = at(found, place) * 2 + 1
    after = page(found)
    assert (after != before) != unsaid(run, place)
    if place[0] == "train" and not unsaid(run, place):
        first = bool(FIRST & set(place[-2:])) and not BELOW & set(place)
        assert (after.split("## ")[0] != before.split("## ")[0]) == first


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


def test_contenders_whose_precision_does_not_rise_are_named():
    text = page(findings())
    assert "Yes for 1 of 2 contenders." in text
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
    assert re.search(
        r"\| train \| +fits the models \| +2000-01-03 \| +2001-12-28 \| +2,448 \| +612 \| +0\.250 \|", text
    )
    found = findings()
    found.ingest.update(symbol=None, source="csv")
    found.ingest["findings"] = []
    assert "found nothing to say." in page(found)
    assert "bars of csv (own file), 1999-01-04 to 2018-12-31, read as Stooq form, newest first; " in page(found)


@pytest.mark.parametrize(
    "found",
    [findings(), logistic_ships(), blend_ships(), closed(logistic_ships()), none_ships()],
    ids=["transformer", "logistic", "blend", "closed", "nothing"],
)
def test_the_page_keeps_the_metric_law_and_is_whole(found):
    text = page(found)
    assert FORBIDDEN.search(text) is None and "None" not in text
    assert text.startswith("# buysignal report\n\n**") and text.endswith("\n") and not text.endswith("\n\n")
    assert "\n\n\n" not in text
    assert text.index("recision") < text.index("ecall")
    titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    asked = ["Is it real?", "What does it earn?", "When does it fail?", "How was it found?", "How was it made?"]
    assert titles == [one for one in asked if found.tear or one != "When does it fail?"]
    assert text.count("<details><summary>") == text.count("\n</details>\n")


PARTS = ["Promises and seeds", "Test role", "Does precision rise with the threshold?", "How the money is counted"]
PARTS += ["Its worst trades", "Every contender, and why this one ships", "Threshold role", "Scores as probabilities"]
PARTS += ["The search's ten", "Search", "Roles of time"]


def test_what_only_some_want_to_know_is_folded_below_the_answer_that_it_belongs_to():
    text = page(findings())
    assert re.findall("<details><summary>(.*)</summary>", text) == PARTS
    plain = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    assert len(re.findall(r"\w[^\s|]*", plain)) < 1000 and "Could it be luck?" in plain


def test_roles_stand_in_the_order_of_time_with_the_purged_days_last():
    rows = {"first": "2001-01-02", "last": "2002-01-01", "rows": 30, "positives": 3, "base_rate": 0.1}
    roles = {"purged": rows, "rank": rows | {"first": "2009-01-02"}, "train": rows}
    tier = {"tier": "a50", "features": 55, "warmup_days": 66, "roles": roles}
    table = page(findings(tiers=[tier])).split("counted on tier a50;")[1]
    assert re.findall(r"^\| (\w+) ", table, re.MULTILINE) == ["role", "train", "rank", "purged"]


def test_fits_that_the_limit_cut_off_are_counted_beside_the_verdict():
    assert "1 of 2 fits of transformers were not stopped by their stop role but by the limit of 6 epochs" in page(
        findings()
    )
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
