"""The views of dvc.yaml: what each shows, under a name that stays, with one experiment and with several beside it."""

import json
from html.parser import HTMLParser

import pandas as pd
import pytest
import yaml

from buysignal.cli.plots_page import page
from tests.pipeline.project import ROOT

VIEWS = [next(iter(view.items())) for view in yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]]
NAMES = [
    "candidate precision",
    "candidate recall",
    "precision vs threshold",
    "recall vs threshold",
    "precision vs recall",
    "headline precision vs threshold",
    "headline recall vs threshold",
    "reliability",
    "equity",
    "hits by symbol",
    "precision by year",
    "buys by year",
    "lead of fitting again",
    "trial history",
    "candidate training",
]
OF_MANY = {"hits by symbol", "precision by year", "buys by year"}  # not drawn of one symbol
UNDRAWN = OF_MANY | {"lead of fitting again"}  # the last where walk.months is []


def columns(view):
    """Columns drawn upwards, of every file."""
    return {name for drawn in view["y"].values() for name in ([drawn] if isinstance(drawn, str) else drawn)}


def test_names_stay_as_reviews_and_the_editor_remember_them():
    assert [name for name, _ in VIEWS] == NAMES


@pytest.mark.parametrize(("name", "view"), VIEWS)
def test_a_view_has_a_template_of_ours_and_titles_and_never_draws_precision_and_recall_upwards_together(name, view):
    assert (ROOT / ".dvc/plots" / view["template"]).with_suffix(".json").is_file()
    assert view["title"] and view["y_label"] and ("x" in view) == ("x_label" in view)
    assert not {"precision", "recall"} <= columns(view)


@pytest.mark.parametrize(("name", "view"), VIEWS)
def test_with_five_experiments_no_panel_has_more_than_six_lines_to_tell_apart(name, view):
    """One per experiment, and one that is the same in all: the baseline, or the diagonal of a reliability curve."""
    drawn = [(path, name) for path, of in view["y"].items() for name in ([of] if isinstance(of, str) else of)]
    same = [("plots/curves/volatility.csv", "precision"), ("plots/calibration/map.csv", view.get("x"))]
    assert len([line for line in drawn if line not in same]) == 1


@pytest.mark.pipeline
@pytest.mark.parametrize(("name", "view"), VIEWS)
def test_a_view_names_columns_that_the_pipeline_wrote(reviewed, name, view):
    for path, drawn in view["y"].items():
        read = pd.read_json if path.endswith(".json") else pd.read_csv
        table = read(reviewed.folder / path, **({"sep": "\t"} if path.endswith(".tsv") else {}))
        wanted = {*([view["x"]] if "x" in view else []), *([drawn] if isinstance(drawn, str) else drawn)}
        assert wanted <= set(table.columns), path
        assert bool(len(table)) == (name not in UNDRAWN) and table[sorted(wanted)].notna().all(axis=None), path


@pytest.mark.pipeline
def test_a_comparison_has_one_panel_per_view_with_both_revisions_in_it(reviewed):
    compared = json.loads(reviewed.run("dvc", "plots", "diff", "HEAD", "tried-1", "--json").stdout)
    assert list(compared["data"]) == NAMES and "errors" not in compared
    assert {name for name, panels in compared["data"].items() if not panels} == UNDRAWN
    for name in sorted(set(NAMES) - UNDRAWN):
        [panel] = compared["data"][name]
        assert panel["revisions"] == ["HEAD", "tried-1"], name
        content = json.loads(panel["content"]) if isinstance(panel["content"], str) else panel["content"]
        assert {row["rev"] for row in content["data"]["values"]} == {"HEAD", "tried-1"}, name
        assert content["title"]["text"] == dict(VIEWS)[name]["title"]


@pytest.mark.pipeline
def test_the_page_needs_no_network(reviewed, tmp_path):
    template, out = tmp_path / "plots.html", tmp_path / "out"
    template.write_text(page(), encoding="utf-8")
    reviewed.run("dvc", "plots", "diff", "HEAD", "tried-1", "--html-template", str(template), "--out", str(out))
    written = (out / "index.html").read_text(encoding="utf-8")
    assert written.count("vegaEmbed('#") == len(NAMES)
    links = Links()
    links.feed(written)
    assert links.found == []


class Links(HTMLParser):
    """What the tags of a page fetch; text within its scripts is no tag."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("src", "href")]
