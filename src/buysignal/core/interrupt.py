"""Ctrl-C in a stage, also while it still imports: a word on how to go on instead of a traceback.

Importing this sets the answer, so it comes first in `buysignal.core.stage`, which every stage imports first.
"""

import sys

STATUS = 130  # as shells give it


def say() -> None:
    """How to go on."""
    print("interrupted: finished trials and fits are kept, `dvc repro` goes on from there", file=sys.stderr)


def _uncaught(kind, error, trace) -> None:  # no types: their import would take time in which Ctrl-C is not answered
    if issubclass(kind, KeyboardInterrupt):
        say()
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _uncaught
