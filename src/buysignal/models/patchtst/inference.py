"""What trained members say of windows: the one way from weights to scores, in training and afterwards."""

import numpy as np
import torch
from torch import Tensor

from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.windows import ROWS, Chosen, Windows


def predict(
    model: StackedPatchTST, theta: Tensor, windows: Windows, index: np.ndarray, offset: np.ndarray | None = None
) -> np.ndarray:
    """Probabilities of every member for the windows at ``index``: (E, n), no window dropped.

    ``offset`` (n,) are float32 logits of these windows, to which every member adds its own.
    """
    rows = torch.as_tensor(np.asarray(index), device=theta.device)
    known = None if offset is None else torch.as_tensor(offset, device=theta.device)
    return scores(model, theta, windows, rows, known).cpu().numpy().astype(np.float64)


@torch.no_grad()
def scores(
    model: StackedPatchTST, theta: Tensor, windows: Windows | Chosen, rows: Tensor, offset: Tensor | None = None
) -> Tensor:
    """`predict` on the device alone: (E, n) float32.

    On a processor member by member, where a stack is no faster, so that a member's scores have the bits it has alone.
    """
    if len(theta) > 1 and theta.device.type == "cpu":
        return torch.cat([scores(model, one, windows, rows, offset) for one in theta.split(1)])
    known = [0.0] * -(-len(rows) // ROWS) if offset is None else offset.split(ROWS)
    parts = []
    for some, under in zip(rows.split(ROWS), known):
        patches = windows.gather(some)
        logits = model.forward(theta, patches.expand(len(theta), *patches.shape))
        parts.append(torch.sigmoid(logits + under))
    return torch.cat(parts, dim=1)


def auc(found: Tensor, right: Tensor, wrong: Tensor) -> Tensor:
    """`buysignal.models.metrics.auc` of each member, to the bit, on the device: (E,) float64.

    Parameters
    ----------
    found : (E, n) scores
    right, wrong : where among them the label is 1, and where 0
    """
    if not len(right) or not len(wrong):
        return torch.full((len(found),), 0.5, dtype=torch.float64, device=found.device)
    hits, misses = found.index_select(1, right), found.index_select(1, wrong).sort(dim=1).values
    below = sum(torch.searchsorted(misses, hits, right=ties).sum(1) for ties in (False, True))
    return below.double() / (2 * len(right) * len(wrong))
