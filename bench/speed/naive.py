"""PatchTST as a good engineer writes it in an afternoon: torch.nn, a DataLoader, one model after another.

It sees the same windows, labels, scaler, roles, batch sizes, epochs and early stop as the project's
own trainer, and shares no line of it. It runs with torch's default number of threads and its default
products. It shares the process, and so its malloc, with a worker of ours: that can only help it.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import average_precision_score, precision_score, recall_score, roc_auc_score
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from buysignal.models.dataset import TierData
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.job import Protocol

THREADS = torch.get_num_threads()  # the default, read before a trial of ours sets one
PRECISION = torch.backends.mkldnn.matmul.fp32_precision  # likewise
PREDICT_ROWS = 512


class PatchTST(nn.Module):
    """One classifier; input (B, context, F) standardised days, output (B,) logits."""

    def __init__(self, c: Configuration, shape: Shape, n_features: int) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Linear(shape.patch * n_features, c.d_model)
        self.position = nn.Parameter(0.02 * torch.randn(shape.n_patches, c.d_model))
        layer = nn.TransformerEncoderLayer(
            c.d_model,
            c.n_heads,
            c.d_model * c.d_ff_ratio,
            dropout=c.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(layer, c.n_layers, nn.LayerNorm(c.d_model), enable_nested_tensor=False)
        self.dropout = nn.Dropout(c.dropout)
        self.head = nn.Linear(shape.n_patches * c.d_model, 1)

    def forward(self, days: Tensor) -> Tensor:
        """Logits of windows of days."""
        if self.shape.revin:
            mean = days.mean(dim=1, keepdim=True)
            days = (days - mean) * torch.rsqrt(days.var(dim=1, keepdim=True, correction=0) + 1e-5)
        used = days[:, self.shape.context - self.shape.used_days :]
        patches = used.unfold(1, self.shape.patch, self.shape.stride)  # (B, N, F, patch)
        x = self.dropout(self.embed(patches.transpose(2, 3).flatten(2)) + self.position)  # (B, N, d)
        return self.head(self.dropout(self.encoder(x).flatten(1))).squeeze(-1)


class WindowDataset(Dataset):
    """Windows that end on the given rows, with the label of their last day."""

    def __init__(self, data: TierData, rows: np.ndarray, context: int) -> None:
        self.values = torch.tensor(data.values)
        self.labels = torch.tensor(data.label, dtype=torch.float32)
        self.rows, self.context = rows, context

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> tuple[Tensor, Tensor]:
        last = int(self.rows[position])
        return self.values[last - self.context + 1 : last + 1], self.labels[last]


@dataclass(frozen=True)
class NaiveResult:
    """Area under the ROC on the rank role, and epochs run."""

    auc: float
    epochs: int


def train(
    data: TierData, configuration: Configuration, shape: Shape, protocol: Protocol, seed: int, threshold: float
) -> NaiveResult:
    """Train one model, looking at both the stop and the rank role after each epoch, and judge its best state."""
    torch.set_num_threads(THREADS)
    torch.backends.mkldnn.matmul.fp32_precision = PRECISION
    torch.manual_seed(seed)
    sets = {role: WindowDataset(data, data.rows(role, shape.context), shape.context) for role in ("stop", "rank")}
    fitted_on = WindowDataset(data, data.rows("train", shape.context), shape.context)
    batches = DataLoader(fitted_on, batch_size=protocol.batch_size, shuffle=True)
    model = PatchTST(configuration, shape, len(data.names))
    rates = {"lr": configuration.learning_rate, "weight_decay": configuration.weight_decay}
    optimizer = torch.optim.AdamW(model.parameters(), **rates)
    loss_of = nn.BCEWithLogitsLoss()
    best_auc, best_epoch, best_state = -np.inf, 0, copy.deepcopy(model.state_dict())
    for epoch in range(1, protocol.epochs + 1):
        model.train()
        for days, label in batches:
            optimizer.zero_grad()
            loss = loss_of(model(days), label)
            loss.backward()
            optimizer.step()
        found = {role: measure(model, part, threshold) for role, part in sets.items()}
        if found["stop"]["auc"] > best_auc + protocol.min_delta:
            best_auc, best_epoch, best_state = found["stop"]["auc"], epoch, copy.deepcopy(model.state_dict())
        elif epoch - best_epoch >= protocol.patience:
            break
    model.load_state_dict(best_state)
    return NaiveResult(measure(model, sets["rank"], threshold)["auc"], epoch)


@torch.no_grad()
def measure(model: PatchTST, part: WindowDataset, threshold: float) -> dict[str, float]:
    """Loss, ranking, precision and recall over a role."""
    model.eval()
    pairs = [(model(days), label) for days, label in DataLoader(part, batch_size=PREDICT_ROWS)]
    logit, label = (torch.cat(column) for column in zip(*pairs))
    loss = float(nn.functional.binary_cross_entropy_with_logits(logit, label))
    score, truth = torch.sigmoid(logit).numpy(), label.numpy()
    alert = score >= threshold
    return {
        "loss": loss,
        "auc": float(roc_auc_score(truth, score)),
        "average_precision": float(average_precision_score(truth, score)),
        "precision": float(precision_score(truth, alert, zero_division=0.0)),
        "recall": float(recall_score(truth, alert, zero_division=0.0)),
    }
