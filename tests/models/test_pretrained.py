"""A model of another run, asked here: it sees its own features on its own scale, and nothing of it is fitted again."""

from dataclasses import replace

import numpy as np
import pytest

from buysignal.core.errors import UserError
from buysignal.models.dataset import Scaler
from buysignal.models.pretrained import Pretrained
from buysignal.models.rivals.boosting import Boosting
from buysignal.models.rivals.volatility import Volatility
from tests.models.contract import ContenderContract
from tests.models.markets import LABELS, TIER, days, market

LABEL = LABELS["fixed"]


def there(found, names):
    """The same days as another run has them: fewer features, in another order, standardised by others."""
    places = [found.names.index(name) for name in names]
    raw = found.table[:, places] * found.scaler.deviation[places] + found.scaler.mean[places]
    scaler = Scaler(found.scaler.mean[places] + 0.5, found.scaler.deviation[places] * 3)
    return replace(found, names=tuple(names), scaler=scaler, table=scaler.transform(raw))


def of(kind, other):
    return Pretrained.of(kind.fit(other.known(), 7), other.names, other.scaler, 5, LABEL, "2000-12-29")


class TestPretrained(ContenderContract):
    def fit(self, days):
        return of(Boosting, there(days, days.names[:0:-1]))

    def parameters(self, fitted):
        return fitted.under.card.parameters


def test_it_says_here_what_it_says_there():
    here = days(*market(900, LABEL), LABEL)
    other = there(here, ("range", "sigma"))
    one = of(Boosting, other)
    assert np.allclose(one.score(here), one.under.score(other), atol=1e-9)
    assert not np.allclose(one.score(here), one.under.score(replace(other, table=here.table[:, [3, 0]])))
    assert (one.card.name, one.card.family, one.card.searched) == (f"{TIER}-pretrained", "own", False)


def test_what_needs_bars_alone_needs_no_feature():
    here = days(*market(900, LABEL), LABEL)
    one = of(Volatility, there(here, ("noise",)))
    assert np.array_equal(one.score(here), one.under.score(here))


def test_bars_that_lack_a_feature_are_refused_by_its_name():
    here = days(*market(900, LABEL), LABEL)
    one = replace(of(Boosting, there(here, ("range", "sigma"))), names=("range", "volume_ratio"))
    with pytest.raises(UserError, match=f"^{TIER}-pretrained: the bars give no volume_ratio, which it was trained on$"):
        one.score(here)


def test_one_that_knows_a_day_of_the_stop_role_is_refused_with_both_days():
    here = days(*market(900, LABEL), LABEL)
    one = of(Volatility, here)
    assert one.require_earlier(here) is one
    begins = f"{here.of_roles('stop').index.min():%Y-%m-%d}"
    with pytest.raises(UserError, match=f"up to {begins}, and the stop role begins on {begins}: it must"):
        replace(one, last=begins).require_earlier(here)


def test_windows_that_are_too_short_for_it_are_a_fault():
    one = of(Boosting, there(days(*market(900, LABEL), LABEL), ("range", "sigma")))
    assert one.fault(4, 5) == ""
    assert one.fault(4, 4) == "its windows have 5 days, and model.context is 4"
    assert one.fault(1, 5) == "it was trained on 2 features, and 1 are named"


def test_a_last_day_that_no_calendar_has_is_no_fit_that_was_saved():
    one = of(Volatility, days(*market(900, LABEL), LABEL))
    values = {**one.values, "names": list(one.names), "last": "2000-13-01"}
    with pytest.raises(UserError, match="last is '2000-13-01'; it must be a day such as 2018-12-31"):
        Pretrained.restore(one.card, values)
