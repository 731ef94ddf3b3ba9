"""How models are judged: the sections ``sweep``, ``select`` and ``certify`` of params.yaml."""

from buysignal.core.settings import Confidence, Open, Section, Share, real, whole

Failure = real("above 0 and below 0.5", gt=0, lt=0.5)


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
    """The precision to be reached, and how often a threshold may fall short of it."""

    precision: Open
    delta: Failure
