"""AdamW whose learning rate and weight decay belong to the member."""

from collections.abc import Sequence

import torch
from torch import Tensor

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # torch.optim.AdamW's defaults


class StackedAdamW:
    """AdamW (Loshchilov & Hutter, 2019) over one flat buffer of weights (E, P).

    The update is torch.optim.AdamW's, by its fused kernel; tests compare the two. Rates and the count of steps are
    tensors, so that a step that is replayed takes those of its time.

    Parameters
    ----------
    theta : (E, P) weights, updated in place
    learning_rates, weight_decays : E values each
    """

    def __init__(self, theta: Tensor, learning_rates: Sequence[float], weight_decays: Sequence[float]):
        column = lambda values: torch.tensor(values, dtype=torch.float32, device=theta.device)[:, None]  # noqa: E731
        self.theta, self.steps = theta, torch.zeros((), dtype=torch.float32, device=theta.device)
        self.learning_rate, self.weight_decay = column(learning_rates), column(weight_decays)
        self.first, self.second = torch.zeros_like(theta), torch.zeros_like(theta)

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """Move theta by one step along gradient (E, P)."""
        self.steps += 1
        self.theta.mul_(1 - self.learning_rate * self.weight_decay)
        for row, grad, first, second, rate in zip(self.theta, gradient, self.first, self.second, self.learning_rate):
            torch._fused_adamw_(
                [row], [grad], [first], [second], [], [self.steps],
                lr=rate[0], beta1=BETA1, beta2=BETA2, weight_decay=0.0, eps=EPSILON, amsgrad=False, maximize=False,
            )  # fmt: skip

    def keep(self, rows: Tensor) -> None:
        """Go on with the members at ``rows`` only."""
        self.theta = self.theta[rows].clone()
        self.first, self.second = self.first[rows].clone(), self.second[rows].clone()
        self.learning_rate, self.weight_decay = self.learning_rate[rows], self.weight_decay[rows]
