"""A DVC pipeline that searches, judges and ships a *buy* classifier on daily bars."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from buysignal import judge

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from buysignal.cli.judge.outside import Judgement

__version__ = "0.1.0"


class _Judge(ModuleType):
    """The room of that name, which can be called: ``buysignal.judge(scores, bars)``."""

    def __call__(
        self, scores: pd.Series | pd.DataFrame | str | Path, bars: pd.DataFrame | str | Path, **asked: Any
    ) -> Judgement:
        """Whether scores of any model are worth to be traded on; see `buysignal.cli.judge.outside.judge`."""
        from buysignal.cli.judge.outside import judge as judged  # when it is asked for: it brings scikit-learn

        return judged(scores, bars, **asked)


judge.__class__ = _Judge
