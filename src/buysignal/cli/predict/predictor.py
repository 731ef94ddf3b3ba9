"""A shipped contender applied to bars, by the features, the scaler and the fit that it was judged with."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.forms.frames import read_frame
from buysignal.bars.quality.prepare import Judged, Rules, prepare
from buysignal.bars.reading import Reading, Wanted
from buysignal.cli.predict import blocks
from buysignal.cli.predict.cautions import per_day
from buysignal.cli.reading_flags import KEYWORD, as_keywords, require_way
from buysignal.core.errors import UserError
from buysignal.features import extra
from buysignal.features.tiers import of_volume
from buysignal.judge.params import USE
from buysignal.ship.manifest import Seen
from buysignal.ship.package import Shipped, load
from buysignal.ship.regime import volatility


@dataclass(frozen=True)
class Predictor:
    """A model that reads bars.

    Attributes
    ----------
    model : a contender as it was kept
    anyway : whether to say *buy* though the verdict is not `use`

    Examples
    --------
    >>> import pandas as pd
    >>> import buysignal
    >>> bars = pd.read_csv("new.csv", index_col="Date", parse_dates=True)
    >>> predictor = buysignal.load("data/models/shipped")
    >>> answer = predictor.predict(bars, days=5)
    >>> answer.columns.tolist()
    ['score', 'probability', 'above', 'buy', 'volatility', 'warnings']
    >>> len(answer), answer.index[-1] == bars.index[-1]
    (5, True)
    >>> answer["above"].equals(answer["score"] >= predictor.threshold)
    True
    >>> answer["buy"].equals(answer["above"] & predictor.says_buy_alone)  # if its verdict is `use`
    True
    """

    model: Shipped
    anyway: bool = False

    @classmethod
    def load(cls, folder: str | Path, anyway: bool = False) -> Predictor:
        """Read and prove a model folder; `UserError` names what is missing or was changed."""
        return cls(load(folder), anyway)

    @property
    def certified(self) -> bool:
        """Whether the threshold in use keeps a promise; else it is the one chosen on the threshold role."""
        return self.model.certified.threshold is not None

    @property
    def threshold(self) -> float:
        """A day is above if its score is at least this: the certified threshold, else the chosen one."""
        return self.model.certified.threshold if self.certified else self.model.threshold

    @property
    def seen(self) -> Seen:
        """What buying at `threshold` came to on days the model was not trained on."""
        expected = self.model.expected
        return (expected.certified if self.certified else None) or expected.chosen

    @property
    def says_buy(self) -> bool:
        """Whether a day above the threshold is called a buy: its verdict is `use`, or it was asked to say so anyway."""
        return self.anyway or self.seen.verdict.word == USE

    @property
    def says_buy_alone(self) -> bool:
        """The same of one symbol by itself, which has no place among others: a model that buys the best of each day
        says so only if it was asked to anyway."""
        return self.anyway or (self.says_buy and not self.model.per_day)

    @property
    def volume(self) -> str:
        """As `buysignal.bars.reading.Wanted`: whether the model has features of volume."""
        names = set(self.model.features)
        raw = "close" in names  # of many symbols the bar itself is no feature, and features of volume may be
        return "needed" if (names & {"volume"} if raw else names & of_volume()) else "none"

    @property
    def needed(self) -> int:
        """Bars that the first answer takes: the tier's warm-up and one window."""
        return self.model.needed

    def predict(
        self,
        bars: pd.DataFrame,
        days: int | None = None,
        wanted: Wanted | None = None,
        on_bad_rows: str = "error",
    ) -> pd.DataFrame:
        """Answers for the latest days of some bars.

        A day's answer depends on the bars up to it and on no later one. Many indicators remember: give
        bars that begin as early as they can, for the same days from a later first bar differ a little.
        Computes on one thread, as training does (`buysignal.models.patchtst.compute.settle`).

        Parameters
        ----------
        bars : (n, ...) daily bars as a person has them, see `buysignal.bars.forms.frames.read_frame`: days in the
            index or a column, names in any case and order, newest first or last, one level or two as yfinance has
        days : how many of the latest days; None for every day from bar `needed` on
        wanted : what settles a frame that can be read in more than one way
        on_bad_rows : ``error`` names bad rows and stops, ``drop`` leaves them out, ``repair`` mends what is certain

        Returns
        -------
        DataFrame, index ``date``, a row per day: ``score`` (mean of the seeds, 0..1), ``probability`` (the
        score calibrated), ``above`` (bool: the score reaches `threshold`), ``buy`` (bool: that, if it
        `says_buy_alone`), ``volatility`` (of the last 20 days, a year's worth) and ``warnings``, words of
        `buysignal.cli.predict.cautions.KINDS`, empty where there is none.

        Raises
        ------
        UserError
            If a column is missing or there twice, there are no days or several symbols, a bar is bad, dates repeat or
            run backwards, there are fewer than `needed` bars, or a move is too wild for a feature to be a number.
        ValueError
            If ``days`` is no whole number, or below 1.
        """
        if days is not None and (not isinstance(days, Integral) or days < 1):
            raise ValueError(f"days is {days!r}: it is a whole number from 1 on, or None for every day")
        settled = replace(wanted or Wanted(), volume=self.volume, spelled=KEYWORD)
        reading = read_frame(bars, settled, "the frame")
        if reading.left_out:
            warnings.warn(reading.said("the frame"), stacklevel=2)
        try:
            judged, found = self.answer(reading, days, self.rules(on_bad_rows=on_bad_rows))
        except UserError as error:
            raise UserError(as_keywords(str(error))) from None
        for finding in judged.of("warning"):
            if finding.kind == "dropped":
                warnings.warn(finding.said, stacklevel=2)
        return found

    def answer(
        self, reading: Reading, days: int | None = None, rules: Rules | None = None
    ) -> tuple[Judged, pd.DataFrame]:
        """What the bars came to, and the same answer, for what a reader of `buysignal.bars.forms` gave."""
        judged = self.checked(reading, rules)
        assert judged.bars is not None  # bad ones were refused
        return judged, self.answers(judged.bars, days)

    def answers(self, bars: pd.DataFrame, days: int | None = None) -> pd.DataFrame:
        """The answers of `predict` for bars that were judged, of which there are enough.

        A day has the same bits however many are asked for, and whatever bars come later.
        """
        table = self._features(bars)
        most = len(table) - self.model.context + 1
        count = most if days is None else min(days, most)
        score = blocks.scores(self.model, bars, table, count)
        moved = volatility(bars["close"]).iloc[-count:]
        return pd.DataFrame(
            {
                "score": score,
                "probability": self.model.calibration.apply(score),
                "above": score >= self.threshold,
                "buy": (score >= self.threshold) & self.says_buy_alone,
                "volatility": moved,
                "warnings": per_day(bars, moved, self.model),
            },
            index=table.index[-count:],
        )

    def nothing(self, days: pd.Index) -> pd.DataFrame:
        """The answers of no day: no row, and the columns of `predict`; ``days`` is an index without one."""
        kinds = dict(score=float, probability=float, above=bool, buy=bool, volatility=float, warnings=str)
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()}).set_index(days)

    def rules(self, adjust: str = "splits", on_bad_rows: str = "error") -> Rules:
        """What is asked of bars, and done about bad ones."""
        require_way(on_bad_rows)
        return Rules(on_bad_rows, self.model.regime.max_gap_days, adjust)

    def checked(self, reading: Reading, rules: Rules | None = None) -> Judged:
        """Bars that are good, and enough of them, or `UserError`; by default `rules`."""
        judged = prepare(reading, rules or self.rules())
        assert judged.bars is not None  # as above
        self.require_enough(judged.bars)
        return judged

    def require_enough(self, bars: pd.DataFrame) -> None:
        """`UserError` if bars are fewer than `needed`."""
        if len(bars) < self.needed:
            tier, context = self.model.card.tier, self.model.context
            bars_are = "1 bar up to {} is" if len(bars) == 1 else f"{len(bars):,} bars up to {{}} are"
            raise UserError(
                f"{bars_are.format(bars.index[-1].date())} too few: the first answer of this model "
                f"takes {self.needed} (warm-up {self.needed - context} of tier {tier}, context {context})"
            )

    def _features(self, bars: pd.DataFrame) -> pd.DataFrame:
        with np.errstate(all="ignore"):
            try:
                table = extra.table(bars, self.model.card.tier, self.model.asks.own)
                return table[list(self.model.features)]  # of many symbols without the raw bar
            except ValueError as error:
                tier = self.model.card.tier
                raise UserError(f"the bars make features of tier {tier} {error}: their moves are too wild") from None
