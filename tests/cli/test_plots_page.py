"""What `dvc plots diff` says of two revisions: whose curve is whose, which are the same, what is more than noise."""

import json
import re

import pytest
import vl_convert
import yaml
from dvc_render.vega import VegaRenderer

from buysignal.cli.plots_page import VEGA_LITE, page
from tests.pipeline.project import ROOT
from tests.report.browser import Browser, Page, binary

TEMPLATES = ROOT / ".dvc/plots"
VIEWS = dict(next(iter(v.items())) for v in yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"])
BASELINE = "plots/curves/volatility.csv"


def curve(rev, precisions, file="plots/curves/candidate.csv"):
    """Rows of a file of precision at a threshold or recall, as DVC gives them to a template."""
    return [
        {
            "rev": rev,
            "filename": file.removeprefix("plots/curves/"),
            "field": "precision",
            "threshold": at / 10,
            "recall": 1 - at / 10,
            "precision": precision,
            "precision_interval_low": precision - 0.1,
            "precision_interval_high": precision + 0.1,
            "n_buys": 50 - at,
        }
        for at, precision in enumerate(precisions)
    ]


def judged(rev, precision, low, high, buys=60):
    """Rows of metrics/selection.json, the candidate and another."""
    row = {"rev": rev, "name": "candidate", "precision": precision, "precision_interval": [low, high], "n_buys": buys}
    return [row | {"name": "a50-boosting", "precision": 0.99}, row]


def filled(name, rows):
    """The spec of a view of dvc.yaml with these rows."""
    view = VIEWS[name]
    [drawn] = {value for value in view["y"].values() if isinstance(value, str)}
    labels = {key: view[key] for key in ("title", "x_label", "y_label") if key in view}
    made = VegaRenderer(
        rows, name, template=view["template"], template_dir=TEMPLATES, x=view.get("x"), y=drawn, **labels
    )
    return json.loads(made.partial_html())


def said(name, *rows):
    """Every text in the drawing."""
    svg = vl_convert.vegalite_to_svg(filled(name, [row for part in rows for row in part]), vl_version=VEGA_LITE)
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


def test_each_curve_is_named_by_its_revision_and_its_model_and_never_by_a_file():
    rows = [curve(rev, at, f) for rev, at in (("HEAD", [0.2, 0.4]), ("d45", [0.2, 0.5])) for f in ("candidate.csv",)]
    rows += [curve(rev, [0.3, 0.6], BASELINE) for rev in ("HEAD", "d45")]
    told = said("precision vs recall", *rows)
    assert {"HEAD (candidate)", "d45 (candidate)", "the same in both (volatility baseline)"} <= set(told)
    assert not [text for text in told if ".csv" in text]


def test_curves_that_are_equal_are_drawn_as_one_that_says_so():
    assert "the same in both" in said("precision vs threshold", curve("HEAD", [0.2, 0.4]), curve("d45", [0.2, 0.4]))
    three = [curve(rev, [0.2, 0.4]) for rev in ("HEAD", "d1", "d2")]
    assert "the same in all 3" in said("precision vs threshold", *three)


@pytest.mark.parametrize("other", [[0.2, 0.401], [0.4, 0.2], [0.2, 0.4, 0.4]])
def test_curves_that_differ_in_one_point_or_in_their_order_are_two(other):
    told = said("precision vs threshold", curve("HEAD", [0.2, 0.4]), curve("d45", other))
    assert {"HEAD", "d45"} <= set(told) and "the same in both" not in told


def test_one_revision_alone_is_not_called_the_same():
    assert "workspace" in said("precision vs threshold", curve("workspace", [0.2, 0.4]))


def test_the_diagonal_of_a_reliability_curve_is_where_it_should_lie():
    rows = [
        {
            "rev": rev,
            "filename": "",
            "field": field,
            "predicted": p,
            "dvc_inferred_y_value": p / 2 if field == "observed" else p,
        }
        for rev in ("HEAD", "d45")
        for field in ("observed", "predicted")
        for p in (0.1, 0.2)
    ]
    view = VIEWS["reliability"]
    made = VegaRenderer(
        rows, "reliability", template=view["template"], template_dir=TEMPLATES, x="predicted", y="dvc_inferred_y_value"
    )
    svg = vl_convert.vegalite_to_svg(json.loads(made.partial_html()), vl_version=VEGA_LITE)
    assert {"the same in both", "where it should lie"} <= set(re.findall(r">([^<]+)</text>", svg))


# sqrt(0.1^2 + 0.1^2) = 0.141 is what two intervals of 0.1 to either side leave room for
@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ((0.45, 0.35, 0.55), "+0.150 against HEAD: more than noise"),
        ((0.43, 0.33, 0.53), "+0.130 against HEAD: no more than noise"),
        ((0.15, 0.05, 0.25), "-0.150 against HEAD: more than noise"),
        ((0.30, 0.20, 0.40), "the same as HEAD"),
        ((0.45, 0.15, 0.55), "+0.150 against HEAD: no more than noise"),  # its lower end is what counts upwards
        ((0.15, 0.05, 0.45), "-0.150 against HEAD: no more than noise"),  # and its upper end downwards
    ],
)
def test_the_summary_says_what_changed_and_whether_that_is_more_than_noise(now, verdict):
    told = said("candidate precision", judged("HEAD", 0.3, 0.2, 0.4), judged("d45", *now))
    assert "HEAD: 0.300 (0.200 to 0.400), 60 buys" in [" ".join(text.split()) for text in told]
    assert "d45: {:.3f} ({:.3f} to {:.3f}), 60 buys".format(*now) in [" ".join(text.split()) for text in told]
    assert verdict in [text.replace("\u2212", "-") for text in told]
    assert not [text for text in told if "0.990" in text]  # of no other model


