"""Each promised chart is there, shows this run's numbers, and keeps precision and recall apart."""

import json

import altair as alt
import pytest
from jsonschema import ValidationError

from buysignal.report.charts import points, results, trials
from buysignal.report.gallery import gallery
from tests.report.drawable import TIER, drawable, drawn_findings, nothing_found
from tests.report.examples import BASELINE, TESTED

CHARTS = gallery(drawn_findings(), drawable())
ALL = [chart for charts in CHARTS.values() for chart in charts]
MADE = "How was it made?"  # which has its days whatever came of them
PROMISED = {
    "Is it real?": [
        "Precision on the test role",
        "Recall on the test role",
    ],
    "What does it earn?": ["What a capital of 1 came to, on the test role"],
    "How the money is counted": ["How far it fell below its highest, on the test role"],
    "When does it fail?": ["Where in time the buys fell, on the test role"],
    "How was it made?": ["Which days were used for what"],
    "Does precision rise with the threshold?": [
        "Precision against the threshold, on the threshold role",
        "Recall against the threshold, on the threshold role",
        "Precision against recall, on the threshold role",
    ],
    "Threshold role": ["Range of the scores on the threshold role"],
    "Scores as probabilities": ["Predicted and observed, what ships on the threshold role"],
    "The search's ten": ["Lower bound of precision against luck, on the threshold role"],
    "Search": [f"{metric} on the rank role" for metric in ("Precision", "Recall", "AUC")]
    + ["What was tried on a50, and what was not", "What matters on a50"]
    + [f"{metric} and size, on the rank role" for metric in ("Precision", "Recall", "AUC")],
    "After the search": [f"{metric} on a50, on the rank role" for metric in ("Precision", "Recall", "AUC")],
}


def titled(title):
    return next(chart for chart in ALL if chart.title == title)


def values(chart):
    """Rows of a chart's data, those of its layers after each other."""
    return [row for rows in chart.spec["datasets"].values() for row in rows]


def axes(spec):
    """(channel, field, title) of every position in a spec."""
    for layer in spec["layer"]:
        for channel in ("x", "y", "x2", "y2"):
            at = layer.get("encoding", {}).get(channel, {})
            yield channel[0], str(at.get("field")), str(at.get("title"))


def test_every_promised_chart_stands_in_its_section():
    assert {name: [chart.title for chart in charts] for name, charts in CHARTS.items()} == PROMISED
    assert all(chart.spec and not chart.missing for chart in ALL)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.title)
def test_a_chart_is_what_the_grammar_allows(chart):
    alt.LayerChart.from_dict(chart.spec, validate=True)
    with pytest.raises(ValidationError):
        alt.LayerChart.from_dict({**chart.spec, "height": "tall"}, validate=True)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.title)
def test_precision_and_recall_never_share_an_axis(chart):
    shared = {"x": set(), "y": set()}
    for axis, field, title in axes(chart.spec):
        shared[axis] |= {metric for metric in ("precision", "recall") if metric in field + title}
    assert all(len(metrics) <= 1 for metrics in shared.values())
    both = shared["x"] | shared["y"] == {"precision", "recall"}
    assert both == (chart.title == "Precision against recall, on the threshold role")


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.title)
def test_every_chart_can_be_read_without_seeing_it(chart):
    assert chart.spec["description"] == f"{chart.title}. {chart.says}" and chart.says
    assert chart.rows and all(len(row) == len(chart.header) for row in chart.rows)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.title)
def test_what_a_colour_says_a_shape_or_a_dash_says_too(chart):
    for layer in chart.spec["layer"]:
        coloured = layer["encoding"].get("color", {})
        if coloured.get("type") != "nominal" or layer["mark"]["type"] == "rule":  # a rule runs through its mark
            continue
        other = [layer["encoding"].get(channel) for channel in ("shape", "strokeDash")]
        assert any(channel and channel["type"] == "nominal" for channel in other)


def test_beside_what_ships_stands_its_interval_and_the_baselines_at_as_many_buys():
    precision, recall = CHARTS["Is it real?"]
    assert [list(row) for row in precision.rows] == [
        ["a50-2M-T8", "0.550", "0.410–0.680"],
        ["a50-volatility", "0.525", "–"],
        ["a50-touch", "0.465", "–"],
    ]
    # 604 days of which 0.131 are right are 79.124; 0.5251 of 40 buys are 21.004 of them
    assert [list(row) for row in recall.rows] == [
        ["a50-2M-T8", "0.275", "0.180–0.390"],
        ["a50-volatility", "0.265", "–"],
        ["a50-touch", "0.235", "–"],
    ]
    own, *others = points.lead(BASELINE | {"interval_confidence": 0.95})[0].rows
    assert own[0] == "a50-volatility" and [row[0] for row in others] == ["a50-touch"]  # and not itself again


def test_luck_stands_with_the_search():
    [luck] = CHARTS["The search's ten"]
    assert [row[1] for row in luck.rows] == ["0.345", "0.155", "0.101"]
    assert "the best of as many models without skill" in luck.says and "9 models" in luck.says


