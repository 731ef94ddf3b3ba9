"""From params.yaml to the search's own values; the search itself knows nothing of params."""

from functools import partial

from buysignal.models.patchtst.architecture import Shape, count_parameters
from buysignal.search.params import Grid, Hpo
from buysignal.search.study.space import Space


def space_for(budget: str, grid: Grid, hpo: Hpo, shape: Shape, n_features: int) -> Space:
    """The space of one budget on a tier of ``n_features`` features.

    Raises
    ------
    UserError
        If no entry of the grid is legal and fits the cap.
    """
    return Space(
        budget,
        d_model=grid.d_model,
        n_layers=grid.n_layers,
        n_heads=grid.n_heads,
        d_ff_ratio=grid.d_ff_ratio,
        dropout=hpo.dropout,
        learning_rate=hpo.learning_rate,
        weight_decay=hpo.weight_decay,
        cap=grid.cap,
        count=partial(count_parameters, shape=shape, n_features=n_features),
    )
