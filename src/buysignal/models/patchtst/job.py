"""What is asked of a training and what it gives, without torch: a stage that finds its fits in the store needs none."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from buysignal.models.patchtst.architecture import Configuration, Shape


@dataclass(frozen=True)
class Protocol:
    """How long and in what steps to train.

    Attributes
    ----------
    epochs : passes over the train role, at most
    patience : epochs without improvement after which a member stops
    min_delta : rise of AUC on the stop role that counts as an improvement
    batch_size : windows per step
    rows : windows of an epoch at most, drawn anew for each; 0 for all of the train role
    precision : arithmetic of a step, one of `buysignal.models.patchtst.arithmetic.PRECISIONS`; weights, optimiser, loss
        and predictions are float32 whatever it is
    """

    epochs: int
    patience: int
    min_delta: float
    batch_size: int
    precision: str = "float32"
    rows: int = 0


@dataclass(frozen=True)
class FitJob:
    """What to train.

    Attributes
    ----------
    tier_path : the tier's Parquet file
    configuration, shape, protocol : the model and how it is trained
    seeds : one member per seed
    target : the column to be predicted, one of `buysignal.days.columns.TARGETS`
    offset : the Parquet file of the logit that is added to, see `buysignal.models.patchtst.offset`; empty for none
    """

    tier_path: str
    configuration: Configuration
    shape: Shape
    protocol: Protocol
    seeds: tuple[int, ...]
    target: str = "label"
    offset: str = ""


@dataclass(frozen=True)
class Trained:
    """Best state per member and how it was reached."""

    theta: np.ndarray  # (E, P) float32
    epochs: np.ndarray  # (E,) epochs run
    best_epoch: np.ndarray  # (E,) epoch of the kept state; 0 for the offset alone, which none was better than
    stop_auc: np.ndarray  # (E,) AUC of the kept state
    loss_history: np.ndarray  # (epochs, E)
    auc_history: np.ndarray  # (epochs, E)

    def of(self, members: slice) -> Self:
        """What these members would have been as a stack of their own: histories end with the last of them."""
        epochs = self.epochs[members]
        histories = (history[: epochs.max(), members] for history in (self.loss_history, self.auc_history))
        return Trained(self.theta[members], epochs, self.best_epoch[members], self.stop_auc[members], *histories)


@dataclass(frozen=True)
class Fit:
    """A trained stack and what it says of every day it may see.

    Attributes
    ----------
    trained : weights and histories
    index, role, label : (n,) the scored days, and of many symbols whose, and the job's target; the test role is
        never among them
    scores : (S, n) probability per seed
    """

    trained: Trained
    index: pd.Index
    role: np.ndarray
    label: np.ndarray
    scores: np.ndarray

    def of(self, role: str) -> tuple[np.ndarray, np.ndarray]:
        """(label (m,), scores (S, m)) of one role."""
        chosen = self.role == role
        return self.label[chosen], self.scores[:, chosen]
