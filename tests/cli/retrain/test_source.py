"""A new model is trained on the bars that are known and on no others."""

from __future__ import annotations

import pytest

from buysignal.cli.retrain.source import require_same
from buysignal.core.errors import UserError
from tests.features.samples import random_bars

BARS = random_bars(60, seed=2)
UNTIL = BARS.index[49]
GIVEN = BARS[BARS.index <= UNTIL]


def test_the_known_bars_up_to_the_day_are_enough_and_more_columns_and_symbols_are_no_matter():
    require_same({"A": BARS}, {"A": GIVEN.assign(more=1.0), "B": GIVEN}, UNTIL)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"A": GIVEN[:-1]}, "holds bars to .* and a new model needs those to"),
        ({"B": GIVEN}, "does not have A: put a newer file at ingest.csv or move ingest.end, and commit that"),
        ({"A": GIVEN[:-1], "B": GIVEN}, "A: the source holds bars from"),
        ({"A": GIVEN[1:]}, "A: the source holds bars from"),
        ({"A": GIVEN.drop(columns="volume")}, "A: the source has no volume"),
        ({"A": GIVEN * 2}, "A: the source has other bars .*: all known prices times 2, as after a split"),
        ({"A": GIVEN.drop(BARS.index[20])}, f"other bars .*: no bar on {BARS.index[20]:%Y-%m-%d}"),
    ],
)
def test_others_are_refused_with_what_is_to_be_done(given, said):
    with pytest.raises(UserError, match=said):
        require_same({"A": BARS}, given, UNTIL)
