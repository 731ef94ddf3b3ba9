"""A feature and a model of your own: switch them on in params.yaml, see docs/plugins.md."""

import numpy as np
import pandas as pd


def calm(bars: pd.DataFrame) -> pd.Series:
    """Days without a fall of 2 %, counted back from today, at most 60."""
    fell = bars["close"].pct_change() < -0.02
    return fell.rolling(60).apply(lambda days: np.argmax(days[::-1]) if days.any() else 60.0, raw=True)


class Nearest:
    """The share of the 100 most similar train days that were labelled 1, towards their base rate."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Nearest":
        self.x, self.y = x, y
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        distances = np.stack([np.abs(self.x - day).sum(axis=1) for day in x])
        nearest = np.argsort(distances, axis=1, kind="stable")[:, :100]
        share = self.y[nearest].mean(axis=1)
        return np.column_stack([1 - share, share])
