"""Supplementary rounds in a process of their own, which can be made to kill itself.

    python -m tests.search.rounds.supplement_process <folder> <workers> [in|after <index>]
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

import pandas as pd

from buysignal.core.files import write_csv, write_parquet, write_text
from buysignal.core.workers.engine import Engine
from buysignal.search.rounds.plan import yaml_text
from buysignal.search.rounds.planner import SupplementSettings, joined, plan
from buysignal.search.rounds.supplement import run_supplement
from buysignal.search.study.run import Study
from buysignal.search.study.tables import rank_scores, supplementary
from tests.search.rounds.rounds import searched
from tests.search.study.toy import reference_space, train

SPACES = {budget: reference_space(budget) for budget in ("2M", "20M")}
DAYS, LABEL = pd.bdate_range("2010-01-04", periods=3), [0, 1, 0]  # of the toy's scores
SETTINGS = SupplementSettings((10, 5), 0.24, 0.95)


def supplement_here(folder: Path, workers: int, when: str = "", index: int = -1) -> None:
    """Run both rounds and write what they planned and found; ``when`` kills this process at a trial."""
    search = searched(SPACES, trials=8)

    def on_trial(finished) -> None:
        if when == "after" and len(finished) == index + 1:
            os.kill(os.getpid(), signal.SIGKILL)

    sets, records = run_supplement(
        partial(plan, search, spaces=SPACES, settings=SETTINGS),
        SPACES,
        Study(
            partial(train, folder=folder, parent=os.getpid(), kill_at=index if when == "in" else -1),
            Engine(workers),
            folder,
            "toy",
            on_trial=on_trial,
            wait_s=60,
        ),
    )
    write_text(folder / "plan.yaml", yaml_text("a50", sets))
    trials = supplementary(joined(search, sets, records), "a50")
    write_csv(folder / "trials.csv", trials)
    write_parquet(folder / "scores.parquet", rank_scores(DAYS, LABEL, trials["name"], records))


if __name__ == "__main__":
    folder, workers, *kill = sys.argv[1:]
    supplement_here(Path(folder), int(workers), *(f(v) for f, v in zip((str, int), kill)))
