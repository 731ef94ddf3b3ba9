"""Before anything runs: what cannot work is refused in one line, at the price of a second."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml

from buysignal.bars.params import EXAMPLE
from buysignal.cli import preflight as module
from buysignal.cli.params import Params
from buysignal.cli.preflight import preflight
from buysignal.core.errors import UserError
from buysignal.features.tiers import n_features, warmup
from tests.features.samples import random_bars

ROOT = Path(__file__).resolve().parents[2]


def params(**changes) -> Params:
    """The project's params with dotted keys changed; dots are written as two underscores."""
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    for key, value in changes.items():
        *sections, last = key.split("__")
        place = content
        for section in sections:
            place = place[section]
        place[last] = value
    return Params.of(content)


def refusal(**changes) -> str:
    with pytest.raises(UserError) as caught:
        preflight(params(**changes))
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def write_csv(path: Path, rows: int, spoil=None) -> str:
    bars = random_bars(rows, seed=5).rename(columns=str.capitalize).rename_axis("Date")
    if spoil is not None:
        spoil(bars)
    bars.to_csv(path)
    return str(path)


@pytest.mark.parametrize("source", ["sp500", "nasdaq"])
def test_the_params_as_shipped_pass(source):
    preflight(params(ingest__source=source, tiers=["a20", "a50", "a100", "a200"], budgets=["2M", "20M", "200M"]))


def test_an_end_that_no_bar_reaches_is_refused_as_it_would_fix_nothing():
    said = refusal(roles__until="2031-01-01")
    assert (
        "roles.until is 2031-01-01 and the last bar is of 2018-12-31" in said
        and "set it to 2018-12-31, or to last" in said
    )
    preflight(params(roles__until="2019-01-01"))  # a holiday after it is near enough


def smallest_of(said: str) -> int:
    return int(said.split("the smallest has ")[1].split(":")[0].replace(",", ""))


def test_a_cap_that_nothing_fits_is_refused_with_the_smallest_count():
    said = refusal(grids__2M__cap=10)
    assert said.startswith("budget 2M: no grid entry fits the cap of 10 parameters; the smallest has ")
    # the first tier, a50: embedding, positions, two blocks and the head of width 32, by hand
    f, d, n = n_features("a50"), 32, 9
    block = 2 * d + (d * 3 * d + 3 * d) + (d * d + d) + 2 * d + (d * 2 * d + 2 * d) + (2 * d * d + d)
    assert smallest_of(said) == (16 * f * d + d) + n * d + 2 * block + 2 * d + (n * d + 1)
    preflight(params(grids__2M__cap=10, budgets=["20M"]))  # a grid that is not searched is not asked


def test_a_cap_that_fits_a_small_tier_alone_is_refused():
    alone = dict(tiers=["a20"], candidate__tier="a20")
    cap = smallest_of(refusal(grids__2M__cap=10, **alone))
    preflight(params(grids__2M__cap=cap, **alone))
    assert "no grid entry fits" in refusal(grids__2M__cap=cap - 1, **alone)
    assert "no grid entry fits" in refusal(grids__2M__cap=cap, tiers=["a20", "a100"], candidate__tier="a20")


def test_heads_that_divide_no_width_are_refused():
    assert refusal(grids__2M__n_heads=[7]).startswith("budget 2M: none of n_heads [7] divides any d_model")


def test_too_few_bars_for_the_roles_are_refused_with_the_number_that_is_enough(tmp_path):
    path = write_csv(tmp_path / "bars.csv", 200)
    changes = dict(ingest__source="csv", ingest__csv=path, tiers=["a20"], candidate__tier="a20", model__context=20)
    said = refusal(**changes)
    # 199 labelled days are cut at 99.5, rounded to 100, and 115.42; one is purged
    assert said.startswith("200 bars leave role stop 14 rows after purging, fewer than 30: at least ")
    enough = int(said.split("at least ")[1].split(" bars")[0].replace(",", ""))
    write_csv(tmp_path / "bars.csv", enough - 1)
    assert f"at least {enough} bars are needed" in refusal(**changes)
    write_csv(tmp_path / "bars.csv", enough)
    preflight(params(**changes))


