"""How a stage runs: arguments from dvc.yaml, errors in one line, nothing left behind by a kill."""

from buysignal.core import interrupt  # isort: split

import inspect
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from threadpoolctl import threadpool_limits

from buysignal.core.errors import UserError
from buysignal.core.parent import die_with_parent

LEFTOVERS = (
    "ignore:resource_tracker:UserWarning"  # of a killed stage: joblib's helper removes them, and says so at length
)
RENEWED = "A worker stopped while some jobs"  # joblib renews a worker whose memory has grown; its job is done by then
LEFT_UNDONE = r"\d+ tasks (have been|which were)"  # a stage that stops has said why; joblib adds advice on iterators


def scratch() -> Path:
    """Folder of unfinished studies and finished fits; gitignored, never an out.

    An experiment that DVC runs in a copy under ``.dvc/tmp`` shares the folder of its project, so
    that `dvc exp run --temp` or a queue does not train again what is already trained.
    """
    here = Path.cwd()
    copies = (folder for folder in here.parents if folder.parts[-2:] == (".dvc", "tmp"))
    return next((folder.parents[1] for folder in copies), here) / ".scratch"


def run(main: Callable[..., None]) -> None:
    """Call ``main`` with the command line's words, on one thread, and exit with its status.

    A `UserError` becomes one line and status 1; words that are not the stage's own give its usage and
    status 2; Ctrl-C says how to go on and gives 130.
    """
    die_with_parent()
    spoken = [word for word in os.environ.get("PYTHONWARNINGS", "").split(",") if word not in ("", LEFTOVERS)]
    os.environ["PYTHONWARNINGS"] = ",".join([*spoken, LEFTOVERS])
    for text in (LEFT_UNDONE, RENEWED):
        warnings.filterwarnings("ignore", text, UserWarning)
    try:
        _check_words(main, sys.argv[1:])
        with threadpool_limits(1):  # sums of floats depend on how threads share them
            main(*sys.argv[1:])
    except UserError as error:
        sys.exit(f"error: {_in_one_line(error)}")
    except FileNotFoundError as error:
        sys.exit(f"error: {error.filename} is missing: run `dvc repro`, which builds what a stage reads")
    except KeyboardInterrupt:
        interrupt.say()
        sys.exit(interrupt.STATUS)


def _in_one_line(error: UserError) -> str:
    """Its message, which may quote a library that speaks in several lines, or a file with codes for terminals."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in " ".join(str(error).split()))


def _check_words(main: Callable[..., None], words: Sequence[str]) -> None:
    """Exit with status 2 and the usage unless the words are what ``main`` takes, and in params.yaml."""
    try:
        given = inspect.signature(main).bind(*words).arguments
    except TypeError:
        _refuse(main, f"words given: {len(words)}")
    if "tier" not in given:
        return
    from buysignal.core.params import Scope  # .2 s, which a stage without tiers need not wait
    from buysignal.core.settings import read

    scope = read(Scope)
    known = {"tier": scope.tiers, "budget": scope.budgets}
    for name, word in given.items():
        if name in known and word not in known[name]:
            _refuse(main, f"{name} {word[:40]!r} is none of params.yaml, which has {', '.join(known[name])}")


def _refuse(main: Callable[..., None], reason: str) -> NoReturn:
    wanted = " ".join([f"stages/{Path(sys.argv[0]).name}", *map(str.upper, inspect.signature(main).parameters)])
    print(f"error: {reason}; usage: python {wanted}", file=sys.stderr)
    sys.exit(2)
