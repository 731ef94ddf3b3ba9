"""Models of many symbols, all of them copies of one."""

from dataclasses import replace

import numpy as np
import pandas as pd

NAMES = tuple(f"S{number:02d}" for number in range(26))


def index_of_copies(index, symbols):
    """The days of one symbol as those of some, in order of date and symbol."""
    days = np.repeat(index, symbols)
    return pd.MultiIndex.from_arrays([np.tile(NAMES[:symbols], len(index)), days], names=["symbol", "date"])


def copies(model, symbols):
    """A model of so many symbols, each with the days, labels and scores of a model of one."""
    index = index_of_copies(model.index, symbols)
    role, label = (np.repeat(values, symbols) for values in (model.role, model.label))
    return replace(model, index=index, role=role, label=label, scores=np.repeat(model.scores, symbols, axis=1))