def test_the_bars_are_those_up_to_the_last_day_that_is_used(tmp_path):
    path = write_csv(tmp_path / "bars.csv", 900)
    changes = dict(ingest__source="csv", ingest__csv=path, tiers=["a20"], candidate__tier="a20", model__context=20)
    days = random_bars(900, seed=5).index
    preflight(params(**changes, roles__until=f"{days[599]:%Y-%m-%d}"))
    said = refusal(**changes, roles__until=f"{days[199]:%Y-%m-%d}")
    assert said.startswith("200 bars leave role stop 14 rows after purging, fewer than 30: at least ")
    assert "before the first bar of" in refusal(**changes, roles__until="1960-01-01")


def test_last_days_of_roles_are_held_against_the_bars():
    ends = dict(
        train="2008-12-31", stop="2010-08-06", rank="2012-08-03", calibrate="2014-03-14", threshold="2016-08-04"
    )
    dated = {f"roles__{role}": day for role, day in ends.items()} | {"roles__test": "rest"}
    preflight(params(**dated))
    assert refusal(**dated | {"roles__train": "1998-12-31"}) == (
        "roles.train is 1998-12-31, but the days that have a label are 1999-01-04 to 2018-12-28"
    )
    assert refusal(**dated | {"roles__threshold": "2018-12-20"}).startswith("5,031 bars leave role test 5 rows after")


def test_too_few_bars_for_the_warm_up_are_refused(tmp_path):
    path = write_csv(tmp_path / "bars.csv", 600)
    said = refusal(ingest__source="csv", ingest__csv=path, tiers=["a20", "a200"], candidate__tier="a20")
    assert said.startswith(f"600 bars leave tier a200 0 training windows after {warmup('a200')} warm-up days")


def test_a_level_that_no_day_reaches_is_refused():
    assert "training windows of tier a50 are labelled 0" in refusal(label__threshold=0.9)


def test_a_bad_bar_is_refused_unless_it_is_to_be_dropped(tmp_path):
    def spoil(bars):
        bars.iloc[7, bars.columns.get_loc("High")] = 0.5 * bars["Low"].iloc[7]

    path = write_csv(tmp_path / "bars.csv", 900, spoil)
    changes = dict(ingest__source="csv", ingest__csv=path)
    assert refusal(**changes).startswith("1 of 900 bars is bad: 2001-01-10 high_below_low: ")
    preflight(params(**changes, ingest__on_bad_rows="drop"))


def test_bars_whose_moves_take_a_feature_beyond_a_float_are_refused(tmp_path):
    def spoil(bars):  # a hundred times up and back, the two with unlike volume: a volume index sees one alone
        factor = np.where(np.arange(len(bars)) % 2, 100.0, 1.0)
        for name in ("Open", "High", "Low", "Close"):
            bars[name] = bars[name].iloc[0]
        bars["High"] *= factor
        bars["Close"] = bars["High"]
        bars["Volume"] = np.where(np.arange(len(bars)) % 2, 10.0, 20.0)

    path = write_csv(tmp_path / "bars.csv", 1500, spoil)
    changes = dict(ingest__source="csv", ingest__csv=path, tiers=["a20", "a200"], candidate__tier="a20")
    assert refusal(**changes).startswith("the bars make features of tier a200 not finite: positive_volume_index_63")


