"""How models are judged: the sections ``sweep``, ``select`` and ``certify`` of params.yaml."""

from typing import ClassVar

from buysignal.core.settings import Confidence, Open, Section, Share, real, whole

Failure = real("above 0 and below 0.5", gt=0, lt=0.5)


class Sweep(Section):
    """Thresholds of the plotted curves."""

    KEY: ClassVar = "sweep"
    points: whole(2, 10**5)


class Select(Section):
    """Which models are trained in full, and how much they must buy."""

    KEY: ClassVar = "select"
    count: whole(1, 1000)
    min_buys: whole(1)
    min_recall: Share
    confidence: Confidence


class Certify(Section):
    """The precision to be reached, and how often a threshold may fall short of it."""

    KEY: ClassVar = "certify"
    precision: Open
    delta: Failure
