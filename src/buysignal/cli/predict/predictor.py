"""A shipped model applied to bars, by the features, scaler, windows and network that it was trained with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.standard import OPTIONAL, REQUIRED, column_name, standardise
from buysignal.bars.validate import validate
from buysignal.cli.predict.cautions import per_day
from buysignal.core.errors import UserError
from buysignal.features.tiers import compute
from buysignal.ship.manifest import Seen
from buysignal.ship.package import Shipped, load
from buysignal.ship.regime import volatility

DAYS = ("datetime64", "datetime", "date", "string")  # what an index of days may hold, as pandas names it


@dataclass(frozen=True)
class Predictor:
    """A model that reads bars.

    Examples
    --------
    >>> import pandas as pd
    >>> from buysignal.cli.predict import Predictor
    >>> bars = pd.read_csv("new.csv", index_col="Date", parse_dates=True)
    >>> predictor = Predictor.load("data/models/01-a20-2M-T3")
    >>> answer = predictor.predict(bars, days=5)
    >>> answer.columns.tolist()
    ['score', 'probability', 'buy', 'volatility', 'warnings']
    >>> len(answer), answer.index[-1] == bars.index[-1]
    (5, True)
    >>> answer["buy"].equals(answer["score"] >= predictor.threshold)
    True
    """

    model: Shipped

    @classmethod
    def load(cls, folder: str | Path) -> Predictor:
        """Read and prove a model folder; `UserError` names what is missing or was changed."""
        return cls(load(folder))

    @property
    def certified(self) -> bool:
        """Whether the threshold in use keeps a promise; else it is the one chosen on the threshold role."""
        return self.model.certified.threshold is not None

    @property
    def threshold(self) -> float:
        """A day is a buy if its score is at least this: the certified threshold, else the chosen one."""
        return self.model.certified.threshold if self.certified else self.model.threshold

    @property
    def seen(self) -> Seen:
        """What buying at `threshold` came to on days the model was not trained on."""
        return self.model.expected.certified if self.certified else self.model.expected.chosen

    @property
    def needed(self) -> int:
        """Bars that the first answer takes: the tier's warm-up and one window."""
        return self.model.needed

    def predict(self, bars: pd.DataFrame, days: int | None = None) -> pd.DataFrame:
        """Answers for the latest days of some bars.

        A day's answer depends on the bars up to it and on no later one. Many indicators remember: give
        bars that begin as early as they can, for the same days from a later first bar differ a little.
        Computes on one thread, as training does (`buysignal.models.patchtst.compute.settle`).

        Parameters
        ----------
        bars : (n, ...) daily bars, index of days; open, high, low, close and volume in any case and order
        days : how many of the latest days; None for every day from bar `needed` on

        Returns
        -------
        DataFrame, index ``date``, a row per day: ``score`` (mean of the seeds, 0..1), ``probability`` (the
        score calibrated), ``buy`` (bool), ``volatility`` (of the last 20 days, a year's worth) and
        ``warnings``, words of `buysignal.cli.predict.cautions.KINDS`, empty where there is none.

        Raises
        ------
        UserError
            If a column is missing or there twice, the index has no days, a bar is bad, dates repeat or run
            backwards, there are fewer than `needed` bars, or a move is too wild for a feature to be a number.
        ValueError
            If ``days`` is no whole number, or below 1.
        """
        if days is not None and (not isinstance(days, Integral) or days < 1):
            raise ValueError(f"days is {days!r}: it is a whole number from 1 on, or None for every day")
        bars = self.checked(bars)
        table = self._features(bars)
        tier, context = self.model.card.tier, self.model.shape.context
        count = len(table) - context + 1 if days is None else min(days, len(table) - context + 1)
        with np.errstate(all="ignore"):
            values = self.model.scaler.transform(table.to_numpy()[-(count + context - 1) :])
        if not np.isfinite(values).all():
            raise UserError(f"the bars make features of tier {tier} too large: their moves are too wild")
        score = np.ascontiguousarray(self._scores(values)).mean(axis=0)
        moved = volatility(bars["close"]).iloc[-count:]
        return pd.DataFrame(
            {
                "score": score,
                "probability": self.model.calibration.apply(score),
                "buy": score >= self.threshold,
                "volatility": moved,
                "warnings": per_day(bars, moved, self.model),
            },
            index=table.index[-count:],
        )

    def checked(self, bars: pd.DataFrame) -> pd.DataFrame:
        """Bars as the pipeline has them, enough of them, or `UserError`."""
        found = [column_name(str(name)) for name in bars.columns]
        wanted = [name for name in REQUIRED if name != "volume" or name in self.model.features]
        missing = [name for name in wanted if name not in found]
        if missing:
            raise UserError(f"the bars have no column {', '.join(missing)}")
        twice = [name for name in (*REQUIRED, *OPTIONAL) if found.count(name) > 1]
        if twice:
            raise UserError(f"the bars have more than one column {', '.join(twice)}")
        if pd.api.types.infer_dtype(bars.index) not in DAYS:  # pandas makes days of 1970 out of numbers
            raise UserError("the index of the bars must be days: a DatetimeIndex or dates")
        try:
            bars = standardise(bars)
        except (ValueError, TypeError):
            raise UserError("the bars must be numbers with days as their index") from None
        try:
            bars, _ = validate(bars, "error", self.model.regime.max_gap_days)
        except UserError as error:
            said = re.sub(r" or set ingest.on_bad_rows to \w+$", "", str(error))
            raise UserError(said.replace("ingest.", "")) from None  # no params.yaml is read here
        if len(bars) < self.needed:
            tier, context = self.model.card.tier, self.model.shape.context
            bars_are = "1 bar up to {} is" if len(bars) == 1 else f"{len(bars):,} bars up to {{}} are"
            raise UserError(
                f"{bars_are.format(bars.index[-1].date())} too few: the first answer of this model "
                f"takes {self.needed} (warm-up {self.needed - context} of tier {tier}, context {context})"
            )
        return bars

    def _features(self, bars: pd.DataFrame) -> pd.DataFrame:
        unread = [name for name in ("volume",) if name in bars and name not in self.model.features]
        with np.errstate(all="ignore"):
            try:
                return compute(bars.drop(columns=unread), self.model.card.tier)
            except ValueError as error:
                tier = self.model.card.tier
                raise UserError(f"the bars make features of tier {tier} {error}: their moves are too wild") from None

    def _scores(self, values: np.ndarray) -> np.ndarray:
        """Probabilities (S, n) of the windows over standardised features (n + context - 1, F)."""
        # here, not on top: torch takes longer to import than all the rest, and a mistake is told without it
        import torch

        from buysignal.models.patchtst import compute
        from buysignal.models.patchtst.inference import predict
        from buysignal.models.patchtst.network import StackedPatchTST
        from buysignal.models.patchtst.windows import Windows

        compute.settle()
        windows = Windows.over(values, self.model.shape)
        network = StackedPatchTST(self.model.card.configuration, self.model.shape, values.shape[1])
        return predict(network, torch.tensor(self.model.theta), windows, np.arange(len(windows.patches)))
