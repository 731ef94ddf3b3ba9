"""Bars: the first five features of every tier."""

from operator import attrgetter

from buysignal.features.feature import Feature

FEATURES = tuple(
    Feature("bars", name, 0, "the bar", f"{name}, as it is", attrgetter(name))
    for name in ("open", "high", "low", "close", "volume")
)
