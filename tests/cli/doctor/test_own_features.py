"""The doctor computes features of a user's own again, as it does every other."""

from types import SimpleNamespace

import pytest

from buysignal.cli.doctor.leaks import _look_ahead
from buysignal.cli.doctor.verdict import DECEPTION, OK
from buysignal.days.columns import LABEL_COLUMNS
from buysignal.days.table import assemble
from buysignal.features.params import Features
from tests.features.samples import random_bars
from tests.small_tier import LABEL, ROLES, TIER

BARS = random_bars(500, seed=9)
OWN = ("plugins/example.py:calm",)


def found(table, own) -> tuple[str, str]:
    names = [name for name in table.columns if name not in LABEL_COLUMNS]
    params = SimpleNamespace(features=Features(extra=own))
    run = SimpleNamespace(bars=BARS, tables={TIER: table}, params=params, features=lambda tier: names)
    verdict = _look_ahead(run)
    return verdict.level, verdict.text


@pytest.fixture(scope="module")
def table():
    return assemble(BARS, TIER, LABEL, ROLES, OWN)


def test_a_feature_of_a_users_own_is_no_deception(table):
    assert found(table, OWN)[0] == OK


def test_one_that_was_altered_or_that_params_does_not_name_is(table):
    day = table.index[200]
    altered = table.copy()
    altered.loc[day, "calm"] += 1
    assert found(altered, OWN) == (
        DECEPTION,
        f"{TIER}: calm is not what the bars up to its day give on {day:%Y-%m-%d}",
    )
    assert found(table, ()) == (DECEPTION, f"{TIER}: the registry knows no feature calm")
    assert found(table.drop(columns="calm"), OWN) == (DECEPTION, f"{TIER}: the table lacks calm")
