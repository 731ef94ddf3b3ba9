"""Phase A: six forced trials at the ends of the architecture grid, before anything is sampled."""

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.coverage import Tried, nearest_value, redirect
from buysignal.search.study.space import DIMENSIONS, Architecture, Space

TRAINING = {"d_ff_ratio": 4, "dropout": 0.3, "learning_rate": 5e-5, "weight_decay": 1e-4}
"""Training values of a forced extreme (REFERENCE: the study called Phase 6C)."""

EXTREMES = tuple((name, end) for name in DIMENSIONS[:3] for end in ("min", "max"))
"""The six, in order: min and max d_model, min and max n_layers, min and max n_heads."""


def extremes(space: Space) -> list[Configuration]:
    """The six forced configurations of a space, in the order of `EXTREMES`; fewer if it is smaller.

    One dimension stands at its end and the others at their middle (the upper one of an even
    grid). Where the middle head count does not divide the width, the nearest that does is taken.
    An end that breaks the parameter cap steps inward until it fits. A configuration that coincides
    with an earlier one moves to the nearest untried one, so the six are always different.
    """
    tried = Tried(space)
    chosen = []
    for name, end in EXTREMES:
        wanted = _on_grid(space, _architecture(space, name, end))
        configuration = redirect(wanted, tried, space, rng=None)
        if configuration is None:
            break
        tried.add(configuration)
        chosen.append(configuration)
    return chosen


def middle(grid: tuple[int, ...]) -> int:
    """The middle of an ascending grid; the upper of the two of an even one."""
    return grid[len(grid) // 2]


def _architecture(space: Space, name: str, end: str) -> Architecture:
    """The extreme asked for, with heads made legal and stepped inward to fit the cap."""
    values = getattr(space, name) if end == "min" else tuple(reversed(getattr(space, name)))
    wanted = []
    for value in values:
        point = {other: middle(getattr(space, other)) for other in DIMENSIONS[:3]} | {name: value}
        if name != "n_heads":
            point["n_heads"] = _dividing(space, point)
        wanted.append((point["d_model"], point["n_layers"], point["n_heads"]))
    fitting = [architecture for architecture in wanted if architecture in space.ratios]
    return fitting[0] if fitting else wanted[0]  # a point outside the cap is redirected by the caller


def _dividing(space: Space, point: dict[str, int]) -> int:
    """The head count nearest to the middle one, by grid index, that divides the width."""
    centre = space.n_heads.index(point["n_heads"])
    legal = [h for h in space.n_heads if point["d_model"] % h == 0]
    return min(legal, key=lambda h: abs(space.n_heads.index(h) - centre), default=point["n_heads"])


def _on_grid(space: Space, architecture: Architecture) -> Configuration:
    training = {name: nearest_value(name, getattr(space, name), value) for name, value in TRAINING.items()}
    d_model, n_layers, n_heads = architecture
    return Configuration(d_model=d_model, n_layers=n_layers, n_heads=n_heads, **training)
