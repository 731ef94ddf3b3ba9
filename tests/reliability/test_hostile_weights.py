"""Weights that a forged manifest vouches for are refused where they do not fit the model."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from buysignal.ship.package import WEIGHTS, load
from tests.reliability.hostile_model import PARAMETERS, forge, refusal

F = 25


def good_tensors(**changes) -> dict[str, np.ndarray]:
    tensors = {
        "theta": np.zeros((2, PARAMETERS), np.float32),
        "scaler.mean": np.zeros(F),
        "scaler.deviation": np.ones(F),
    }
    return {name: value for name, value in (tensors | changes).items() if value is not None}


FORGED = {
    "a seed too few": {"theta": np.zeros((1, PARAMETERS), np.float32)},
    "a weight too few": {"theta": np.zeros((2, PARAMETERS - 1), np.float32)},
    "flat": {"theta": np.zeros(2 * PARAMETERS, np.float32)},
    "double": {"theta": np.zeros((2, PARAMETERS // 2), np.float64)},
    "whole numbers": {"theta": np.zeros((2, PARAMETERS), np.int32)},
    "NaN": {"theta": np.full((2, PARAMETERS), np.nan, np.float32)},
    "infinite": {"scaler.mean": np.full(F, np.inf)},
    "no deviation": {"scaler.deviation": np.zeros(F)},
    "negative deviation": {"scaler.deviation": -np.ones(F)},
    "mean of others": {"scaler.mean": np.zeros(F - 1)},
    "missing": {"scaler.mean": None},
    "more": {"code": np.zeros(3)},
}


@pytest.mark.parametrize("name", FORGED)
def test_weights_that_do_not_fit_the_model_are_refused_though_the_manifest_vouches_for_them(model, name):
    forge(model, good_tensors(**FORGED[name]))
    refusal(model, WEIGHTS)
    forge(model, good_tensors())
    assert load(model).theta.sum() == 0  # the same with the right tensors is a model


def header(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04\x95pickle",
        b"PK\x03\x04" + b"\0" * 100,
        struct.pack("<Q", 2**63),
        struct.pack("<Q", 10**8) + b"{",
        header("{"),
        header("[" * 20_000),
        header('{"theta": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 999999999999]}}'),
        header('{"theta": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 0]}}'),
        header('{"theta": {"dtype": "F32", "shape": [4294967296, 4294967296, 4], "data_offsets": [0, 0]}}'),
        header('{"theta": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}') + b"\0\0",
        header('{"theta": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}') + b"\0",
        header('{"theta": {"dtype": "O", "shape": [1], "data_offsets": [0, 1]}}') + b"\0",
        header('{"../../x": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}'),
    ],
    ids=range(14),
)
def test_a_file_that_is_no_safetensors_is_refused_though_the_manifest_vouches_for_it(model, data):
    forge(model, data)
    refusal(model, WEIGHTS)
