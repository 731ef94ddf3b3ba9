"""A shipped model in use: scores, probabilities and buys for new bars, with what they can be trusted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buysignal.cli.predict.predictor import Predictor

__all__ = ["Predictor"]


def __getattr__(name: str) -> type[Predictor]:
    """`Predictor`, imported when it is asked for: the command declares itself without pandas."""
    if name != "Predictor":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from buysignal.cli.predict.predictor import Predictor

    return Predictor
