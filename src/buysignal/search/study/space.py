"""What may be searched: a grid per budget, cut down to what is legal and fits the parameter cap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import product

from buysignal.core.errors import UserError
from buysignal.models.patchtst.architecture import Configuration

Architecture = tuple[int, int, int]
"""(d_model, n_layers, n_heads): what coverage is counted over."""

DIMENSIONS = tuple(f.name for f in fields(Configuration))
"""The seven searched names, in the order of `Configuration`; the first three are the architecture."""

VARIED = ("dropout", "learning_rate", "weight_decay")
"""Of these, what trials of one shape may differ in and still be trained as one stack."""


@dataclass(frozen=True)
class Space:
    """One budget's grid and the cap on the true number of trainable parameters.

    Each grid is ascending and without repeats. ``count`` maps a `Configuration` to its true
    parameter count, e.g. ``partial(count_parameters, shape=shape, n_features=55)``; it takes no part
    in equality, since the same grid, cap and model shape always give the same counts.

    Raises
    ------
    UserError
        If a grid is empty, or no entry of the grid is legal and fits the cap.
    """

    name: str
    d_model: tuple[int, ...]
    n_layers: tuple[int, ...]
    n_heads: tuple[int, ...]
    d_ff_ratio: tuple[int, ...]
    dropout: tuple[float, ...]
    learning_rate: tuple[float, ...]
    weight_decay: tuple[float, ...]
    cap: int
    count: Callable[[Configuration], int] = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in DIMENSIONS:
            grid = tuple(sorted(set(getattr(self, name))))
            if not grid:
                raise UserError(f"budget {self.name}: the grid of {name} is empty; give at least one value")
            object.__setattr__(self, name, grid)
        if not self.architectures:
            raise UserError(self._why_empty())

    @property
    def grids(self) -> tuple[tuple[float, ...], ...]:
        """The seven grids, in the order of `DIMENSIONS`."""
        return tuple(getattr(self, name) for name in DIMENSIONS)

    @cached_property
    def ratios(self) -> dict[Architecture, tuple[int, ...]]:
        """Feed-forward ratios that fit the cap, for every architecture that has one; ascending."""
        legal = {}
        for architecture in product(self.d_model, self.n_layers, self.n_heads):
            if architecture[0] % architecture[2] == 0:
                fitting = tuple(r for r in self.d_ff_ratio if self._count(architecture, r) <= self.cap)
                if fitting:
                    legal[architecture] = fitting
        return legal

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """Legal (d_model, n_layers, n_heads), ascending: heads divide the width, the cap holds."""
        return tuple(self.ratios)

    @property
    def size(self) -> int:
        """Number of legal full configurations."""
        training = len(self.dropout) * len(self.learning_rate) * len(self.weight_decay)
        return training * sum(len(ratios) for ratios in self.ratios.values())

    def configurations(self) -> Iterator[Configuration]:
        """Every legal full configuration, ascending."""
        for architecture, ratios in self.ratios.items():
            for rest in product(ratios, self.dropout, self.learning_rate, self.weight_decay):
                yield Configuration(*architecture, *rest)

    def __contains__(self, configuration: Configuration) -> bool:
        on_grid = all(getattr(configuration, name) in getattr(self, name) for name in DIMENSIONS)
        return on_grid and configuration.d_ff_ratio in self.ratios.get(configuration.architecture, ())

    def index(self, configuration: Configuration) -> tuple[int, ...]:
        """Position of each of the seven values in its grid."""
        return tuple(grid.index(getattr(configuration, name)) for name, grid in zip(DIMENSIONS, self.grids))

    def _count(self, architecture: Architecture, ratio: int) -> int:
        training = self.dropout[0], self.learning_rate[0], self.weight_decay[0]
        return self.count(Configuration(*architecture, ratio, *training))

    def _why_empty(self) -> str:
        divisible = [a for a in product(self.d_model, self.n_layers, self.n_heads) if a[0] % a[2] == 0]
        if not divisible:
            return (
                f"budget {self.name}: none of n_heads {list(self.n_heads)} divides "
                f"any d_model of {list(self.d_model)}; add a head count that does"
            )
        smallest = min(self._count(a, r) for a in divisible for r in self.d_ff_ratio)
        return (
            f"budget {self.name}: no grid entry fits the cap of {self.cap:,} parameters; "
            f"the smallest has {smallest:,}: raise the cap or add smaller values to the grid"
        )
