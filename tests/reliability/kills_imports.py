"""Imports what the stages import; see `tests.reliability.kills_warm`."""

from __future__ import annotations

import runpy

from tests.pipeline.project import ROOT

for script in sorted((ROOT / "stages").glob("*.py")):
    runpy.run_path(str(script), run_name="imports")
