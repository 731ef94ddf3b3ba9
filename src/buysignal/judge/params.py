"""How models are judged: the sections ``sweep``, ``select``, ``costs``, ``exit``, ``certify`` and ``walk``
of params.yaml."""

from buysignal.core.settings import Confidence, Open, Section, Share, Text, choice, real, several, whole
from buysignal.days.params import Label, Stop

BASIS_POINT = 1e-4

SHIPPED = "shipped"
"""What is walked where no name is given."""
USE, DO_NOT_USE, CANNOT_TELL = "use", "do not use", "cannot tell"
"""What a verdict says."""
Failure = real("above 0 and below 0.5", gt=0, lt=0.5)
Claimed = choice("precision", "expectancy")
Bps = real("from 0 to 1000", ge=0, le=1000)


class Sweep(Section, key="sweep"):
    """Thresholds of the plotted curves."""

    points: whole(2, 10**5)


class Select(Section, key="select"):
    """Which models are trained in full, and how much they must buy."""

    count: whole(1, 1000)
    min_buys: whole(1)
    min_recall: Share
    confidence: Confidence
    per_day: whole(0)


class Certify(Section, key="certify"):
    """What a threshold is to keep, a precision or that a trade earns, and how often one may fall short of it."""

    target: Claimed
    precision: Open
    delta: Failure


class Costs(Section, key="costs"):
    """What a round trip costs, in hundredths of a percent of what was paid."""

    bps: Bps

    def lost(self, label: Label) -> str:
        """Why the threshold of a label of kind close cannot be: a right buy may lose by it; empty if it can."""
        cost = self.bps * BASIS_POINT
        if label.kind != "close" or label.barrier != "fixed" or round(label.threshold - cost, 9) >= 0:
            return ""
        return f"{label.threshold:g}; of kind close it must be at least {cost:g}, which a round trip costs"


class Exit(Section, key="exit"):
    """When a trade ends before its last day, besides at its level; one of label.kind triple has its own stop."""

    stop: Stop


class Walk(Section, key="walk"):
    """What fitting again would have brought: after how many months each, and of which contender."""

    months: several(whole(1, 120), least=0)
    of: Text
