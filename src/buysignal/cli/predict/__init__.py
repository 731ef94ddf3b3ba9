"""A shipped model in use: scores, probabilities and buys for new bars, with what they can be trusted for."""

from buysignal.cli.predict.predictor import Predictor

__all__ = ["Predictor"]
