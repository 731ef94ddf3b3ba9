"""Trains one stack: every member with its own seed, rates and early stop, the best state kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from buysignal.models import metrics
from buysignal.models.patchtst import compute
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.inference import predict
from buysignal.models.patchtst.network import Dropout, StackedPatchTST
from buysignal.models.patchtst.optimizer import StackedAdamW
from buysignal.models.patchtst.windows import Windows


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
    precision : arithmetic of a step, one of `buysignal.models.patchtst.compute.PRECISIONS`; weights, optimiser, loss
        and predictions are float32 whatever it is
    """

    epochs: int
    patience: int
    min_delta: float
    batch_size: int
    precision: str = "float32"
    rows: int = 0


@dataclass(frozen=True)
class Member:
    """One model of a stack: members share an architecture and differ in the rest."""

    configuration: Configuration
    seed: int


@dataclass(frozen=True)
class Epoch:
    """What one epoch left behind; arrays are over the members of the stack.

    A stopped member repeats its last values.
    """

    number: int  # from 1
    loss: np.ndarray  # (E,) mean BCE over the epoch, dropout on
    stop_auc: np.ndarray  # (E,) on the stop role
    trained: np.ndarray  # (E,) whether the member was still trained in it
    predict: Callable[[np.ndarray], np.ndarray]  # window index (n,) -> probabilities (E, n), best state so far


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


def train_stack(
    windows: Windows,
    labels: np.ndarray,
    train: np.ndarray,
    stop: np.ndarray,
    shape: Shape,
    n_features: int,
    members: Sequence[Member],
    protocol: Protocol,
    on_epoch: Callable[[Epoch], Sequence[bool]] | None = None,
    offset: np.ndarray | None = None,
) -> Trained:
    """Train a stack with AdamW on binary cross-entropy, early stop on the AUC of the stop role.

    With an offset every member is an addition to a logit that is known: its head starts at zero, so that it
    starts as the offset alone, and stays that (epoch 0) unless an epoch is better by ``min_delta``.

    Parameters
    ----------
    windows : n windows
    labels : (n,) 0 or 1, the label of each window's last day
    train, stop : window indices of the two roles
    members : share d_model, n_layers, n_heads and d_ff_ratio
    on_epoch : called after each epoch; returns which of the E members end with it (pruning)
    offset : (n,) float32, the known logit of each window

    Raises
    ------
    ValueError
        If the members are not of one architecture.
    FloatingPointError
        If a member's loss is not finite; the message names the member and the epoch.
    """
    if len({(*m.configuration.architecture, m.configuration.d_ff_ratio) for m in members}) != 1:
        raise ValueError("the members of a stack must share one architecture")
    run = _Run(windows, labels, train, stop, shape, n_features, members, protocol, offset)
    for number in range(1, protocol.epochs + 1):
        epoch = run.epoch(number)
        if on_epoch is not None:
            run.alive &= ~np.asarray(on_epoch(epoch), bool)
        if not run.alive.any():
            break
        run.drop_ended()
    return run.result()


