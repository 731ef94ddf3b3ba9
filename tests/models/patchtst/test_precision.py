"""Steps in bfloat16 learn what steps in float32 learn, and leave everything else in float32."""

from __future__ import annotations

import numpy as np
import torch

from buysignal.models.patchtst.job import Protocol
from buysignal.models.patchtst.training import train_stack
from tests.models.patchtst.test_training import N_FEATURES, SHAPE, market, member


def train(precision: str):
    windows, labels, train_rows, stop = market()
    protocol = Protocol(8, 10, 0.001, 64, precision)
    members = [member(0), member(1, dropout=0.2)]
    return train_stack(windows, labels, train_rows, stop, SHAPE, N_FEATURES, members, protocol)


def test_steps_in_bfloat16_reach_the_auc_of_steps_in_float32():
    half, full = train("bfloat16"), train("float32")
    assert (half.stop_auc > 0.85).all()
    np.testing.assert_allclose(half.stop_auc, full.stop_auc, atol=0.02)
    assert half.theta.tobytes() != full.theta.tobytes()  # the steps did differ


def test_weights_keep_steps_that_bfloat16_would_round_away():
    """A step of 1e-5 on a weight of 0.5 vanishes in 8 bits."""
    theta = torch.as_tensor(train("bfloat16").theta)
    assert theta.dtype == torch.float32
    assert float((theta != theta.bfloat16().float()).float().mean()) > 0.9


def test_the_same_seed_gives_the_same_bytes_in_bfloat16():
    assert train("bfloat16").theta.tobytes() == train("bfloat16").theta.tobytes()
