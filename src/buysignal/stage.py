"""How a stage runs: arguments from dvc.yaml, errors in one line, nothing left behind by a kill."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from buysignal.errors import UserError
from buysignal.search.parent import die_with_parent


def scratch() -> Path:
    """Folder of unfinished studies and finished fits; gitignored, never an out.

    An experiment that DVC runs in a copy under ``.dvc/tmp`` shares the folder of its project, so
    that `dvc exp run --temp` or a queue does not train again what is already trained.
    """
    here = Path.cwd()
    copies = (folder for folder in here.parents if folder.parts[-2:] == (".dvc", "tmp"))
    return next((folder.parents[1] for folder in copies), here) / ".scratch"


def run(main: Callable[..., None]) -> None:
    """Call ``main`` with the command line's words and exit with its status.

    A `UserError` becomes one line and status 1; Ctrl-C says how to go on and gives 130.
    """
    die_with_parent()
    try:
        main(*sys.argv[1:])
    except UserError as error:
        sys.exit(f"error: {' '.join(str(error).split())}")  # it may quote a library that speaks in several lines
    except KeyboardInterrupt:
        print("interrupted: finished trials and fits are kept, `dvc repro` goes on from there", file=sys.stderr)
        sys.exit(130)
