"""Everything that can be known to be wrong before a stage runs, and so before DVC removes its outs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from buysignal.bars.ingested import bars_of
from buysignal.bars.sources import load, require_yahoo
from buysignal.bars.symbols import SYMBOL, dates_of, is_many
from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.days.columns import LABEL_COLUMNS
from buysignal.days.table import assemble, require_rows
from buysignal.features import extra
from buysignal.features.tiers import n_features
from buysignal.models.contenders import pretrained
from buysignal.models.dataset import Scaler
from buysignal.models.patchtst.architecture import count_parameters
from buysignal.models.unfitted import require_models
from buysignal.search.params import PER_DAY
from buysignal.search.rounds.plan import pinned_tiers, read_pinned
from buysignal.search.study.setup import space_for

MOST_PARAMETERS = 500_000_000  # weights, gradients and AdamW's two moments of one member then fill 8 GB


def preflight(params: Params) -> None:
    """Check what the values of params.yaml mean together, and the bars unless they need a network.

    Raises
    ------
    UserError
        If no entry of a budget's grid fits its cap, the candidate is too large, a pinned trial cannot be
        trained, bars cannot be read or are bad, they are too few for the six roles, a tier's warm-up and one
        window, their labels are all alike, or a feature of them is not finite; if a feature of a user's own
        breaks a promise, a model of a user's own is none, or a pretrained one does not fit; if there are not more
        symbols than are to be bought a day, or ranked by; if `roles.until` is far after the last bar. Of Yahoo only the
        dates and the package are checked.
    """
    require_models(params.models.extra)
    if (found := pretrained(params.models, params.label, params.model)) and found.card.tier not in params.tiers:
        raise UserError(f"models.pretrained: it sees tier {found.card.tier}, which tiers does not name")
    read = cache(lambda: bars_of(params.ingest, date.today(), until=params.roles.last_day, forms=params.forms.extra))
    own = _own_features(params, read)

    def width(tier: str) -> int:
        return n_features(tier, params.ingest.volume == "file", not params.ingest.many) + own.shape[1]

    spaces = {
        tier: {b: space_for(b, params.grids[b], params.hpo, params.shape, width(tier)) for b in params.budgets}
        for tier in params.tiers
    }
    tier = params.candidate.tier
    count = count_parameters(params.configuration, params.shape, width(tier))
    if count > MOST_PARAMETERS:
        raise UserError(
            f"params.yaml: the candidate has {count:,} parameters on tier {tier}, more than {MOST_PARAMETERS:,}: "
            f"make d_model, n_layers or d_ff_ratio smaller"
        )
    for tier in pinned_tiers(params.supplement.pinned, params.tiers):
        read_pinned(params.supplement.pinned, tier, spaces[tier])
    if params.ingest.source == "yahoo":
        _require_more(len(params.ingest.symbol) if params.ingest.many else 1, params)
        require_yahoo(params.ingest.start, params.ingest.end)
        return
    bars = read()
    _require_reached(bars, params)
    symbols = bars.index.get_level_values(SYMBOL).nunique() if is_many(bars.index) else 1
    _require_more(symbols, params)
    for tier in params.tiers:
        require_rows(bars, tier, params.label, params.roles, params.shape.context, extra.warmup(own))
    _require_finite(bars, max(params.tiers, key=width), params)


def _own_features(params: Params, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Columns of a user's own on the bars; on those of an embedded index where the bars need a network."""
    if not params.features.extra:
        return pd.DataFrame()
    bars = load("sp500").bars if params.ingest.source == "yahoo" else read()
    if params.ingest.volume == "none":
        bars = bars.drop(columns="volume", errors="ignore")
    if is_many(bars.index):  # the promises are asked of the symbol with most bars
        bars = bars.loc[bars.groupby(level=SYMBOL).size().idxmax()]
    return extra.compute(bars, params.features.extra, extra.CUTS)


def _require_reached(bars: pd.DataFrame, params: Params) -> None:
    """Refuse a `roles.until` that bars do not reach: those that are added up to it would still move the roles."""
    last, until = dates_of(bars.index).max().date(), params.roles.last_day
    if until is not None and (until - last).days > params.ingest.max_gap_days:
        raise UserError(
            f"params.yaml: roles.until is {until} and the last bar is of {last}: bars that are added would move the "
            f"roles up to that day; set it to {last}, or to last"
        )


def _require_more(symbols: int, params: Params) -> None:
    """Refuse to buy, or to rank trials by, the best of each day where there are no others."""
    if 0 < params.select.per_day >= symbols:
        which = "one market" if symbols == 1 else f"{symbols} symbols"
        raise UserError(
            f"select.per_day is {params.select.per_day}, but the bars are of {which}, and the best of a day are chosen "
            "among more: set it to 0 to buy by threshold"
        )
    if params.hpo.objective == PER_DAY and symbols <= params.hpo.per_day:
        raise UserError(
            f"params.yaml: hpo.objective is {PER_DAY} and the bars have {symbols} symbol{'s' * (symbols != 1)}: more "
            f"than hpo.per_day, which is {params.hpo.per_day}, are needed; take another objective, e.g. auc"
        )


def _require_finite(bars: pd.DataFrame, tier: str, params: Params) -> None:
    """Refuse bars, each legal by itself, that take a feature of the widest tier beyond what a float can hold."""
    with np.errstate(all="ignore"):
        try:
            table = assemble(bars, tier, params.label, params.roles, params.features.extra)
        except ValueError as error:
            raise UserError(f"the bars make features of tier {tier} {error}: their moves are too wild") from None
        values = table.drop(columns=list(LABEL_COLUMNS))
        scaled = Scaler.fit(values[table["role"] == "train"].to_numpy()).transform(values.to_numpy())
    finite = np.isfinite(scaled).all(axis=0)
    if not finite.all():
        names = ", ".join(values.columns[~finite][:3])
        raise UserError(f"the bars make features of tier {tier} too large ({names}): their moves are too wild")
