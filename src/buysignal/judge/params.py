"""How models are judged: the sections ``sweep``, ``select``, ``costs``, ``exit`` and ``certify`` of params.yaml."""

from buysignal.core.settings import Confidence, Open, Section, Share, choice, real, whole

Failure = real("above 0 and below 0.5", gt=0, lt=0.5)
Claimed = choice("precision", "expectancy")
Bps = real("from 0 to 1000", ge=0, le=1000)
Stop = real("from -1 and below 0", ge=-1, lt=0)


class Sweep(Section, key="sweep"):
    """Thresholds of the plotted curves."""

    points: whole(2, 10**5)


class Select(Section, key="select"):
    """Which models are trained in full, and how much they must buy."""

    count: whole(1, 1000)
    min_buys: whole(1)
    min_recall: Share
    confidence: Confidence


class Certify(Section, key="certify"):
    """What a threshold is to keep, a precision or that a trade earns, and how often one may fall short of it."""

    target: Claimed
    precision: Open
    delta: Failure


class Costs(Section, key="costs"):
    """What a round trip costs, in hundredths of a percent of what was paid."""

    bps: Bps


class Exit(Section, key="exit"):
    """When a trade ends before its last day, besides at its level."""

    stop: Stop
