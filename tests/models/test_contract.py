"""The contract of contenders catches those that break it."""

import os
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from buysignal.models import kept
from buysignal.models.contender import Fitted
from buysignal.models.scores import ModelCard
from tests.models.contract import ContenderContract
from tests.models.markets import TIER

CARD = ModelCard(f"{TIER}-cheat", TIER, "own", "", "own", None, 1, 0, (), ())


@dataclass(frozen=True)
class Cheat(Fitted):
    """The level, and on demand what no contender may do."""

    KIND: ClassVar[str] = "cheat"
    level: float
    how: str = ""

    def score(self, days):
        n = len(days.index)
        if self.how == "looks ahead":
            return np.full((1, n), 1 / (1 + np.exp(-days.values[:, 0].mean())))
        if self.how == "past the end":
            return np.full((1, n), float(len(days.bars) % 2))
        return np.full((2 if self.how == "two rows" else 1, n), 1.5 if self.how == "above 1" else self.level)

    @classmethod
    def restore(cls, card, values):
        level, how = values["level"], values["how"]
        if not isinstance(level, float) or not 0 <= level <= 1 or not isinstance(how, str) or how not in {"", *CASES}:
            raise ValueError("it is no cheat")
        return super().restore(card, values)


class Cheats(ContenderContract):
    how = ""

    def fit(self, days):
        if self.how == "learns all labels":
            return Cheat(CARD, float(days.label.mean()))
        if self.how == "learns the bars":
            return Cheat(CARD, float(days.bars["close"].iloc[-1] % 1))
        if self.how == "by the process":
            return Cheat(CARD, os.getpid() % 1000 / 1000)
        card = replace(CARD, parameters=9) if self.how == "tells another size" else CARD
        return Cheat(card, 0.5, self.how)

    def parameters(self, fitted):
        return 1

    def load(self, folder):
        return kept.load(folder, {"cheat": Cheat}.__getitem__)


AGAIN = "test_neither_threads_nor_another_process_change_a_byte"
LATER = "test_it_looks_at_no_day_after_those_it_may_see"
BITS = "test_no_later_day_changes_a_bit_of_a_score"
SHARES = "test_scores_are_finite_shares_one_row_for_each_seed"
CASES = {
    "learns all labels": LATER,
    "learns the bars": LATER,
    "by the process": AGAIN,
    "looks ahead": BITS,
    "past the end": BITS,
    "two rows": SHARES,
    "above 1": SHARES,
    "tells another size": "test_its_card_is_true",
}


class ByProcess(Cheats):
    """By a name that a second process finds."""

    how = "by the process"


@pytest.mark.parametrize("how", CASES)
def test_a_contender_that_breaks_the_contract_fails_where_it_should(how, tmp_path):
    contract = ByProcess() if how == ByProcess.how else type("Other", (Cheats,), {"how": how})()
    name = CASES[how]
    with pytest.raises(AssertionError):
        getattr(contract, name)(**({"tmp_path": tmp_path} if name in (LATER, AGAIN) else {}))


class TestHonest(Cheats):
    """The same contender without a trick keeps it."""
