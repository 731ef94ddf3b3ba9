"""AdamW whose learning rate and weight decay belong to the member."""

from collections.abc import Sequence

import torch
from torch import Tensor

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # torch.optim.AdamW's defaults


class StackedAdamW:
    """AdamW (Loshchilov & Hutter, 2019) over one flat buffer of weights (E, P).

    The update is torch.optim.AdamW's, applied to every parameter alike; tests compare the two.

    Parameters
    ----------
    theta : (E, P) weights, updated in place
    learning_rates, weight_decays : E values each
    """

    def __init__(self, theta: Tensor, learning_rates: Sequence[float], weight_decays: Sequence[float]):
        column = lambda values: torch.tensor(values, dtype=torch.float32, device=theta.device)[:, None]  # noqa: E731
        self.theta, self.steps = theta, 0
        self.learning_rate, self.weight_decay = column(learning_rates), column(weight_decays)
        self.first, self.second = torch.zeros_like(theta), torch.zeros_like(theta)

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """Move theta by one step along gradient (E, P)."""
        self.steps += 1
        self.theta.mul_(1 - self.learning_rate * self.weight_decay)
        self.first.lerp_(gradient, 1 - BETA1)
        self.second.mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
        spread = (self.second / (1 - BETA2**self.steps)).sqrt_().add_(EPSILON)
        self.theta.addcdiv_(self.first * (-self.learning_rate / (1 - BETA1**self.steps)), spread)

    def keep(self, rows: Tensor) -> None:
        """Go on with the members at ``rows`` only."""
        self.theta = self.theta.detach()[rows].clone()
        self.first, self.second = self.first[rows].clone(), self.second[rows].clone()
        self.learning_rate, self.weight_decay = self.learning_rate[rows], self.weight_decay[rows]
