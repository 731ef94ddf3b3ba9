"""A trained stack as a contender: alone, or as an addition to the logit of another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from buysignal.bars.symbols import named
from buysignal.core.errors import UserError
from buysignal.core.settings import parse
from buysignal.models.contender import Fitted, logit
from buysignal.models.days import Days
from buysignal.models.kept import expect
from buysignal.models.params import Hyperparameters, Model
from buysignal.models.patchtst.architecture import Shape, count_parameters
from buysignal.models.scores import ModelCard

if TYPE_CHECKING:  # it brings torch, without which a contender can be read
    from buysignal.models.patchtst.job import Fit


@dataclass(frozen=True)
class Transformer(Fitted):
    """A PatchTST of S seeds.

    Attributes
    ----------
    shape : window geometry
    theta : (S, P) float32, a row per seed; P is ``card.parameters``
    best_epoch : the epoch that each seed kept, from 1; 0 where it adds nothing to ``under``
    under : what it was trained as an addition to; None if it stands alone
    """

    KIND: ClassVar[str] = "transformer"
    shape: Shape
    theta: np.ndarray
    best_epoch: tuple[int, ...]
    under: Fitted | None = None

    @classmethod
    def of(cls, card: ModelCard, fit: Fit, shape: Shape, under: Fitted | None = None) -> Self:
        """What a fit came to; ``under`` is the contender the logit of whose score was its offset, if it had one."""
        return cls(card, shape, fit.trained.theta, tuple(fit.trained.best_epoch.tolist()), under)

    def score(self, days: Days) -> np.ndarray:
        """Scores (S, n) in [0, 1], on one thread of the processor.

        Those of the same days have the bits that `buysignal.models.patchtst.fit` gave them there; among other
        days, or alone, a day may differ in rounding.

        Raises
        ------
        ValueError
            If a day has no whole window, or the days have another number of features.
        """
        # here, not on top: torch takes longer to import than all the rest, and a mistake is told without it
        import torch

        from buysignal.models.patchtst import compute
        from buysignal.models.patchtst.inference import predict
        from buysignal.models.patchtst.network import StackedPatchTST
        from buysignal.models.patchtst.windows import Windows

        index, count = days.rows - (self.shape.context - 1), len(days.names)
        if not len(index):
            return np.zeros((len(self.theta), 0))
        if index.min() < 0:
            raise ValueError(f"{self.card.name}: {named(days.index[0])} has no window of {self.shape.context} days")
        if count != self.n_features:
            raise ValueError(f"{self.card.name}: the days have {count} features; it was trained on {self.n_features}")
        compute.settle()  # as in training
        network = StackedPatchTST(self.card.configuration, self.shape, count)
        windows = Windows.over(days.table, self.shape)
        known = None if self.under is None else logit(self.under.averaged(days)).astype(np.float32)
        return predict(network, torch.tensor(self.theta), windows, index, known)

    def fault(self, n_features: int, context: int) -> str:
        """It was trained on so many features, and on windows of so many days."""
        if n_features != self.n_features:
            return f"it was trained on {self.n_features} features, and {n_features} are named"
        return "" if context == self.shape.context else f"its windows have {self.shape.context} days, not {context}"

    @property
    def n_features(self) -> int:
        """Features of the days it was trained on: only the first layer's width depends on their number."""
        configuration = self.card.configuration
        others = count_parameters(configuration, self.shape, 0)
        return (self.card.parameters - others) // (self.shape.patch * configuration.d_model)

    @property
    def values(self) -> dict[str, Any]:
        """Every field but the card, the shape as a mapping."""
        return super().values | {"shape": vars(self.shape)}

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        """Inverse of `values` after a file; `ValueError` if it is no stack that training gives."""
        try:
            shape = parse(Model, values["shape"]).shape
            configuration = parse(Hyperparameters, asdict(card.configuration)).configuration
        except UserError as error:
            raise ValueError(str(error)) from None
        theta = expect(values, "theta", (len(card.seeds), card.parameters), np.float32)
        found = cls(card, **{**values, "shape": shape, "theta": theta, "best_epoch": tuple(values["best_epoch"])})
        if card.family != "transformer":
            raise ValueError(f"its family is {card.family}, it must be transformer")
        if not isinstance(found.under, Fitted | None):
            raise ValueError("under is no contender")
        if found.n_features < 1 or card.parameters != count_parameters(configuration, shape, found.n_features):
            raise ValueError(f"no number of features makes {card.parameters} parameters")
        first = 1 if found.under is None else 0
        if len(card.epochs) != len(card.seeds) or len(found.best_epoch) != len(card.seeds):
            raise ValueError(f"epochs or best_epoch has not {len(card.seeds)} values")
        if not all(type(best) is int and first <= best <= ran for best, ran in zip(found.best_epoch, card.epochs)):
            raise ValueError(f"best_epoch is {list(found.best_epoch)}, of {list(card.epochs)} epochs")
        return found
