"""``python -m buysignal retrain``: a new model on newer bars, if it is due, and swapped in if it is not worse."""

from __future__ import annotations

import argparse

from buysignal.cli import told

STATUS = {"kept": 0, "applied": 0, "waits": 5}
"""Exit status by what came of it; what cannot be done is 2."""


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = (
        "train a new model on newer bars, on a branch, if params.yaml says that it is due (retrain.when), and hold it "
        "against what ships on days that neither has seen"
    )
    status = (
        "exit status: 0 none is due, what ships is kept, or the new one was swapped in; 2 it cannot be done; "
        "5 a new one is shown not worse and waits for --apply"
    )
    parser = commands.add_parser("retrain", help=about, description=about, epilog=status)
    parser.add_argument("--now", action="store_true", help="do it though it is not due")
    apply = "merge the branch of a new one that is shown not worse into what is checked out"
    parser.add_argument("--apply", action="store_true", help=apply)
    told.add_to(parser)
    parser.set_defaults(command=retrain)


def retrain(arguments: argparse.Namespace) -> int:
    """Do what is due, see `buysignal.cli.retrain.asked`; what is known is told whatever fails after it."""
    from buysignal.cli.retrain.asked import Outcome, retrain

    outcome = Outcome()
    try:
        retrain(outcome, now=arguments.now, apply=arguments.apply)
    finally:
        if outcome.said:
            print(told.written(arguments.format, lambda: outcome.said, outcome.content), flush=True)
    return STATUS[outcome.came]
