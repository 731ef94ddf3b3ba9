"""A DVC pipeline that searches, judges and ships a *buy* classifier on daily bars."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from buysignal import judge

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from buysignal.cli.judge.outside import Judgement

__version__ = "0.1.0"


class _Judge(ModuleType):
    """The room of that name, which can be called: ``buysignal.judge(scores, bars)``."""

    def __call__(
        self,
        scores: pd.Series | pd.DataFrame | str | Path,
        bars: pd.DataFrame | str | Path,
        *,
        tried: int = 1,
        start: str | None = None,
        threshold: float | None = None,
        horizon: int = 1,
        level: float = 0.01,
        barrier: str = "fixed",
        multiple: float = 1.0,
        cost_bps: float = 5.0,
        stop: float | None = None,
        kind: str = "touch",
        per_day: int | None = None,
    ) -> Judgement:
        """Whether scores of any model, from anywhere, are worth to be traded on.

        Parameters
        ----------
        scores : a score a day, or signals 0 and 1: a Series or a frame indexed by day, or the path of a CSV; of many
            symbols indexed by ``symbol`` and ``date``
        bars : daily bars with open, high, low and close: a frame indexed by day, or the path of a file; of many symbols
            indexed by ``symbol`` and ``date``, or the path of a folder or of one file
        tried, start, threshold, horizon, level, barrier, multiple, cost_bps, stop, kind, per_day : as
            `buysignal.cli.judge.asked.Asked` has them

        Raises
        ------
        buysignal.core.errors.UserError
            If one cannot be read, they do not fit, or there is nothing to tell by; in one line.
        """
        from buysignal.cli.judge.asked import Asked
        from buysignal.cli.judge.outside import judged  # when it is asked for: it brings scikit-learn
        from buysignal.core.settings import parse

        values = (tried, start, threshold, horizon, level, barrier, multiple, cost_bps, stop, kind, per_day)
        return judged(scores, bars, parse(Asked, dict(zip(Asked.model_fields, values, strict=True))))


judge.__class__ = _Judge
