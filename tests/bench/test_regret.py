"""The two-phase search against its rivals on simulated surfaces; bench/regret.py says how they are drawn.

Covering the architectures costs something where the best one could be exploited, and earns something
where it would never be met. The promise is that the price stays below what one training run can tell.
"""

from __future__ import annotations

import pytest
from bench.regret import METHODS, NOISE, simulate, summary

RIVALS = {name: METHODS[name] for name in ("two_phase_batch_2", "optuna_tpe_categorical", "random")}


def test_the_search_beats_random_and_stays_within_a_measurements_noise_of_tpe():
    """Six surfaces: a regression test, decided by its seeds."""
    final = {name: curve[:, -1].mean() for name, curve in simulate(6, 50, RIVALS).items()}
    assert final["two_phase_batch_2"] < final["random"]
    assert final["two_phase_batch_2"] < final["optuna_tpe_categorical"] + NOISE


@pytest.mark.full
def test_the_search_beats_random_and_is_not_inferior_to_tpe_on_many_surfaces():
    """The 95 % intervals of the paired differences over 120 surfaces."""
    rows = summary(simulate(120, 50, RIVALS))
    assert rows["random"]["minus_two_phase_low"] > 0
    assert -rows["optuna_tpe_categorical"]["minus_two_phase_low"] < NOISE / 2
