"""A feature of a user's own keeps the promises of every feature, or is refused with its column and day."""

import sys

import numpy as np
import pandas as pd
import pytest

from buysignal.core.errors import UserError
from buysignal.core.plugins import content_of
from buysignal.days.params import Label, Roles
from buysignal.days.table import assemble, describe, require_rows
from buysignal.features import extra
from buysignal.features.tiers import compute as of_tier
from buysignal.features.tiers import warmup
from tests.features.samples import random_bars

BARS = random_bars(500, seed=3)
LABEL = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="fixed", multiple=1.0)
ROLES = Roles(until="last", train=0.50, stop=0.08, rank=0.10, calibrate=0.08, threshold=0.12, test=0.12)
HEAD = "import numpy as np\nimport pandas as pd\n\n"


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """Writes a feature ``mine`` whose body is given, and gives its spec."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugins").mkdir()

    def write(body: str, name: str = "mine") -> str:
        (tmp_path / f"plugins/{name}.py").write_text(f"{HEAD}def {name}(bars):\n    {body}\n")
        return f"plugins/{name}.py:{name}"

    yield write
    for name in [name for name in sys.modules if name.startswith("buysignal_plugin_")]:
        del sys.modules[name]


GOOD = "return bars['close'].rolling(100).mean() / bars['close']"


def test_a_series_is_named_after_its_function_and_columns_after_both(spec):
    frame = "return pd.DataFrame({'low': bars['low'], 'n_2': bars['high']}, index=bars.index)"
    columns = extra.compute(BARS, [spec(GOOD), spec(frame, "other")], extra.CUTS)
    assert list(columns) == ["mine", "other_low", "other_n_2"] and extra.warmup(columns) == 99
    np.testing.assert_array_equal(columns["mine"], BARS["close"].rolling(100).mean() / BARS["close"])


def test_its_columns_follow_those_of_every_tier_and_lengthen_its_warm_up(spec):
    own = [spec(GOOD)]
    table = extra.table(BARS, "a20", own, extra.CUTS)
    whole = of_tier(BARS, "a20")
    assert list(table) == [*whole, "mine"] and len(table) == 500 - 99 > 0
    pd.testing.assert_frame_equal(table[list(whole)], whole.loc[table.index], check_freq=False)
    assert len(extra.table(BARS, "a200", own)) == 500 - warmup("a200")  # which is the longer one
    days = assemble(BARS, "a20", LABEL, ROLES, own)
    told = describe(days, "a20", BARS)
    assert (told["features"], told["warmup_days"]) == (len(whole.columns) + 1, 99)
    with pytest.raises(UserError, match=r"450 bars leave tier a20 0 training windows after 300 warm-up days"):
        require_rows(BARS.iloc[:450], "a20", LABEL, ROLES, 80, own=300)


def test_no_feature_of_a_users_own_leaves_a_table_as_it_was():
    pd.testing.assert_frame_equal(extra.table(BARS, "a20"), of_tier(BARS, "a20"))
    assert extra.compute(BARS, []).shape == (500, 0) and extra.warmup(extra.compute(BARS, [])) == 0


def test_of_many_symbols_each_has_the_rows_that_it_has_alone_less_the_last_that_nobody_asks_for(spec):
    parts = {"A": BARS, "B": BARS.iloc[100:], "C": BARS.iloc[-60:], "D": BARS.iloc[:30]}
    bars = pd.concat(parts, names=["symbol", "date"])
    for less in (0, 3):
        found = extra.table(bars, "a20", less=less)
        whole = {name: of_tier(parts[name], "a20", raw=False) for name in "ABC"}  # D has no more than the warm-up
        joined = pd.concat({name: one.iloc[: len(one) - less] for name, one in whole.items()}, names=["symbol", "date"])
        pd.testing.assert_frame_equal(found, joined, check_exact=True)
    fickle = "return pd.DataFrame({f'n{len(bars)}': bars['close']}, index=bars.index)"
    with pytest.raises(UserError, match=r"^B: its columns are .*mine_n400, and not those of the symbols before it$"):
        extra.table(bars, "a20", [spec(fickle)])


AHEAD = {
    "tomorrow's close": ("bars['close'].shift(-1).ffill()", "mine on "),
    "mean of all closes": ("bars['close'] - bars['close'].mean()", "mine on 2001-01-01 changes"),
    "centred average": ("bars['close'].rolling(3, center=True, min_periods=1).mean()", "mine on "),
    "rank among all days": ("bars['close'].rank()", "mine on "),
    "warm-up filled from behind": ("bars['close'].rolling(50).mean().bfill()", "mine on 2001-01-01 changes"),
}


@pytest.mark.parametrize("name", AHEAD)
def test_a_feature_that_looks_ahead_is_refused_with_its_column_and_day(spec, name):
    body, told = AHEAD[name]
    with pytest.raises(
        UserError, match=r"when the bars after \d{4}-\d\d-\d\d are cut off: it must look back only$"
    ) as e:
        extra.compute(BARS, [spec(f"return {body}")], extra.CUTS)
    assert told in str(e.value) and str(e.value).startswith("plugins/mine.py:mine: ")


def test_the_day_of_a_look_ahead_is_right(spec):
    with pytest.raises(UserError) as told:
        extra.compute(BARS, [spec("return bars['close'].shift(-1).ffill()")], 2)
    day = BARS.index[extra.FEWEST - 1].date()  # the last day before the first cut has no tomorrow
    assert f"mine on {day} changes when the bars after {day} are cut off" in str(told.value)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return bars['close'].where(bars.index != bars.index[300])", r"mine is nan on 2002-02-25: it must be finite"),
        ("return bars['close'] / (bars['close'] - bars['close'].iloc[0])", r"mine is inf on 2001-01-01: it must be"),
        ("return bars['close'] * np.nan", r"mine is NaN on all 500 days"),
        ("return bars['close'].iloc[1:]", r"gives 499 days: its index must be that of the 500 bars"),
        ("return bars['close'].reset_index(drop=True)", r"gives 500 days: its index must be that of the 500 bars"),
        ("return bars['close'].to_numpy()", r"gives ndarray: it must give a Series, or a DataFrame with columns"),
        ("return None", r"gives NoneType: it must give a Series"),
        ("return bars[[]]", r"gives DataFrame: it must give a Series, or a DataFrame with columns"),
        ("return bars['close'].astype(str)", r"gives a column mine of str: it must be of numbers"),
        ("return bars[['close']].rename(columns={'close': 'A b'})", r"gives a column 'mine_A b': its name must be of"),
        ("return bars[['close', 'close']]", r"gives a column mine_close, which there is already"),
        ("return bars['clothes']", r"raises on 500 bars \(KeyError: 'clothes'\)"),
        ("return bars['close'] + np.random.rand()", r"mine on 2001-01-01 is another one when it is asked again"),
        ("raise SystemExit(3)", r"raises on 500 bars \(SystemExit: 3\)"),
    ],
)
def test_a_broken_promise_is_named_in_one_line(spec, body, says):
    with pytest.raises(UserError, match=says) as told:
        extra.compute(BARS, [spec(body)], extra.CUTS)
    assert "\n" not in str(told.value) and str(told.value).startswith("plugins/mine.py:mine")


@pytest.mark.parametrize(("name", "says"), [("rsi_14", "rsi_14, which there is already"), ("Mine", "its name must be")])
def test_a_name_that_is_taken_or_no_name_is_refused(spec, name, says):
    with pytest.raises(UserError, match=says):
        extra.compute(BARS, [spec("return bars['close']", name)])


def test_a_name_of_what_is_predicted_or_of_another_of_its_own_is_refused(spec, tmp_path):
    with pytest.raises(UserError, match=r"features\.extra gives a column label, as what is predicted is called"):
        assemble(BARS, "a20", LABEL, ROLES, [spec("return bars['close']", "label")])
    (tmp_path / "plugins/two.py").write_text("def mine(bars):\n    return bars['close']\n")
    with pytest.raises(UserError, match=r"features\.extra gives a column mine twice"):
        extra.compute(BARS, [spec("return bars['close']"), "plugins/two.py:mine"])


def test_bars_that_a_function_changes_are_its_own(spec):
    before = BARS.copy()
    extra.compute(BARS, [spec("bars['close'] = 0.0; return bars['high']")], extra.CUTS)
    pd.testing.assert_frame_equal(BARS, before)


def test_bars_without_volume_and_no_other_column_reach_a_function(spec):
    seen = spec("return pd.Series(float(len(bars.columns)), index=bars.index)")
    assert extra.compute(BARS.assign(adj_close=1.0), [seen])["mine"].eq(5.0).all()
    assert extra.compute(BARS.drop(columns="volume"), [seen])["mine"].eq(4.0).all()


def test_a_feature_is_no_other_after_a_comment(spec, tmp_path):
    first = content_of([spec(GOOD)])
    path = tmp_path / "plugins/mine.py"
    path.write_text(path.read_text() + "# said\n")
    assert content_of(["plugins/mine.py:mine"]) == first
