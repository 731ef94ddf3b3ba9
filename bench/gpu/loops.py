"""The afternoon's loop (`bench.speed.naive`) with its data on the device, as it is and as a CUDA graph."""

from __future__ import annotations

import torch
from bench.gpu.plan import Plan
from bench.speed import naive
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from buysignal.models.patchtst.architecture import Configuration, batch_size
from buysignal.models.patchtst.replay import Recorder, ReplayedBatches


class Naive:
    """One model, trained in float32 by torch's own way back and fused AdamW; no batch comes from the host.

    Parameters
    ----------
    recorder : records a whole step, for the full and for the last batch; None to compute each as it is
    """

    def __init__(self, plan: Plan, configuration: Configuration, recorder: Recorder | None = None) -> None:
        data, windows = plan.loaded()
        device, context = windows.patches.device, plan.shape.context
        torch.manual_seed(1)
        self.values = torch.tensor(data.values, device=device)
        self.labels = torch.tensor(data.label, dtype=torch.float32, device=device)
        self.train, self.stop = (torch.as_tensor(plan.rows(role), device=device) for role in ("train", "stop"))
        self.truth = data.label[plan.rows("stop")]
        self.days_before = torch.arange(1 - context, 1, device=device)
        self.model = naive.PatchTST(configuration, plan.shape, len(data.names)).to(device)
        self.loss_of = nn.BCEWithLogitsLoss()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(),
            lr=configuration.learning_rate,
            weight_decay=configuration.weight_decay,
            fused=True,
            capturable=recorder is not None and device.type == "cuda",
        )
        self.batch = batch_size(configuration.d_model)
        self.step = self._step if recorder is None else ReplayedBatches(self._step, recorder)

    def epoch(self) -> float:
        """One pass over the train role; AUC on the stop role."""
        self.model.train()
        order = self.train[torch.randperm(len(self.train), device=self.train.device)]
        for rows in order.split(self.batch):
            self.step(rows)
        return self._look()

    def _step(self, rows: Tensor) -> None:
        self.optimizer.zero_grad()
        loss = self.loss_of(self.model(self._days(rows)), self.labels[rows])
        loss.backward()
        self.optimizer.step()

    def _days(self, rows: Tensor) -> Tensor:
        """Windows (B, context, F) that end on the given rows."""
        return self.values[rows[:, None] + self.days_before]

    @torch.no_grad()
    def _look(self) -> float:
        self.model.eval()
        logits = [self.model(self._days(rows)) for rows in self.stop.split(naive.PREDICT_ROWS)]
        return float(roc_auc_score(self.truth, torch.cat(logits).cpu().numpy()))
