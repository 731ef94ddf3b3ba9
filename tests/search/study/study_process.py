"""A search in a process of its own, which can be made to kill itself.

python -m tests.search.study.study_process <folder> <workers> <trials> [in|after|never <index> [ahead|batch [variants]]]
"""

from __future__ import annotations

import json
import os
import signal
import sys
from functools import partial
from pathlib import Path

from buysignal.core.files import write_csv
from buysignal.core.workers.engine import Engine
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.record import table
from buysignal.search.study.run import Study, run_study
from tests.search.study.toy import reference_space, train

NAME = "toy"


def search_here(
    folder: Path, workers: int, trials: int, when: str = "", index: int = -1, prune: bool = True, variants: int = 1
) -> None:
    """Search and write table.csv; ``when`` kills this process ``in`` or ``after`` training trial ``index``.

    Without ``prune``, batches that need no result are trained together.
    """
    engine, space = Engine(workers), reference_space("2M")

    def on_trial(finished) -> None:
        if when == "after" and len(finished) == index + 1:
            os.kill(os.getpid(), signal.SIGKILL)

    job = partial(train, folder=folder, parent=os.getpid(), kill_at=index if when == "in" else -1)
    settings = SearchSettings(trials=trials, batch=4, startup=3, seed=7, variants=variants)
    found = run_study(space, settings, Study(job, engine, folder, NAME, on_trial, wait_s=60, prune=prune))
    said = [json.dumps(record.outcome.scores) for record in found]  # kept beside the table, not in it
    write_csv(folder / "table.csv", table(found).assign(scores=said))


if __name__ == "__main__":
    folder, workers, trials, *kill = sys.argv[1:]
    search_here(
        Path(folder),
        int(workers),
        int(trials),
        *(f(v) for f, v in zip((str, int, lambda word: word != "ahead", int), kill)),
    )
