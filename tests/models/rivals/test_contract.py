"""Every rival keeps the contract of contenders."""

from buysignal.models.rivals.blend import Blend
from buysignal.models.rivals.boosting import Boosting
from buysignal.models.rivals.formulas import BaseRate, Touch
from buysignal.models.rivals.garch import GarchTouch
from buysignal.models.rivals.volatility import Volatility
from tests.models.contract import ContenderContract
from tests.models.markets import LABELS, TIER


class TestBaseRate(ContenderContract):
    def fit(self, days):
        return BaseRate.fit(days, 7)

    def parameters(self, fitted):
        return 1


class TestTouch(ContenderContract):
    def fit(self, days):
        return Touch.fit(days, 7)

    def parameters(self, fitted):
        return 0


class TestTouchOfACloseAbove(TestTouch):
    LABEL = LABELS["close"]


class TestTouchOfATripleBarrier(TestTouch):
    LABEL = LABELS["triple"]


class TestVolatility(ContenderContract):
    def fit(self, days):
        return Volatility.fit(days, 7)

    def parameters(self, fitted):
        return fitted.coefficients.size + fitted.intercept.size


class TestGarch(ContenderContract):
    def fit(self, days):
        return GarchTouch.fit(days, 7)

    def parameters(self, fitted):
        assert fitted.model["reason"] == ""
        return 4  # omega, alpha, beta and the tails


class TestGarchOfACloseAbove(TestGarch):
    LABEL = LABELS["close"]


class TestGarchOfATripleBarrier(TestGarch):
    LABEL = LABELS["triple"]


class TestGarchOfFewBars(ContenderContract):
    BARS = 400
    LABEL = LABELS["fixed"]

    def fit(self, days):
        return GarchTouch.fit(days, 7)

    def parameters(self, fitted):
        assert "fewer than" in fitted.model["reason"]
        return 1


class TestBoosting(ContenderContract):
    def fit(self, days):
        return Boosting.fit(days, 7)

    def parameters(self, fitted):
        return sum(len(line.split()) for line in fitted.trees.splitlines() if line.startswith("leaf_value="))


class TestBlend(ContenderContract):
    """The scale of its members is that of the stop and rank days."""

    LAST_SEEN = "rank"

    def fit(self, days):
        members = [kind.fit(days, 7) for kind in (Volatility, Boosting, Touch)]
        return Blend.of(members, [member.scored(days) for member in members], TIER, f"{TIER}-blend")

    def parameters(self, fitted):
        return sum(member.card.parameters for member in fitted.members)
