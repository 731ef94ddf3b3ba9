"""Each budget's best configuration under every other budget's protocol: what is trained to see whether it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log

from buysignal.models.patchtst.architecture import Configuration
from buysignal.models.patchtst.full import Entry
from buysignal.search.study.coverage import nearest_value
from buysignal.search.study.space import Space


@dataclass(frozen=True)
class Cell:
    """The best configuration of budget ``source``, as it is trained under budget ``target``."""

    source: str
    target: str
    configuration: Configuration

    @property
    def name(self) -> str:
        """What it is called among the scores."""
        return f"{self.source} under {self.target}"

    def entry(self, tier: str) -> Entry:
        """What is trained in full."""
        return Entry(self.name, tier, self.target, "", self.configuration, 0)


def snapped(configuration: Configuration, space: Space) -> Configuration:
    """The configuration with the nearest legal architecture of a space; training values stay.

    Nearest by the sum of absolute log ratios of width, depth and heads, then of the feed-forward
    ratio; ties go to the smaller architecture. One that is legal there already stays as it is.
    """

    def distance(architecture: tuple[int, int, int]) -> float:
        return round(sum(abs(log(a / b)) for a, b in zip(architecture, configuration.architecture)), 9)

    nearest = min(space.architectures, key=lambda a: (distance(a), a))
    d_model, n_layers, n_heads = nearest
    ratio = nearest_value("d_ff_ratio", space.ratios[nearest], configuration.d_ff_ratio)
    return replace(configuration, d_model=d_model, n_layers=n_layers, n_heads=n_heads, d_ff_ratio=ratio)


def cells(best: Mapping[str, Configuration], spaces: Mapping[str, Space]) -> list[Cell]:
    """Every budget's best under every budget, row by row; on the diagonal it stays as it was found.

    None for one budget: there is nowhere to go.
    """
    if len(best) < 2:
        return []
    return [
        Cell(source, target, found if source == target else snapped(found, spaces[target]))
        for source, found in best.items()
        for target in best
    ]
