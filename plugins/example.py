"""A feature, a model and a form of bars of your own: switch them on in params.yaml, see docs/plugins.md."""

import json
from pathlib import Path

import numpy as np
import pandas as pd


def calm(bars: pd.DataFrame) -> pd.Series:
    """Days without a fall of 2 %, counted back from today, at most 60."""
    fell = bars["close"].pct_change() < -0.02
    return fell.rolling(60).apply(lambda days: np.argmax(days[::-1]) if days.any() else 60.0, raw=True)


class Bayes:
    """Naive Bayes: normal densities for either label; the features, which say much the same, share one vote."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Bayes":
        self.mean = np.stack([x[y == label].mean(axis=0) for label in (0, 1)])
        self.spread = np.stack([x[y == label].std(axis=0) + 0.1 for label in (0, 1)])
        self.odds = np.log(y.mean() / (1 - y.mean()))
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        density = -(((x[:, None] - self.mean) / self.spread) ** 2 / 2 + np.log(self.spread))
        vote = (density[:, 1] - density[:, 0]).mean(axis=1)
        chance = 1 / (1 + np.exp(-np.clip(vote + self.odds, -30, 30)))
        return np.column_stack([1 - chance, chance])


def broker(path: Path) -> pd.DataFrame | None:
    """A web service's answer, saved as it came: bars in JSON, their days in milliseconds since 1970."""
    if path.suffix != ".json":
        return None
    bars = pd.DataFrame(json.loads(path.read_text())["results"])
    bars["t"] = pd.to_datetime(bars["t"], unit="ms")
    return bars.rename(columns={"t": "date", "o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"})
