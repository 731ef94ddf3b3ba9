"""What is fitted again is found by its name among the contenders that buy."""

import pytest

from buysignal.core.errors import UserError
from buysignal.models.rivals.volatility import Volatility
from buysignal.ship.package import folder_of
from buysignal.ship.recipe import contender
from tests.ship.test_package import chosen, days_of, put
from tests.small_tier import tier_frame


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """(data/selected.json of one contender, the folder that holds it, its fit)."""
    days, folder = days_of(tier_frame()), tmp_path_factory.mktemp("trained")
    fitted = Volatility.fit(days.known(), 7)
    entry = chosen(fitted.card)
    put(folder / folder_of(entry), fitted, days)
    return {"selected": [], "others": [entry], "shipped": fitted.card.name}, folder, fitted


@pytest.mark.parametrize("of", ["shipped", "a20-volatility"])
def test_what_ships_or_is_named_is_found_with_its_fit(kept, of):
    selection, folder, fitted = kept
    entry, found = contender(selection, of, folder)
    assert entry == selection["others"][0] and found.card == fitted.card
    assert found.coefficients.tobytes() == fitted.coefficients.tobytes()


def test_where_nothing_ships_nothing_is_walked(kept):
    assert contender({"selected": [], "others": [], "shipped": ""}, "shipped", kept[1]) is None


def test_a_name_of_nobody_that_buys_is_refused_with_those_that_do(kept):
    with pytest.raises(UserError, match=r"walk\.of is a20-blend; it must be shipped or one that buys: a20-volatility"):
        contender(kept[0], "a20-blend", kept[1])
