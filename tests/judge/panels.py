"""Small panels of scored symbols for tests to judge."""

import numpy as np
import pandas as pd

from buysignal.models.scores import Scored


def panel(models):
    """Symbols S0, S1, ... of one model each, under the card of the first; they may differ in their days."""
    parts = [
        pd.DataFrame({"symbol": f"S{i}", "date": one.index, "role": one.role, "label": one.label})
        for i, one in enumerate(models)
    ]
    rows = pd.concat(parts, ignore_index=True)
    order = np.lexsort((rows["symbol"], rows["date"]))
    scores = np.concatenate([one.scores for one in models], axis=1)[:, order]
    rows = rows.iloc[order]
    index = pd.MultiIndex.from_frame(rows[["symbol", "date"]])
    return Scored(models[0].card, index, rows["role"].to_numpy(str), rows["label"].to_numpy(np.int8), scores)


def copies(model, count):
    """A panel of symbols that are all like one; of one it is that symbol alone."""
    return panel([model] * count)


def per_row(panel_of, series):
    """The values of dates (a Series) on the rows of a panel, as a Series with its index."""
    return pd.Series(series.reindex(panel_of.dates).to_numpy(), panel_of.index)
