"""Find out whether your trading model is real, before you trade it.

A DVC pipeline that searches, judges and ships a *buy* classifier on daily bars, and what it is made of: ask `judge` of
scores that you have, `load` a model that was shipped, compute features and labels as the pipeline does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buysignal import features
from buysignal.cli.library import compute, label, load

if TYPE_CHECKING:
    from buysignal.cli.library import judge
    from buysignal.cli.predict.predictor import Predictor
else:
    from types import ModuleType

    from buysignal import judge
    from buysignal.cli import library

    class _Judge(ModuleType):
        """The room of that name, which can be called: ``buysignal.judge(scores, bars)``."""

        __call__ = staticmethod(library.judge)

    judge.__class__, judge.__wrapped__, judge.__doc__ = _Judge, library.judge, library.judge.__doc__
    features.compute = compute

__all__ = ["Predictor", "features", "judge", "label", "load"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`Predictor`, imported when it is asked for: it brings pandas and torch."""
    if name != "Predictor":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from buysignal.cli.predict.predictor import Predictor

    return Predictor


def __dir__() -> list[str]:
    """What there is to use, also where it was not asked for yet."""
    return [*__all__, "__version__"]
