"""Days of many symbols: a symbol is scored as if it were alone, on its own past; time is cut by date for all."""

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.symbols import age, by_date, dates_of
from buysignal.days.roles import ROLES
from buysignal.models import scores
from buysignal.models.contender import logit
from buysignal.models.dataset import TierData
from buysignal.models.patchtst import store
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.fit import fit
from buysignal.models.patchtst.job import FitJob, Protocol
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.rivals import baselines
from buysignal.models.rivals.blend import Blend
from buysignal.models.scores import ModelCard
from tests.models.markets import CONTEXT, LABELS, TIER, days, panel
from tests.small_tier import write_tier

LABEL = LABELS["scaled"]
BARS, FRAME = panel(LABEL)
SEEN = days(BARS, FRAME, LABEL)
SHAPE = Shape(CONTEXT, 5, 5, False)
CONFIGURATION = Configuration(8, 1, 2, 2, 0.1, 1e-2, 1e-4)


def job(path, rows=0, offset=""):
    return FitJob(str(path), CONFIGURATION, SHAPE, Protocol(2, 2, 0.001, 64, "float32", rows), (11, 12), offset=offset)


def transformer(path, offset="", under=None):
    found = fit(job(path, offset=offset))
    ran = tuple(found.trained.epochs.tolist())
    told = ("transformer", "", "hand", CONFIGURATION, found.trained.theta.shape[1], 0, (11, 12), ran)
    return Transformer.of(ModelCard("t", TIER, *told), found, SHAPE, under), found


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Every kind of contender that many symbols have, fitted on them; the transformer with its fit."""
    folder = tmp_path_factory.mktemp("panel")
    path = write_tier(folder / "a20.parquet", FRAME)
    found = {one.KIND: one for one in baselines.fit(SEEN, 7)}
    volatility = found["volatility"]
    known = write_offset(folder / "offset.parquet", SEEN.index, logit(volatility.averaged(SEEN)))
    alone, of_alone = transformer(path)
    added, of_added = transformer(path, str(known), volatility)
    members = [found["boosting"], volatility]
    found["blend"] = Blend.of(members, [one.scored(SEEN) for one in members], TIER, "blend")
    return found | {"transformer": alone, "added": added}, {"transformer": of_alone, "added": of_added}


def test_a_garch_is_the_variance_of_one_symbol_and_many_have_none(fitted):
    assert set(fitted[0]) == {"base-rate", "boosting", "touch", "volatility", "blend", "transformer", "added"}


def test_only_days_with_a_whole_window_of_their_own_symbol_are_scored():
    data = TierData.of(FRAME, False, TIER)
    first = {symbol: SEEN.index[SEEN.index.get_loc(symbol)][0] for symbol in "ABC"}
    for symbol, day in first.items():
        rows = data.index.get_loc(symbol)
        assert data.index[rows][CONTEXT - 1] <= day
    assert (age(SEEN.calendar)[SEEN.rows] >= CONTEXT - 1).all()


def test_no_row_of_any_symbol_is_there_from_the_first_test_day_on():
    last = dates_of(FRAME.index)[FRAME["role"] == "test"].min()
    assert dates_of(SEEN.calendar).max() < last and dates_of(SEEN.bars.index).max() < last
    assert (dates_of(FRAME.index)[FRAME["role"].isin(ROLES[:-1])] < last).all()


@pytest.mark.parametrize("kind", ["base-rate", "boosting", "touch", "volatility", "blend", "transformer", "added"])
def test_a_symbol_has_the_scores_it_has_alone(fitted, kind):
    one, room = fitted[0][kind], 1e-6 if kind in ("transformer", "added") else 0.0
    together = one.scored(SEEN)
    for symbol in "ABC":
        bars, frame = (table.loc[[symbol]] for table in (BARS, FRAME))
        mine = days(bars, frame, LABEL)
        values = (SEEN.table[SEEN.calendar.get_loc(symbol)])[: len(mine.table)]
        mine = mine.__class__(**{**vars(mine), "table": values, "scaler": SEEN.scaler})  # standardised as the panel is
        alone = one.scored(mine)
        places = together.index.get_indexer(alone.index)
        both = places >= 0
        assert both.sum() > 100
        assert np.abs(alone.scores[:, both] - together.scores[:, places[both]]).max() <= room


@pytest.mark.parametrize("kind", ["touch", "volatility", "boosting", "transformer", "added"])
def test_no_later_date_of_any_symbol_changes_a_score(fitted, kind):
    one, room = fitted[0][kind], 1e-6 if kind in ("transformer", "added") else 0.0
    early, late = SEEN.of_roles("train", "stop"), one.scored(SEEN)
    seen = one.scored(early)
    places = late.index.get_indexer(seen.index)
    assert (places >= 0).all()
    assert np.abs(seen.scores - late.scores[:, places]).max() <= room


def test_the_scores_of_a_fit_are_those_of_its_contender(fitted):
    contenders, fits = fitted
    for kind, found in fits.items():
        mine = contenders[kind].score(SEEN)
        assert found.index.equals(SEEN.index) and mine.tobytes() == found.scores.tobytes()


def test_scores_stand_by_date_and_come_back_from_their_file(fitted, tmp_path):
    said = [fitted[0][kind].scored(SEEN) for kind in ("touch", "volatility")]
    assert by_date(said[0].index).is_monotonic_increasing and not said[0].index.is_monotonic_increasing
    scores.write(tmp_path, said)
    for one, other in zip(scores.read(tmp_path), sorted(said, key=lambda model: model.card.name), strict=True):
        assert one.index.equals(other.index) and one.scores.tobytes() == other.scores.tobytes()
        assert one.role.tolist() == other.role.tolist() and one.label.tolist() == other.label.tolist()


def test_a_kept_fit_knows_its_symbols(fitted, tmp_path):
    found = fitted[1]["transformer"]
    store.save(tmp_path / "fit", found)
    again = store.load(tmp_path / "fit")
    assert again.index.equals(found.index) and again.scores.tobytes() == found.scores.tobytes()


def test_an_epoch_has_so_many_windows_drawn_anew_each_time_by_the_seed(tmp_path):
    path = write_tier(tmp_path / "a20.parquet", FRAME)
    whole, part, again = fit(job(path)), fit(job(path, rows=70)), fit(job(path, rows=70))
    assert part.trained.theta.tobytes() == again.trained.theta.tobytes() != whole.trained.theta.tobytes()
    more = fit(job(path, rows=10**9))  # more than there are is all of them
    assert more.trained.theta.tobytes() == whole.trained.theta.tobytes()


def test_as_many_days_are_asked_of_each_symbol():
    data = TierData.of(FRAME, True, TIER)
    new = SEEN.asked(BARS, FRAME[list(data.names)], data.scaler, TIER, LABEL, CONTEXT, 3)
    assert new.index.get_level_values("symbol").tolist() == [*"AAABBBCCC"]
    ends = pd.Series(dates_of(new.index), new.index.get_level_values("symbol")).groupby(level=0).max()
    assert ends.tolist() == [dates_of(FRAME.index)[FRAME.index.get_loc(s)].max() for s in "ABC"]