def test_the_best_of_each_day_are_refused_where_there_are_no_others(tmp_path, monkeypatch):
    said = (
        "select.per_day is 3, but the bars are of {}, and the best of a day are chosen among more: set it to 0 to buy"
    )
    assert refusal(select__per_day=3).startswith(said.format("one market"))
    monkeypatch.setitem(sys.modules, "yfinance", ModuleType("yfinance"))
    yahoo = dict(ingest__source="yahoo", ingest__symbol="SPY")
    assert refusal(**yahoo, select__per_day=3).startswith(said.format("one market"))
    (tmp_path / "stocks").mkdir()
    for symbol in "ABC":
        write_csv(tmp_path / f"stocks/{symbol}.csv", 600)
    stocks = dict(ingest__source="folder", ingest__csv=str(tmp_path / "stocks"), tiers=["a20"], candidate__tier="a20")
    assert refusal(**stocks, select__per_day=3).startswith(said.format("3 symbols"))
    preflight(params(**stocks, select__per_day=2))


def test_a_file_that_is_not_there_is_refused():
    assert "absent.csv" in refusal(ingest__source="csv", ingest__csv="absent.csv")


def test_yahoo_is_not_asked_but_its_dates_and_its_package_are_checked(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("yahoo was asked")

    monkeypatch.setattr(module, "bars_of", refuse)
    monkeypatch.setitem(sys.modules, "yfinance", ModuleType("yfinance"))
    preflight(params(ingest__source="yahoo", ingest__symbol="SPY"))
    assert refusal(ingest__source="yahoo", ingest__symbol="SPY", ingest__end="soon").startswith(
        "ingest.end is 'soon': write an ISO date"
    )
    assert "is not over yet" in refusal(ingest__source="yahoo", ingest__symbol="SPY", ingest__end="9999-01-01")
    assert "no grid entry fits" in refusal(ingest__source="yahoo", ingest__symbol="SPY", grids__2M__cap=10)
    preflight(params(ingest__source="yahoo", ingest__symbol=["SPY", "QQQ"]))
    monkeypatch.setitem(sys.modules, "yfinance", None)
    assert refusal(ingest__source="yahoo", ingest__symbol="SPY").startswith("ingest.source yahoo needs yfinance")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ingest__csv": "bars.csv"}, "ingest.csv is 'bars.csv', which is not read while ingest.source is sp500: set "),
        ({"ingest__symbol": "ABC"}, "ingest.symbol is ABC, which is not read while ingest.source is sp500: set "),
        ({"ingest__symbol": ["A", "B"]}, "ingest.symbol is ['A', 'B'], which is not read while ingest.source is sp500"),
        ({"ingest__source": "demo", "ingest__symbol": "IBM"}, "which is not read while ingest.source is demo: set "),
        ({"ingest__source": "demo", "ingest__csv": "bars.csv"}, "which is not read while ingest.source is demo: set "),
        ({"ingest__source": "csv", "ingest__symbol": ["A", "B"]}, "ingest.symbol is a list, of which a file has one"),
        ({"ingest__source": "yahoo"}, "ingest.source yahoo needs ingest.symbol, such as SPY"),
        (
            {"ingest__symbol": True},
            "it must be a symbol of at most 20 letters, digits and signs of ^.=&-, or a list of such",
        ),
        ({"ingest__symbol": 600519}, "(-S \"ingest.symbol='600519'\")"),
    ],
)
def test_bars_that_are_named_and_not_read_are_refused(changes, says):
    assert says in refusal(**changes)


def test_what_ingest_csv_is_as_shipped_is_known():
    assert params().ingest.csv == EXAMPLE


