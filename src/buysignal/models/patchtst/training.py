"""Trains one stack: every member with its own seed, rates and early stop, the best state kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from buysignal.models.patchtst import compute, replay
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.dropout import Dropout
from buysignal.models.patchtst.inference import auc, predict, scores
from buysignal.models.patchtst.job import Protocol, Trained
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.optimizer import StackedAdamW
from buysignal.models.patchtst.replay import Replayed, ReplayedBatches
from buysignal.models.patchtst.windows import Windows, chosen


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
    """State of one training run.

    Where work is recorded, its tensors stay where they are: members that have ended are computed on, and not looked
    at. Elsewhere only the members still alive are computed.
    """

    def __init__(self, windows, labels, train, stop, shape, n_features, members, protocol, offset=None, recorder=None):
        device = windows.patches.device
        self.windows, self.protocol, self.members = windows, protocol, members
        self.recorder = recorder or replay.recorder(device)
        self.train = chosen(windows, train, compute.dtype(protocol.precision, device))
        self.stop, self.stop_rows = chosen(windows, stop, torch.float32), torch.arange(len(stop), device=device)
        train, stop = self.train.rows, self.stop.rows
        labels = torch.tensor(labels, dtype=torch.float32, device=device)
        self.labels = labels[train]
        self.right, self.wrong = (torch.nonzero(labels[stop] == label)[:, 0] for label in (1, 0))
        self.offset = None if offset is None else torch.as_tensor(offset, dtype=torch.float32, device=device)
        self.train_offset, self.stop_offset = (None if offset is None else self.offset[rows] for rows in (train, stop))
        self.generators = [torch.Generator(device).manual_seed(m.seed) for m in members]
        self.model = StackedPatchTST(members[0].configuration, shape, n_features, device)
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
        self.best_epoch, self.epochs = np.zeros(size, int), np.zeros(size, int)
        self.losses: list[np.ndarray] = []
        self.aucs: list[np.ndarray] = []
        self._prepare()
        self.best_auc = np.full(size, -np.inf) if offset is None else self._look()

    def _prepare(self, steps: int = 0) -> None:
        """What computes the members at ``rows``, after so many steps, and where it leaves what it finds."""
        rates, seeds = zip(*((self.members[i].configuration.dropout, self.members[i].seed) for i in self.rows))
        device, size = self.labels.device, len(self.rows)
        self.dropout = Dropout(rates, seeds, device, steps, counted=self.recorder is not None)
        self.total = torch.zeros(size, device=device)
        self.auc = torch.zeros(size, dtype=torch.float64, device=device)
        self.step = ReplayedBatches(self._step, self.recorder)
        self.look = Replayed(self._looked, self.recorder)

    def epoch(self, number: int) -> Epoch:
        """One pass over the train role and one look at the stop role."""
        loss, auc, trained = self._carry(self.losses), self._carry(self.aucs), self.alive.copy()
        going = self.alive[self.rows]
        loss[trained] = self._pass()[going]
        if not np.isfinite(loss[trained]).all():
            seeds = [member.seed for member, value in zip(self.members, loss) if not np.isfinite(value)]
            raise FloatingPointError(f"the loss of seed {seeds[0]} is not finite in epoch {number}")
        auc[trained] = self._look()[going]
        self.losses.append(loss)
        self.aucs.append(auc)
        self.epochs[trained] = number
        self._keep_best(number, auc)
        return Epoch(number, loss, auc, trained, self._predict_all)

    def _carry(self, history: list[np.ndarray]) -> np.ndarray:
        return history[-1].copy() if history else np.full(len(self.members), np.nan)

    def _pass(self) -> np.ndarray:
        """Mean loss (A,) of the alive members over one shuffled epoch; the last part batch counts too."""
        count, device = len(self.labels), self.labels.device
        shuffled = [torch.randperm(count, generator=self.generators[i], device=device) for i in self.rows]
        order = torch.stack([places[: self.protocol.rows or count] for places in shuffled])  # (A, n)
        self.total.zero_()
        for places in order.split(self.protocol.batch_size, dim=1):  # (A, B)
            self.step(places)
        return (self.total / order.shape[1]).cpu().numpy()

    def _step(self, places: Tensor) -> None:
        """A step of each member on its windows (A, B)."""
        known = None if self.train_offset is None else self.train_offset[places]
        patches, labels = self.train.gather(places), self.labels[places]
        losses, gradient = self.model.learn(self.optimizer.theta, patches, labels, self.dropout, known)
        self.optimizer.step(gradient)
        self.total.add_(losses, alpha=places.shape[1])

    def _looked(self) -> None:
        """Leave the AUC on the stop role where `_look` reads it."""
        found = scores(self.model, self.optimizer.theta, self.stop, self.stop_rows, self.stop_offset)
        self.auc.copy_(auc(found, self.right, self.wrong))

    def _look(self) -> np.ndarray:
        self.look()
        return self.auc.cpu().numpy().copy()

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
        if self.recorder is None and not kept.all():
            self.optimizer.keep(torch.as_tensor(np.flatnonzero(kept), device=self.labels.device))
            self.rows = self.rows[kept]
            self._prepare(int(self.dropout.step))

    def _predict_all(self, index: np.ndarray) -> np.ndarray:
        """Probabilities (E, n) of the best state so far: what this member would be if stopped now."""
        known = None if self.offset is None else self.offset[torch.as_tensor(index, device=self.labels.device)]
        return predict(self.model, self.best, self.windows, index, known)

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
