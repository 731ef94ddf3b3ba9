"""What a measured time was measured on and with."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "numpy", "pandas", "scipy", "scikit-learn", "joblib", "optuna")


def described() -> dict[str, Any]:
    """Cores, CPU model, versions and date; nothing that names the machine.

    ``load_before`` is the average number of running processes in the minute before: above zero,
    absolute times are too long, and ratios are worth what interleaving makes of them.
    """
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": cpu_model(),
        "load_before": os.getloadavg()[0],
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "date": datetime.now(UTC).date().isoformat(),
    }


def cpu_model(path: Path = Path("/proc/cpuinfo")) -> str:
    """The CPU's own name where the system tells it, else its architecture."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.machine()
