"""What is measured on; nothing that names the machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import Any

import torch
from bench.gpu.plan import DRY, Plan
from bench.gpu.record import MEASURED, NOT_MEASURED
from bench.speed.machine import described

from buysignal.core.errors import UserError
from buysignal.core.workers.device import DEVICE, named_device, usable_device


def wanted(small: bool, environ: Mapping[str, str] = os.environ) -> str:
    """The device to measure on; cpu for a dry run.

    Raises
    ------
    UserError
        If there is none.
    """
    if small:
        return "cpu"
    name = named_device(environ) if environ.get(DEVICE, "").strip() else "cuda"
    way_out = "`python -m bench.gpu --small` is a dry run on the processor"
    if name == "cpu":
        raise UserError(f"{DEVICE}={name} is no GPU: write cuda, or unset it; {way_out}")
    if torch.version.cuda is None:
        raise UserError(f"torch {torch.__version__} is built without CUDA: install the one with it; {way_out}")
    if not torch.cuda.is_available():
        raise UserError(f"torch {torch.__version__} finds no CUDA device here; {way_out}")
    return usable_device({DEVICE: name})


def device(plan: Plan, *_: Any) -> dict[str, Any]:
    """Name, memory and versions of the device of this process."""
    name = torch.device(usable_device())
    found = {"state": MEASURED, "why": "", **described()}
    found["number_format_of_a_step"] = str(plan.number_format()).removeprefix("torch.")
    if name.type == "cpu":
        unknown = ("memory_gib", "compute_capability", "cuda", "cudnn", "driver")
        return found | {"name": DRY} | dict.fromkeys(unknown, NOT_MEASURED)
    properties = torch.cuda.get_device_properties(name)
    return found | {
        "name": properties.name,
        "memory_gib": properties.total_memory / 2**30,
        "compute_capability": f"{properties.major}.{properties.minor}",
        "cuda": torch.version.cuda,
        "cudnn": str(torch.backends.cudnn.version()),
        "driver": driver(),
    }


def driver() -> str:
    """Version of the driver, where its own command tells it."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return NOT_MEASURED
    return told[0] if told else NOT_MEASURED