def test_bars_without_volume_are_asked_whether_they_have_one(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("Date,Open,High,Low,Close\n2021-01-04,1,2,1,2\n")
    changes = dict(ingest__source="csv", ingest__csv=str(path))
    assert "has no column volume" in refusal(**changes) and "ingest.volume: none" in refusal(**changes)
    assert refusal(**changes, ingest__volume="none").startswith("1 bars give no label")


def test_bars_without_volume_make_narrower_models():
    f, d, n = n_features("a50", volume=False), 32, 9
    block = 2 * d + (d * 3 * d + 3 * d) + (d * d + d) + 2 * d + (d * 2 * d + 2 * d) + (2 * d * d + d)
    least = (16 * f * d + d) + n * d + 2 * block + 2 * d + (n * d + 1)
    assert f == 49 and smallest_of(refusal(grids__2M__cap=10, ingest__volume="none")) == least


def test_bars_that_are_no_daily_bars_are_refused_whatever_is_done_about_bad_rows(tmp_path):
    def exchange(bars):
        bars.columns = ["Open", "Low", "High", "Close", "Volume"]

    path = write_csv(tmp_path / "bars.csv", 600, exchange)
    for rule in ("error", "drop", "repair"):
        said = refusal(ingest__source="csv", ingest__csv=path, ingest__on_bad_rows=rule)
        assert "the columns Open, High, Low, Close look like Open, Low, High, Close" in said


def test_the_check_does_without_torch_and_optuna():
    code = "import sys, buysignal.cli.preflight; print(sorted({'torch', 'optuna', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"  # with them it would take seconds, before every single run


PINNED = "{budget: %s, d_model: 64, n_layers: 3, n_heads: 4, d_ff_ratio: 2, dropout: 0.3, learning_rate: 0.0001, "
PINNED += "weight_decay: 0.0}"


@pytest.mark.parametrize(
    ("tier", "budget", "says"),
    [
        ("a20", "2M", "unknown key a20; did you mean a50?"),
        ("a50", "200M", "a50.first.A01: budget is '200M'; it must be one of budgets: 2M, 20M"),
        ("a50", "2M", ""),
    ],
)
def test_pinned_trials_are_read_before_anything_runs(tmp_path, tier, budget, says):
    path = tmp_path / "mine.yaml"
    path.write_text(f"{tier}: {{first: {{A01: {PINNED % budget}}}}}\n")
    if says:
        assert says in refusal(supplement__pinned=str(path))
    else:
        preflight(params(supplement__pinned=str(path)))


def test_a_candidate_that_no_memory_holds_is_refused():
    said = refusal(d_model=65536, n_layers=1024, n_heads=1)
    assert "the candidate has 35," in said and "more than 500,000,000" in said


@pytest.mark.parametrize(
    ("key", "spec", "says"),
    [
        ("features__extra", "plugins/absent.py:x", "plugins/absent.py:x: plugins/absent.py is not there: write it"),
        ("features__extra", "sklearn.svm:SVC", "sklearn.svm:SVC is no function of bars: name it in models.extra, if"),
        ("models__extra", "absent_package:X", "absent_package:X needs absent_package, which is not there"),
        (
            "models__extra",
            "plugins/example.py:calm",
            "plugins/example.py:calm is no classifier and makes none: name it",
        ),
    ],
)
def test_what_is_no_feature_or_model_of_a_users_own_is_refused(key, spec, says):
    assert refusal(**{key: [spec]}).startswith(says)


def test_features_of_a_users_own_count_among_the_parameters():
    own = {"features__extra": ["plugins/example.py:calm"]}
    assert smallest_of(refusal(grids__2M__cap=10, **own)) > smallest_of(refusal(grids__2M__cap=10))
    preflight(params(**own))


def test_the_best_of_each_day_are_bought_of_more_symbols_than_that(tmp_path):
    by_day = dict(hpo__objective="precision_per_day", tiers=["a20"], candidate__tier="a20")
    said = refusal(**by_day)
    assert said.startswith("params.yaml: hpo.objective is precision_per_day and the bars have 1 symbol: more than ")
    assert "more than hpo.per_day, which is 3, are needed" in said
    assert refusal(**by_day, ingest__source="yahoo", ingest__symbol="SPY") == said  # known without a network
    for at in range(4):
        random_bars(900, seed=at).to_csv(tmp_path / f"S{at}.csv")
    folder = dict(ingest__source="folder", ingest__csv=str(tmp_path), model__context=20)
    preflight(params(**by_day, **folder))
    assert "the bars have 4 symbols: more than hpo.per_day, which is 4" in refusal(**by_day, **folder, hpo__per_day=4)