def test_noise_is_what_the_gate_calls_noise():
    """The same limit as `buysignal.cli.gate.rules`, that of a difference by squaring and adding, in both directions."""
    text = (TEMPLATES / "summary.json").read_text(encoding="utf-8")
    [noise] = re.findall(r'"calculate": "(datum.change > 0 \? [^"]+)"', text)
    y = "datum['<DVC_METRIC_Y>']"
    up, down = noise.removeprefix("datum.change > 0 ? ").split(" : ")
    assert up == f"sqrt(pow({y} - datum.low, 2) + pow(datum.base_high - datum.base, 2))"
    assert down == f"sqrt(pow(datum.high - {y}, 2) + pow(datum.base - datum.base_low, 2))"


@pytest.fixture
def written(tmp_path):
    """The page of three views, as `dvc plots diff HEAD d45` writes it."""
    views = {
        "candidate precision": [*judged("HEAD", 0.3, 0.2, 0.4), *judged("d45", 0.45, 0.35, 0.55)],
        "precision vs threshold": [*curve("HEAD", [0.2, 0.4]), *curve("d45", [0.2, 0.5])],
        "hits by symbol": [],
    }
    divs = []
    for at, (name, rows) in enumerate(views.items()):
        partial = json.dumps(filled(name, rows) if rows else {})
        divs.append(VegaRenderer.DIV.format(id=f"view{at}", partial=partial))
    path = tmp_path / "index.html"
    path.write_text(page().replace("{plot_divs}", "\n".join(divs)).replace("{refresh_tag}", ""), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser_no_view_is_wider_than_the_screen_and_the_title_names_both(written, tmp_path, width):
    if (program := binary()) is None:
        pytest.skip("needs Chromium")
    with Browser(program, tmp_path / "profile") as browser:
        opened = Page(browser, written, width)
        assert opened.wait("document.querySelectorAll('main canvas, main svg').length === 2")
        assert opened.evaluate("document.title") == "d45 against HEAD"
        assert "dvc params diff HEAD d45" in opened.evaluate("document.body.innerText")
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        widths = "[...document.querySelectorAll('main canvas, main svg')].map(e => e.getBoundingClientRect().width)"
        assert all(min(width, 640) / 2 < found <= width for found in opened.evaluate(widths))
        told = [text for text in opened.complaints() if not text.startswith("WARN")]  # Vega's own
        assert not [text for text in told if "current version is" not in text]
        assert not [asked for asked in opened.requests() if asked.startswith("http")]