def test_the_chosen_operating_point_stands_on_both_curves():
    precision, recall, tradeoff = CHARTS["Does precision rise with the threshold?"]
    assert {"threshold": 0.4321, "precision": 0.6} in values(precision)
    assert {"threshold": 0.4321, "recall": 0.3} in values(recall)
    assert {"precision": 0.6, "recall": 0.3} in values(tradeoff)
    assert ["what ships", "0.400000", "0.600", "0.500–0.700", "99"] in precision.rows
    assert sum(layer["mark"]["type"] == "area" for layer in precision.spec["layer"]) == 2


def test_the_buys_are_marked_hit_or_miss_on_their_days():
    chart = titled("Where in time the buys fell, on the test role")
    assert chart.rows == [
        ["2018-01-02", "2700.00", "0.500", "hit"],
        ["2018-01-03", "2710.50", "0.600", "miss"],
        ["2018-01-05", "2725.00", "0.700", "hit"],
    ]
    assert "2 of 3 buys were right" in chart.says
    assert {"date": "2018-01-04T00:00:00", "close": 2690.0} in values(chart)


def test_a_trial_that_bought_on_no_day_has_no_precision_but_a_recall():
    precision, recall, _ = CHARTS["Search"][:3]
    assert precision.rows == [["a50-2M", "1", "0.500"], ["a100-supplement", "0", "0.600"]]
    assert "Left out: 1 that bought on no day." in precision.says
    assert len(recall.rows) == 3


def test_sweet_spots_stand_beside_what_was_left_untested_in_order():
    chart = titled("What was tried on a50, and what was not")
    assert chart.rows == [
        ["d_model 32", "tried", "1", "0.610", "–"],
        ["d_model 48", "untested", "0", "–", "–"],
        ["d_model 64", "promising", "3", "0.680", "0.600–0.760"],
        ["d_model 80", "past the end of what was tried", "0", "–", "–"],
    ]
    assert chart.notes == ["d_model matters"]


def test_sizes_are_true_parameter_counts_and_recall_comes_from_the_evidence_of_precision():
    precision, recall, ranking = CHARTS["Search"][-3:]
    assert precision.rows == [
        ["a50-20M", "900,000", "55", "0.650", "0.400–0.800"],
        ["a50-2M", "90,000", "55", "0.550", "0.400–0.800"],
    ]
    assert recall.rows[0] == ["a50-20M", "900,000", "55", "0.110", "0.020–0.300"]
    assert ranking.rows[1] == ["a50-2M", "90,000", "55", "0.660", "–"] and ranking.notes == ["more is more"]


def test_a_cell_that_bought_on_no_day_shows_no_precision():
    found = drawn_findings()
    found.transfers[0]["cells"][0] |= {"n_buys": 0, "precision": 0.0}
    precision, _, ranking = trials.transfer(found.transfers[0])
    assert precision.rows[0] == ["best of 2M", "under 2M", "no buys"]
    assert ranking.rows[0] == ["best of 2M", "under 2M", "0.710"]


def test_the_score_itself_is_drawn_once_where_no_map_is_chosen():
    tables = drawable().reliability
    tables["map"]["map"] = "none"
    chart = results.reliability(tables)
    assert {row[0] for row in chart.rows} == {"the score itself"}


def test_nothing_to_draw_is_said_in_a_sentence_each():
    charts = [chart for name, part in gallery(*nothing_found()).items() if name != MADE for chart in part]
    assert all(chart.spec is None and chart.missing.endswith(".") for chart in charts)
    assert {chart.title for chart in charts} >= {*PROMISED["The search's ten"]}
    missing = {chart.title: chart.missing for chart in charts}
    assert results.buys(None, "").missing == "Nothing ships, so nothing bought."
    assert missing[PROMISED["The search's ten"][0]] == "Cannot tell: no model has an operating point."
    assert missing["What was tried on a50, and what was not"] == "Nothing can be learned here: no trial is complete."


def test_what_ships_without_a_buy_and_a_role_of_one_class_compare_nothing():
    for change, words in (({"no_buys": True}, "bought on no test day"), ({"one_class": True}, "have the same label")):
        precision, recall = points.lead(TESTED | change)
        assert words in precision.missing and words in recall.missing
    chart = results.buys(drawable().days.assign(bought=False), "a50-2M-T8")
    assert chart.missing == "a50-2M-T8 bought on none of the 4 test days."


def test_trials_that_bought_on_no_day_at_all_leave_recall_and_auc():
    measured = drawable().trials.assign(n_buys=0)
    precision, recall, ranking = trials.history(measured)
    assert precision.missing.startswith("None of 3 trials bought on any day") and recall.spec and ranking.spec


def test_one_value_of_one_dimension_can_be_drawn():
    lone = {"values": {"64": TIER["dimensions"]["d_model"]["values"]["32"]}, "gaps": [], "beyond": []}
    [chart] = trials.sweet_spots({"a50": TIER | {"dimensions": {"d_model": lone}}}, [], "AUC")
    assert chart.rows == [["d_model 64", "tried", "1", "0.610", "–"]] and chart.spec


def test_specs_are_plain_json_of_finite_numbers():
    for chart in ALL:
        assert json.loads(json.dumps(chart.spec, allow_nan=False)) == chart.spec
