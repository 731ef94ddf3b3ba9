"""What each stage imports before it starts, and how long that takes; a stage without a transformer needs no torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TRAINING = frozenset(("candidate", "hpo", "supplement", "evaluate", "train", "mirror", "opened"))
"""Stages that train or examine a transformer and so need torch."""

PROBE = """
import importlib.util, json, sys, time
began = time.process_time()
spec = importlib.util.spec_from_file_location("probed", sys.argv[1])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
seconds = time.process_time() - began
through = [n for n, m in sys.modules.items() if n.startswith("buysignal") and "torch" in vars(m)]
print(json.dumps({"seconds": seconds, "torch": "torch" in sys.modules, "through": sorted(through)}))
"""


def imports(script: Path, repeats: int = 3) -> dict[str, Any]:
    """Seconds of computing to import a stage's script in a fresh interpreter, and whether that imports torch.

    The seconds are the least of some repeats. ``through`` are the modules of this project that name torch.
    """
    found = [_probe(script) for _ in range(repeats)]
    best = min(found, key=lambda row: row["seconds"])
    return {"stage": script.stem, "trains": script.stem in TRAINING, **best}


def heaviest(script: Path, count: int = 8) -> list[dict[str, Any]]:
    """Packages whose import costs most by ``python -X importtime``, their own dependencies included."""
    command = [sys.executable, "-X", "importtime", "-c", PROBE, str(script)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    rows = [line.removeprefix("import time:").split("|") for line in lines if line.startswith("import time:")][1:]
    total = {name.strip(): int(cumulative) / 1e6 for _, cumulative, name in rows}
    packages = {name: seconds for name, seconds in total.items() if "." not in name and not name.startswith("_")}
    ordered = sorted(packages.items(), key=lambda item: -item[1])[:count]
    return [{"package": name, "seconds": seconds} for name, seconds in ordered]


def _probe(script: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", PROBE, str(script)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
