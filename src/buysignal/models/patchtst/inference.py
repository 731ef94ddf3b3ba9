"""What trained members say of windows: the one way from weights to scores, in training and afterwards."""

import numpy as np
import torch
from torch import Tensor

from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.windows import Windows

ROWS = 512  # windows per forward pass: bounds memory, changes no result


@torch.inference_mode()
def predict(
    model: StackedPatchTST, theta: Tensor, windows: Windows, index: np.ndarray, offset: np.ndarray | None = None
) -> np.ndarray:
    """Probabilities of every member for the windows at ``index``: (E, n), no window dropped.

    ``offset`` (n,) are float32 logits of these windows, to which every member adds its own.
    """
    rows = torch.as_tensor(np.asarray(index), device=theta.device).split(ROWS)
    known = [0.0] * len(rows) if offset is None else torch.as_tensor(offset, device=theta.device).split(ROWS)
    parts = []
    for some, under in zip(rows, known):
        patches = windows.gather(some)
        logits = model.forward(theta, patches.expand(len(theta), *patches.shape))
        parts.append(torch.sigmoid(logits.float() + under))
    return torch.cat(parts, dim=1).cpu().numpy().astype(np.float64)
