"""Untested values worth a trial: inside the promising region of one dimension, or just beyond the grid.

The rule, the same for every dimension, on its natural scale (differences; ratios for step size and
decay): an interval between neighbouring tested values is cut into six equal steps. Its five inner
points are gaps where both ends are promising; where only one is, and that is the sweet spot, those
in the half next to it. They are rounded to values a person would write, whole ones that keep the
model legal for widths and depths. Six steps refine the grid about as much as the grid refined the
range, so that one more round tells on which side of the best value to go on.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise, product
from math import exp, floor, log, log10

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.coverage import LOG_SCALED
from buysignal.search.study.space import Space

STEPS = 6
LATTICE = {"d_model": 16, "n_layers": 1, "dropout": 0.05}
"""Step to which a value of a dimension is rounded; head counts and feed-forward ratios are not refined."""

LADDER = (1, 1.2, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10)
"""Leading digits of ratio-scaled values: one, and two where a step from 1 to 2 would double."""


def gaps(
    name: str, tested: Sequence[float], promising: Collection[float], best: float, space: Space
) -> tuple[float, ...]:
    """Untested values of one dimension inside its promising region or next to its sweet spot, ascending.

    Parameters
    ----------
    name : one of `buysignal.search.study.space.DIMENSIONS`
    tested : every value that any trial had, ascending
    promising : the well supported ones
    best : the sweet spot, one of ``promising``
    space : gives the legal head counts and the cap on parameters
    """
    found: set[float] = set()
    for low, high in pairwise(tested):
        both = low in promising and high in promising
        first = 1 if both or low == best else STEPS // 2
        last = STEPS - 1 if both or high == best else STEPS // 2
        if both or best in (low, high):
            points = [_rounded(name, _between(name, low, high, k / STEPS)) for k in range(first, last + 1)]
            found |= {v for v in points if v is not None and low < v < high and legal(name, v, space)}
    return tuple(sorted(found))


def beyond(name: str, tested: Sequence[float], best: float, space: Space) -> tuple[float, ...]:
    """The three nearest values past the end of what was tested, if the best one is that end; ascending.

    They go at most as far past the end as the tested value before it is away, in the same steps.
    """
    if len(tested) < 2 or best not in (tested[0], tested[-1]):
        return ()
    inner = tested[1] if best == tested[0] else tested[-2]
    points = [_rounded(name, _between(name, best, inner, -k / STEPS)) for k in range(1, STEPS + 1)]
    outside = [v for v in dict.fromkeys(points) if v is not None and v not in tested and legal(name, v, space)]
    return tuple(sorted(outside[: STEPS // 2]))


def legal(name: str, value: float, space: Space) -> bool:
    """Whether some configuration of the space stays legal and under the cap with this value put in."""
    if name in ("learning_rate", "weight_decay"):
        return value > 0
    if name == "dropout":
        return 0 <= value < 1
    if value < 1:
        return False
    grids = {key: getattr(space, key) for key in ("d_model", "n_layers", "n_heads")} | {name: (value,)}
    smallest = Configuration(*(grid[0] for grid in space.grids))
    return any(
        space.count(replace(smallest, d_model=d_model, n_layers=n_layers, n_heads=n_heads)) <= space.cap
        for d_model, n_layers, n_heads in product(*grids.values())
        if d_model % n_heads == 0
    )


def _between(name: str, low: float, high: float, share: float) -> float | None:
    """The point at a share of the way, by ratio or by difference; None for a ratio with zero."""
    if name in LOG_SCALED:
        return exp(log(low) + share * log(high / low)) if low > 0 and high > 0 else None
    return low + share * (high - low)


def _rounded(name: str, value: float | None) -> float | None:
    """The nearest value a person would write; None for a dimension that is not refined."""
    if value is None:
        return None
    if name in LOG_SCALED:
        decade = floor(log10(value))
        return min((float(f"{digits}e{decade}") for digits in LADDER), key=lambda v: abs(log(v / value)))
    if name not in LATTICE:
        return None
    steps = round(value / LATTICE[name])
    return steps * LATTICE[name] if name in ("d_model", "n_layers") else round(steps * LATTICE[name], 2)