class _Run:
    """State of one training run; only the members still alive are computed."""

    def __init__(self, windows, labels, train, stop, shape, n_features, members, protocol, offset=None):
        device = windows.patches.device
        self.windows, self.protocol, self.members = windows, protocol, members
        self.labels = torch.tensor(labels, dtype=torch.float32, device=device)
        self.dtype = compute.dtype(protocol.precision, device)
        self.train = torch.as_tensor(train, device=device)
        self.stop, self.stop_labels = stop, np.asarray(labels)[stop]
        self.offset = None if offset is None else torch.as_tensor(offset, dtype=torch.float32, device=device)
        self.generators = [torch.Generator(device).manual_seed(m.seed) for m in members]
        self.model = StackedPatchTST(members[0].configuration, shape, n_features)
        theta = self.model.init(self.generators)
        if offset is not None:
            self.model.silence(theta)
        self.best = theta.clone()
        self.optimizer = StackedAdamW(
            theta,
            [m.configuration.learning_rate for m in members],
            [m.configuration.weight_decay for m in members],
        )
        size = len(members)
        self.rows = np.arange(size)  # members still computed, in stack order
        self.alive = np.ones(size, bool)
        self.best_auc = np.full(size, -np.inf) if offset is None else self._stop_auc(theta)
        self.best_epoch, self.epochs = np.zeros(size, int), np.zeros(size, int)
        self.losses: list[np.ndarray] = []
        self.aucs: list[np.ndarray] = []
        self._build_dropout()

    def _build_dropout(self) -> None:
        rates = [self.members[i].configuration.dropout for i in self.rows]
        self.dropout = Dropout(rates, [self.generators[i] for i in self.rows], self.labels.device)

    def epoch(self, number: int) -> Epoch:
        """One pass over the train role and one look at the stop role."""
        loss, auc, trained = self._carry(self.losses), self._carry(self.aucs), self.alive.copy()
        loss[self.rows] = self._pass()
        if not np.isfinite(loss[self.rows]).all():
            seeds = [self.members[i].seed for i in self.rows if not np.isfinite(loss[i])]
            raise FloatingPointError(f"the loss of seed {seeds[0]} is not finite in epoch {number}")
        auc[self.rows] = self._stop_auc(self.optimizer.theta)
        self.losses.append(loss)
        self.aucs.append(auc)
        self.epochs[self.rows] = number
        self._keep_best(number, auc)
        return Epoch(number, loss, auc, trained, self._predict_all)

    def _carry(self, history: list[np.ndarray]) -> np.ndarray:
        return history[-1].copy() if history else np.full(len(self.members), np.nan)

    def _pass(self) -> np.ndarray:
        """Mean loss (A,) of the alive members over one shuffled epoch; the last part batch counts too."""
        most, device = self.protocol.rows or len(self.train), self.train.device
        shuffled = [torch.randperm(len(self.train), generator=self.generators[i], device=device) for i in self.rows]
        order = torch.stack([self.train[places[:most]] for places in shuffled])  # (A, n)
        total = torch.zeros(len(self.rows), device=order.device)
        for index in order.split(self.protocol.batch_size, dim=1):  # (A, B)
            theta = self.optimizer.theta.requires_grad_()
            patches = self.windows.gather(index).to(self.dtype)
            logits = self.model.forward(theta.to(self.dtype), patches, self.dropout).float()
            if self.offset is not None:
                logits = logits + self.offset[index]
            losses = F.binary_cross_entropy_with_logits(logits, self.labels[index], reduction="none").mean(1)
            (gradient,) = torch.autograd.grad(losses.sum(), theta)
            theta.requires_grad_(False)
            self.optimizer.step(gradient)
            total += losses.detach() * index.shape[1]
        return (total / order.shape[1]).cpu().numpy()

    def _keep_best(self, number: int, auc: np.ndarray) -> None:
        better = self.alive & (auc > self.best_auc + self.protocol.min_delta)
        for position, i in enumerate(self.rows):
            if better[i]:
                self.best[i] = self.optimizer.theta[position]
                self.best_auc[i], self.best_epoch[i] = auc[i], number
        self.alive &= number - self.best_epoch < self.protocol.patience

    def drop_ended(self) -> None:
        """Compute only those that go on, of whom there must be one."""
        kept = self.alive[self.rows]
        if not kept.all():
            self.optimizer.keep(torch.as_tensor(np.flatnonzero(kept), device=self.labels.device))
            self.rows = self.rows[kept]
            self._build_dropout()

    def _predict_all(self, index: np.ndarray) -> np.ndarray:
        """Probabilities (E, n) of the best state so far: what this member would be if stopped now."""
        return self._scores(self.best, index)

    def _stop_auc(self, theta: Tensor) -> np.ndarray:
        return np.array([metrics.auc(self.stop_labels, scores) for scores in self._scores(theta, self.stop)])

    def _scores(self, theta: Tensor, index: np.ndarray) -> np.ndarray:
        known = None if self.offset is None else self.offset[torch.as_tensor(index, device=theta.device)]
        return predict(self.model, theta, self.windows, index, known)

    def result(self) -> Trained:
        """Collect the best states."""
        return Trained(
            theta=self.best.cpu().numpy(),
            epochs=self.epochs,
            best_epoch=self.best_epoch,
            stop_auc=self.best_auc,
            loss_history=np.array(self.losses),
            auc_history=np.array(self.aucs),
        )
