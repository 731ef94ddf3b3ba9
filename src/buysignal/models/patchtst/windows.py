"""Windows of daily features as views of one array; nothing is copied until a batch is gathered."""

import functools
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from buysignal.models.patchtst.architecture import Shape

ROWS = 512  # windows that are normalised at once: bounds memory, changes no result
KEPT_BYTES = 256 << 20  # of normalised patches that a process keeps for training, at most
EPSILON = 1e-5  # RevIN's guard for features that do not move inside a window


@dataclass(frozen=True, eq=False)
class Windows:
    """Every window over a standardised feature array.

    Window i ends on (and includes) row ``i + context - 1``.

    Attributes
    ----------
    patches : (n, N, patch * F) strided view of the feature array; overlapping, not a copy
    shift, scale : (n, 1, 1, F) RevIN as ``x * scale + shift``; None without RevIN
    patch : days per patch
    """

    patches: Tensor
    shift: Tensor | None
    scale: Tensor | None
    patch: int

    @classmethod
    def over(cls, values: np.ndarray, shape: Shape, device: str | torch.device = "cpu") -> Self:
        """Build the view over values (T, F), float32."""
        x = torch.as_tensor(np.ascontiguousarray(values, dtype=np.float32), device=device)
        n_rows, n_features = x.shape
        n = n_rows - shape.context + 1
        if n < 1:
            raise ValueError(f"{n_rows} rows are fewer than one window of {shape.context} days")
        start = (shape.context - shape.used_days) * n_features  # patches end with the window
        size = (n, shape.n_patches, shape.patch * n_features)
        patches = x.as_strided(size, (n_features, shape.stride * n_features, 1), start)
        if not shape.revin:
            return cls(patches, None, None, shape.patch)
        # In float64: how torch sums in float32 depends on n, and a day's window must not on the days after it.
        days = x.double().unfold(0, shape.context, 1)  # (n, F, context) view
        scale = torch.rsqrt(days.var(dim=-1, correction=0) + EPSILON)
        shift = -days.mean(dim=-1) * scale
        return cls(patches, shift.float()[:, None, None], scale.float()[:, None, None], shape.patch)

    def gather(self, index: Tensor) -> Tensor:
        """Normalised patches of the windows at ``index`` (any shape): (*index, N, patch * F)."""
        flat = index.reshape(-1)
        x = self.patches[flat]  # (rows, N, patch*F)
        if self.scale is not None:
            days = x.view(*x.shape[:2], self.patch, -1)  # (rows, N, patch, F)
            torch.addcmul(self.shift[flat], days, self.scale[flat], out=days)
        return x.view(*index.shape, *x.shape[1:])


class Chosen:
    """Patches of chosen windows in one number format: all kept if they are few, else made anew for each batch.

    Both give the same bits. Kept, a batch is one copy of whole rows; patches overlap, so that they take twice the
    memory of their days and more.

    Parameters
    ----------
    rows : (n,) windows
    """

    def __init__(self, windows: Windows, rows: Tensor, dtype: torch.dtype, most: int = KEPT_BYTES):
        self.windows, self.rows, self.dtype = windows, rows, dtype
        self.size = windows.patches.shape[1:]
        fits = len(rows) * self.size.numel() * dtype.itemsize <= most
        self.kept = torch.cat([self._made(some) for some in rows.split(ROWS)]) if fits else None

    def gather(self, places: Tensor) -> Tensor:
        """Normalised patches of the chosen windows at ``places`` (any shape): (*places, N, patch * F)."""
        if self.kept is None:
            return self._made(self.rows[places])
        return self.kept.index_select(0, places.reshape(-1)).view(*places.shape, *self.size)

    def _made(self, rows: Tensor) -> Tensor:
        return self.windows.gather(rows).to(self.dtype)


def chosen(windows: Windows, rows: np.ndarray, dtype: torch.dtype) -> Chosen:
    """`Chosen` of windows at ``rows`` (n,), the same for every training of a process on the same windows."""
    return _chosen(windows, np.asarray(rows, np.int64).tobytes(), dtype)


@functools.lru_cache(maxsize=4)  # the train and the stop role of two tiers
def _chosen(windows: Windows, rows: bytes, dtype: torch.dtype) -> Chosen:
    index = torch.from_numpy(np.frombuffer(rows, np.int64).copy())
    return Chosen(windows, index.to(windows.patches.device), dtype)
