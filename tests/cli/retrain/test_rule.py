"""When a new model is due, and up to which day it would learn."""

from __future__ import annotations

import pandas as pd
import pytest

from buysignal.cli.retrain.params import Retrain
from buysignal.cli.retrain.rule import end_of_data, not_due, require_newer
from buysignal.core.errors import UserError

SEEN = pd.Timestamp("2018-12-31")


def asked(when: str, months: int = 1, trial: int = 20) -> Retrain:
    return Retrain(when=when, months=months, trial=trial, margin=0.02)


def days(new: int) -> pd.DatetimeIndex:
    """Ten known trading days and so many that came since."""
    return pd.bdate_range(end=SEEN, periods=10).append(pd.bdate_range("2019-01-01", periods=new))


def test_months_are_those_that_a_new_model_would_learn_from_beside_the_trial():
    due = [n for n in range(60) if not not_due(asked("months"), SEEN, end_of_data(days(n), 20), "holds")]
    assert days(43)[-21] == pd.Timestamp("2019-01-31") and due[0] == 43  # a month of new bars and 20 days after it
    assert "once those of a new one would end on 2019-01-31 or later, 20 trading days before" in not_due(
        asked("months"), SEEN, end_of_data(days(42), 20), "holds"
    )


def test_few_known_days_are_no_error_but_not_due():
    assert end_of_data(days(3)[:20], 20) is None
    assert not_due(asked("months"), SEEN, None, "holds").startswith("the data of what ships end on 2018-12-31")


@pytest.mark.parametrize(("verdict", "due"), [("broken", True), ("holds", False), ("too early to tell", False)])
def test_a_promise_that_broke_makes_one_due(verdict, due):
    said = not_due(asked("broken"), SEEN, end_of_data(days(60), 20), verdict)
    assert said == ("" if due else f"the promise is not broken: {verdict}")


def test_never_is_never_and_says_what_does_it_all_the_same():
    assert "--now" in not_due(asked("never"), SEEN, end_of_data(days(900), 20), "broken")


def test_the_new_end_leaves_exactly_the_trial_and_is_after_the_old_one():
    assert require_newer(days(21), SEEN, asked("never")) == pd.Timestamp("2019-01-01")
    with pytest.raises(UserError, match=r"20 came after 2018-12-31, .*keeps 20 of them: 1 more is needed"):
        require_newer(days(20), SEEN, asked("never"))
    with pytest.raises(UserError, match=r"0 came after 2018-12-31, .*: 21 more are needed"):
        require_newer(days(0), SEEN, asked("never"))
